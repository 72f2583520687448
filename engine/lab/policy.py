"""Learns the table of `auto` for one model from a sweep, and says honestly what it saves.

When to end a vote is a problem of optimal stopping. Every token has a price; from the last look to
the first, a lead is found from which on ending is worth more than going on as the later looks say:
backward induction over stored samples in random orders, as in Longstaff and Schwartz (Review of
Financial Studies 14, 2001), with a threshold in place of their regression. Each price gives a
table, for votes that count alike and for weighted ones; the cheapest that is about as right as the
largest budget is taken.

What it saves is judged on questions that it was not learned from: two folds, learned on one, judged
on the other. The first samples count as spent.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.lab.replay import ORDERS, Samples, VoteOrders, vote_orders
from engine.lab.statistics import Floats
from engine.options import (
    DEFAULT_POLICY,
    ENOUGH_AHEAD,
    LOOKS,
    Look,
    Policy,
    PolicyRow,
    Weighting,
)
from engine.strategies.auto import FIRST_SAMPLES
from engine.tally import ROUNDING

_BUDGETS: Final = (1, 2, 4, 8, 16, 32, 64, 128)
_FEWEST_QUESTIONS: Final = 20
_SEED: Final = 11
_TOLERANCE: Final = 0.01
"""A table may be a point less right than the largest budget: to match it to the last question, it
would have to spend as much on nearly all of them."""
_PRICES: Final = tuple(0.03 * 0.6**step for step in range(12))
"""What a mean sample may cost, as a share of a right answer."""
_UNANSWERED: Final = (0.0, 0.5)
"""Shares without an answer that have thresholds of their own: silence is a reason to go on."""
_PARTS_OF_A_VOTE: Final = 2
_MOST_AHEAD: Final = 8 * _PARTS_OF_A_VOTE
_UNLEARNED: Final = round(ENOUGH_AHEAD * _PARTS_OF_A_VOTE)
_FEWEST_VISITS: Final = 10
"""Questions, on average over the orders, that a threshold of its own needs."""
_MOST_PATHS: Final = 16_000
"""Questions times orders that are looked at: more orders add little where questions are many."""

_SHARPNESSES: Final = {
    Weighting.LIKELIHOOD: (0.25, 0.05),
    Weighting.SELF_ASSESSED: (0.25,),
    Weighting.COMBINED: (0.05, 0.02, 0.01),
}
"""How much a likelihood means differs from model to model."""

Thresholds = tuple[tuple[int, ...], ...]
"""For each look, for each share of `_UNANSWERED`: the lead that is enough, in half votes."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Samples with votes that weigh in one way.

    Attributes:
        samples: The samples; those of one question's repeats in rows beside each other.
        weighting: What their `weight` comes from.
        sharpness: The temperature of the softmax that made it, or None for the usual one.
    """

    samples: Samples
    weighting: Weighting = Weighting.EQUAL
    sharpness: float | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What a way of spending took and brought.

    Attributes:
        tokens: Mean tokens of a question.
        accuracy: Share right.
        ratio: Tokens that a fixed vote needs for the same accuracy, over these; None where no
            fixed vote reaches it.
    """

    tokens: float
    accuracy: float
    ratio: float | None = None


@dataclass(frozen=True, slots=True)
class LearnedPolicy:
    """A table for `auto`, and what it saves.

    Attributes:
        policy: The table and what its votes weigh, learned from all questions.
        samples: The fixed budget that it is to be about as right as, within a point.
        fixed: What that budget took, votes counting alike.
        judged: What tables learned on the other half took: the honest figure.
        shipped: What the table took that `auto` has when nothing was learned.
        questions: How many it was learned from.
        model_path: The model that it was learned for.
    """

    policy: Policy
    samples: int
    fixed: Spent
    judged: Spent
    shipped: Spent
    questions: int
    model_path: str = ""


def weightings_to_try(*, likely: bool, scored: bool) -> list[tuple[Weighting, float | None]]:
    """What votes may weigh when a table is learned, and how sharply; the first counts them alike.

    Args:
        likely: Whether it is known how likely the tokens of each sample were.
        scored: Whether the model was asked about them.
    """
    found: list[tuple[Weighting, float | None]] = [(Weighting.EQUAL, None)]
    for weighting, sharpnesses in _SHARPNESSES.items():
        needs_likelihood = weighting is not Weighting.SELF_ASSESSED
        if (likely or not needs_likelihood) and (scored or not weighting.needs_scores):
            found += [(weighting, sharpness) for sharpness in sharpnesses]
    return found


def learn_policy(
    ways: Sequence[Weighed], repeats: int = 1, most: int | None = None
) -> LearnedPolicy | None:
    """Learn a table from the stored samples of a vote; None where there are too few.

    At least 8 samples of each of 20 questions are needed.

    Args:
        ways: The same samples under each weighting that may be chosen; the first counts votes
            alike.
        repeats: How many rows a question has.
        most: The largest budget that the table spends; None is all that is stored.
    """
    samples = ways[0].samples
    questions = samples.questions // repeats
    most = samples.count if most is None else min(most, samples.count)
    if most < 2 * FIRST_SAMPLES or questions < _FEWEST_QUESTIONS:
        return None
    looks = [look for look in LOOKS if look < most]
    choices = [
        _Choice(way, vote_orders(way.samples, [*looks, most], weighted=bool(number)))
        for number, way in enumerate(ways)
    ]
    below = {budget for budget in _BUDGETS if budget < samples.count}
    budgets = sorted(below | {most, samples.count})
    fixed = _fixed(samples, budgets)
    # shuffled: the order of a set may alternate between kinds of questions
    places = np.random.default_rng(_SEED).permutation(questions).repeat(repeats)
    parts = []
    for fold in (0, 1):
        chosen, table = _learned(choices, places % 2 == fold)
        parts.append(chosen.under(table, places % 2 != fold))
    weights = [int((places % 2 != fold).sum()) for fold in (0, 1)]
    judged = Spent(
        float(np.average([part.tokens for part in parts], weights=weights)),
        float(np.average([part.accuracy for part in parts], weights=weights)),
    )
    everything = np.ones(samples.questions, dtype=bool)
    chosen, table = _learned(choices, everything)
    return LearnedPolicy(
        Policy(chosen.rows(table), chosen.way.weighting, chosen.way.sharpness),
        most,
        fixed[budgets.index(most)],
        _with_ratio(judged, fixed),
        _with_ratio(choices[0].under(_shipped(looks), everything), fixed),
        questions,
    )


def table_lines(policy: Policy) -> list[str]:
    """Say what a learned table does, a sentence each."""
    looks = [look for row in policy.rows for look in row.looks]
    usual, silent = (
        _looks_text([look for look in looks if look.unanswered == share])
        for share in (_UNANSWERED[0], _UNANSWERED[-1])
    )
    where = "where half or more gave no answer, it ends"
    lines = [
        f"a vote ends {usual}" if usual else "a vote never ends early",
        f"{where} {silent}" if silent else f"{where} with the budget",
    ]
    kind = {
        Weighting.EQUAL: "votes count alike",
        Weighting.LIKELIHOOD: "votes weigh by how likely their tokens were",
        Weighting.SELF_ASSESSED: "votes weigh by the model's own scores",
        Weighting.COMBINED: "votes weigh by the model's scores times their tokens' likelihood",
    }[policy.weighting]
    sharpness = policy.weighting.usual_sharpness if policy.sharpness is None else policy.sharpness
    sharp = "" if policy.weighting is Weighting.EQUAL else f" (sharpness {sharpness:g})"
    return [*lines, kind + sharp]


def _looks_text(looks: Sequence[Look]) -> str:
    """Leads with the numbers of samples that they hold for, "" where all are out of reach."""
    reached = [look for look in looks if look.lead <= look.samples]
    parts = []
    for lead, same in itertools.groupby(reached, key=lambda look: look.lead):
        samples = ", ".join(str(look.samples) for look in same)
        ahead = "in any case" if lead <= 0 else f"{lead:g} vote{'' if lead == 1 else 's'} ahead"
        parts.append(f"{ahead} after {samples}")
    return "; ".join(parts)


def tokens_for(curve: Sequence[Spent], accuracy: float) -> float | None:
    """Tokens that a fixed budget needs for an accuracy, on a line between points in log tokens.

    None where no fixed budget reaches it.
    """
    if accuracy <= curve[0].accuracy:
        return curve[0].tokens
    for before, after in itertools.pairwise(curve):
        if before.accuracy < accuracy <= after.accuracy:
            share = (accuracy - before.accuracy) / (after.accuracy - before.accuracy)
            low, high = np.log(before.tokens), np.log(after.tokens)
            return float(np.exp(low + share * (high - low)))
    return None


def _with_ratio(spent: Spent, fixed: Sequence[Spent]) -> Spent:
    needed = tokens_for(fixed, spent.accuracy)
    known = needed is not None and spent.tokens > 0
    return replace(spent, ratio=needed / spent.tokens if known and needed is not None else None)


def _shipped(looks: Sequence[int]) -> Thresholds:
    """The default table's leads."""
    (row,) = DEFAULT_POLICY
    leads = {look.samples: look.lead for look in row.looks if not look.unanswered}
    last = {look: leads.get(look, 0.0) for look in looks}  # it goes no further than its last row
    return tuple((round(last[look] * _PARTS_OF_A_VOTE),) * len(_UNANSWERED) for look in looks)


def _fixed(samples: Samples, budgets: Sequence[int]) -> list[Spent]:
    """What votes of fixed budgets take and bring."""
    orders = vote_orders(samples, budgets)
    return [
        Spent(float(orders.tokens[:, :, place].mean()), float(orders.right[:, :, place].mean()))
        for place in range(len(orders.budgets))
    ]


def _learned(choices: Sequence[_Choice], chosen: NDArray[np.bool_]) -> tuple[_Choice, Thresholds]:
    """The cheapest table that is about as right as the largest fixed budget, on some questions."""
    wanted = choices[0].at_the_end(chosen).accuracy - _TOLERANCE
    found = [
        (choice.under(table, chosen), number, table)
        for number, choice in enumerate(choices)
        for table in choice.tables(chosen)
    ]
    enough = [entry for entry in found if entry[0].accuracy >= wanted]
    _, number, table = min(enough or found, key=lambda entry: (entry[0].tokens, entry[1:]))
    return choices[number], table


class _Choice:
    """One weighting, and every table that can be learned under it."""

    def __init__(self, way: Weighed, orders: VoteOrders) -> None:
        self.way = way
        self._budgets = orders.budgets
        self._paths = max(4, min(ORDERS, _MOST_PATHS // way.samples.questions))
        self._tokens, self._right, lead, unanswered = (
            found[:, : self._paths]
            for found in (orders.tokens, orders.right, orders.lead, orders.unanswered)
        )
        steps = np.floor((lead + ROUNDING) * _PARTS_OF_A_VOTE)
        self._lead = np.clip(steps, 0, _MOST_AHEAD).astype(np.int64)
        self._silence = np.searchsorted(_UNANSWERED, unanswered, side="right") - 1

    @property
    def _looks(self) -> range:
        return range(len(self._budgets) - 1)

    def at_the_end(self, chosen: NDArray[np.bool_]) -> Spent:
        """What all samples take and bring."""
        tokens, right = self._tokens[chosen, :, -1], self._right[chosen, :, -1]
        return Spent(float(tokens.mean()), float(right.mean()))

    def under(self, table: Thresholds, chosen: NDArray[np.bool_]) -> Spent:
        """What a table takes and brings."""
        tokens = self._tokens[chosen, :, -1]
        right = self._right[chosen, :, -1]
        for look in reversed(self._looks):
            ends = self._ends(look, table[look], chosen)
            tokens = np.where(ends, self._tokens[chosen, :, look], tokens)
            right = np.where(ends, self._right[chosen, :, look], right)
        return Spent(float(tokens.mean()), float(right.mean()))

    def tables(self, chosen: NDArray[np.bool_]) -> Iterator[Thresholds]:
        """The best table at each price of a token."""
        mean = float(self._tokens[chosen, :, -1].mean()) / self._budgets[-1]
        for price in _PRICES:
            worth = self._right[chosen] - price / max(mean, 1.0) * self._tokens[chosen]
            after = worth[:, :, -1]
            table: list[tuple[int, ...]] = []
            for look in reversed(self._looks):
                gain = worth[:, :, look] - after
                table.append(self._best(look, gain, chosen))
                after = np.where(self._ends(look, table[-1], chosen), worth[:, :, look], after)
            yield tuple(reversed(table))

    def rows(self, table: Thresholds) -> tuple[PolicyRow, ...]:
        """The table as `auto` takes it."""
        looks = [
            Look(self._budgets[look], lead / _PARTS_OF_A_VOTE, unanswered)
            for look in self._looks
            for unanswered, lead in zip(_UNANSWERED, table[look], strict=True)
        ]
        return (PolicyRow(0.0, "vote", self._budgets[-1], looks=tuple(looks)),)

    def _ends(
        self, look: int, leads: tuple[int, ...], chosen: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        enough = np.asarray(leads)[self._silence[chosen, :, look]]
        return np.asarray(self._lead[chosen, :, look] >= enough)

    def _best(self, look: int, gain: Floats, chosen: NDArray[np.bool_]) -> tuple[int, ...]:
        """The leads from which on ending gains most, one for each share without an answer."""
        lead, silence = self._lead[chosen, :, look], self._silence[chosen, :, look]
        fewest = _FEWEST_VISITS * self._paths
        leads = []
        for part in range(len(_UNANSWERED)):
            there = silence == part
            if there.sum() < fewest:
                leads.append(self._never(look))  # of what hardly happened, nothing is learned
            else:
                leads.append(self._threshold(look, lead[there], gain[there]))
        return tuple(leads)

    def _threshold(self, look: int, lead: NDArray[np.int64], gain: Floats) -> int:
        """The lead, in half votes, from which on ending gains most; out of reach where never."""
        sums = np.bincount(lead, gain, minlength=_MOST_AHEAD + 1)
        from_here = sums[::-1].cumsum()[::-1]
        # between equals nothing was ever seen: there the table is as it is unlearned
        lowest, highest = int(from_here.argmax()), _MOST_AHEAD - int(from_here[::-1].argmax())
        best = min(max(lowest, _UNLEARNED), highest)
        return best if from_here[best] > 0 else self._never(look)

    def _never(self, look: int) -> int:
        """A lead out of reach."""
        return (self._budgets[look] + 1) * _PARTS_OF_A_VOTE
