"""How each curve of a chart is drawn: a colour and a stroke that no other one has.

Dashes mean one thing, coverage; where there are more curves than colours, dots tell them apart. It
must not know which colours those are: a window has two sets of them, a report one for each scheme.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.lab.curve import Curve
from engine.lab.rule import Rule

SERIES_COLOURS: Final = 8
"""Beside the grey of the first coverage."""
LESS_ASKED: Final = frozenset({Rule.WEIGHTED.value, Rule.SETTLED.value, Rule.COVERAGE.value})
"""Rules beside the plain vote; where there is little room for bands or curves, they step back."""
BANDS: Final = 3
"""So many bands lie over each other and can still be told apart."""


class Stroke(StrEnum):
    """How a line is drawn."""

    SOLID = "solid"
    DASHED = "dashed"
    """Coverage: no voter reaches it."""
    DOTTED = "dotted"
    DASH_DOT = "dash-dot"


_STROKES: Final = (Stroke.SOLID, Stroke.DOTTED, Stroke.DASH_DOT)


@dataclass(frozen=True, slots=True)
class Series:
    """How one curve is drawn.

    Attributes:
        colour: Which of the series' colours, or None for the grey.
        stroke: How its line is drawn.
    """

    colour: int | None = 0
    stroke: Stroke = Stroke.SOLID


def in_order(curves: Sequence[Curve]) -> list[Curve]:
    """Return curves with those that are asked for most in front."""
    return sorted(curves, key=lambda curve: curve.rule in LESS_ASKED)


def series_of(curves: Sequence[Curve]) -> dict[str, Series]:
    """Return how each curve is drawn, by its label; those asked for most have the first colours."""
    ordered = in_order(curves)
    covered = [curve.label for curve in ordered if curve.rule == Rule.COVERAGE.value]
    others = [curve.label for curve in ordered if curve.rule != Rule.COVERAGE.value]
    found = {}
    for number, label in enumerate(others):
        stroke = _STROKES[number // SERIES_COLOURS % len(_STROKES)]
        found[label] = Series(number % SERIES_COLOURS, stroke)
    for number, label in enumerate(covered):
        colour = (number - 1) % SERIES_COLOURS if number else None
        found[label] = Series(colour, Stroke.DASHED)
    return found


def spread_apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move places apart, each as little as may be.

    Args:
        wanted: Where each would be, in any order.
        gap: The least distance between two.
        low: None is lower.
        high: None is higher, as long as there is room for all.

    Returns:
        A place for each, in the order of `wanted`.
    """
    order = sorted(range(len(wanted)), key=lambda number: wanted[number])
    blocks: list[tuple[float, int]] = []  # (mean, size) of neighbours that touch
    for rank, number in enumerate(order):
        mean, size = wanted[number] - rank * gap, 1
        while blocks and blocks[-1][0] > mean:
            before, count = blocks.pop()
            mean, size = (before * count + mean * size) / (count + size), count + size
        blocks.append((mean, size))
    last = max(low, high - gap * (len(wanted) - 1))
    firsts = [min(max(mean, low), last) for mean, size in blocks for _ in range(size)]
    found = [0.0] * len(wanted)
    for rank, number in enumerate(order):
        found[number] = firsts[rank] + rank * gap
    return found
