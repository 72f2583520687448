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
from engine.options import ENOUGH_AHEAD, LOOKS
from engine.tally import ROUNDING, SETTLED_THRESHOLD, settled_probability

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
        samples: (questions, orders, budgets) samples spent.
        lead: (questions, orders, budgets) votes that the leader is ahead of the next answer;
            weights are scaled to a mean of 1 over the samples that answered.
        unanswered: (questions, orders, budgets) share of the samples without an answer.
    """

    budgets: tuple[int, ...]
    right: Floats
    tokens: Floats
    samples: Floats
    lead: Floats
    unanswered: Floats


def vote_orders(samples: Samples, budgets: Sequence[int], *, weighted: bool = False) -> VoteOrders:
    """Vote over random orders of the samples.

    Args:
        samples: What is stored.
        budgets: Each at most the number of stored samples.
        weighted: Whether votes weigh what `samples` says, else all alike.
    """
    rule = Rule.WEIGHTED if weighted else Rule.VOTE
    return _Voting(samples, rule, tuple(sorted(set(budgets)))).count()


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
        self._rule = rule
        rng = np.random.default_rng(_SEED)
        questions, count = samples.right.shape
        keys = rng.random((questions, ORDERS, count))
        order = keys.argsort(axis=2)[:, :, : budgets[-1]]
        places = np.arange(questions)[:, None, None]
        self._group = samples.group[places, order]
        self._tokens = samples.tokens[places, order]
        weighs = rule in {Rule.WEIGHTED, Rule.BEST}
        self._weight = (samples.weight if weighs else np.ones_like(samples.weight))[places, order]
        self._right_of = _group_right(samples)
        self._counts = np.zeros((questions, ORDERS, self._right_of.shape[1]))

    def run(self) -> Replayed:
        """Replay and average over the orders."""
        counted = self.count()
        accuracy = counted.right.mean(axis=1)
        if self.budgets[0] == 1:
            # one sample needs no random order: every one of them is asked
            accuracy[:, 0] = self._samples.right.mean(axis=1)
        tokens, used = counted.tokens.mean(axis=1), counted.samples.mean(axis=1)
        return Replayed(self.budgets, accuracy, tokens, used)

    def count(self) -> VoteOrders:
        """Count sample after sample."""
        questions = self._counts.shape[0]
        rows, orders = np.ogrid[:questions, :ORDERS]
        live = np.ones((questions, ORDERS), dtype=bool)
        spent = np.zeros((questions, ORDERS))
        taken = np.zeros((questions, ORDERS))
        answered = np.zeros((questions, ORDERS))
        at: list[tuple[Floats, ...]] = []
        for place in range(self.budgets[-1]):
            group = self._group[:, :, place]
            votes = np.where(live & (group >= 0), self._weight[:, :, place], 0.0)
            self._add(rows, orders, np.maximum(group, 0), votes)
            spent += np.where(live, self._tokens[:, :, place], 0)
            taken += live
            answered += live & (group >= 0)
            live &= ~self._stops(place + 1)
            if place + 1 in self.budgets:
                lead, silent = self._lead(answered), 1 - answered / taken
                at.append((self._share_right(), spent.copy(), taken.copy(), lead, silent))
        return VoteOrders(
            self.budgets, *(np.stack(found, axis=2) for found in zip(*at, strict=True))
        )

    def _add(
        self,
        rows: NDArray[np.int64],
        orders: NDArray[np.int64],
        group: NDArray[np.int64],
        votes: Floats,
    ) -> None:
        """Add votes to their groups; where the best decides alone, a group is as its best one."""
        if self._rule is Rule.BEST:
            self._counts[rows, orders, group] = np.maximum(self._counts[rows, orders, group], votes)
        else:
            self._counts[rows, orders, group] += votes

    def _stops(self, samples: int) -> NDArray[np.bool_]:
        """Which votes have seen enough after so many samples."""
        if self._rule is Rule.SETTLED:
            return _settled(self._counts)
        if self._rule is Rule.AHEAD and samples in LOOKS:
            first, second = _first_two(self._counts)
            return np.asarray(first - second >= ENOUGH_AHEAD, dtype=np.bool_)
        return np.zeros(self._counts.shape[:2], dtype=np.bool_)

    def _lead(self, answered: Floats) -> Floats:
        """Votes that the leader is ahead, at a mean weight of 1."""
        first, second = _first_two(self._counts)
        scale = answered / np.maximum(self._counts.sum(axis=2), np.finfo(np.float64).tiny)
        return np.asarray((first - second) * scale, dtype=np.float64)

    def _share_right(self) -> Floats:
        """Chance that the leader is right, over the groups that tie."""
        most = self._counts.max(axis=2, keepdims=True)
        leads = (most - self._counts <= ROUNDING * most) & (most > 0)
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
    first, second = _first_two(counts)
    table = _settled_table(int(first.max(initial=0)))
    return np.asarray(table[first.astype(np.int64), second.astype(np.int64)], dtype=np.bool_)


def _first_two(counts: Floats) -> tuple[Floats, Floats]:
    """Votes of the leader and of the next answer, each (questions, orders)."""
    if counts.shape[2] == 1:
        return counts[:, :, 0], np.zeros(counts.shape[:2])
    top = np.partition(counts, counts.shape[2] - 2, axis=2)
    return top[:, :, -1], top[:, :, -2]


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
