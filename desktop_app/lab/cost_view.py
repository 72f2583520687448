"""What a right answer costs: every budget as a point, what is worth its price joined by a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph  # type: ignore[import-untyped]
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.lab.themed_plot import restyle, series_colour, themed_plot
from desktop_app.quantities import format_number
from desktop_app.theme import current_theme, theme_changes
from engine.lab.curve import Curve, Point
from engine.lab.results import Results
from engine.lab.rule import Rule
from engine.lab.statistics import knee, pareto_front

_HEIGHT = 220


class CostView(QWidget):
    """Accuracy over energy, or over time where no energy was measured."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: tuple[Curve, ...] = ()
        self._elsewhere = False
        self.words = ""
        self._plot = themed_plot(self.tr("What a right answer costs"))
        self._plot.setLogMode(x=True, y=False)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setFixedHeight(_HEIGHT)
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
        self._plot.clear()
        self.words = ""
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
        self._plot.plot(best_costs, best_rights, pen=line, symbol="o", symbolSize=7,
                        symbolBrush=colour, symbolPen=None)  # fmt: skip
        bend = knee(best_costs, best_rights)
        if bend is not None:
            first, last, here = np.log10([min(costs), max(costs), best_costs[bend]])
            share = float((here - first) / max(last - first, 1e-9))
            self._mark(shown[front[bend]], best_costs[bend], best_rights[bend], share)
        self._show_ticks(costs)
        self._plot.setYRange(max(0.0, min(rights) - 4), min(102.0, max(rights) + 8), padding=0)

    def _mark(
        self, found: tuple[Curve, Point, float], cost: float, right: float, share: float
    ) -> None:
        """Mark the knee; `share` is how far along the axis it is, and its words before it."""
        curve, point, _ = found
        self.words = self.tr("knee: {rule}, {budget} samples").format(
            rule=curve.rule, budget=point.budget
        )
        colour = series_colour(1)
        self._plot.plot([cost], [right], pen=None, symbol="o", symbolSize=13, symbolBrush=colour,
                        symbolPen=None)  # fmt: skip
        ground = pyqtgraph.mkBrush(current_theme().panel)
        anchor = (share, -0.3)  # so they stay inside, wherever the knee is
        label = pyqtgraph.TextItem(
            self.words, color=current_theme().text, anchor=anchor, fill=ground
        )
        label.setPos(float(np.log10(cost)), right)
        self._plot.addItem(label, ignoreBounds=True)

    def _cost(self) -> tuple[Callable[[Point], float | None], str]:
        if any(point.joules for curve in self._curves for point in curve.points):
            title = self.tr("energy of a question, J")
            if self._elsewhere:
                title = self.tr("energy of a question, J, this computer only")
            return (lambda point: point.joules), title
        return (lambda point: point.seconds), self.tr("seconds of a question")

    def _show_ticks(self, costs: Sequence[float]) -> None:
        low, high = np.log10(min(costs)), np.log10(max(costs))
        places = np.linspace(low, high, 4) if high > low else [low]
        ticks = [(float(place), _short(10.0**place)) for place in places]
        self._plot.getAxis("bottom").setTicks([ticks, []])


def _short(value: float) -> str:
    """Two significant digits."""
    digits = max(0, 1 - int(np.floor(np.log10(value))))
    return format_number(float(f"{value:.2g}"), min(digits, 4))
