"""Paints one step of a search: its text, and its score as a thin bar with a number.

The bar is filled in the colour of the answer it led to, grey while there is none, and hollow where
the search went on elsewhere.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget
from typing_extensions import override

from desktop_app.look.theme import Theme, current_theme, numeric_font, pixels
from desktop_app.thinking.colours import candidate_colour, neutral_colour
from desktop_app.thinking.live import DeliberationView
from desktop_app.thinking.step_model import SCORE, StepModel, score_text
from engine.step import Step

_BAR_WIDTH, _BAR_HEIGHT = 34, 5
_PADDING = 6


class StepPainter(QStyledItemDelegate):
    """Paints the rows of a `StepModel`.

    Attributes:
        view: Whose votes give completed steps their colour.
    """

    def __init__(self, model: StepModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.view: DeliberationView | None = None

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
        theme, step = current_theme(), self._model.step(index)
        place: QRect = option.rect
        dropped = self._model.left_behind(step)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, QColor(theme.accent_wash))
        font = numeric_font(option.font)
        if step.candidate is not None:
            font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(theme.muted if dropped else theme.text))
        middle = Qt.AlignmentFlag.AlignVCenter
        if index.column() == SCORE:
            room = place.adjusted(0, 0, -pixels(4), 0)
            painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, score_text(step))
            self._paint_bar(painter, place, theme, step, dropped=dropped)
        else:
            room = place.adjusted(pixels(2), 0, -pixels(6), 0)
            text = painter.fontMetrics().elidedText(
                str(index.data()), Qt.TextElideMode.ElideRight, room.width()
            )
            painter.drawText(room, middle, text)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(theme.accent), 2))
            bottom = place.bottom()
            painter.drawLine(place.left(), bottom, place.right(), bottom)
        painter.restore()

    def _paint_bar(
        self, painter: QPainter, place: QRect, theme: Theme, step: Step, *, dropped: bool
    ) -> None:
        if step.score is None:
            return
        top = place.center().y() - pixels(_BAR_HEIGHT) / 2 + 1
        track = QRectF(place.left(), top, pixels(_BAR_WIDTH), pixels(_BAR_HEIGHT))
        bar = QRectF(track)
        bar.setWidth(max(pixels(_BAR_HEIGHT), track.width() * min(max(step.score, 0.0), 1.0)))
        radius = pixels(_BAR_HEIGHT) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.hairline))
        if not dropped:
            painter.drawRoundedRect(track, radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush if dropped else self._colour(theme, step))
        if dropped:
            painter.setPen(QColor(theme.none_group))
            bar.adjust(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(bar, radius, radius)

    def _colour(self, theme: Theme, step: Step) -> QColor:
        view = self.view
        if step.candidate is None or view is None or step.candidate not in view.candidates:
            return QColor(theme.none_group)
        if view.group_of(step.candidate) is None:
            return neutral_colour(theme)
        return candidate_colour(theme, view, step.candidate)
