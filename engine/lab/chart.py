"""Line charts as SVG text, for reports: no script, no font, no file beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from engine.lab.curve import Curve

WIDTH: Final = 760
HEIGHT: Final = 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 168, 16, 44
_COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A8F98")
"""Okabe and Ito's series, told apart by colour-blind eyes; the dashes differ as well."""
_DASHES: Final = ("", "7 4", "2 3", "9 3 2 3", "4 2", "1 3", "12 4")
_LABEL_HEIGHT: Final = 15
_LETTER: Final = 7.2
"""Width of a letter of a label, about."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart.

    Attributes:
        label: What it is called.
        x: Places on the logarithmic axis, rising, above 0.
        y: Shares, 0 to 1.
        low: Lower ends of the band.
        high: Upper ends of the band.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def chart_line(curve: Curve, places: Sequence[float | None]) -> Line | None:
    """Return a curve over some cost, points of unknown cost left out; None where none is known."""
    known = [(x, p.accuracy) for x, p in zip(places, curve.points, strict=True) if x]
    if not known:
        return None
    return Line(
        curve.label,
        [x for x, _ in known],
        [right.value for _, right in known],
        [right.low for _, right in known],
        [right.high for _, right in known],
    )


def line_chart(lines: Sequence[Line], x_title: str, title: str) -> str:
    """Draw accuracy over a logarithmic axis, with 95 % bands and a label at each line's end.

    Args:
        lines: What is drawn; lines without points are left out.
        x_title: Under the axis.
        title: For those who cannot see it.
    """
    drawn = [line for line in lines if line.x]
    if not drawn:
        return ""
    frame = _Frame(drawn)
    parts = [
        f'<svg viewBox="0 0 {frame.width} {HEIGHT}" role="img" aria-label="{escape(title)}" '
        'xmlns="http://www.w3.org/2000/svg" font-family="inherit" font-size="12">',
        *frame.grid(x_title),
    ]
    for number, line in enumerate(drawn):
        parts += frame.line(line, _COLOURS[number % 7], _DASHES[number % 7])
    parts += frame.labels(drawn)
    return "\n".join([*parts, "</svg>"])


class _Frame:
    """The axes of one chart."""

    def __init__(self, lines: Sequence[Line]) -> None:
        longest = max(len(line.label) for line in lines)
        self.width = WIDTH + max(0, math.ceil(longest * _LETTER) + 20 - _RIGHT)
        """Wider where a label is long, so that it is not cut."""
        self._first = math.log2(min(min(line.x) for line in lines))
        self._last = math.log2(max(max(line.x) for line in lines))
        if self._last - self._first < 1e-9:
            self._first, self._last = self._first - 0.5, self._last + 0.5
        lowest = min(min(line.low) for line in lines)
        highest = max(max(line.high) for line in lines)
        self._bottom = max(0.0, math.floor(lowest * 10) / 10)
        self._top = max(self._bottom + 0.1, min(1.0, math.ceil(highest * 10) / 10))

    def x(self, value: float) -> float:
        """Place of a value on the axis."""
        share = (math.log2(value) - self._first) / (self._last - self._first)
        return _LEFT + share * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        """Height of a share."""
        share = (value - self._bottom) / (self._top - self._bottom)
        return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)

    def grid(self, x_title: str) -> list[str]:
        """Lines and numbers behind the curves."""
        parts = []
        for tenth in range(round(self._bottom * 10), round(self._top * 10) + 1):
            height = self.y(tenth / 10)
            parts.append(
                f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{height:.1f}" y2="{height:.1f}" '
                'stroke="currentColor" stroke-opacity="0.15"/>'
                f'<text x="{_LEFT - 8}" y="{height + 4:.1f}" text-anchor="end" '
                f'fill="currentColor">{tenth * 10} %</text>'
            )
        for power in range(math.ceil(self._first - 1e-9), math.floor(self._last + 1e-9) + 1):
            place = self.x(2.0**power)
            parts.append(
                f'<text x="{place:.1f}" y="{HEIGHT - _BOTTOM + 18}" text-anchor="middle" '
                f'fill="currentColor">{_number(2.0**power)}</text>'
            )
        middle = (_LEFT + WIDTH - _RIGHT) / 2
        parts.append(
            f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle" fill="currentColor">'
            f"{escape(x_title)}</text>"
        )
        return parts

    def line(self, line: Line, colour: str, dash: str) -> list[str]:
        """One curve with its band."""
        above = [f"{self.x(x):.1f},{self.y(v):.1f}" for x, v in zip(line.x, line.high, strict=True)]
        below = [f"{self.x(x):.1f},{self.y(v):.1f}" for x, v in zip(line.x, line.low, strict=True)]
        points = [f"{self.x(x):.1f},{self.y(v):.1f}" for x, v in zip(line.x, line.y, strict=True)]
        band = " ".join([*above, *reversed(below)])
        dots = [
            f'<circle cx="{point.split(",")[0]}" cy="{point.split(",")[1]}" r="3.5" '
            f'fill="{colour}"><title>{escape(line.label)}, {_number(x)}: {100 * y:.1f} %</title>'
            "</circle>"
            for point, x, y in zip(points, line.x, line.y, strict=True)
        ]
        return [
            f'<polygon points="{band}" fill="{colour}" fill-opacity="0.13"/>',
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" '
            f'stroke-width="2" stroke-dasharray="{dash}"/>',
            *dots,
        ]

    def labels(self, lines: Sequence[Line]) -> list[str]:
        """Each line's name beside its end, moved apart where ends are close."""
        ends = sorted((self.y(line.y[-1]), number) for number, line in enumerate(lines))
        parts, last = [], -math.inf
        for height, number in ends:
            last = max(height, last + _LABEL_HEIGHT)
            parts.append(
                f'<text x="{WIDTH - _RIGHT + 10}" y="{last + 4:.1f}" '
                f'fill="{_COLOURS[number % 7]}" font-weight="600">'
                f"{escape(lines[number].label)}</text>"
            )
        return parts


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
