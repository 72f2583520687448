"""Paints one candidate card: its answer, its latest words and its figures.

The text in flight is read from the view at the moment of painting, so that streaming costs one
update of the visible area and nothing else. It must not know where cards are.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from desktop_app.look.theme import current_theme, numeric_font, pixels, themed_icon
from desktop_app.rich_text.without_marks import STRONG
from desktop_app.thinking.card_model import CandidateModel, ModelIndex
from desktop_app.thinking.colours import candidate_colour
from desktop_app.thinking.live import LiveCandidate

CARD_GAP = 8
_BODY_LINES = 3
_TAIL_CHARACTERS = 240
_DRAWN = re.compile(r"\s*(?:`{3,}\w*|~{3,}\w*|[-*_=]{3,}|\|?[\s:|-]*-{3,}[\s:|-]*)\s*")
"""A line of Markdown that only draws: a fence, a rule, the line below a table's head."""
_PADDING = 8
_MOST_WORDS = 5000


class Ruler:
    """A font and the widths of the words it has measured.

    Words repeat from one frame to the next, and measuring is what a frame would spend most on.
    """

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.metrics = QFontMetricsF(font)
        self._widths: dict[str, float] = {}

    def width(self, text: str) -> float:
        """Width of a text in pixels."""
        width = self._widths.get(text)
        if width is None:
            if len(self._widths) > _MOST_WORDS:
                self._widths.clear()
            width = self._widths[text] = self.metrics.horizontalAdvance(text)
        return width

    def elided(self, text: str, room: float) -> str:
        """The text, cut with an ellipsis where it does not fit."""
        if self.width(text) <= room:
            return text
        return self.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)


def _badge_width(ruler: Ruler, badges: list[str]) -> float:
    """What badges take beside an answer."""
    return ruler.width(" · ".join(badges)) + 8 if badges else 0


def _ruler(base: QFont, size: float, *, strong: bool = False, italic: bool = False) -> Ruler:
    return _ruler_for(base.toString(), pixels(size), strong, italic)


@lru_cache(maxsize=32)
def _ruler_for(description: str, size_pixels: int, strong: bool, italic: bool) -> Ruler:  # noqa: FBT001
    base = QFont()
    base.fromString(description)
    font = numeric_font(base)
    font.setPixelSize(size_pixels)
    font.setItalic(italic)
    if strong:
        font.setWeight(QFont.Weight.DemiBold)
    return Ruler(font)


def card_height() -> int:
    """Height of a card in pixels at the present zoom, without the gap."""
    title, body, stats = (_ruler(QFont(), size).metrics for size in (13, 12, 11))
    lines = title.height() + _BODY_LINES * body.height() + stats.height()
    return ceil(lines) + 2 * _PADDING + 8


class CardPainter(QStyledItemDelegate):
    """Paints the cards of a `CandidateModel`."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: ModelIndex) -> QSize:
        widget = option.widget
        return widget.gridSize() if isinstance(widget, QListView) else QSize(160, card_height())

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: ModelIndex) -> None:
        model = index.model()
        assert isinstance(model, CandidateModel)
        candidate, view = model.candidate(index), model.view
        if candidate is None or view is None:
            return
        theme = current_theme()
        area = QRectF(option.rect).adjusted(0, 0, -CARD_GAP, -CARD_GAP)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = 1.0 if focused else 0.5
        shape = QPainterPath()
        shape.addRoundedRect(area.adjusted(inset, inset, -inset, -inset), 8, 8)
        painter.fillPath(shape, QColor(theme.window))
        painter.setClipPath(shape)
        edge = candidate_colour(theme, view, candidate.index)
        painter.fillRect(QRectF(area.left(), area.top(), 4, area.height()), edge)
        painter.setClipping(False)
        border = theme.accent if focused else theme.muted if hovered else theme.hairline
        painter.setPen(QPen(QColor(border), 2 if focused else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)
        inner = area.adjusted(14, _PADDING, -8, -_PADDING)
        top = inner.top() + self._paint_title(painter, inner, option.font, model, candidate)
        bottom = inner.bottom() - self._paint_stats(painter, inner, option.font, model, candidate)
        body = QRectF(inner.left(), top + 4, inner.width(), bottom - top - 4)
        self._paint_body(painter, body, option.font, candidate)
        painter.restore()

    def _paint_title(
        self,
        painter: QPainter,
        area: QRectF,
        base: QFont,
        model: CandidateModel,
        candidate: LiveCandidate,
    ) -> float:
        """Answer, badges and number; returns the height."""
        theme = current_theme()
        strong, small = _ruler(base, 13, strong=True), _ruler(base, 11)
        line = QRectF(area.left(), area.top(), area.width(), strong.metrics.height())
        middle = Qt.AlignmentFlag.AlignVCenter
        number = f"#{candidate.index + 1}"
        painter.setFont(small.font)
        painter.setPen(QColor(theme.muted))
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, number)
        room = area.width() - small.width(number) - 8
        if model.preferred(candidate):
            side = small.metrics.height()
            left = line.right() - small.width(number) - side - 4
            place = QRectF(left, line.center().y() - side / 2, side, side)
            themed_icon("star", "accent").paint(painter, place.toAlignedRect())
            room -= side + 4
        headline = " ".join(model.headline(candidate).split())
        badges = model.badges(candidate)
        least = int(model.is_chosen(candidate))
        while len(badges) > least and strong.width(headline) > room - _badge_width(small, badges):
            badges.pop()  # the answer says more than who was fastest
        badge = " · ".join(badges)
        title = strong.elided(headline, room - _badge_width(small, badges))
        painter.setFont(strong.font)
        painter.setPen(QColor(theme.text if candidate.answer else theme.muted))
        painter.drawText(line, middle, title)
        if badge:
            painter.setFont(small.font)
            painter.setPen(QColor(theme.good))
            place = line.adjusted(strong.width(title) + 8, 0, 0, 0)
            painter.drawText(place, middle, badge)
        return line.height()

    def _paint_stats(
        self,
        painter: QPainter,
        area: QRectF,
        base: QFont,
        model: CandidateModel,
        candidate: LiveCandidate,
    ) -> float:
        """The fullest line of figures that fits; returns the height."""
        ruler = _ruler(base, 11)
        choices = [" · ".join(parts) for parts in model.stats(candidate)]
        fitting = (text for text in choices if ruler.width(text) <= area.width())
        text = next(fitting, choices[-1])
        text = ruler.elided(text, area.width())
        painter.setFont(ruler.font)
        painter.setPen(QColor(current_theme().muted))
        painter.drawText(area, Qt.AlignmentFlag.AlignBottom, text)
        return ruler.metrics.height()

    def _paint_body(
        self, painter: QPainter, area: QRectF, base: QFont, candidate: LiveCandidate
    ) -> None:
        """The latest words; thoughts in italics."""
        ruler = _ruler(base, 12, italic=not candidate.response and bool(candidate.thought))
        whole = candidate.response or candidate.thought
        tail = STRONG.sub(r"\1", whole[-_TAIL_CHARACTERS:])
        if len(whole) > _TAIL_CHARACTERS:
            tail = f"…{tail.lstrip()}"
        lines = last_lines(tail, ruler, area.width(), _BODY_LINES)
        painter.setFont(ruler.font)
        painter.setPen(QColor(current_theme().muted))
        painter.drawText(area, Qt.AlignmentFlag.AlignTop, "\n".join(lines))


def last_lines(text: str, ruler: Ruler, width: float, lines: int) -> list[str]:
    """Break text into lines of at most a width, beside its own breaks, and keep the last ones.

    Lines that only draw, such as a fence or a rule of Markdown, say nothing and are left out.
    """
    kept: list[str] = []
    for paragraph in reversed([line for line in text.splitlines() if not _DRAWN.fullmatch(line)]):
        kept = _wrapped(paragraph.split(), ruler, width) + kept
        if len(kept) >= lines:
            break
    return kept[-lines:]


def _wrapped(words: list[str], ruler: Ruler, width: float) -> list[str]:
    space = ruler.width(" ")
    broken: list[str] = []
    current: list[str] = []
    used = 0.0
    for word in words:
        needed = ruler.width(word)
        if current and used + space + needed <= width:
            current.append(word)
            used += space + needed
            continue
        if current:
            broken.append(" ".join(current))
        current, used = [ruler.elided(word, width)], min(needed, width)
    if current:
        broken.append(" ".join(current))
    return broken
