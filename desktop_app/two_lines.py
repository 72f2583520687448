"""How a row of a list is drawn: a title, a muted line below, perhaps a badge at the right."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle

from desktop_app.theme import BASE_PIXELS, current_theme, pixels

_SMALL_PIXELS = 12


@dataclass(frozen=True, slots=True)
class TwoLines:
    """What a row says.

    Attributes:
        title: Its name.
        about: The muted line below.
        badge: A few words at the right, or "".
        warns: Whether the badge is a warning.
    """

    title: str
    about: str
    badge: str = ""
    warns: bool = False


def row_height() -> int:
    """Height of a row at the present text size, pixels."""
    return pixels(BASE_PIXELS * 3.7)


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
