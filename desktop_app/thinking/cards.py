"""Candidate cards: a list of what each candidate says, streaming side by side.

A list view over a model, so that keyboard, selection and screen readers work and only visible cards
are painted.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from typing_extensions import override

from desktop_app.quantities import NOT_AVAILABLE, format_count, format_rate, format_seconds
from desktop_app.theme import Theme, current_theme, numeric_font, pixels, theme_changes
from desktop_app.thinking.live import DeliberationView, LiveCandidate
from engine.candidate import StopReason

_GAP = 8
_TAIL_CHARACTERS = 240
_VISIBLE_ROWS = 3
_Index = QModelIndex | QPersistentModelIndex


class CardOrder(StrEnum):
    """How cards are sorted."""

    BY_VOTE = "vote"
    BY_NUMBER = "number"
    BY_TIME = "time"


class CandidateModel(QAbstractListModel):
    """Candidates of one view in an order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view: DeliberationView | None = None
        self.order = CardOrder.BY_NUMBER
        self._indexes: list[int] = []

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._indexes)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        candidate = self.candidate(index)
        if candidate is None or self.view is None:
            return None
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return f"#{candidate.index + 1}: {headline(candidate)}. {self.stats(candidate)}"
        return None

    def candidate(self, index: _Index) -> LiveCandidate | None:
        """The candidate of a row."""
        if self.view is None or not 0 <= index.row() < len(self._indexes):
            return None
        return self.view.candidates.get(self._indexes[index.row()])

    def stats(self, candidate: LiveCandidate) -> str:
        """The small line under a card."""
        assert self.view is not None
        done = candidate.finished
        if done is not None and done.stop is not StopReason.FINISHED:
            return f"{stop_text(self, done.stop)} · {format_count(candidate.tokens)} tok"
        first = candidate.first_token_seconds
        if first is None:
            return self.tr("waiting")
        parts = [format_seconds(first - candidate.queued_seconds)]
        rate = format_rate(candidate.tokens_per_second(self.view.elapsed_seconds))
        if rate != NOT_AVAILABLE:
            parts.append(rate)
        parts.append(f"{format_count(candidate.tokens)} tok")
        return " · ".join(parts)

    def refresh(self) -> None:
        """Take the view's present state; the order of running candidates is left alone."""
        wanted = self._sorted()
        if wanted != self._indexes:
            if wanted[: len(self._indexes)] == self._indexes:
                self.beginInsertRows(QModelIndex(), len(self._indexes), len(wanted) - 1)
                self._indexes = wanted
                self.endInsertRows()
            else:
                self.beginResetModel()
                self._indexes = wanted
                self.endResetModel()
        if wanted:
            self.dataChanged.emit(self.index(0), self.index(len(wanted) - 1))

    def show_view(self, view: DeliberationView | None) -> None:
        """Show another deliberation."""
        self.beginResetModel()
        self.view = view
        self._indexes = self._sorted()
        self.endResetModel()

    def _sorted(self) -> list[int]:
        view = self.view
        if view is None:
            return []
        indexes = sorted(view.candidates)
        if view.running or self.order is CardOrder.BY_NUMBER:
            return indexes
        if self.order is CardOrder.BY_TIME:
            return sorted(indexes, key=lambda index: _seconds(view.candidates[index]))
        rank = {i: n for n, group in enumerate(view.tally.groups) for i in group.candidates}
        last = len(rank)
        return sorted(indexes, key=lambda i: (rank.get(i, last), i != view.chosen, i))


def _seconds(candidate: LiveCandidate) -> float:
    return candidate.finished.seconds if candidate.finished is not None else float("inf")


def headline(candidate: LiveCandidate) -> str:
    """The answer, or what there is instead of one."""
    if candidate.answer is not None:
        return candidate.answer
    if candidate.finished is None:
        return "…"
    return QCoreApplication.translate("cards", "no answer")


def stop_text(source: QObject, stop: StopReason) -> str:
    """Why a candidate ended, for a person."""
    return {
        StopReason.FINISHED: source.tr("finished"),
        StopReason.TOKEN_BUDGET: source.tr("cut at token budget"),
        StopReason.CONTEXT_FULL: source.tr("context full"),
        StopReason.NOT_NEEDED: source.tr("not needed"),
        StopReason.TIME_UP: source.tr("time up"),
        StopReason.CANCELLED: source.tr("cancelled"),
        StopReason.FAILED: source.tr("failed"),
    }[stop]


class _CardPainter(QStyledItemDelegate):
    """Paints one card."""

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        assert isinstance(model, CandidateModel)
        candidate = model.candidate(index)
        view = model.view
        if candidate is None or view is None:
            return
        theme = current_theme()
        area = QRectF(option.rect).adjusted(0, 0, -_GAP, -_GAP)
        state = option.state
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        group = view.group_of(candidate.index)
        edge = QColor(theme.none_group if group is None else theme.group(group))
        if candidate.finished is None:
            edge = QColor(theme.accent) if candidate.tokens else QColor(theme.hairline)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.setClipPath(shape)
        painter.fillPath(shape, QColor(theme.window))
        painter.fillRect(QRectF(area.left(), area.top(), 4, area.height()), edge)
        painter.setClipping(False)
        painter.setPen(
            QPen(QColor(theme.accent if focused else theme.hairline), 2 if focused else 1)
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)
        self._paint_text(painter, area.adjusted(14, 8, -10, -8), model, candidate, theme)
        painter.restore()

    def _paint_text(
        self,
        painter: QPainter,
        area: QRectF,
        model: CandidateModel,
        candidate: LiveCandidate,
        theme: Theme,
    ) -> None:
        view = model.view
        assert view is not None
        base = numeric_font(painter.font())
        strong, small = QFont(base), QFont(base)
        strong.setWeight(QFont.Weight.DemiBold)
        strong.setPixelSize(pixels(13))
        small.setPixelSize(pixels(12))
        line = QFontMetrics(strong).height()
        top = Qt.AlignmentFlag.AlignTop
        painter.setFont(small)
        painter.setPen(QColor(theme.muted))
        number = f"#{candidate.index + 1}"
        painter.drawText(QRectF(area), top | Qt.AlignmentFlag.AlignRight, number)
        room = area.width() - QFontMetrics(small).horizontalAdvance(number) - 8
        badge, colour = self._badge(model, view, candidate, theme)
        badge_width = QFontMetrics(small).horizontalAdvance(badge) + 8 if badge else 0
        title = QFontMetrics(strong).elidedText(
            headline(candidate), Qt.TextElideMode.ElideRight, int(room - badge_width)
        )
        painter.setFont(strong)
        painter.setPen(QColor(theme.text if candidate.answer else theme.muted))
        painter.drawText(QRectF(area.left(), area.top(), room, line), top, title)
        if badge:
            painter.setFont(small)
            painter.setPen(QColor(colour))
            left = area.left() + QFontMetrics(strong).horizontalAdvance(title) + 8
            painter.drawText(QRectF(left, area.top() + 1, badge_width, line), top, badge)
        stats_height = QFontMetrics(small).height()
        body = QRectF(
            area.left(),
            area.top() + line + 4,
            area.width(),
            area.height() - line - stats_height - 8,
        )
        self._paint_body(painter, body, candidate, small, theme)
        painter.setFont(small)
        painter.setPen(QColor(theme.muted))
        stats = QFontMetrics(small).elidedText(
            model.stats(candidate), Qt.TextElideMode.ElideRight, int(area.width())
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignBottom, stats)

    def _paint_body(
        self, painter: QPainter, body: QRectF, candidate: LiveCandidate, font: QFont, theme: Theme
    ) -> None:
        """The last lines of what it says; thoughts in italics."""
        text = candidate.response or candidate.thought
        font = QFont(font)
        font.setItalic(not candidate.response and bool(candidate.thought))
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        metrics = QFontMetrics(font)
        lines = max(1, int(body.height() // metrics.height()))
        shown = _last_lines(
            " ".join(text[-_TAIL_CHARACTERS:].split()), metrics, body.width(), lines
        )
        painter.drawText(body, Qt.AlignmentFlag.AlignTop, "\n".join(shown))

    def _badge(
        self, model: CandidateModel, view: DeliberationView, candidate: LiveCandidate, theme: Theme
    ) -> tuple[str, str]:
        if candidate.index == view.chosen:
            return model.tr("chosen"), theme.good
        if candidate.index == view.fastest:
            return model.tr("fastest"), theme.good
        return "", theme.muted

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        widget = option.widget
        assert isinstance(widget, CandidateCards)
        return widget.gridSize()


def _last_lines(text: str, metrics: QFontMetrics, width: float, lines: int) -> list[str]:
    """Break text into lines and keep the last ones."""
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


class CandidateCards(QListView):
    """Shows the cards in two columns, in one where it is narrow.

    Attributes:
        promote_requested: Index of the candidate to use as the answer.
        candidate_opened: Index of the candidate to read in full.
    """

    promote_requested = Signal(int)
    candidate_opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = CandidateModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_CardPainter(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("QListView { background: transparent; border: none; padding: 0; }")
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName(self.tr("Candidates"))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.activated.connect(self._on_activated)
        theme_changes().changed.connect(self._lay_out)
        self._lay_out()

    @property
    def order(self) -> CardOrder:
        """How finished cards are sorted."""
        return self._model.order

    def set_order(self, order: CardOrder) -> None:
        """Sort finished cards."""
        self._model.order = order
        self._model.refresh()

    def show_view(self, view: DeliberationView | None) -> None:
        """Show another deliberation, or none."""
        self._model.show_view(view)
        self._lay_out()

    def refresh(self) -> None:
        """Take the present state; never scrolls."""
        rows = self._model.rowCount()
        place = self.verticalScrollBar().value()
        self._model.refresh()
        if self._model.rowCount() != rows:
            self._lay_out()
        self.verticalScrollBar().setValue(place)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FontChange:
            self._lay_out()
        return super().event(event)

    def _lay_out(self) -> None:
        bar = self.verticalScrollBar().sizeHint().width()
        columns = 2 if self.width() >= pixels(330) else 1
        rows = -(-self._model.rowCount() // columns)
        scrolls = rows > _VISIBLE_ROWS
        width = (self.width() - (bar if scrolls else 0) - 4) // columns
        height = pixels(100) + _GAP
        if self.gridSize() != QSize(width, height):
            self.setGridSize(QSize(max(80, width), height))
        shown = rows if not scrolls else _VISIBLE_ROWS + 0.4
        self.setFixedHeight(round(shown * height) + 2)

    def _on_activated(self, index: QModelIndex) -> None:
        candidate = self._model.candidate(index)
        if candidate is not None:
            self.candidate_opened.emit(candidate.index)

    def _show_menu(self) -> None:
        candidate = self._model.candidate(self.currentIndex())
        if candidate is None:
            return
        menu = QMenu(self)
        read = menu.addAction(self.tr("Read in full"))
        read.triggered.connect(lambda: self.candidate_opened.emit(candidate.index))
        use = menu.addAction(self.tr("Use this answer"))
        use.setEnabled(candidate.finished is not None and bool(candidate.response))
        use.triggered.connect(lambda: self.promote_requested.emit(candidate.index))
        menu.exec(self.cursor().pos())
        menu.deleteLater()
