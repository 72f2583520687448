"""How a strategy spends its budget: the choices a person can make beside the slider."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from engine.own_thinking import OwnThinking


class Weighting(StrEnum):
    """What a vote weighs."""

    EQUAL = "equal"
    LIKELIHOOD = "likelihood"
    """The mean probability of the candidate's own tokens: free, needs nothing."""
    SELF_ASSESSED = "self-assessed"
    """How likely the model thinks it is right: one short extra reading for each candidate."""
    COMBINED = "combined"
    """Both: how likely it thinks it is right, times the weight by likelihood."""

    @property
    def needs_scores(self) -> bool:
        """Whether the model is asked about each candidate."""
        return self in {Weighting.SELF_ASSESSED, Weighting.COMBINED}

    @property
    def usual_sharpness(self) -> float:
        """Temperature of the softmax over confidences, unless one was chosen or learned."""
        return 0.02 if self is Weighting.COMBINED else 0.25


class SearchMethod(StrEnum):
    """How a search chooses what to go on from."""

    BEAM = "beam"
    """The best steps of all."""
    DVTS = "dvts"
    """The best step of each of several independent subtrees."""
    BEST_OF_N = "best-of-n"
    """Whole attempts, scored at their end: a search of one step."""


class Choice(StrEnum):
    """How scored candidates become a verdict."""

    WEIGHTED = "weighted"
    """Equal answers add up their scores."""
    BEST = "best"
    """The candidate with the highest score."""


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a vote of `auto` may end: it looks at the votes and goes on, or has seen enough.

    Attributes:
        samples: After how many samples it looks.
        lead: It ends here if the leader is so many votes ahead of the next answer, or more.
        unanswered: Smallest share of the samples without an answer for this row, 0 to 1; of the
            rows with as many samples the one with the largest that fits counts.
    """

    samples: int
    lead: float
    unanswered: float = 0.0


class PolicyRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `auto` does for questions of one difficulty.

    Attributes:
        agreement: Smallest share of the first samples that must agree for this row, 0 to 1.
        strategy: How the rest is spent: "vote", "revise", "search" or "aggregate"; "stop" spends
            nothing more.
        attempts: Most attempts in all, the first samples among them; the slider may allow fewer.
        rounds: Depth, for `revise` and `aggregate`.
        method: For `search`.
        looks: For `vote`: where it may end before its attempts are spent.
    """

    agreement: float
    strategy: str
    attempts: int
    rounds: int = 1
    method: SearchMethod = SearchMethod.BEAM
    looks: tuple[Look, ...] = ()


class Policy(msgspec.Struct, frozen=True):
    """A table for `auto` that was learned for a model, with what its votes weigh.

    Attributes:
        rows: As in `StrategyOptions`.
        weighting: What a vote weighs.
        sharpness: Temperature of the softmax over confidences, or None for the usual one.
    """

    rows: tuple[PolicyRow, ...]
    weighting: Weighting = Weighting.EQUAL
    sharpness: float | None = None


class StrategyChoice(msgspec.Struct, frozen=True):
    """What `auto` decided and why.

    Attributes:
        strategy: How the rest is spent, or "stop".
        attempts: Most attempts in all.
        agreeing: How many of the first samples agree.
        asked: How many there were.
        until: Samples in all at the next look, or at the last one; 0 where there are no looks.
        lead: By how many votes the leader was ahead when that look was enough, else None.
    """

    strategy: str
    attempts: int
    agreeing: int
    asked: int
    until: int = 0
    lead: float | None = None


LOOKS: Final = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
"""Samples after which `auto` may look. Between two looks they are written side by side."""
ENOUGH_AHEAD: Final = 3.0
"""Votes that a leader must be ahead by where nothing was learned."""

_MOST_SAMPLES: Final = 64
_SILENT_SAMPLES: Final = 32
DEFAULT_POLICY: tuple[PolicyRow, ...] = (
    PolicyRow(
        0.0,
        "vote",
        _MOST_SAMPLES,
        looks=(
            *(Look(number, ENOUGH_AHEAD) for number in LOOKS if number < _MOST_SAMPLES),
            Look(_SILENT_SAMPLES, 0.0, 1.0),
        ),
    ),
)
"""Works on any model: votes until one answer is three ahead, up to 64 samples; where none of the
first 32 has an answer, none is expected any more.

A fixed lead is the cheapest test of which of two answers is the more frequent one at a given chance
of error (Wald's sequential probability ratio test, Annals of Mathematical Statistics 16, 1945).
"""


class StrategyOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Choices beside the budget; each strategy reads its own, the model's thinking is everybody's.

    Attributes:
        weighting: What a vote weighs.
        sharpness: Temperature of the softmax over confidences; smaller trusts them more. None
            is what is usual for the weighting.
        first_finished: End a vote when so many have finished (`short-m@k`), or None.
        method: How a search chooses.
        choice: How a search's candidates become a verdict.
        width: How many continuations a search writes for each step it keeps.
        most_steps: After so many steps a search lets every path run to its end.
        shown: How many attempts an aggregate is shown.
        policy: Rows of `auto`, highest agreement first.
        own_thinking: What is wished of the model's own thinking, under every strategy.
    """

    weighting: Weighting = Weighting.EQUAL
    sharpness: float | None = None
    first_finished: int | None = None
    method: SearchMethod = SearchMethod.BEAM
    choice: Choice = Choice.WEIGHTED
    width: int = 4
    most_steps: int = 40
    shown: int = 3
    policy: tuple[PolicyRow, ...] = DEFAULT_POLICY
    own_thinking: OwnThinking = OwnThinking.AUTO

    def __post_init__(self) -> None:
        """Refuse what no strategy can do.

        Raises:
            ValueError: A number is out of its range, or the policy has no row for every question.
        """
        if self.sharpness is not None and not self.sharpness > 0:
            raise ValueError("sharpness must be above 0")
        if self.first_finished is not None and self.first_finished < 1:
            raise ValueError("first_finished must be at least 1")
        if self.width < 1 or self.most_steps < 1 or self.shown < 1:
            raise ValueError("width, most_steps and shown must be at least 1")
        if not self.policy or self.policy[-1].agreement > 0:
            raise ValueError("the policy needs a last row for agreement 0")


DEFAULT_OPTIONS: Final = StrategyOptions()
