"""Learns the table of `auto` for one model from a sweep, and says honestly what it saves.

A table maps the agreement of the first samples to how many are drawn in all (compute-optimal
scaling, arXiv 2408.03314, with the difficulty read off four samples). What it saves is judged on
questions that it was not learned from: two folds, learned on one, judged on the other. The first
samples count as spent.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.lab.replay import Samples, VoteOrders, vote_orders
from engine.options import PolicyRow
from engine.strategies.auto import FIRST_SAMPLES

_BUDGETS: Final = (1, 2, 4, 8, 16, 32, 64, 128)
_FEWEST_QUESTIONS: Final = 20
_SEED: Final = 11
_TOLERANCE: Final = 0.01
"""A table may be a point less right than the largest budget: to match it to the last question, it
would have to spend as much on nearly all of them."""

Table = tuple[int, ...]
"""Samples in all for an agreement of 1 (or none), 2, 3 and 4 of the first four."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a way of spending took and brought.

    Attributes:
        tokens: Mean tokens of a question.
        accuracy: Share right.
    """

    tokens: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class LearnedPolicy:
    """A table for `auto`, and what it saves.

    Attributes:
        rows: The table, learned from all questions.
        samples: The fixed budget that it is to be about as right as, within a point.
        fixed: What that budget took.
        judged: What tables learned on the other half took: the honest figure.
        ratio: Tokens that a fixed budget needs for the same accuracy, over the table's; None where
            no fixed budget reaches it.
        questions: How many it was learned from.
    """

    rows: tuple[PolicyRow, ...]
    samples: int
    fixed: Spent
    judged: Spent
    ratio: float | None
    questions: int


def learn_policy(samples: Samples, repeats: int = 1) -> LearnedPolicy | None:
    """Learn a table from the stored samples of a vote; None where there are too few.

    At least 8 samples of each of 20 questions are needed.

    Args:
        samples: The samples; those of one question's repeats in rows beside each other.
        repeats: How many rows a question has.
    """
    questions = samples.questions // repeats
    if samples.count < 2 * FIRST_SAMPLES or questions < _FEWEST_QUESTIONS:
        return None
    budgets = [budget for budget in _BUDGETS if budget <= samples.count]
    orders = vote_orders(samples, budgets, FIRST_SAMPLES)
    # shuffled: the order of a set may alternate between kinds of questions
    places = np.random.default_rng(_SEED).permutation(questions).repeat(repeats)
    folds = [places % 2 == fold for fold in (0, 1)]
    tables = [_Costs(orders, fold).learned() for fold in folds]
    parts = [_Costs(orders, folds[1 - number]).under(table) for number, table in enumerate(tables)]
    weights = [int(folds[1].sum()), int(folds[0].sum())]
    judged = Spent(
        float(np.average([part.tokens for part in parts], weights=weights)),
        float(np.average([part.accuracy for part in parts], weights=weights)),
    )
    everything = _Costs(orders, np.ones(samples.questions, dtype=bool))
    needed = tokens_for(everything.fixed, judged.accuracy)
    return LearnedPolicy(
        _rows(everything.learned()),
        budgets[-1],
        everything.fixed[-1],
        judged,
        None if needed is None else needed / judged.tokens,
        questions,
    )


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


class _Costs:
    """Sums by agreement and budget over some questions, from which any table is judged."""

    def __init__(self, orders: VoteOrders, chosen: NDArray[np.bool_]) -> None:
        self._budgets = orders.budgets
        agreement = np.clip(orders.agreement[chosen], 1, FIRST_SAMPLES) - 1
        right, tokens = orders.right[chosen], orders.tokens[chosen]
        self._cases = agreement.size
        shape = (FIRST_SAMPLES, len(self._budgets))
        self._right, self._tokens = np.zeros(shape), np.zeros(shape)
        np.add.at(self._right, agreement.ravel(), right.reshape(-1, shape[1]))
        np.add.at(self._tokens, agreement.ravel(), tokens.reshape(-1, shape[1]))
        self.fixed = [
            Spent(
                float(self._tokens[:, column].sum() / self._cases),
                float(self._right[:, column].sum() / self._cases),
            )
            for column in range(shape[1])
        ]

    def under(self, table: Table) -> Spent:
        """What a table takes and brings."""
        columns = [self._budgets.index(samples) for samples in table]
        levels = range(FIRST_SAMPLES)
        return Spent(
            float(self._tokens[levels, columns].sum() / self._cases),
            float(self._right[levels, columns].sum() / self._cases),
        )

    def learned(self) -> Table:
        """The cheapest table that is about as right as the largest budget."""
        after = [budget for budget in self._budgets if budget >= FIRST_SAMPLES]
        found = [
            (self.under(table), table) for table in itertools.product(after, repeat=FIRST_SAMPLES)
        ]
        wanted = self.fixed[-1].accuracy - _TOLERANCE
        enough = [entry for entry in found if entry[0].accuracy >= wanted]
        return min(enough, key=lambda entry: (entry[0].tokens, entry[1]))[1]


def _rows(table: Table) -> tuple[PolicyRow, ...]:
    """The table as `auto` takes it, highest agreement first."""
    rows = []
    for agreeing in range(FIRST_SAMPLES, 0, -1):
        samples = table[agreeing - 1]
        strategy = "stop" if samples <= FIRST_SAMPLES else "vote"
        share = agreeing / FIRST_SAMPLES if agreeing > 1 else 0.0
        rows.append(PolicyRow(share, strategy, samples))
    return tuple(rows)
