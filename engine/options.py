"""How a strategy spends its budget: the choices a person can make beside the slider."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec


class Weighting(StrEnum):
    """What a vote weighs."""

    EQUAL = "equal"
    LIKELIHOOD = "likelihood"
    """The mean probability of the candidate's own tokens: free, needs nothing."""
    SELF_ASSESSED = "self-assessed"
    """How likely the model thinks it is right: one short extra reading for each candidate."""


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


class PolicyRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `auto` does for questions of one difficulty.

    Attributes:
        agreement: Smallest share of the first samples that must agree for this row, 0 to 1.
        strategy: How the rest is spent: "vote", "revise", "search" or "aggregate"; "stop" spends
            nothing more.
        attempts: Most attempts in all, the first samples among them; the slider may allow fewer.
        rounds: Depth, for `revise` and `aggregate`.
        method: For `search`.
    """

    agreement: float
    strategy: str
    attempts: int
    rounds: int = 1
    method: SearchMethod = SearchMethod.BEAM


class StrategyChoice(msgspec.Struct, frozen=True):
    """What `auto` decided and why.

    Attributes:
        strategy: How the rest is spent, or "stop".
        attempts: Most attempts in all.
        agreeing: How many of the first samples agree.
        asked: How many there were.
    """

    strategy: str
    attempts: int
    agreeing: int
    asked: int


DEFAULT_POLICY: tuple[PolicyRow, ...] = (
    PolicyRow(1.0, "stop", 4),
    PolicyRow(0.75, "vote", 12),
    PolicyRow(0.5, "vote", 32),
    PolicyRow(0.0, "vote", 64),
)
"""Works on any model: agreement buys out early, disagreement buys more samples."""


class StrategyOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Choices beside the budget; each strategy reads its own.

    Attributes:
        weighting: What a vote weighs.
        sharpness: Temperature of the softmax over confidences; smaller trusts them more.
        first_finished: End a vote when so many have finished (`short-m@k`), or None.
        method: How a search chooses.
        choice: How a search's candidates become a verdict.
        width: How many continuations a search writes for each step it keeps.
        most_steps: After so many steps a search lets every path run to its end.
        shown: How many attempts an aggregate is shown.
        policy: Rows of `auto`, highest agreement first.
    """

    weighting: Weighting = Weighting.EQUAL
    sharpness: float = 0.25
    first_finished: int | None = None
    method: SearchMethod = SearchMethod.BEAM
    choice: Choice = Choice.WEIGHTED
    width: int = 4
    most_steps: int = 40
    shown: int = 3
    policy: tuple[PolicyRow, ...] = DEFAULT_POLICY

    def __post_init__(self) -> None:
        """Refuse what no strategy can do.

        Raises:
            ValueError: A number is out of its range, or the policy has no row for every question.
        """
        if not self.sharpness > 0:
            raise ValueError("sharpness must be above 0")
        if self.first_finished is not None and self.first_finished < 1:
            raise ValueError("first_finished must be at least 1")
        if self.width < 1 or self.most_steps < 1 or self.shown < 1:
            raise ValueError("width, most_steps and shown must be at least 1")
        if not self.policy or self.policy[-1].agreement > 0:
            raise ValueError("the policy needs a last row for agreement 0")


DEFAULT_OPTIONS: Final = StrategyOptions()
