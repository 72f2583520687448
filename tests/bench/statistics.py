"""Statistics over stored attempts: coverage, votes of every size, intervals and fits.

Nothing here draws a token, so every rule is compared on the very same attempts.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Final

from engine.options import Weighting
from tests.bench.attempts import Attempts, Stored

_SUBSETS: Final = 40
_RESAMPLES: Final = 1000

Weight = Callable[[Stored], float]


def equal(_attempt: Stored) -> float:
    """Every vote counts one."""
    return 1.0


def by_score(attempt: Stored) -> float:
    """A vote counts what the model says of it: weighted best-of-N."""
    return 0.5 if attempt.score is None else attempt.score


def by_confidence(attempt: Stored) -> float:
    """A vote counts exp(c / T), c the geometric mean probability of its tokens.

    CISC, arXiv 2502.06233, with the T that Ponder's vote has unless a person changes it.
    """
    return _softmaxed(attempt, Weighting.LIKELIHOOD)


def by_both(attempt: Stored) -> float:
    """A vote counts what the model says of it, times exp(c / T): `Weighting.COMBINED`."""
    return by_score(attempt) * _softmaxed(attempt, Weighting.COMBINED)


def _softmaxed(attempt: Stored, weighting: Weighting) -> float:
    return math.exp((math.exp(attempt.confidence) - 1) / weighting.usual_sharpness)


def coverage(attempts: Sequence[Stored], count: int) -> float:
    """pass@k, unbiased: 1 - C(n - c, k) / C(n, k) for c right ones of n (arXiv 2107.03374)."""
    wrong = sum(1 for attempt in attempts if not attempt.right)
    total = len(attempts)
    if wrong < count:
        return 1.0
    return 1.0 - math.prod((wrong - place) / (total - place) for place in range(count))


def vote_share(attempts: Sequence[Stored], weight: Weight = equal, *, ties: bool = True) -> float:
    """Chance that the group with the most weight is right.

    A group is right when its first member is.

    Args:
        attempts: Those that vote.
        weight: What each vote counts.
        ties: Whether a tie is broken by chance; otherwise it has no winner, as in a chat.
    """
    weights: defaultdict[str, float] = defaultdict(float)
    first: dict[str, Stored] = {}
    for attempt in attempts:
        if attempt.key is not None:
            weights[attempt.key] += weight(attempt)
            first.setdefault(attempt.key, attempt)
    if not weights:
        return 0.0
    most = max(weights.values())
    leading = [key for key, value in weights.items() if value == most]
    return fmean(first[key].right for key in leading) if ties or len(leading) == 1 else 0.0


def vote_accuracy(
    attempts: Sequence[Stored],
    count: int,
    rng: random.Random,
    weight: Weight = equal,
    *,
    ties: bool = True,
) -> float:
    """Share of random subsets of `count` attempts whose vote is right (maj@k); see `vote_share`."""
    if count >= len(attempts):
        return vote_share(attempts, weight, ties=ties)
    subsets = _SUBSETS if count > 1 else len(attempts)
    if count == 1:
        return fmean(attempt.right for attempt in attempts)
    return fmean(
        vote_share(rng.sample(list(attempts), count), weight, ties=ties) for _ in range(subsets)
    )


def interval(values: Sequence[float], seed: int = 1) -> tuple[float, float]:
    """95 % bootstrap interval of the mean over problems (Efron 1979, percentile method)."""
    rng = random.Random(seed)
    size = len(values)
    means = sorted(fmean(rng.choices(values, k=size)) for _ in range(_RESAMPLES))
    return means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES)]


def slope(counts: Sequence[int], rows: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """Points of accuracy per doubling, least squares over log2(count), with its 95 % interval.

    Args:
        counts: The budgets.
        rows: For each problem its accuracy at each budget.
    """
    rng = random.Random(2)
    found = [_slope(counts, [fmean(column) for column in zip(*rows, strict=True)])]
    resampled = []
    for _ in range(200):
        chosen = rng.choices(rows, k=len(rows))
        resampled.append(_slope(counts, [fmean(column) for column in zip(*chosen, strict=True)]))
    resampled.sort()
    return found[0], resampled[5], resampled[194]


def _slope(counts: Sequence[int], means: Sequence[float]) -> float:
    places = [math.log2(count) for count in counts]
    middle, height = fmean(places), fmean(means)
    over = sum((x - middle) * (y - height) for x, y in zip(places, means, strict=True))
    return over / sum((x - middle) ** 2 for x in places)


def quintiles(rows: Sequence[Attempts]) -> list[list[Attempts]]:
    """Five equal parts from easy to hard, by the share of right ones in the first half.

    Each row comes back with its second half only, so that nothing is measured on what sorted it.
    """
    half = len(rows[0].attempts) // 2
    ranked = sorted(rows, key=lambda row: -fmean(a.right for a in row.attempts[:half]))
    kept = [Attempts(row.family, row.steps, row.attempts[half:]) for row in ranked]
    return [kept[part * len(kept) // 5 : (part + 1) * len(kept) // 5] for part in range(5)]


def calibration(rows: Sequence[Attempts], bins: int = 10) -> list[tuple[float, float, int]]:
    """Mean score, share right and number of attempts in each tenth of the scores that has any."""
    found: defaultdict[int, list[Stored]] = defaultdict(list)
    for row in rows:
        for attempt in row.attempts:
            if attempt.score is not None:
                found[min(bins - 1, int(attempt.score * bins))].append(attempt)
    return [
        (fmean(a.score or 0.0 for a in part), fmean(a.right for a in part), len(part))
        for _, part in sorted(found.items())
    ]


def expected_calibration_error(rows: Sequence[Attempts]) -> float:
    """Mean distance between score and share right, weighted by attempts (Guo et al. 2017)."""
    parts = calibration(rows)
    total = sum(count for _, _, count in parts)
    return sum(abs(said - right) * count for said, right, count in parts) / max(total, 1)


def ranking(rows: Sequence[Attempts]) -> float | None:
    """How often a right attempt is scored above a wrong one at the same problem (AUC within)."""
    better = pairs = 0.0
    for row in rows:
        right = [a.score for a in row.attempts if a.right and a.score is not None]
        wrong = [a.score for a in row.attempts if not a.right and a.score is not None]
        for one in right:
            for other in wrong:
                pairs += 1
                better += 1.0 if one > other else 0.5 if one == other else 0.0
    return better / pairs if pairs else None
