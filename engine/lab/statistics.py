"""Honest numbers over questions: intervals, differences, fits and fronts, all over whole questions.

Rows are questions, never samples: samples of one question are not independent. All intervals come
from the same seeded resamples of the questions, so that two curves are compared in pairs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RESAMPLES: Final = 2000
_SEED: Final = 20260
_CHUNK: Final = 250
_KEPT_QUESTIONS: Final = 10_000
"""Up to so many questions the draws are kept: 40 MB."""
FEWEST_QUESTIONS: Final = 6
"""With fewer, nothing can be told at 95 %: that all of them differ the same way happens by chance
more often than once in twenty times (sign test: 2 / 2^5)."""
_NORMAL_95: Final = 1.959964
_NORMAL_POWER: Final = 0.8416
"""Of a normal distribution, four fifths lie below so many deviations."""
_FEWEST: Final = 10
"""Questions that a bootstrap interval needs."""
_FLAT: Final = 1e-6
"""How far above the line a knee must lie; less is rounding."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval.

    Attributes:
        value: The number.
        low: Lower end.
        high: Upper end.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing against another on the same questions.

    Attributes:
        points: Mean difference with its interval, 0 to 1.
        questions: On how many.
        enough: About how many questions would tell them apart, or None where they are, or where
            there is no difference at all.
        differing: On how many of them it is not nothing.
    """

    points: Estimate
    questions: int
    enough: int | None
    differing: int

    @property
    def distinguishable(self) -> bool:
        """Whether the interval leaves out zero, and rests on more than a few questions."""
        told = self.points.low > 0 or self.points.high < 0
        return told and self.differing >= FEWEST_QUESTIONS


@dataclass(frozen=True, slots=True)
class LogFit:
    """A straight line of accuracy over log2 of the budget.

    Attributes:
        per_doubling: Accuracy gained for each doubling, 0 to 1.
        saturates_at: The first budget from which the largest is not distinguishable, or None.
    """

    per_doubling: Estimate
    saturates_at: float | None


def resampled_means(values: Floats) -> Floats:
    """Return the means over resampled questions: (`RESAMPLES`, columns) for (questions, columns).

    The resamples depend on the number of questions alone, which is what makes comparisons paired.
    Source: Efron 1979, the nonparametric bootstrap.
    """
    rows = values if values.ndim == 2 else values[:, None]
    count = len(rows)
    means = np.empty((RESAMPLES, rows.shape[1]))
    drawn = _kept_draws(count) if count <= _KEPT_QUESTIONS else _draws(count)
    for number, times in enumerate(drawn):
        start = number * _CHUNK
        means[start : start + _CHUNK] = times.astype(np.float64) @ rows / count
    return means


def _draws(count: int) -> Iterator[NDArray[np.uint16]]:
    """How often each resample draws each question, a chunk of resamples at a time."""
    rng = np.random.default_rng(_SEED)
    for _ in range(0, RESAMPLES, _CHUNK):
        times = rng.multinomial(count, np.full(count, 1.0 / count), size=_CHUNK)
        yield times.astype(np.uint16)


@lru_cache(maxsize=2)
def _kept_draws(count: int) -> tuple[NDArray[np.uint16], ...]:
    """The same, kept: one sweep asks for them hundreds of times, and to draw them is the cost."""
    return tuple(_draws(count))


def estimate(values: Floats) -> Estimate:
    """Mean over questions with its 95 % percentile interval.

    Args:
        values: (questions,) one number each.

    Raises:
        ValueError: There is no question.
    """
    if not len(values):
        raise ValueError("no questions")
    low, high = np.quantile(resampled_means(values)[:, 0], (0.025, 0.975))
    return Estimate(float(values.mean()), float(low), float(high))


def share(values: Floats) -> Estimate:
    """A share of questions with its 95 % interval, as `estimate` but where that cannot be had.

    Fewer than `_FEWEST` questions, or questions that all went the same way, hold too little of a
    spread to resample: there it is Wilson's interval.

    Args:
        values: (questions,) 0 to 1 each.

    Raises:
        ValueError: There is no question.

    Source: Wilson 1927; Brown, Cai and DasGupta 2001, "Interval estimation for a binomial
    proportion", section 3.1.1.
    """
    count = len(values)
    if count >= _FEWEST and np.ptp(values) > 0:
        return estimate(values)
    if not count:
        raise ValueError("no questions")
    mean, extra = float(values.mean()), _NORMAL_95**2
    middle = (mean + extra / (2 * count)) / (1 + extra / count)
    spread = mean * (1 - mean) / count + extra / (4 * count**2)
    half = _NORMAL_95 * math.sqrt(spread) / (1 + extra / count)
    return Estimate(mean, max(0.0, min(mean, middle - half)), min(1.0, max(mean, middle + half)))


def in_points(share_of_one: float) -> float:
    """A difference of shares in points of a hundred, one digit, without the sign of a zero."""
    return round(100 * share_of_one, 1) + 0.0


def difference(first: Floats, second: Floats) -> Difference:
    """`second` minus `first` on the same questions, in the same order.

    The number of questions that would do assumes the same spread and difference: with so many, four
    of five such comparisons would tell (the usual sample size for a power of 80 %, as in Cohen,
    Statistical Power Analysis, 1988).
    """
    gaps = np.asarray(second - first, dtype=np.float64)
    points = estimate(gaps)
    count = len(gaps)
    found = Difference(points, count, None, int(np.count_nonzero(gaps)))
    enough = None
    if not found.distinguishable and points.value != 0 and count > 1:
        spread = float(gaps.std(ddof=1))
        wanted = ((_NORMAL_95 + _NORMAL_POWER) * spread / points.value) ** 2
        enough = max(count + 1, _rounded_up(wanted))
    return replace(found, enough=enough)


def _questions(count: int) -> str:
    return "1 question" if count == 1 else f"{count} questions"


def difference_words(first: str, second: str, found: Difference) -> str:
    """Say a difference in words: who is better and by how much, or that it cannot be told."""
    low, high = 100 * found.points.low, 100 * found.points.high
    if found.distinguishable:
        better, worse = (second, first) if found.points.value > 0 else (first, second)
        ends = sorted((abs(low), abs(high)))
        gain = 100 * abs(found.points.value)
        return f"{better} beats {worse} by {gain:.1f} points (95 % {ends[0]:.1f} to {ends[1]:.1f})"
    said = f"{first} and {second} are not distinguishable with {_questions(found.questions)}"
    return said if found.enough is None else f"{said}; about {found.enough} would do"


def log_fit(budgets: Sequence[float], accuracy: Floats) -> LogFit:
    """Fit a line over log2 of the budgets, by least squares, with bootstrap intervals.

    Args:
        budgets: At least two, rising.
        accuracy: (questions, budgets) of each question.

    Raises:
        ValueError: There are fewer than two budgets.
    """
    if len(budgets) < 2:
        raise ValueError("a line needs two budgets")
    places = np.log2(np.asarray(budgets, dtype=np.float64))
    centred = places - places.mean()
    weights = centred / (centred**2).sum()
    slopes = resampled_means(accuracy) @ weights
    low, high = np.quantile(slopes, (0.025, 0.975))
    slope = Estimate(float(accuracy.mean(axis=0) @ weights), float(low), float(high))
    saturates = None
    for column in range(len(budgets) - 1):
        gain = difference(accuracy[:, column], accuracy[:, -1])
        if not gain.distinguishable or gain.points.value < 0:
            saturates = float(budgets[column])
            break
    return LogFit(slope, saturates)


def coverage(right: NDArray[np.bool_], count: int) -> Floats:
    """pass@k of each question, unbiased: 1 - C(n - c, k) / C(n, k).

    Args:
        right: (questions, samples).
        count: k, at most the number of samples.

    Source: arXiv 2107.03374, section 2.1.
    """
    total = right.shape[1]
    wrong = total - right.sum(axis=1)
    places = np.arange(count)
    shares = np.clip((wrong[:, None] - places) / (total - places), 0.0, None)
    return np.asarray(1.0 - shares.prod(axis=1), dtype=np.float64)


def pareto_front(costs: Sequence[float], values: Sequence[float]) -> list[int]:
    """Return which points no other is both cheaper and better than, the cheapest first."""
    order = sorted(range(len(costs)), key=lambda place: (costs[place], -values[place]))
    front: list[int] = []
    best = -math.inf
    for place in order:
        if values[place] > best:
            front.append(place)
            best = values[place]
    return front


def knee(costs: Sequence[float], values: Sequence[float]) -> int | None:
    """Return which point of a front lies farthest above the line between its ends.

    Over the logarithm of the cost, both axes scaled to one; None with fewer than three points.
    Source: Satopää and others 2011, "Finding a kneedle in a haystack".
    """
    if len(costs) < 3 or costs[0] <= 0:
        return None
    x = np.log(np.asarray(costs, dtype=np.float64))
    y = np.asarray(values, dtype=np.float64)
    if x[-1] <= x[0] or y[-1] <= y[0]:
        return None
    above = (y - y[0]) / (y[-1] - y[0]) - (x - x[0]) / (x[-1] - x[0])
    best = int(above.argmax())
    return best if above[best] > _FLAT else None


def quintile_order(right: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Five equal parts of the questions from easy to hard, by the first half of their samples.

    What is then measured must come from the second half, so that nothing is judged by what sorted
    it.
    """
    half = max(1, right.shape[1] // 2)
    ranked = np.argsort(-right[:, :half].mean(axis=1), kind="stable")
    return [np.asarray(part, dtype=np.int64) for part in np.array_split(ranked, 5)]


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The median, the 90th and the 99th percentile."""
    middle, late, latest = np.quantile(np.asarray(values, dtype=np.float64), (0.5, 0.9, 0.99))
    return float(middle), float(late), float(latest)


def _rounded_up(number: float) -> int:
    """To two digits, so that it does not look more exact than it is."""
    whole = math.ceil(number)
    step = 10 ** max(0, len(str(whole)) - 2)
    return int(-(-whole // step) * step)
