"""Two models at equal cost: a small one that thinks longer against a large one that thinks less.

Compared at the cost of one answer of the dearer model, and at the most that both were measured at;
between measured budgets accuracy is taken on a line over the logarithm of the cost, question by
question, so that the interval stays paired. Source of the question: arXiv 2408.03314, section 7;
of the operations of a token, 2 for each parameter: arXiv 2001.08361, section 2.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from engine.lab.curve import Curve, Point
from engine.lab.statistics import Difference, Floats, difference

FLOPS_PER_PARAMETER: Final = 2.0
_SAME: Final = 1.05
"""Two costs closer than this are compared once."""


class Measure(StrEnum):
    """What is held equal."""

    FLOPS = "operations"
    SECONDS = "time"
    JOULES = "energy"


@dataclass(frozen=True, slots=True)
class EqualCost:
    """Two models at one cost.

    Attributes:
        measure: What is equal.
        cost: How much of it a question takes.
        first: The cheaper model's curve.
        second: The dearer model's curve.
        first_samples: Samples of the first at this cost.
        second_samples: Samples of the second at this cost.
        first_accuracy: Share right.
        second_accuracy: Share right.
        gap: Second minus first, in pairs.
    """

    measure: Measure
    cost: float
    first: str
    second: str
    first_samples: float
    second_samples: float
    first_accuracy: float
    second_accuracy: float
    gap: Difference


def equal_costs(first: Curve, second: Curve, parameters: dict[str, int]) -> list[EqualCost]:
    """Compare two models' curves on the same questions.

    Args:
        first: One model's.
        second: The other's, over the same questions.
        parameters: Weights by model name; a model without an entry is not compared by operations.

    Returns:
        For each measure that is known: at one answer of the dearer model, and at the most both
        reach; nothing where their costs do not meet.
    """
    found: list[EqualCost] = []
    for measure in Measure:
        one, other = (_costs(curve, measure, parameters) for curve in (first, second))
        if one is None or other is None or len(first.by_question) != len(second.by_question):
            continue
        pair = (_Costed(first, one), _Costed(second, other))
        cheap, dear = pair if one[0] <= other[0] else pair[::-1]
        low, high = dear.costs[0], min(cheap.costs[-1], dear.costs[-1])
        if low > cheap.costs[-1]:
            continue
        found.append(_compare(measure, low, cheap, dear))
        if high > low * _SAME:
            found.append(_compare(measure, high, cheap, dear))
    return found


def equal_cost_words(found: EqualCost) -> str:
    """Say it in words."""
    one = f"{found.first} with {found.first_samples:.1f} samples {100 * found.first_accuracy:.1f} %"
    other = (
        f"{found.second} with {found.second_samples:.1f} samples "
        f"{100 * found.second_accuracy:.1f} %"
    )
    gap = found.gap.points
    told = (
        f"a gap of {100 * abs(gap.value):.1f} points"
        if found.gap.distinguishable
        else f"not distinguishable with {found.gap.questions} questions"
    )
    return f"at equal {found.measure.value} ({_amount(found)} a question): {one}, {other}; {told}"


@dataclass(frozen=True, slots=True)
class _Costed:
    """A curve with what its points cost, rising."""

    curve: Curve
    costs: Floats

    def at(self, cost: float) -> tuple[Floats, float]:
        """Accuracy of each question, and samples, at a cost between the first and the last."""
        places = np.log(self.costs)
        place = float(np.clip(np.log(cost), places[0], places[-1]))
        right = min(int(np.searchsorted(places, place, side="left")), len(places) - 1)
        left = max(0, right - 1)
        span = places[right] - places[left]
        share = (place - places[left]) / span if span > 0 else 0.0
        rows = self.curve.by_question
        accuracy = (1 - share) * rows[:, left] + share * rows[:, right]
        samples = [point.samples for point in self.curve.points]
        logs = np.log([samples[left], samples[right]])
        return accuracy, float(np.exp((1 - share) * logs[0] + share * logs[1]))


def _compare(measure: Measure, cost: float, cheap: _Costed, dear: _Costed) -> EqualCost:
    one, one_samples = cheap.at(cost)
    other, other_samples = dear.at(cost)
    return EqualCost(
        measure,
        cost,
        cheap.curve.model,
        dear.curve.model,
        one_samples,
        other_samples,
        float(one.mean()),
        float(other.mean()),
        difference(one, other),
    )


def _costs(curve: Curve, measure: Measure, parameters: dict[str, int]) -> Floats | None:
    """What each point costs; None where it is not known, or does not rise."""
    count = parameters.get(curve.model)
    readers: dict[Measure, Callable[[Point], float | None]] = {
        Measure.FLOPS: lambda p: FLOPS_PER_PARAMETER * count * p.tokens if count else None,
        Measure.SECONDS: lambda p: p.seconds,
        Measure.JOULES: lambda p: p.joules,
    }
    costs: Sequence[float | None] = [readers[measure](point) for point in curve.points]
    known = [cost for cost in costs if cost]
    if len(known) != len(costs) or not known or any(np.diff(known) <= 0):
        return None
    return np.asarray(known, dtype=np.float64)


def _amount(found: EqualCost) -> str:
    match found.measure:
        case Measure.FLOPS:
            power = int(np.log10(found.cost)) // 3
            prefix = ("", "k", "M", "G", "T", "P", "E")[min(power, 6)]
            return f"{found.cost / 1000 ** min(power, 6):.3g} {prefix}FLOP"
        case Measure.SECONDS:
            return f"{found.cost:.3g} s"
        case _:
            return f"{found.cost:.3g} J"
