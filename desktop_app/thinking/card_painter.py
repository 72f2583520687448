"""Paints one candidate card: its answer, its latest words and its figures.

The text in flight is read from the view at the moment of painting, so that streaming costs one
update of the visible area and nothing else. It must not know where cards are.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from desktop_app.theme import current_theme, numeric_font, pixels
from desktop_app.thinking.card_model import CandidateModel, ModelIndex
from desktop_app.thinking.colours import candidate_colour
from desktop_app.thinking.live import LiveCandidate

CARD_GAP = 8
_BODY_LINES = 3
_TAIL_CHARACTERS = 240
_PADDING = 8


def card_height() -> int:
    """Height of a card in pixels at the present zoom, without the gap."""
    title, body, stats = (QFontMetrics(_font(QFont(), size)) for size in (13, 12, 11))
    return 2 * _PADDING + title.height() + _BODY_LINES * body.height() + stats.height() + 8


def _font(base: QFont, size: float, *, strong: bool = False, italic: bool = False) -> QFont:
    font = numeric_font(base)
    font.setPixelSize(pixels(size))
    font.setItalic(italic)
    if strong:
        font.setWeight(QFont.Weight.DemiBold)
    return font


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
        strong, small = _font(base, 13, strong=True), _font(base, 11)
        wide, narrow = QFontMetrics(strong), QFontMetrics(small)
        line = QRectF(area.left(), area.top(), area.width(), wide.height())
        middle = Qt.AlignmentFlag.AlignVCenter
        number = f"#{candidate.index + 1}"
        painter.setFont(small)
        painter.setPen(QColor(theme.muted))
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, number)
        room = area.width() - narrow.horizontalAdvance(number) - 8
        badge = " · ".join(model.badges(candidate))
        badge_width = narrow.horizontalAdvance(badge) + 8 if badge else 0
        headline = " ".join(model.headline(candidate).split())
        title = wide.elidedText(headline, Qt.TextElideMode.ElideRight, int(room - badge_width))
        painter.setFont(strong)
        painter.setPen(QColor(theme.text if candidate.answer else theme.muted))
        painter.drawText(line, middle, title)
        if badge:
            painter.setFont(small)
            painter.setPen(QColor(theme.good))
            place = line.adjusted(wide.horizontalAdvance(title) + 8, 0, 0, 0)
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
        font = _font(base, 11)
        metrics = QFontMetrics(font)
        choices = [" · ".join(parts) for parts in model.stats(candidate)]
        fitting = (text for text in choices if metrics.horizontalAdvance(text) <= area.width())
        text = next(fitting, choices[-1])
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.setFont(font)
        painter.setPen(QColor(current_theme().muted))
        painter.drawText(area, Qt.AlignmentFlag.AlignBottom, text)
        return metrics.height()

    def _paint_body(
        self, painter: QPainter, area: QRectF, base: QFont, candidate: LiveCandidate
    ) -> None:
        """The latest words; thoughts in italics."""
        font = _font(base, 12, italic=not candidate.response and bool(candidate.thought))
        metrics = QFontMetrics(font)
        whole = candidate.response or candidate.thought
        tail = " ".join(whole[-_TAIL_CHARACTERS:].split())
        if len(whole) > _TAIL_CHARACTERS:
            tail = f"…{tail}"
        lines = last_lines(tail, metrics, area.width(), _BODY_LINES)
        painter.setFont(font)
        painter.setPen(QColor(current_theme().muted))
        painter.drawText(area, Qt.AlignmentFlag.AlignTop, "\n".join(lines))


def last_lines(text: str, metrics: QFontMetrics, width: float, lines: int) -> list[str]:
    """Break text into lines of at most a width and keep the last ones."""
    broken: list[str] = []
    current = ""
    for word in text.split(" "):
        longer = f"{current} {word}" if current else word
        if metrics.horizontalAdvance(longer) <= width:
            current = longer
            continue
        broken.append(current)
        current = metrics.elidedText(word, Qt.TextElideMode.ElideRight, int(width))
    broken.append(current)
    return [line for line in broken if line][-lines:]
