"""An entry of the strategy menu: its name, and below it what it does and needs."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from desktop_app.theme import current_theme, pixels

_MARGIN = 10
_GAP = 2
_LINES = 3


class StrategyDelegate(QStyledItemDelegate):
    """Paints entries of three lines; the closed box shows the name alone."""

    @override
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        metrics = QFontMetrics(option.font)
        lines = self._lines(index)
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
        palette: QPalette = option.palette
        active = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(
            rect, palette.color(QPalette.ColorRole.Highlight if active else QPalette.ColorRole.Base)
        )
        plain = palette.color(
            QPalette.ColorRole.HighlightedText if active else QPalette.ColorRole.Text
        )
        font = painter.font()
        metrics = QFontMetrics(font)
        step = metrics.height() + pixels(_GAP)
        place = rect.adjusted(pixels(_MARGIN), pixels(_MARGIN), -pixels(_MARGIN), 0)
        for number, line in enumerate(self._lines(index)):
            font.setBold(number == 0)
            painter.setFont(font)
            painter.setPen(plain if number == 0 or active else theme.muted)
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(
                QRect(place.left(), place.top() + number * step, place.width(), step),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop,
                shown,
            )
        painter.restore()

    def _lines(self, index: QModelIndex | QPersistentModelIndex) -> list[str]:
        tip = str(index.data(Qt.ItemDataRole.ToolTipRole))
        return [str(index.data(Qt.ItemDataRole.DisplayRole)), *tip.split("\n")]
