"""What `auto` saves: policy tables learned on one half of the problems and judged on the other.

A policy maps the agreement of the first four attempts to how many are sampled in all. It is
compared with a fixed number of samples under the same vote, and the four samples count for both.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.strategies.auto import FIRST_SAMPLES
from tests.bench.attempts import Attempts, Stored
from tests.bench.statistics import Weight, vote_share

BUDGETS: Final = (1, 2, 4, 8, 16, 32, 64)
_AFTER: Final = (4, 8, 16, 32, 64)
_ORDERS: Final = 8

Policy = tuple[int, ...]
"""Attempts in all for an agreement of one, two, three and four of the first four."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Every problem under several random orders of its attempts.

    Attributes:
        agreement: (rows,) 0 to 4: largest group among the first four.
        right: (rows, budgets) whether the vote over so many is right.
        tokens: (rows, budgets) what they cost.
        problem: (rows,) which problem a row is of.
    """

    agreement: NDArray[np.int64]
    right: NDArray[np.float64]
    tokens: NDArray[np.float64]
    problem: NDArray[np.int64]

    def part(self, chosen: NDArray[np.bool_]) -> Replay:
        """Some rows only."""
        return Replay(
            self.agreement[chosen], self.right[chosen], self.tokens[chosen], self.problem[chosen]
        )

    def fixed(self) -> list[tuple[float, float]]:
        """Mean tokens and accuracy of each fixed budget."""
        pairs = zip(self.tokens.mean(axis=0), self.right.mean(axis=0), strict=True)
        return [(float(tokens), float(right)) for tokens, right in pairs]

    def under(self, policy: Policy) -> tuple[float, float]:
        """Mean tokens and accuracy of a policy."""
        budgets = np.array([BUDGETS.index(count) for count in (policy[0], *policy)])
        chosen = budgets[self.agreement]
        rows = np.arange(len(chosen))
        return float(self.tokens[rows, chosen].mean()), float(self.right[rows, chosen].mean())


def replay(problems: Sequence[Attempts], weight: Weight) -> Replay:
    """Vote over the stored attempts of every problem in random orders."""
    rng = random.Random(3)
    agreement, right, tokens, numbers = [], [], [], []
    for number, problem in enumerate(problems):
        for _ in range(_ORDERS):
            order = rng.sample(problem.attempts, len(problem.attempts))
            agreement.append(_agreement(order[:FIRST_SAMPLES]))
            right.append([vote_share(order[:count], weight) for count in BUDGETS])
            tokens.append([float(sum(a.tokens for a in order[:count])) for count in BUDGETS])
            numbers.append(number)
    return Replay(np.array(agreement), np.array(right), np.array(tokens), np.array(numbers))


def _agreement(first: Sequence[Stored]) -> int:
    counts = Counter(attempt.key for attempt in first if attempt.key is not None)
    return max(counts.values(), default=0)


def tokens_for(curve: Sequence[tuple[float, float]], accuracy: float) -> float | None:
    """Tokens a fixed budget needs for an accuracy, on a line between points in log tokens.

    None where no fixed budget reaches it.
    """
    best = curve[0][1]
    if accuracy <= best:
        return curve[0][0]
    for (before, low), (after, high) in itertools.pairwise(curve):
        if low < accuracy <= high:
            share = (accuracy - low) / (high - low)
            return float(np.exp(np.log(before) + share * (np.log(after) - np.log(before))))
    return None


def learn(data: Replay, wanted: float) -> Policy:
    """The cheapest policy that is as accurate as wanted, or the most accurate one."""
    found = [(data.under(policy), policy) for policy in itertools.product(_AFTER, repeat=4)]
    enough = [entry for entry in found if entry[0][1] >= wanted]
    if enough:
        return min(enough)[1]
    return max(found, key=lambda entry: (entry[0][1], -entry[0][0]))[1]


@dataclass(frozen=True, slots=True)
class Saving:
    """What a learned policy saves against a fixed budget.

    Attributes:
        samples: The fixed budget.
        fixed: Its mean tokens and accuracy.
        learned: Mean tokens and accuracy of policies learned on the other half.
        ratio: Tokens a fixed budget needs for the policy's accuracy, over the policy's; None where
            no fixed budget is as accurate.
        policies: The two that were learned.
    """

    samples: int
    fixed: tuple[float, float]
    learned: tuple[float, float]
    ratio: float | None
    policies: tuple[Policy, Policy]


def saving(data: Replay, samples: int) -> Saving:
    """Two-fold cross-validation: learn on even problems, judge on odd ones, and the reverse."""
    folds = [data.part(data.problem % 2 == fold) for fold in (0, 1)]
    place = BUDGETS.index(samples)
    policies = [learn(fold, fold.fixed()[place][1]) for fold in folds]
    judged = [folds[1 - number].under(policy) for number, policy in enumerate(policies)]
    learned = (
        sum(tokens for tokens, _ in judged) / 2,
        sum(accuracy for _, accuracy in judged) / 2,
    )
    curve = data.fixed()
    needed = tokens_for(curve, learned[1])
    ratio = None if needed is None else needed / learned[0]
    return Saving(samples, curve[place], learned, ratio, (policies[0], policies[1]))
