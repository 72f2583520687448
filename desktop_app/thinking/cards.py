"""Candidate cards: a grid of what each candidate says, streaming side by side.

A list view, so that keyboard, selection and screen readers work and only visible cards are painted.
It is as tall as its cards and never scrolls by itself; the panel around it does.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QSizePolicy, QWidget
from typing_extensions import override

from desktop_app.look.theme import pixels, theme_changes
from desktop_app.thinking.card_model import CandidateModel, CardOrder, ModelIndex
from desktop_app.thinking.card_painter import CARD_GAP, CardPainter, card_height
from desktop_app.thinking.live import DeliberationView

_ROWS = 3
"""Rows of cards before the rest is folded away."""
_CARD_WIDTH = 158


class CandidateCards(QListView):
    """Shows the cards in as many columns as fit.

    Attributes:
        promote_requested: Index of the candidate to use as the answer.
        prefer_requested: Index of the candidate to prefer, or no longer.
        candidate_opened: Index of the candidate to read in full.
        folded_changed: How many cards are folded away now, or that all are to be seen.
        card_reached: Where the card is that the keyboard has reached.
    """

    promote_requested = Signal(int)
    prefer_requested = Signal(int)
    candidate_opened = Signal(int)
    folded_changed = Signal(int)
    card_reached = Signal(QRect)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = CandidateModel(self)
        self._unfolded = False
        self._told = 0, False
        self.setModel(self._model)
        self.setItemDelegate(CardPainter(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("QListView { background: transparent; border: none; padding: 0; }")
        # The last column's gap lies outside: the viewport is wider than the widget by one gap.
        self.setViewportMargins(0, 0, -CARD_GAP, 0)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Candidates"))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.clicked.connect(self._on_chosen)
        self.activated.connect(self._on_chosen)
        theme_changes().changed.connect(self._lay_out)
        self._lay_out()

    @property
    def cards(self) -> CandidateModel:
        """What the cards say."""
        return self._model

    @property
    def unfolded(self) -> bool:
        """Whether every card is shown."""
        return self._unfolded

    def set_unfolded(self, unfolded: bool) -> None:  # noqa: FBT001 - a slot
        """Show every card, or the first rows."""
        self._unfolded = unfolded
        self._lay_out()

    def set_order(self, order: CardOrder) -> None:
        """Sort the cards of a finished deliberation."""
        self._model.set_order(order)

    def show_view(self, view: DeliberationView | None) -> None:
        """Show another deliberation, or none."""
        self._unfolded = False
        self._model.show_view(view)
        self._lay_out()

    def refresh(self) -> None:
        """Take the present state; never scrolls."""
        total = self._model.total
        self._model.refresh()
        if self._model.total != total:
            self._lay_out()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._lay_out()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    @override
    def currentChanged(self, current: ModelIndex, previous: ModelIndex) -> None:
        super().currentChanged(current, previous)
        if self.hasFocus() and current.isValid():
            self.card_reached.emit(self.visualRect(current))

    @override
    def scrollTo(
        self,
        index: ModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Everything is visible; the panel follows `card_reached`."""

    @Slot()
    def _lay_out(self) -> None:
        columns = max(1, (self.width() + CARD_GAP) // (pixels(_CARD_WIDTH) + CARD_GAP))
        limit = None if self._unfolded else _ROWS * columns
        self._model.set_limit(limit)
        shown = self._model.rowCount()
        cell = QSize((self.width() + CARD_GAP - 1) // columns, card_height() + CARD_GAP)
        if self.gridSize() != cell:
            self.setGridSize(cell)
        self.setFixedHeight(-(-shown // columns) * cell.height())
        folded = self._model.total - shown
        if (folded, self._unfolded) != self._told:
            self._told = folded, self._unfolded
            self.folded_changed.emit(folded)

    @Slot(QModelIndex)
    def _on_chosen(self, index: QModelIndex) -> None:
        candidate = self._model.candidate(index)
        if candidate is not None:
            self.candidate_opened.emit(candidate.index)

    @Slot(QPoint)
    def _show_menu(self, place: QPoint) -> None:
        under = self.indexAt(place)
        by_key = not under.isValid() or not self.viewport().underMouse()
        index = self.currentIndex() if by_key else under
        candidate = self._model.candidate(index)
        if candidate is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        number = candidate.index
        menu.addAction(self.tr("Read in full")).triggered.connect(
            lambda: self.candidate_opened.emit(number)
        )
        use = menu.addAction(self.tr("Use this answer"))
        view = self._model.view
        able = view is not None and not (view.running or view.read_only)
        use.setEnabled(able and candidate.finished is not None and bool(candidate.response))
        use.triggered.connect(lambda: self.promote_requested.emit(number))
        prefer = menu.addAction(self.tr("Prefer this answer"))
        prefer.setCheckable(True)
        prefer.setChecked(self._model.preferred(candidate))
        prefer.setEnabled(view is not None and view.can_prefer(number))
        prefer.triggered.connect(lambda: self.prefer_requested.emit(number))
        copy = menu.addAction(self.tr("Copy response"))
        copy.setEnabled(bool(candidate.response))
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(candidate.response))
        where = self.visualRect(index).center() if by_key else place
        menu.popup(self.viewport().mapToGlobal(where))
