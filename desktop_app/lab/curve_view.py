"""The curves: accuracy against what thinking costs, with bands, a legend to click and a readout.

Drawn by pyqtgraph, which stays smooth with many points. It must not know how results are made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyqtgraph  # type: ignore[import-untyped]
from PySide6.QtCore import QPointF, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.lab.themed_plot import restyle, series_colour, series_pen, themed_plot
from desktop_app.quantities import format_energy, format_number, format_seconds
from desktop_app.theme import current_theme, theme_changes
from engine.lab.chart import chart_line, line_chart
from engine.lab.curve import Curve, Point
from engine.lab.rule import Rule

LESS_ASKED: Final = frozenset({Rule.WEIGHTED.value, Rule.SETTLED.value, Rule.COVERAGE.value})
"""Rules beside the plain vote; with two votes or more they begin hidden."""
_NEAR_PIXELS: Final = 24.0
_BAND_OPACITY: Final = 26
_LEGEND_OPACITY: Final = 210


@dataclass(frozen=True, slots=True)
class Axis:
    """What the curves are drawn against.

    Attributes:
        key: A name for it.
        title: Under the axis.
        value: Its value at a point, or None.
        text: A value in words.
    """

    key: str
    title: str
    value: Callable[[Point], float | None]
    text: Callable[[float], str]


AXES: Final = (
    Axis("samples", "samples a question", lambda p: p.samples, lambda v: format_number(v, 1)),
    Axis("tokens", "tokens a question", lambda p: p.tokens, format_number),
    Axis("seconds", "seconds a question", lambda p: p.seconds, format_seconds),
    Axis("joules", "energy a question, J", lambda p: p.joules, format_energy),
)


class CurveView(QWidget):
    """Draws curves; every line has its own colour and its own dashes."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: tuple[Curve, ...] = ()
        self._axis = AXES[0]
        self._hidden: set[str] = set()
        self._places: list[tuple[float, float, str]] = []
        self._log = True
        self._zoomed = False
        """Whether a person chose what is in sight; then new points do not change it."""
        self._plot = themed_plot(self.tr("Accuracy against thinking"))
        self._readout = pyqtgraph.TextItem(anchor=(0, 1))
        self._readout.setZValue(10)
        self._legend = self._plot.addLegend(offset=(-12, -8), labelTextSize="12px")
        self._legend.sigSampleClicked.connect(self._on_legend)
        self._plot.scene().sigMouseMoved.connect(self.point_at)
        self._plot.scene().sigMouseClicked.connect(self._on_clicked)
        self._plot.getPlotItem().vb.sigRangeChangedManually.connect(self._on_zoomed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        theme_changes().changed.connect(self._draw)
        self._draw()

    @property
    def drawn(self) -> tuple[str, ...]:
        """Labels of the curves that are drawn."""
        shown = (c.label for c in self._curves if c.label not in self._hidden)
        return tuple(label for label in shown if label in {place[2] for place in self._labels()})

    def show_curves(self, curves: Sequence[Curve], hidden: Collection[str] = ()) -> None:
        """Draw other curves; curves that were not there before may begin hidden."""
        known = {curve.label for curve in self._curves}
        self._zoomed = self._zoomed and known == {curve.label for curve in curves}
        self._curves = tuple(curves)
        self._hidden.update(c.label for c in curves if c.label not in known and c.label in hidden)
        self._draw()

    def show_axis(self, axis: Axis) -> None:
        """Draw against something else, all of it."""
        self._axis, self._zoomed = axis, False
        self._draw()

    def set_log(self, *, log: bool) -> None:
        """Draw over the logarithm of the cost, or over the cost."""
        self._log, self._zoomed = log, False
        self._draw()

    def set_hidden(self, label: str, *, hidden: bool) -> None:
        """Leave a curve out, or draw it again."""
        (self._hidden.add if hidden else self._hidden.discard)(label)
        self._draw()

    def show_all(self) -> None:
        """Undo every zoom."""
        self._zoomed = False
        self._plot.enableAutoRange(x=True)
        self._show_heights()

    def _on_zoomed(self, _mouse: object) -> None:
        self._zoomed = True

    def _on_clicked(self, event: pyqtgraph.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        if event.double():
            self.show_all()

    def _on_legend(self, item: pyqtgraph.PlotDataItem) -> None:
        """The legend has shown or hidden a line; its band goes with it."""
        label, hidden = item.name(), not item.isVisible()
        # later: to draw anew takes the clicked legend away
        QTimer.singleShot(0, self, lambda: self.set_hidden(label, hidden=hidden))

    def picture(self) -> str:
        """The curves that are shown, as SVG."""
        lines = [
            line
            for curve in self._ordered()
            if curve.label not in self._hidden
            and (line := chart_line(curve, [self._axis.value(p) for p in curve.points])) is not None
        ]
        return line_chart(lines, f"{self._axis.title}, log scale", self.tr("Accuracy"))

    def _labels(self) -> list[tuple[float, float, str]]:
        return [(x, y, label.split("\n")[0]) for x, y, label in self._places]

    def _ordered(self) -> list[Curve]:
        """What is asked for most comes first: the first seven have colours of their own."""
        return sorted(self._curves, key=lambda curve: curve.rule in LESS_ASKED)

    # --- drawing --------------------------------------------------------------------------------

    def _draw(self) -> None:
        restyle(self._plot, self._axis.title, self.tr("right, %"))
        self._plot.setLogMode(x=self._log, y=False)
        ground = QColor(current_theme().window)
        ground.setAlpha(_LEGEND_OPACITY)
        self._legend.setBrush(ground)
        self._legend.setLabelTextColor(current_theme().text)
        self._plot.clear()
        self._legend.clear()
        self._places = []
        for number, curve in enumerate(self._ordered()):
            if curve.label in self._hidden:
                self._draw_absent(curve, number)
            else:
                self._draw_curve(curve, number)
        self._show_ticks()
        if not self._zoomed:
            self.show_all()
        self._readout.setText("")
        self._plot.addItem(self._readout, ignoreBounds=True)

    def _draw_absent(self, curve: Curve, number: int) -> None:
        """Only a place in the legend, so that it can be clicked again."""
        item = pyqtgraph.PlotDataItem(pen=series_pen(number), name=curve.label)
        self._plot.addItem(item)
        item.setVisible(False)

    def _draw_curve(self, curve: Curve, number: int) -> None:
        known = [(self._axis.value(point), point) for point in curve.points]
        drawn = [(x, point) for x, point in known if x is not None and x > 0]
        if not drawn:
            return
        x = np.array([place for place, _ in drawn])
        y = np.array([100 * point.accuracy.value for _, point in drawn])
        colour = series_colour(number)
        pen = series_pen(number, dashed=curve.rule == Rule.COVERAGE.value)
        lows = np.array([100 * point.accuracy.low for _, point in drawn])
        highs = np.array([100 * point.accuracy.high for _, point in drawn])
        unseen = pyqtgraph.mkPen(0, 0, 0, 0)  # an item without a pen has no outline to fill
        edges = [pyqtgraph.PlotDataItem(x, ends, pen=unseen) for ends in (lows, highs)]
        wash = QColor(colour)
        wash.setAlpha(_BAND_OPACITY)
        for edge in edges:
            edge.setLogMode(self._log, False)
            self._plot.addItem(edge)
        self._plot.addItem(pyqtgraph.FillBetweenItem(*edges, brush=wash))
        self._plot.plot(
            x, y, pen=pen, symbol="o", symbolSize=7, symbolBrush=colour, symbolPen=None,
            name=curve.label,
        )  # fmt: skip
        for place, height, (_, point) in zip(x, y, drawn, strict=True):
            self._places.append((self._place(place), float(height), self._words(curve, point)))

    def _words(self, curve: Curve, point: Point) -> str:
        right = point.accuracy
        cost = self._axis.value(point)
        said = self._axis.text(cost) if cost is not None else ""
        return (
            f"{curve.label}\n{100 * right.value:.1f} %  "
            f"({100 * right.low:.1f} to {100 * right.high:.1f})\n{said} {self._axis.key}"
        )

    def _place(self, value: float) -> float:
        """Where a value lies on the axis."""
        return float(np.log10(value)) if self._log else float(value)

    def _show_ticks(self) -> None:
        """Powers of two, as budgets go."""
        if not self._places or not self._log:
            self._plot.getAxis("bottom").setTicks(None)
            return
        low = min(x for x, _, _ in self._places)
        high = max(x for x, _, _ in self._places)
        step = float(np.log10(2))
        first, last = int(np.floor(low / step)), int(np.ceil(high / step))
        every = max(1, (last - first) // 9 + 1)
        ticks = [(power * step, _tick(2.0**power)) for power in range(first, last + 1, every)]
        self._plot.getAxis("bottom").setTicks([ticks, []])

    def _show_heights(self) -> None:
        """From just below the lowest band to just above the highest."""
        shown = [c for c in self._curves if c.label not in self._hidden]
        ends = [p.accuracy for curve in shown for p in curve.points]
        low = min((100 * end.low for end in ends), default=0.0)
        high = max((100 * end.high for end in ends), default=100.0)
        self._plot.setYRange(max(0.0, low - 2), min(101.0, high + 2), padding=0)

    # --- the readout ----------------------------------------------------------------------------

    @property
    def readout(self) -> str:
        """What is said of the point under the pointer, or ""."""
        return str(self._readout.toPlainText())

    def place_of(self, label: str) -> QPointF:
        """Where the first point of a curve is, in the scene."""
        x, y, _ = next(place for place in self._places if place[2].startswith(label))
        place: QPointF = self._plot.getPlotItem().vb.mapViewToScene(QPointF(x, y))
        return place

    def point_at(self, position: QPointF) -> None:
        """Say what the nearest point is, where a place of the scene is near one."""
        box = self._plot.getPlotItem().vb
        best: tuple[float, tuple[float, float, str]] | None = None
        for place in self._places:
            shown = box.mapViewToScene(QPointF(place[0], place[1]))
            away = float(np.hypot(shown.x() - position.x(), shown.y() - position.y()))
            if away <= _NEAR_PIXELS and (best is None or away < best[0]):
                best = (away, place)
        if best is None:
            self._readout.setText("")
            return
        theme = current_theme()
        x, y, words = best[1]
        left, right = box.viewRange()[0]
        low, high = box.viewRange()[1]
        # the words go to where there is room for them
        self._readout.setAnchor((float(x > (left + right) / 2), float(y < low + (high - low) / 3)))
        self._readout.setText(words, color=theme.text)
        self._readout.fill = pyqtgraph.mkBrush(theme.panel)
        self._readout.setPos(x, y)


def _tick(value: float) -> str:
    return format_number(value) if value >= 1 else f"{value:.2g}"
