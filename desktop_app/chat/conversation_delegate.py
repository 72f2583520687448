"""How a row of the conversation list is drawn: a heading, or a title over a muted line."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.chat.conversation_rows import ConversationRows, age_text, thinking_text
from desktop_app.theme import BASE_PIXELS, current_theme, pixels
from engine.journal.records import ConversationSummary

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
        return QSize(0, pixels(BASE_PIXELS * 3.7))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one row."""
        model = index.model()
        theme = current_theme()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font = QFont(option.font)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        summary = model.summary_at(index) if isinstance(model, ConversationRows) else None
        if summary is None:
            font.setPixelSize(pixels(12))
            painter.setFont(font)
            painter.setPen(QColor(theme.muted))
            painter.drawText(
                rect.adjusted(10, 0, -10, -4),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom,
                str(index.data()),
            )
        else:
            self._paint_summary(painter, rect, state, font, summary)
        painter.restore()

    def _paint_summary(
        self,
        painter: QPainter,
        rect: QRect,
        state: QStyle.StateFlag,
        font: QFont,
        summary: ConversationSummary,
    ) -> None:
        theme = current_theme()
        card = rect.adjusted(0, 1, 0, -1)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent_wash if selected else theme.hairline))
            painter.drawRoundedRect(card, 8, 8)
        if state & QStyle.StateFlag.State_HasFocus and selected:
            painter.setPen(QColor(theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(card.adjusted(0, 0, -1, -1), 8, 8)
        inner = card.adjusted(10, 6, -10, -6)
        upper = QRect(inner.topLeft(), QSize(inner.width(), inner.height() // 2))
        lower = QRect(inner.left(), upper.bottom(), inner.width(), inner.height() - upper.height())
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        title = painter.fontMetrics().elidedText(
            summary.title or self.tr("Untitled"), Qt.TextElideMode.ElideRight, upper.width()
        )
        middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(upper, middle, title)
        font.setPixelSize(pixels(12))
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        about = f"{thinking_text(summary)} · {age_text(summary.updated_at, datetime.now(UTC))}"
        if summary.snippet:
            about = summary.snippet
        painter.drawText(
            lower,
            middle,
            painter.fontMetrics().elidedText(about, Qt.TextElideMode.ElideRight, lower.width()),
        )
