"""The curves: accuracy against what thinking costs, with bands, names to press and a readout.

Drawn by pyqtgraph, which stays smooth with many points. It must not know how results are made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyqtgraph  # type: ignore[import-untyped]
from PySide6.QtCore import QEvent, QPointF, QTimer
from PySide6.QtGui import QColor, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QVBoxLayout, QWidget
from typing_extensions import override

from desktop_app.lab.labelled_plot import LabelledPlot, Named
from desktop_app.lab.themed_plot import restyle, series_colour, series_pen
from desktop_app.look.theme import current_theme, theme_changes
from desktop_app.words.quantities import format_energy, format_number, format_seconds
from engine.lab.chart import chart_line, line_chart
from engine.lab.curve import Curve, Point
from engine.lab.series import BANDS, Series, in_order, series_of
from engine.lab.statistics import Floats

_NEAR_PIXELS: Final = 24.0
_BAND_OPACITY: Final = 34
_FAINT: Final = 0.3
"""Opacity of the other curves while one is pointed at."""
_FINENESS: Final = 2.0
"""Pixels of a picture for each of the window, at least."""
_FAR_AWAY: Final = QPointF(-1e6, -1e6)


@dataclass(frozen=True, slots=True)
class Axis:
    """What the curves are drawn against.

    Attributes:
        key: A name for it.
        title: Under the axis.
        value: Its value at a point, or None.
        text: A value in words.
        shared: Whether questions that run side by side share it.
    """

    key: str
    title: str
    value: Callable[[Point], float | None]
    text: Callable[[float], str]
    shared: bool = False


AXES: Final = (
    Axis("samples", "samples a question", lambda p: p.samples, lambda v: format_number(v, 1)),
    Axis("tokens", "tokens a question", lambda p: p.tokens, format_number),
    Axis("seconds", "seconds a question", lambda p: p.seconds, format_seconds, shared=True),
    Axis("joules", "energy a question, J", lambda p: p.joules, format_energy, shared=True),
)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What stands in the plot of one curve."""

    line: pyqtgraph.PlotDataItem
    band: tuple[QGraphicsItem, ...]


class CurveView(QWidget):
    """Draws curves; each has a colour and a stroke that no other one has.

    The first `BANDS` curves have their bands; while one curve is pointed at, that one alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self._curves: tuple[Curve, ...] = ()
        self._axis = AXES[0]
        self._hidden: set[str] = set()
        self._places: list[tuple[float, float, str]] = []
        self._drawn: dict[str, _Drawn] = {}
        self._pointed = ""
        self._log = True
        self._zoomed = False
        """Whether a person chose what is in sight; then new points do not change it."""
        self._labelled = LabelledPlot(self.tr("Accuracy against thinking"))
        self._plot = self._labelled.plot
        self._readout = pyqtgraph.TextItem(anchor=(0, 1))
        self._readout.setZValue(10)
        # later: to draw anew may take the pressed name away
        self._labelled.hide_requested.connect(
            lambda label: QTimer.singleShot(0, self, lambda: self.set_hidden(label, hidden=True))
        )
        self._labelled.show_requested.connect(lambda label: self.set_hidden(label, hidden=False))
        self._labelled.pointed.connect(self._point_out)
        self._plot.scene().sigMouseMoved.connect(self.point_at)
        self._plot.scene().sigMouseClicked.connect(self._on_clicked)
        self._plot.getPlotItem().vb.sigRangeChangedManually.connect(self._on_zoomed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._labelled)
        theme_changes().changed.connect(self._draw)
        self._draw()

    @property
    def drawn(self) -> tuple[str, ...]:
        """Labels of the curves that are drawn."""
        return tuple(curve.label for curve in self._curves if curve.label in self._drawn)

    @property
    def bands(self) -> tuple[str, ...]:
        """Labels of the curves whose bands are seen."""
        shown = (label for label, drawn in self._drawn.items() if drawn.band[0].isVisible())
        return tuple(shown)

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

    def _point_out(self, label: str) -> None:
        """Bring one curve forward, with its band; "" treats all alike."""
        self._pointed = label if label in self._drawn else ""
        for number, (name, drawn) in enumerate(self._drawn.items()):
            seen = name == self._pointed if self._pointed else number < BANDS
            for part in drawn.band:
                part.setVisible(seen)
            drawn.line.setOpacity(1.0 if self._pointed in {"", name} else _FAINT)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is gone, and with it what was said of the point under it."""
        super().leaveEvent(event)
        self.point_at(_FAR_AWAY)

    def picture(self) -> str:
        """The curves that are shown, as SVG."""
        series = series_of(self._curves)
        lines = [
            chart_line(curve, [self._axis.value(p) for p in curve.points], series[curve.label])
            for curve in in_order(self._curves)
            if curve.label not in self._hidden
        ]
        known = [line for line in lines if line is not None]
        title = f"{self._axis.title}, log scale" if self._log else self._axis.title
        return line_chart(known, title, self.tr("Accuracy"), log=self._log)

    def snapshot(self) -> QPixmap:
        """The same in pixels, as large as it is now and fine enough for print."""
        ratio = max(_FINENESS, self.devicePixelRatioF())
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        self._thicken(ratio / self.devicePixelRatioF())
        self.render(pixmap)
        self._thicken(self.devicePixelRatioF() / ratio)
        return pixmap

    def _thicken(self, times: float) -> None:
        """Draw thicker lines: they are as many pixels wide, however fine the pixels are."""
        for drawn in self._drawn.values():
            pen = QPen(drawn.line.opts["pen"])
            pen.setWidthF(pen.widthF() * times)
            drawn.line.setPen(pen)

    # --- drawing --------------------------------------------------------------------------------

    def _draw(self) -> None:
        restyle(self._plot, self._axis.title, self.tr("right, %"))
        self._plot.setLogMode(x=self._log, y=False)
        self._plot.clear()
        self._places = []
        self._drawn = {}
        series = series_of(self._curves)
        ordered = in_order(self._curves)
        found = (
            self._draw_curve(curve, series[curve.label])
            for curve in ordered
            if curve.label not in self._hidden
        )
        named = [one for one in found if one is not None]
        if self._curves and not self._known:
            unknown = self.tr("{quantity}: not measured").format(quantity=self._axis.title)
            restyle(self._plot, unknown, self.tr("right, %"))
        self._point_out(self._pointed)
        self._show_ticks()
        if not self._zoomed:
            self.show_all()
        hidden = [curve.label for curve in ordered if curve.label in self._hidden]
        self._labelled.set_curves(named, hidden)
        self._readout.hide()
        self._plot.addItem(self._readout, ignoreBounds=True)

    def _draw_curve(self, curve: Curve, series: Series) -> Named | None:
        """Draw one curve; None where what it costs is not known."""
        known = [(self._axis.value(point), point) for point in curve.points]
        drawn = [(x, point) for x, point in known if x is not None and x > 0]
        if not drawn:
            return None
        x = np.array([place for place, _ in drawn])
        y = np.array([100 * point.accuracy.value for _, point in drawn])
        colour = series_colour(series.colour)
        band = self._draw_band(x, [point for _, point in drawn], colour)
        line = self._plot.plot(
            x, y, pen=series_pen(series), symbol="o", symbolSize=7, symbolBrush=colour,
            symbolPen=None, name=curve.label, antialias=True,
        )  # fmt: skip
        self._drawn[curve.label] = _Drawn(line, band)
        places = [self._place(value) for value in x]
        for place, height, (_, point) in zip(places, y, drawn, strict=True):
            self._places.append((place, float(height), self._words(curve, point)))
        return Named(curve.label, series, tuple(places), tuple(map(float, y)))

    def _draw_band(
        self, x: Floats, points: Sequence[Point], colour: QColor
    ) -> tuple[QGraphicsItem, ...]:
        """The 95 % of one curve."""
        unseen = pyqtgraph.mkPen(0, 0, 0, 0)  # an item without a pen has no outline to fill
        edges = [
            pyqtgraph.PlotDataItem(x, np.array(ends), pen=unseen)
            for ends in (
                [100 * point.accuracy.low for point in points],
                [100 * point.accuracy.high for point in points],
            )
        ]
        wash = QColor(colour)
        wash.setAlpha(_BAND_OPACITY)
        for edge in edges:
            edge.setLogMode(self._log, False)
            self._plot.addItem(edge)
        area = pyqtgraph.FillBetweenItem(*edges, brush=wash)
        self._plot.addItem(area)
        return (area, *edges)

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

    @property
    def _known(self) -> bool:
        """Whether what the axis tells is known of any curve."""
        return any(self._axis.value(p) is not None for curve in self._curves for p in curve.points)

    def _show_ticks(self) -> None:
        """Powers of two, as budgets go."""
        if not self._known:
            self._plot.getAxis("bottom").setTicks([[]])
            return
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
        return str(self._readout.toPlainText()) if self._readout.isVisible() else ""

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
            if self._readout.isVisible():
                self._readout.hide()
                self._point_out("")
            return
        theme = current_theme()
        x, y, words = best[1]
        self._point_out(words.split("\n")[0])
        left, right = box.viewRange()[0]
        low, high = box.viewRange()[1]
        # the words go to where there is room for them
        self._readout.setAnchor((float(x > (left + right) / 2), float(y < low + (high - low) / 3)))
        self._readout.setText(words, color=theme.text)
        self._readout.fill = pyqtgraph.mkBrush(theme.panel)
        self._readout.setPos(x, y)
        self._readout.show()


def _tick(value: float) -> str:
    return format_number(value) if value >= 1 else f"{value:.2g}"
