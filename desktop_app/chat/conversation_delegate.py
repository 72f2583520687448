"""How a row of the conversation list is drawn: a heading, a folder, or a title over a line."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop_app.chat.conversation_rows import ConversationRows
from desktop_app.chat.conversation_view import ConversationView
from desktop_app.look.theme import BASE_PIXELS, current_theme, pixels, themed_icon
from desktop_app.look.two_lines import TwoLines, paint_two_lines, row_height, small_font
from desktop_app.words.quantities import format_number
from engine.journal.records import FolderSummary

AnyIndex = QModelIndex | QPersistentModelIndex
_MARGIN = 10
_ICON = 16
_INDENT = 16


class ConversationDelegate(QStyledItemDelegate):
    """Draws headings, folders, and conversations: a title with a line on how it was answered.

    Args:
        view: Where they are drawn.
        rows: What is drawn.
    """

    def __init__(self, view: ConversationView, rows: ConversationRows) -> None:
        super().__init__(view)
        self._view = view
        self._rows = rows

    def sizeHint(  # noqa: N802 - Qt's name
        self, _option: QStyleOptionViewItem, index: AnyIndex
    ) -> QSize:
        """Height by the present text size."""
        if self._rows.summary_at(index) is None:
            return QSize(0, pixels(BASE_PIXELS * 2.3))
        return QSize(0, row_height())

    def updateEditorGeometry(  # noqa: N802 - Qt's name
        self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex
    ) -> None:
        """Let a title be written where it stands."""
        place: QRect = option.rect
        if self._rows.folder_at(index) is not None:
            place = place.adjusted(_MARGIN + 2 * pixels(_ICON), 0, 0, 0)
        elif self._rows.is_inside(index):
            place = place.adjusted(pixels(_INDENT), 0, 0, 0)
        editor.setGeometry(place)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one row."""
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font = QFont(option.font)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        summary, folder = self._rows.summary_at(index), self._rows.folder_at(index)
        if summary is not None:
            about = self._rows.about(summary, datetime.now(UTC))
            indent = pixels(_INDENT) if self._rows.is_inside(index) else 0
            lines = TwoLines(summary.title or self.tr("Untitled"), about)
            paint_two_lines(painter, rect.adjusted(indent, 0, 0, 0), state, font, lines)
        elif folder is not None:
            self._paint_folder(painter, rect, state, font, folder)
        else:
            painter.setFont(small_font(font))
            painter.setPen(QColor(current_theme().muted))
            painter.drawText(
                rect.adjusted(_MARGIN, 0, -_MARGIN, -4),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom,
                str(index.data()),
            )
        painter.restore()

    def _paint_folder(
        self,
        painter: QPainter,
        rect: QRect,
        state: QStyle.StateFlag,
        font: QFont,
        folder: FolderSummary,
    ) -> None:
        """Draw an arrow, a folder, its name, and how many are in it."""
        theme = current_theme()
        card = rect.adjusted(0, 1, 0, -1)
        is_target = self._view.target == folder.folder_id
        if is_target or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent_wash if is_target else theme.hairline))
            painter.drawRoundedRect(card, 8, 8)
        if is_target or state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(card.adjusted(0, 0, -1, -1), 8, 8)
        inner = card.adjusted(_MARGIN - 4, 0, -_MARGIN, 0)
        size = pixels(_ICON)
        for icon in ("chevron-right" if folder.collapsed else "chevron-down", "folder"):
            place = QRect(inner.left(), inner.center().y() - size // 2 + 1, size, size)
            themed_icon(icon, "muted").paint(painter, place)
            inner = inner.adjusted(size + 4, 0, 0, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(small_font(font))
        painter.setPen(QColor(theme.muted))
        count = format_number(folder.count)
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, count)
        inner.adjust(0, 0, -painter.fontMetrics().horizontalAdvance(count) - 8, 0)
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        name = painter.fontMetrics().elidedText(
            folder.name, Qt.TextElideMode.ElideRight, inner.width()
        )
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, name)
