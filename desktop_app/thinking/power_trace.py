"""The power trace: watts over the deliberation, the idle baseline, and what it added up to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from desktop_app.quantities import format_power
from desktop_app.theme import current_theme, numeric_font, pixels, theme_changes

_HEIGHT = 92
_MOST_POINTS = 600


class PowerTrace(QWidget):
    """Draws power over time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: list[tuple[float, float]] = []
        self._idle: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Power over time"))
        theme_changes().changed.connect(self.update)

    def show_trace(self, trace: Sequence[tuple[float, float]], idle_watts: float | None) -> None:
        """Draw a trace.

        Args:
            trace: (seconds, watts) in order of time.
            idle_watts: The idle baseline, or None.
        """
        step = -(-len(trace) // _MOST_POINTS) or 1
        self._points = [
            max(trace[start : start + step], key=lambda point: point[1])
            for start in range(0, len(trace), step)
        ]
        self._idle = idle_watts
        if self._points:
            peak = format_power(max(watts for _, watts in self._points))
            self.setAccessibleDescription(self.tr("peak {0}").format(peak))
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, pixels(_HEIGHT))

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

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
        up = (base - head) / max(peak, 1.0)
        line = QPolygonF(
            [QPointF((at - start) * across, base - watts * up) for at, watts in self._points]
        )
        area = QPolygonF(line)
        area.append(QPointF(self.width(), base))
        area.append(QPointF(0, base))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent_wash))
        painter.drawPolygon(area)
        painter.setPen(QPen(QColor(theme.accent), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(line)
        text = self.tr("peak {0}").format(format_power(peak))
        width = metrics.horizontalAdvance(text) + 4.0
        left = min(max((peak_at - start) * across - width / 2, 0.0), self.width() - width)
        painter.setPen(QColor(theme.text))
        painter.drawText(QRectF(left, 0, width, head), Qt.AlignmentFlag.AlignTop, text)
        if self._idle is not None:
            self._paint_idle(painter, base - self._idle * up, head, metrics)

    def _paint_idle(self, painter: QPainter, y: float, head: float, metrics: QFontMetrics) -> None:
        theme = current_theme()
        painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
        text = self.tr("idle {0}").format(format_power(self._idle))
        width = metrics.horizontalAdvance(text) + 8.0
        top = y - metrics.height() - 1
        if top < head:  # no room above the line without touching the peak's label
            top = min(y + 1, self.height() - metrics.height() - 1.0)
        place = QRectF(self.width() - width, top, width, metrics.height())
        painter.fillRect(place, QColor(theme.panel))
        painter.setPen(QColor(theme.muted))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
