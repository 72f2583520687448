"""A plot whose curves are named at their right ends, moved apart where ends are close.

Where there is no room for that, the names stand in a legend below the plot; none ever lies over a
curve. Curves that are not drawn wait in a menu. It must not know what the curves mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPointF, QRect, QSize, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGraphicsPathItem, QMenu, QToolButton, QWidget
from typing_extensions import override

from desktop_app.lab.curve_label import CurveLabel
from desktop_app.lab.themed_plot import plot_font, themed_plot
from desktop_app.look.theme import current_theme
from engine.lab.series import Series, spread_apart

LEAST_PLOT_HEIGHT: Final = 240
_WIDEST_SHARE: Final = 0.36
"""Names that need more of the width go to the legend."""
_MOST_HEIGHT: Final = 320
"""Names that need more of the height go to the legend, however high the plot is: the height that is
needed would else depend on the height that is there."""
_PLOT_SHARE: Final = 0.8
"""About so much of a plot's height is between its axes."""
_LEADER: Final = 14
_GAP: Final = 4


@dataclass(frozen=True, slots=True)
class Named:
    """A curve that is drawn, in the plot's coordinates.

    Attributes:
        label: Its name.
        series: How it is drawn.
        x: Places, rising.
        y: Heights.
    """

    label: str
    series: Series
    x: tuple[float, ...]
    y: tuple[float, ...]


class LabelledPlot(QWidget):
    """Lays out a plot and the names of its curves.

    Args:
        name: What a screen reader says of the plot.

    Attributes:
        plot: The plot; who draws in it clears it before other curves are named.
        hide_requested: (label) A curve shall not be drawn.
        show_requested: (label) A curve shall be drawn again.
        pointed: (label) A name is pointed at, or "" none.
    """

    hide_requested = Signal(str)
    show_requested = Signal(str)
    pointed = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.plot: Any = themed_plot(name)
        self.plot.setParent(self)
        self._curves: tuple[Named, ...] = ()
        self._labels: dict[str, CurveLabel] = {}
        self._least_height = LEAST_PLOT_HEIGHT
        self._beside = False
        """Whether names stand at the ends of their curves."""
        self._ends: list[tuple[float, float]] = []
        """Where each curve leaves the plot and where its name stands, in pixels from the top."""
        self._leaders = QGraphicsPathItem()
        self._hidden = QToolButton(self)
        self._hidden.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self._hidden)
        self._menu.triggered.connect(lambda action: self.show_requested.emit(str(action.data())))
        self._hidden.setMenu(self._menu)
        self._hidden.hide()
        self.plot.getPlotItem().vb.sigRangeChanged.connect(lambda *_ranges: self._place_beside())
        self.plot.getPlotItem().vb.sigResized.connect(lambda *_box: self._place_beside())

    @property
    def names_beside(self) -> bool:
        """Whether the names stand at the ends of their curves; otherwise in the legend."""
        return self._beside

    def label_of(self, label: str) -> CurveLabel:
        """The name of a curve that is drawn."""
        return self._labels[label]

    def set_curves(self, curves: Sequence[Named], hidden: Sequence[str]) -> None:
        """Name other curves.

        Args:
            curves: Those that are drawn.
            hidden: Those that could be.
        """
        self._curves = tuple(curves)
        wanted = {curve.label for curve in curves}
        for label in [label for label in self._labels if label not in wanted]:
            gone = self._labels.pop(label)
            gone.hide()
            gone.deleteLater()
        for curve in curves:
            if curve.label not in self._labels:
                self._labels[curve.label] = self._new_label(curve.label)
            self._labels[curve.label].set_series(curve.series)
        self._leaders = QGraphicsPathItem()
        pen = QPen(QColor(current_theme().hairline), 1)
        pen.setCosmetic(True)
        self._leaders.setPen(pen)
        self._leaders.setZValue(-1)
        self.plot.addItem(self._leaders, ignoreBounds=True)
        self._offer(hidden)
        self._lay_out()
        for name in self._labels.values():
            name.show()  # only now that it has its place: it must not pass under the pointer

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(200, LEAST_PLOT_HEIGHT)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Thin lines from the ends to their names."""
        if not self._beside:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(current_theme().hairline))
        left = self.plot.geometry().right() + 1
        for end, place in self._ends:
            painter.drawLine(QPointF(left, end), QPointF(left + _LEADER, place))
        painter.end()

    def _new_label(self, label: str) -> CurveLabel:
        made = CurveLabel(label, self)
        made.clicked.connect(lambda _checked=False: self.hide_requested.emit(label))
        made.pointed.connect(lambda here: self.pointed.emit(label if here else ""))
        return made

    def _offer(self, hidden: Sequence[str]) -> None:
        """List the curves that are not drawn."""
        self._menu.clear()
        for label in hidden:
            self._menu.addAction(label.replace("&", "&&")).setData(label)
        count = len(hidden)
        self._hidden.setText(
            self.tr("1 curve is not drawn…")
            if count == 1
            else self.tr("{count} curves are not drawn…").format(count=count)
        )
        self._hidden.setFont(plot_font())
        self._hidden.setVisible(count > 0)

    def _lay_out(self) -> None:
        """Give plot, names and menu their places."""
        labels = list(self._labels.values())
        widest = max((label.sizeHint().width() for label in labels), default=0)
        line = max((label.sizeHint().height() for label in labels), default=0)
        needed = line * len(labels)
        self._beside = 0 < widest <= _WIDEST_SHARE * self.width() and needed <= _MOST_HEIGHT
        if self._beside:
            foot = self._hidden.sizeHint().height() if not self._hidden.isHidden() else 0
            room = self.height() - foot
            self._hidden.setGeometry(QRect(0, room, self._hidden.sizeHint().width(), foot))
            self.plot.setGeometry(0, 0, self.width() - widest - _LEADER, room)
        else:
            foot, needed = self._lay_out_legend(labels), 0
            self.plot.setGeometry(0, 0, self.width(), self.height() - foot)
        self._least_height = max(LEAST_PLOT_HEIGHT, round(needed / _PLOT_SHARE)) + foot
        # later: the layout that gives this its size does not look at a new least one meanwhile
        QTimer.singleShot(0, self, self._need_room)
        self._place_beside()
        self.update()

    def _need_room(self) -> None:
        """The plot keeps its height, whatever is below it."""
        self.setMinimumHeight(self._least_height)

    def _lay_out_legend(self, labels: Sequence[CurveLabel]) -> int:
        """Put the names below the plot, in rows; returns the height of all."""
        shown: list[QWidget] = [*labels, *([] if self._hidden.isHidden() else [self._hidden])]
        rows: list[list[QWidget]] = [[]]
        left = 0
        for widget in shown:
            width = widget.sizeHint().width()
            if left and left + width > self.width():
                rows.append([])
                left = 0
            rows[-1].append(widget)
            left += width + _GAP
        heights = [max((w.sizeHint().height() for w in row), default=0) for row in rows]
        top = self.height() - sum(heights)
        for row, height in zip(rows, heights, strict=True):
            left = 0
            for widget in row:
                size = widget.sizeHint()
                widget.setGeometry(left, top, min(size.width(), self.width()), height)
                left += size.width() + _GAP
            top += height
        return sum(heights)

    def _place_beside(self) -> None:
        """Put each name at the height of its curve's end."""
        path = QPainterPath()
        if not self._beside:
            self._leaders.setPath(path)
            return
        box = self.plot.getPlotItem().vb
        (left, right), (low, high) = box.viewRange()
        area = box.mapRectToScene(box.boundingRect())
        found = []
        for curve in self._curves:
            height = min(max(_height_at_end(curve, right), low), high)
            scene = box.mapViewToScene(QPointF(left, height))
            found.append(float(self.plot.mapFromScene(scene).y()))
            if curve.x[-1] < right:
                path.moveTo(curve.x[-1], height)
                path.lineTo(right, height)
        self._leaders.setPath(path)
        line = max(self._labels[curve.label].sizeHint().height() for curve in self._curves)
        half = line / 2
        places = spread_apart(found, line, area.top() + half, max(area.bottom(), half) - half)
        self._ends = list(zip(found, places, strict=True))
        start = self.plot.geometry().right() + 1 + _LEADER
        for curve, place in zip(self._curves, places, strict=True):
            label = self._labels[curve.label]
            label.setGeometry(start, round(place - half), self.width() - start, line)
        self.update()


def _height_at_end(curve: Named, right: float) -> float:
    """Where a curve ends, or where it leaves what is in sight."""
    if curve.x[-1] <= right:
        return curve.y[-1]
    return float(np.interp(right, curve.x, curve.y))
