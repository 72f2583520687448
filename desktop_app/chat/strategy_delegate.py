"""An entry of the strategy menu: its name, and below it what it does and needs."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from desktop_app.look.theme import current_theme, pixels

_MARGIN = 10
_GAP = 2
_LINES = 3
_RADIUS = 6
SPENDS_ROLE = Qt.ItemDataRole.UserRole + 1
"""What an entry's number is spent on."""


class StrategyDelegate(QStyledItemDelegate):
    """Paints entries of three lines; the closed box shows the name alone."""

    @override
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        metrics = QFontMetrics(option.font)
        lines = self._lines(index)
        lines[0] = f"{lines[0]}    {index.data(SPENDS_ROLE)}"
        width = max(metrics.horizontalAdvance(line) for line in lines)
        height = _LINES * metrics.height() + 2 * pixels(_GAP) + 2 * pixels(_MARGIN)
        return QSize(width + 2 * pixels(_MARGIN), height)

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme = current_theme()
        rect: QRect = option.rect
        active = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if active:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent_wash))
            painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
        font = painter.font()
        metrics = QFontMetrics(font)
        step = metrics.height() + pixels(_GAP)
        place = rect.adjusted(pixels(_MARGIN), pixels(_MARGIN), -pixels(_MARGIN), 0)
        for number, line in enumerate(self._lines(index)):
            font.setBold(number == 0)
            painter.setFont(font)
            painter.setPen(QColor(theme.text if number == 0 or active else theme.muted))
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(
                QRect(place.left(), place.top() + number * step, place.width(), step),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop,
                shown,
            )
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(theme.text if active else theme.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
        painter.drawText(place, right, str(index.data(SPENDS_ROLE)))
        painter.restore()

    def _lines(self, index: QModelIndex | QPersistentModelIndex) -> list[str]:
        tip = str(index.data(Qt.ItemDataRole.ToolTipRole))
        return [str(index.data(Qt.ItemDataRole.DisplayRole)), *tip.split("\n")]
