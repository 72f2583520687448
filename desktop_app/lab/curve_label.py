"""One curve's name with a piece of its line: beside the curve's end, or in the legend."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget
from typing_extensions import override

from desktop_app.lab.themed_plot import plot_font, series_pen
from desktop_app.look.theme import current_theme, pixels
from desktop_app.look.tips import plain_tip
from engine.lab.series import Series

_SWATCH: Final = 20
_GAP: Final = 6
_PADDING: Final = 4
_DOT: Final = 3.5


class CurveLabel(QAbstractButton):
    """Names a curve; pressed, the curve is no longer drawn.

    Attributes:
        label: The curve's name.
        pointed: (here) The pointer or the focus has come, or has left.
    """

    pointed = Signal(bool)

    def __init__(self, label: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.label = label
        self._series = Series()
        self.setText(label.replace("&", "&&"))
        self.setAccessibleName(label)
        self.setAccessibleDescription(self.tr("Press to draw it no longer"))
        self.setToolTip(
            plain_tip(self.tr("{curve}: press to draw it no longer").format(curve=label))
        )
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_series(self, series: Series) -> None:
        """Show another piece of line."""
        self._series = series
        self.setFont(plot_font())
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self.label) + pixels(_SWATCH) + pixels(_GAP)
        return QSize(width + 2 * _PADDING, metrics.height() + _PADDING)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.underMouse() or self.hasFocus():
            ring = QPen(QColor(theme.accent), 2) if self.hasFocus() else Qt.PenStyle.NoPen
            painter.setPen(ring)
            painter.setBrush(QColor(theme.accent_wash))
            painter.drawRoundedRect(box, 5, 5)
        middle, end = box.center().y(), _PADDING + pixels(_SWATCH)
        pen = series_pen(self._series)
        painter.setPen(pen)
        painter.drawLine(QPointF(_PADDING, middle), QPointF(end, middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pen.color())
        painter.drawEllipse(QPointF((_PADDING + end) / 2, middle), _DOT, _DOT)
        painter.setPen(QColor(theme.text))
        room = box.adjusted(end + pixels(_GAP) - 1, 0, -_PADDING + 1, 0)
        elided = self.fontMetrics().elidedText(
            self.label, Qt.TextElideMode.ElideRight, int(room.width()) + 1
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)
        painter.end()

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._tell(here=True)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._tell(here=self.hasFocus())

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._tell(here=True)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._tell(here=self.underMouse())

    def _tell(self, *, here: bool) -> None:
        self.update()
        self.pointed.emit(here)
