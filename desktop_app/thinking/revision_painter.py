"""Paints one line of a chain: its sign, its text, and the words in it that changed."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPen,
    QTextCharFormat,
    QTextLayout,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget
from typing_extensions import override

from desktop_app.look.theme import Theme, current_theme, numeric_font, pixels
from desktop_app.thinking.revision_lines import ChainLine, LineKind

_SIGNS = {
    LineKind.ADDED: "+",
    LineKind.REMOVED: "\N{MINUS SIGN}",
    LineKind.SAME: "=",
}
_INDENT = 12
_SIGN_WIDTH = 18
_PADDING = 4
_CONTEXT = 16
"""Characters shown before the first changed word of a line that is too long."""
_SEEN_SHARE = 0.8
"""A changed word that ends beyond this share of the width brings its line forward."""


class RevisionPainter(QStyledItemDelegate):
    """Paints the lines of a `RevisionChain`.

    Args:
        line_role: Under which role the model keeps a line.
    """

    def __init__(self, line_role: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._line_role = line_role

    @override
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(0, QFontMetrics(option.font).height() + pixels(_PADDING))

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        line: ChainLine = index.data(self._line_role)
        theme = current_theme()
        place: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, QColor(theme.accent_wash))
        if line.kind is LineKind.HEADING and index.row():
            painter.setPen(QColor(theme.hairline))
            painter.drawLine(place.topLeft(), place.topRight())
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.drawRect(place.adjusted(1, 1, -1, -1))
        font = numeric_font(option.font)
        if line.kind is LineKind.ATTEMPT:
            font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(_colour(theme, line.kind))
        left = place.left() + pixels(4) + pixels(_INDENT) * _depth(line.kind)
        sign = ("…" if line.more else _SIGNS[line.kind]) if line.kind in _SIGNS else ""
        if sign:
            column = QRect(left, place.top(), pixels(_SIGN_WIDTH), place.height())
            painter.drawText(column, Qt.AlignmentFlag.AlignVCenter, sign)
            left += pixels(_SIGN_WIDTH)
        room = QRect(left, place.top(), place.right() - left - pixels(4), place.height())
        _draw_text(painter, room, font, str(index.data()), line)
        painter.restore()


def _draw_text(painter: QPainter, room: QRect, font: QFont, whole: str, line: ChainLine) -> None:
    """The text in one line, cut where it does not fit, its changed words marked."""
    metrics = QFontMetrics(font)
    flat, marks = whole.replace("\t", " "), line.marks
    if marks and metrics.horizontalAdvance(flat[: marks[0][1]]) > room.width() * _SEEN_SHARE:
        gone = max(0, marks[0][0] - _CONTEXT)
        flat = f"…{flat[gone:]}"
        marks = tuple((start - gone + 1, end - gone + 1) for start, end in marks)
    text = metrics.elidedText(flat, Qt.TextElideMode.ElideRight, room.width())
    layout = QTextLayout(text, font)
    changed = QTextCharFormat()
    changed.setFontWeight(QFont.Weight.DemiBold)
    if line.kind is LineKind.REMOVED:
        changed.setFontStrikeOut(True)
    else:
        changed.setFontUnderline(True)
    ranges = []
    for start, end in marks:
        span = QTextLayout.FormatRange()
        span.start, span.length, span.format = start, min(end, len(text)) - start, changed
        if span.length > 0:
            ranges.append(span)
    if line.made_from:
        quiet = QTextCharFormat()
        quiet.setFontWeight(QFont.Weight.Normal)
        quiet.setForeground(QColor(current_theme().muted))
        said = QTextLayout.FormatRange()
        said.start = min(len(text), whole.rfind("  ") + 2)
        said.length, said.format = len(text) - said.start, quiet
        ranges.append(said)
    layout.setFormats(ranges)
    layout.beginLayout()
    drawn = layout.createLine()
    drawn.setNumColumns(len(text))
    layout.endLayout()
    top = room.top() + (room.height() - drawn.height()) / 2
    painter.setClipRect(room)
    layout.draw(painter, QPointF(room.left(), top))


def _depth(kind: LineKind) -> int:
    return {LineKind.HEADING: 0, LineKind.ATTEMPT: 1}.get(kind, 2)


def _colour(theme: Theme, kind: LineKind) -> QColor:
    return QColor(
        {
            LineKind.HEADING: theme.muted,
            LineKind.ATTEMPT: theme.text,
            LineKind.ADDED: theme.good,
            LineKind.REMOVED: theme.warning,
            LineKind.SAME: theme.muted,
        }[kind]
    )
