"""Line charts as SVG text, for reports: no script, no font, no file beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from engine.lab.curve import Curve
from engine.lab.series import BANDS, Series, Stroke, spread_apart

WIDTH: Final = 760
HEIGHT: Final = 380
LIGHT_COLOURS: Final = (
    "#3257D3", "#C77B1E", "#8C1450", "#8C5AA0", "#285078", "#BE4650", "#5A8CF0", "#6E500A",
)  # fmt: skip
"""The window's, told apart by colour-blind eyes."""
DARK_COLOURS: Final = (
    "#7F9CF5", "#E0A458", "#8CE6E6", "#BE5A32", "#C8DC6E", "#00C8AA", "#BE78BE", "#D2AAE6",
)  # fmt: skip
LIGHT_GREY: Final = "#8A8F98"
DARK_GREY: Final = "#7C828B"
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 196, 16, 44
_DASHES: Final = {
    Stroke.SOLID: "",
    Stroke.DASHED: "7 4",
    Stroke.DOTTED: "2 3",
    Stroke.DASH_DOT: "8 3 2 3",
}
_LABEL_HEIGHT: Final = 16
_FEWEST_STEPS: Final = 4
"""Between the numbers of an axis that is not logarithmic; up to two and a half times as many."""
_LEADER, _SWATCH = 16, 18
"""From the plot to a label, and the piece of line before its words."""
_LETTER: Final = 7.2
"""Width of a letter of a label, about."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart.

    Attributes:
        label: What it is called.
        x: Places on the axis, rising, above 0.
        y: Shares, 0 to 1.
        low: Lower ends of the band.
        high: Upper ends of the band.
        series: How it is drawn.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    series: Series


def chart_line(curve: Curve, places: Sequence[float | None], series: Series) -> Line | None:
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
        series,
    )


def dark_style() -> str:
    """Return the rules that give a page's charts their colours on a dark ground."""
    rules = [
        f".series-{n} {{ fill: {colour}; stroke: {colour}; }}"
        for n, colour in enumerate(DARK_COLOURS)
    ]
    return " ".join([f".series-none {{ fill: {DARK_GREY}; stroke: {DARK_GREY}; }}", *rules])


def line_chart(lines: Sequence[Line], x_title: str, title: str, *, log: bool = True) -> str:
    """Draw accuracy over a cost, with a label at each line's end.

    The first `BANDS` lines have their 95 % bands; more of them would hide each other.

    Args:
        lines: What is drawn; lines without points are left out.
        x_title: Under the axis.
        title: For those who cannot see it.
        log: Whether the axis is logarithmic.
    """
    drawn = [line for line in lines if line.x]
    if not drawn:
        return ""
    frame = _Frame(drawn, log=log)
    parts = [
        f'<svg viewBox="0 0 {frame.width} {frame.height}" role="img" aria-label="{escape(title)}" '
        'xmlns="http://www.w3.org/2000/svg" font-family="system-ui, sans-serif" '
        'font-size="12">',
        *frame.grid(x_title),
    ]
    parts += [frame.band(line) for line in drawn[:BANDS]]
    for line in drawn:
        parts += frame.line(line)
    parts += frame.labels(drawn)
    return "\n".join([*parts, "</svg>"])


class _Frame:
    """The axes of one chart."""

    def __init__(self, lines: Sequence[Line], *, log: bool) -> None:
        self._log = log
        longest = max(len(line.label) for line in lines)
        needed = math.ceil(longest * _LETTER) + _LEADER + _SWATCH + 20
        self.width = WIDTH + max(0, needed - _RIGHT)
        """Wider where a label is long, so that it is not cut."""
        self.height = max(HEIGHT, _LABEL_HEIGHT * len(lines) + _TOP + _BOTTOM)
        self._first = self._scaled(min(min(line.x) for line in lines)) if log else 0.0
        self._last = self._scaled(max(max(line.x) for line in lines))
        if self._last - self._first < 1e-9:
            self._first, self._last = self._first - 0.5, self._last + 0.5
        lowest = min(min(line.low) for line in lines)
        highest = max(max(line.high) for line in lines)
        self._bottom = max(0.0, math.floor(lowest * 10) / 10)
        self._top = max(self._bottom + 0.1, min(1.0, math.ceil(highest * 10) / 10))

    def _scaled(self, value: float) -> float:
        return math.log2(value) if self._log else value

    def x(self, value: float) -> float:
        """Place of a value on the axis."""
        share = (self._scaled(value) - self._first) / (self._last - self._first)
        return _LEFT + share * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        """Height of a share."""
        share = (value - self._bottom) / (self._top - self._bottom)
        return self.height - _BOTTOM - share * (self.height - _TOP - _BOTTOM)

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
        parts += [
            f'<text x="{self.x(value):.1f}" y="{self.height - _BOTTOM + 18}" text-anchor="middle" '
            f'fill="currentColor">{_number(value)}</text>'
            for value in self._ticks()
        ]
        middle = (_LEFT + WIDTH - _RIGHT) / 2
        parts.append(
            f'<text x="{middle}" y="{self.height - 8}" text-anchor="middle" fill="currentColor">'
            f"{escape(x_title)}</text>"
        )
        return parts

    def _ticks(self) -> list[float]:
        """Values that the axis names: powers of two, or multiples of a round step from 0."""
        if self._log:
            powers = range(math.ceil(self._first - 1e-9), math.floor(self._last + 1e-9) + 1)
            return [2.0**power for power in powers]
        rough = self._last / _FEWEST_STEPS
        scale = 10.0 ** math.floor(math.log10(rough))
        step = scale * max(part for part in (1, 2, 5) if part * scale <= rough * (1 + 1e-9))
        return [number * step for number in range(math.floor(self._last / step + 1e-9) + 1)]

    def band(self, line: Line) -> str:
        """The 95 % of one curve."""
        ends = [
            *zip(line.x, line.high, strict=True),
            *reversed([*zip(line.x, line.low, strict=True)]),
        ]
        return (
            f"<g {_coloured(line.series)}>"
            f'<polygon points="{" ".join(self._point(*end) for end in ends)}" '
            'fill-opacity="0.13" stroke="none"/></g>'
        )

    def line(self, line: Line) -> list[str]:
        """One curve."""
        values = list(zip(line.x, line.y, strict=True))
        dots = [
            f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="3.5" stroke="none">'
            f"<title>{escape(line.label)}, {_number(x)}: {100 * y:.1f} %</title></circle>"
            for x, y in values
        ]
        return [
            f"<g {_coloured(line.series)}>",
            f'<polyline points="{" ".join(self._point(*value) for value in values)}" fill="none" '
            f"{_stroke(line.series)}/>",
            *dots,
            "</g>",
        ]

    def labels(self, lines: Sequence[Line]) -> list[str]:
        """Each line's name to the right of its end, moved apart where ends are close."""
        ends = [self.y(line.y[-1]) for line in lines]
        edge, parts = WIDTH - _RIGHT, []
        places = spread_apart(ends, _LABEL_HEIGHT, _TOP, self.height - _BOTTOM)
        for line, end, place in zip(lines, ends, places, strict=True):
            swatch = edge + _LEADER
            parts.append(
                f'<path d="M {self.x(line.x[-1]) + 6:.1f} {end:.1f} H {edge + 2} '
                f'L {swatch - 4} {place:.1f}" fill="none" stroke="currentColor" '
                'stroke-opacity="0.2"/>'
                f'<g {_coloured(line.series)}><line x1="{swatch}" x2="{swatch + _SWATCH}" '
                f'y1="{place:.1f}" y2="{place:.1f}" {_stroke(line.series)}/></g>'
                f'<text x="{swatch + _SWATCH + 6}" y="{place + 4:.1f}" fill="currentColor">'
                f"{escape(line.label)}</text>"
            )
        return parts

    def _point(self, x: float, y: float) -> str:
        return f"{self.x(x):.1f},{self.y(y):.1f}"


def _coloured(series: Series) -> str:
    """The attributes of what is drawn in a series' colour; a page may have its own for a class."""
    name, colour = "none", LIGHT_GREY
    if series.colour is not None:
        name, colour = str(series.colour), LIGHT_COLOURS[series.colour]
    return f'class="series-{name}" fill="{colour}" stroke="{colour}"'


def _stroke(series: Series) -> str:
    dash = _DASHES[series.stroke]
    return 'stroke-width="2"' + (f' stroke-dasharray="{dash}"' if dash else "")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
