"""How a row of the conversation list is drawn: a heading, or a title over a muted line."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.chat.conversation_rows import ConversationRows
from desktop_app.look.theme import BASE_PIXELS, current_theme, pixels
from desktop_app.look.two_lines import TwoLines, paint_two_lines, row_height

AnyIndex = QModelIndex | QPersistentModelIndex


class ConversationDelegate(QStyledItemDelegate):
    """Draws a heading, or a title with a line on how it was answered."""

    def sizeHint(  # noqa: N802 - Qt's name
        self, _option: QStyleOptionViewItem, index: AnyIndex
    ) -> QSize:
        """Height by the present text size."""
        is_heading = not index.flags() & Qt.ItemFlag.ItemIsEnabled
        if is_heading:
            return QSize(0, pixels(BASE_PIXELS * 2.3))
        return QSize(0, row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one row."""
        model = index.model()
        theme = current_theme()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font = QFont(option.font)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows = model if isinstance(model, ConversationRows) else None
        summary = rows.summary_at(index) if rows is not None else None
        if rows is None or summary is None:
            font.setPixelSize(pixels(12))
            painter.setFont(font)
            painter.setPen(QColor(theme.muted))
            painter.drawText(
                rect.adjusted(10, 0, -10, -4),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom,
                str(index.data()),
            )
        else:
            about = rows.about(summary, datetime.now(UTC))
            lines = TwoLines(summary.title or self.tr("Untitled"), summary.snippet or about)
            paint_two_lines(painter, rect, state, font, lines)
        painter.restore()
