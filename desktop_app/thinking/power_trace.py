"""The power trace: watts over the deliberation, the idle baseline and the peak.

Labels never lie on the line: the peak's has a strip of its own above, the idle one stands where the
line leaves room.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from desktop_app.look.theme import current_theme, numeric_font, pixels, theme_changes
from desktop_app.words.quantities import format_power

_HEIGHT = 92
_MOST_POINTS = 600
_TRIED_PLACES = 24


class PowerTrace(QWidget):
    """Draws power over time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: list[tuple[float, float]] = []
        self._idle: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Power over time"))
        theme_changes().changed.connect(self.updateGeometry)
        theme_changes().changed.connect(self.update)

    def show_trace(self, trace: Sequence[tuple[float, float]], idle_watts: float | None) -> None:
        """Draw a trace.

        Args:
            trace: (seconds, watts) in order of time.
            idle_watts: The idle baseline, or None.
        """
        points = thinned(trace, _MOST_POINTS)
        if (points, idle_watts) == (self._points, self._idle):
            return
        self._points, self._idle = points, idle_watts
        said = []
        if points:
            peak = format_power(max(watts for _, watts in points))
            said.append(self.tr("peak {0}").format(peak))
        if idle_watts is not None:
            said.append(self.tr("idle {0}").format(format_power(idle_watts)))
        self.setAccessibleDescription(", ".join(said))
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, pixels(_HEIGHT))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(120, pixels(_HEIGHT))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if len(self._points) < 2:
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font: QFont = numeric_font(self.font())
        font.setPixelSize(pixels(11))
        painter.setFont(font)
        metrics = QFontMetrics(font)
        head = metrics.height() + 4.0
        base = self.height() - 2.0
        start, end = self._points[0][0], self._points[-1][0]
        peak_at, peak = max(self._points, key=lambda point: point[1])
        across = self.width() / max(end - start, 1e-6)
        up = (base - head) / max(peak, self._idle or 0.0, 1.0)
        curve = [((at - start) * across, base - watts * up) for at, watts in self._points]
        line = QPolygonF([QPointF(x, y) for x, y in curve])
        area = QPolygonF(line)
        area.append(QPointF(self.width(), base))
        area.append(QPointF(0, base))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent_wash))
        painter.drawPolygon(area)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._idle is not None:
            y = base - self._idle * up
            painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
        painter.setPen(QPen(QColor(theme.accent), 1.6))
        painter.drawPolyline(line)
        text = self.tr("peak {0}").format(format_power(peak))
        width = metrics.horizontalAdvance(text) + 4.0
        left = min(max((peak_at - start) * across - width / 2, 0.0), self.width() - width)
        peak_label = QRectF(left, 0, width, metrics.height())
        painter.setPen(QColor(theme.text))
        painter.drawText(peak_label, Qt.AlignmentFlag.AlignCenter, text)
        if self._idle is not None:
            text = self.tr("idle {0}").format(format_power(self._idle))
            size = QSize(metrics.horizontalAdvance(text) + 6, metrics.height())
            place = free_place(curve, size, base - self._idle * up, self.width(), peak_label)
            painter.setPen(QColor(theme.muted))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def thinned(trace: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """Keep at most so many points, the highest of each stretch, so that no peak is lost."""
    step = -(-len(trace) // most) or 1
    return [
        max(trace[start : start + step], key=lambda point: point[1])
        for start in range(0, len(trace), step)
    ]


def free_place(
    curve: Sequence[tuple[float, float]], size: QSize, y: float, width: float, taken: QRectF
) -> QRectF:
    """Find room for a label just above a horizontal line, clear of a curve and another label.

    Args:
        curve: Points in pixels, left to right.
        size: Of the label.
        y: The horizontal line's height.
        width: Of the whole drawing.
        taken: The other label, at the top.

    Returns:
        The rightmost clear place, or the corner of the top strip that is free.
    """
    top = y - size.height() - 2
    step = (width - size.width()) / _TRIED_PLACES
    if top > taken.bottom():
        for number in range(_TRIED_PLACES, -1, -1):
            place = QRectF(number * step, top, size.width(), size.height())
            if not crosses(curve, place):
                return place
    left = 0.0 if taken.center().x() > width / 2 else width - size.width()
    return QRectF(left, 0, size.width(), size.height())


def crosses(curve: Sequence[tuple[float, float]], place: QRectF) -> bool:
    """Whether a curve, left to right, runs through a rectangle."""
    first = max(0, bisect_left(curve, place.left(), key=_x) - 1)
    for one, other in pairwise(curve[first:]):
        if one[0] > place.right():
            break
        low, high = sorted((one[1], other[1]))
        if high >= place.top() and low <= place.bottom():
            return True
    return False


def _x(point: tuple[float, float]) -> float:
    return point[0]
