"""Stored samples under any rule of voting or stopping, without another token.

One sweep stores many samples a question; every smaller budget is a random subset of them (not the
first few, which came first for a reason), averaged over the same seeded orders for every rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.lab.rule import Rule
from engine.lab.statistics import Floats, coverage
from engine.tally import SETTLED_THRESHOLD, settled_probability

ORDERS: Final = 32
"""Random orders each question's samples are replayed in."""
_SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one arm as arrays; every question has the same number.

    Attributes:
        right: (questions, samples) whether each is right.
        group: (questions, samples) number of its vote group in its question, -1 without an answer.
        tokens: (questions, samples) generated tokens.
        weight: (questions, samples) what its vote weighs; ones where nothing is known.
    """

    right: NDArray[np.bool_]
    group: NDArray[np.int64]
    tokens: NDArray[np.int64]
    weight: Floats

    @property
    def questions(self) -> int:
        """How many there are."""
        return int(self.right.shape[0])

    @property
    def count(self) -> int:
        """Samples of each question."""
        return int(self.right.shape[1])


@dataclass(frozen=True, slots=True)
class Replayed:
    """One rule over several budgets.

    Attributes:
        budgets: Samples.
        accuracy: (questions, budgets) chance that each question is answered right.
        tokens: (questions, budgets) mean tokens spent.
        samples: (questions, budgets) mean samples spent.
    """

    budgets: tuple[int, ...]
    accuracy: Floats
    tokens: Floats
    samples: Floats


@dataclass(frozen=True, slots=True)
class VoteOrders:
    """Votes over every random order of every question, not averaged.

    Attributes:
        budgets: Samples.
        right: (questions, orders, budgets) chance that the vote is right.
        tokens: (questions, orders, budgets) tokens spent.
        agreement: (questions, orders) size of the largest group among the first few samples.
    """

    budgets: tuple[int, ...]
    right: Floats
    tokens: Floats
    agreement: NDArray[np.int64]


def vote_orders(samples: Samples, budgets: Sequence[int], first: int) -> VoteOrders:
    """Vote over random orders of the samples.

    Args:
        samples: What is stored.
        budgets: Each at most the number of stored samples.
        first: How many samples the agreement is taken of, at most the largest budget.
    """
    voting = _Voting(samples, Rule.VOTE, tuple(sorted(set(budgets))))
    right, tokens, _, agreement = voting.count(first)
    return VoteOrders(voting.budgets, right, tokens, agreement)


def replay(samples: Samples, rule: Rule, budgets: Sequence[int]) -> Replayed:
    """Replay a rule.

    Args:
        samples: What is stored.
        rule: How it is put together.
        budgets: Each at most the number of stored samples.

    Raises:
        ValueError: A budget is larger than what is stored, or there is none.
    """
    wanted = tuple(sorted(set(budgets)))
    if not wanted or wanted[0] < 1 or wanted[-1] > samples.count:
        raise ValueError(f"budgets must be 1 to {samples.count}")
    if rule is Rule.COVERAGE:
        accuracy = np.stack([coverage(samples.right, budget) for budget in wanted], axis=1)
        mean = samples.tokens.mean(axis=1)
        spent = np.stack([mean * budget for budget in wanted], axis=1)
        return Replayed(wanted, accuracy, spent, _all_spent(samples.questions, wanted))
    return _Voting(samples, rule, wanted).run()


class _Voting:
    """Votes counted one sample after another, all questions and orders at once."""

    def __init__(self, samples: Samples, rule: Rule, budgets: tuple[int, ...]) -> None:
        self._samples, self.budgets = samples, budgets
        self._stops = rule is Rule.SETTLED
        rng = np.random.default_rng(_SEED)
        questions, count = samples.right.shape
        keys = rng.random((questions, ORDERS, count))
        order = keys.argsort(axis=2)[:, :, : budgets[-1]]
        places = np.arange(questions)[:, None, None]
        self._group = samples.group[places, order]
        self._tokens = samples.tokens[places, order]
        weight = samples.weight if rule is Rule.WEIGHTED else np.ones_like(samples.weight)
        self._weight = weight[places, order]
        self._right_of = _group_right(samples)
        self._counts = np.zeros((questions, ORDERS, self._right_of.shape[1]))

    def run(self) -> Replayed:
        """Replay and average over the orders."""
        right, tokens, used, _ = self.count()
        accuracy = right.mean(axis=1)
        if self.budgets[0] == 1:
            # one sample needs no random order: every one of them is asked
            accuracy[:, 0] = self._samples.right.mean(axis=1)
        return Replayed(self.budgets, accuracy, tokens.mean(axis=1), used.mean(axis=1))

    def count(self, first: int = 0) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
        """Count sample after sample.

        Returns:
            Chance to be right, tokens and samples spent, each (questions, orders, budgets), and
            the largest group among the first samples, (questions, orders).
        """
        questions = self._counts.shape[0]
        rows, orders = np.ogrid[:questions, :ORDERS]
        live = np.ones((questions, ORDERS), dtype=bool)
        spent = np.zeros((questions, ORDERS))
        taken = np.zeros((questions, ORDERS))
        agreement = np.zeros((questions, ORDERS), dtype=np.int64)
        right, tokens, used = [], [], []
        for place in range(self.budgets[-1]):
            group = self._group[:, :, place]
            votes = np.where(live & (group >= 0), self._weight[:, :, place], 0.0)
            self._counts[rows, orders, np.maximum(group, 0)] += votes
            spent += np.where(live, self._tokens[:, :, place], 0)
            taken += live
            if self._stops:
                live &= ~_settled(self._counts)
            if place + 1 == first:
                agreement = self._counts.max(axis=2).astype(np.int64)
            if place + 1 in self.budgets:
                right.append(self._share_right())
                tokens.append(spent.copy())
                used.append(taken.copy())
        return np.stack(right, axis=2), np.stack(tokens, axis=2), np.stack(used, axis=2), agreement

    def _share_right(self) -> Floats:
        """Chance that the leader is right, over the groups that tie."""
        most = self._counts.max(axis=2, keepdims=True)
        leads = (self._counts == most) & (most > 0)
        right = (leads * self._right_of[:, None, :]).sum(axis=2)
        return np.asarray(right / np.maximum(leads.sum(axis=2), 1), dtype=np.float64)


def _group_right(samples: Samples) -> Floats:
    """(questions, groups) share of right ones in each group."""
    groups = max(1, int(samples.group.max(initial=-1)) + 1)
    counts = np.zeros((samples.questions, groups))
    right = np.zeros((samples.questions, groups))
    rows = np.arange(samples.questions)
    for place in range(samples.count):
        group = samples.group[:, place]
        known = group >= 0
        counts[rows[known], group[known]] += 1
        right[rows[known], group[known]] += samples.right[known, place]
    return np.asarray(right / np.maximum(counts, 1), dtype=np.float64)


def _settled(counts: Floats) -> NDArray[np.bool_]:
    """Whether the leader keeps its majority with the threshold's probability."""
    if counts.shape[2] == 1:
        first, second = counts[:, :, 0], np.zeros(counts.shape[:2])
    else:
        top = np.partition(counts, counts.shape[2] - 2, axis=2)
        first, second = top[:, :, -1], top[:, :, -2]
    table = _settled_table(int(first.max(initial=0)))
    return np.asarray(table[first.astype(np.int64), second.astype(np.int64)], dtype=np.bool_)


@lru_cache(maxsize=256)
def _settled_table(most: int) -> NDArray[np.bool_]:
    """Whether each pair of leader and runner-up is settled, for votes up to a number."""
    table = np.zeros((most + 1, most + 1), dtype=np.bool_)
    for first in range(most + 1):
        for second in range(first + 1):
            table[first, second] = settled_probability(first, second) >= SETTLED_THRESHOLD
    return table


def _all_spent(questions: int, budgets: tuple[int, ...]) -> Floats:
    return np.broadcast_to(np.asarray(budgets, dtype=np.float64), (questions, len(budgets))).copy()
