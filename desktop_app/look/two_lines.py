"""How a row of a list is drawn: a title, a muted line below, perhaps a badge at the right."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextLayout
from PySide6.QtWidgets import QApplication, QStyle

from desktop_app.look.theme import BASE_PIXELS, current_theme, pixels

_SMALL_PIXELS = 12
_REASON_LINES = 2


@dataclass(frozen=True, slots=True)
class TwoLines:
    """What a row says.

    Attributes:
        title: Its name.
        about: The muted line below.
        badge: A few words at the right, or "".
        warns: Whether the badge is a warning.
        reason: A sentence below both, on at most two more lines, or "".
    """

    title: str
    about: str
    badge: str = ""
    warns: bool = False
    reason: str = ""


def row_height(*, reason: bool = False) -> int:
    """Height of a row at the present text size, pixels.

    Args:
        reason: Whether a sentence stands below its two lines.
    """
    return pixels(BASE_PIXELS * 3.7) + (_REASON_LINES * _reason_line_height() if reason else 0)


def _reason_line_height() -> int:
    return QFontMetrics(small_font(QApplication.font())).height()


def small_font(font: QFont) -> QFont:
    """The font of the muted line."""
    small = QFont(font)
    small.setPixelSize(pixels(_SMALL_PIXELS))
    return small


def paint_two_lines(
    painter: QPainter, rect: QRect, state: QStyle.StateFlag, font: QFont, lines: TwoLines
) -> None:
    """Draw one row."""
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
    small = small_font(font)
    if lines.reason:
        height = _REASON_LINES * _reason_line_height()
        _paint_reason(
            painter, inner.adjusted(0, inner.height() - height, 0, 0), small, lines.reason
        )
        inner = inner.adjusted(0, 0, 0, -height)
    if lines.badge:
        width = QFontMetrics(small).horizontalAdvance(lines.badge)
        painter.setFont(small)
        painter.setPen(QColor(theme.warning if lines.warns else theme.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, right, lines.badge)
        inner = inner.adjusted(0, 0, -width - 12, 0)
    upper = QRect(inner.topLeft(), QSize(inner.width(), inner.height() // 2))
    lower = QRect(inner.left(), upper.bottom(), inner.width(), inner.height() - upper.height())
    middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    for place, text, its_font, colour in (
        (upper, lines.title, font, theme.text),
        (lower, lines.about, small, theme.muted),
    ):
        painter.setFont(its_font)
        painter.setPen(QColor(colour))
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, middle, elided)


def _paint_reason(painter: QPainter, place: QRect, font: QFont, reason: str) -> None:
    """Draw a sentence on its lines; what does not fit ends in dots."""
    painter.setFont(font)
    painter.setPen(QColor(current_theme().muted))
    metrics = QFontMetrics(font)
    layout = QTextLayout(reason, font)
    layout.beginLayout()
    rest = 0
    lines: list[str] = []
    while len(lines) < _REASON_LINES:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(place.width())
        lines.append(reason[rest : rest + line.textLength()])
        rest += line.textLength()
    layout.endLayout()
    if rest < len(reason):
        lines[-1] += reason[rest:]
    for number, text in enumerate(lines):
        shown = metrics.elidedText(text.strip(), Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(
            place.left(), place.top() + number * metrics.height() + metrics.ascent(), shown
        )
