"""What a right answer costs: every budget as a point, what is worth its price joined by a line."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pyqtgraph  # type: ignore[import-untyped]
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.lab.themed_plot import plot_font, restyle, series_colour, themed_plot
from desktop_app.look.theme import current_theme, pixels, theme_changes
from desktop_app.words.quantities import format_number
from desktop_app.words.strategy_text import unit_text
from engine.lab.curve import Curve, Point
from engine.lab.results import Results
from engine.lab.rule import Rule
from engine.lab.statistics import knee, pareto_front

_HEIGHT: Final = 220
_KNEE: Final = 13
"""Across its mark."""
_CLEAR: Final = 10
"""Between the knee's words and what they must not touch."""
_INSET: Final = 4
"""Between them and the plot's sides."""
_STEPS: Final = (1, 2, 5, 10, 20, 25)
"""Between two heights that are written, in points."""
_MOST_HEIGHTS: Final = 6
_FEWEST_TICKS: Final = 3


class CostView(QWidget):
    """Accuracy over energy, or over time where no energy was measured."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: tuple[Curve, ...] = ()
        self._elsewhere = False
        self.words = ""
        self._label = pyqtgraph.TextItem(anchor=(0, 0))
        self._front: tuple[list[float], list[float]] = ([], [])
        """Where the front's points are in the plot."""
        self._bend: int | None = None
        """Which of them the words are about."""
        self._plot = themed_plot(self.tr("What a right answer costs"))
        self._plot.setLogMode(x=True, y=False)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.getPlotItem().vb.sigResized.connect(lambda *_box: self._fit())
        self._plot.getPlotItem().vb.sigRangeChanged.connect(lambda *_ranges: self._place_words())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        theme_changes().changed.connect(self._draw)
        self._draw()

    def show_results(self, results: Results, *, elsewhere: bool = False) -> None:
        """Show another sweep; `elsewhere` says whether other machines worked too."""
        self._elsewhere = elsewhere
        self._curves = tuple(c for c in results.curves if c.rule != Rule.COVERAGE.value)
        self._draw()

    def _draw(self) -> None:
        cost, title = self._cost()
        restyle(self._plot, title, self.tr("right, %"), current_theme().panel)
        self._plot.setFixedHeight(pixels(_HEIGHT))
        self._plot.clear()
        self.words, self._bend = "", None
        known = [(curve, point, cost(point)) for curve in self._curves for point in curve.points]
        shown = [(curve, point, value) for curve, point, value in known if value]
        self.setVisible(bool(shown))
        if not shown:
            return
        costs = [value for _, _, value in shown]
        rights = [100 * point.accuracy.value for _, point, _ in shown]
        front = pareto_front(costs, rights)
        muted = current_theme().muted
        self._plot.plot(costs, rights, pen=None, symbol="o", symbolSize=6, symbolBrush=muted,
                        symbolPen=None)  # fmt: skip
        colour = series_colour(1)
        line = pyqtgraph.mkPen(colour, width=2)
        best_costs, best_rights = [costs[n] for n in front], [rights[n] for n in front]
        self._plot.plot(best_costs, best_rights, pen=line, antialias=True, symbol="o", symbolSize=7,
                        symbolBrush=colour, symbolPen=None)  # fmt: skip
        self._front = [float(np.log10(value)) for value in best_costs], best_rights
        self._bend = knee(best_costs, best_rights)
        if self._bend is not None:
            self._mark(*shown[front[self._bend]])
        self._show_ticks(costs)
        self._fit()

    def _mark(self, curve: Curve, point: Point, cost: float) -> None:
        """Mark the knee and say what it is."""
        self.words = self.tr("knee: {rule}, {samples}").format(
            rule=curve.label, samples=unit_text("samples", point.budget)
        )
        self._plot.plot([cost], [100 * point.accuracy.value], pen=None, symbol="o",
                        symbolSize=_KNEE, symbolBrush=series_colour(1), symbolPen=None)  # fmt: skip
        self._label.setFont(plot_font())
        self._label.setText(self.words, color=current_theme().text)
        self._plot.addItem(self._label, ignoreBounds=True)

    def _fit(self) -> None:
        """Show all heights, with room above them for the knee's words."""
        rights = [100 * p.accuracy.value for c in self._curves for p in c.points]
        if not rights:
            return
        box = self._plot.getPlotItem().vb
        area = box.height()
        self._label.setTextWidth(-1)
        if self._label.boundingRect().width() > box.width() - 2 * _INSET:
            self._label.setTextWidth(max(1.0, box.width() - 2 * _INSET))
        words = self._label.boundingRect().height() + 2 * _CLEAR if self.words else _CLEAR
        low = max(0.0, min(rights) - 4)
        needed = (max(rights) - low) / max(0.3, 1 - words / max(1.0, area))
        high = low + max(needed, 1.0)
        step = next((s for s in _STEPS if (high - low) / s <= _MOST_HEIGHTS), _STEPS[-1])
        written = range(int(-(-low // step)) * step, min(100, int(high)) + 1, step)
        self._plot.getAxis("left").setTicks([[(n, str(n)) for n in written], []])
        self._plot.setYRange(low, high, padding=0)
        self._place_words()

    def _place_words(self) -> None:
        """Put the knee's words above the front, to the left of the knee as far as there is room.

        Nothing is better and cheaper than the front, so that the place is free of points.
        """
        if self._bend is None:
            return
        box = self._plot.getPlotItem().vb
        xs, ys = self._front
        at = box.mapViewToScene(QPointF(xs[self._bend], ys[self._bend]))
        area = box.mapRectToScene(box.boundingRect())
        size = self._label.boundingRect()
        if not area.width():
            return
        left = min(at.x() - size.width() - _KNEE / 2, area.right() - size.width() - _INSET)
        left = max(left, area.left() + _INSET)
        end = float(box.mapSceneToView(QPointF(left + size.width() + _CLEAR, 0)).x())
        above = max(float(np.interp(end, xs, ys)), ys[self._bend])
        bottom = box.mapViewToScene(QPointF(xs[0], above)).y() - _CLEAR
        place = box.mapSceneToView(QPointF(left, bottom - size.height()))
        self._label.setPos(place)

    @property
    def words_box(self) -> QRectF:
        """Where the knee's words are, in the plot's pixels."""
        return QRectF(self._label.mapRectToScene(self._label.boundingRect()))

    def _cost(self) -> tuple[Callable[[Point], float | None], str]:
        if any(point.joules for curve in self._curves for point in curve.points):
            title = self.tr("energy a question, J")
            if self._elsewhere:
                title = self.tr("energy a question, J, this computer only")
            return (lambda point: point.joules), title
        return (lambda point: point.seconds), self.tr("seconds a question")

    def _show_ticks(self, costs: Sequence[float]) -> None:
        ticks = [(float(np.log10(value)), _short(value)) for value in round_values(costs)]
        self._plot.getAxis("bottom").setTicks([ticks, []])


def round_values(costs: Sequence[float]) -> list[float]:
    """Return 1, 2 or 5 times powers of ten between costs; the ends where hardly one lies there."""
    low, high = min(costs), max(costs)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for parts in ((1,), (1, 3), (1, 2, 5)):
        found = [part * 10.0**power for power in powers for part in parts]
        between = [value for value in found if low * 0.999 <= value <= high * 1.001]
        if len(between) >= _FEWEST_TICKS:
            return between
    return sorted({low, high})


def _short(value: float) -> str:
    """Two significant digits."""
    digits = max(0, 1 - int(np.floor(np.log10(value))))
    return format_number(float(f"{value:.2g}"), min(digits, 4))
