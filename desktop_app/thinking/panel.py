"""The deliberation panel: votes, candidates, time line and power of one deliberation.

It repaints from a `DeliberationView` at most 30 times a second, only when something changed and it
can be seen, and never steals focus or scrolls by itself. It must not know the session: what a
person wants is said in signals.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QActionGroup, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from desktop_app.look.steady_scroll import BAR_WIDTH, keep_bar_room
from desktop_app.look.theme import numeric_font, pixels, theme_changes, themed_icon
from desktop_app.thinking.candidate_dialog import CandidateDialog
from desktop_app.thinking.card_model import CardOrder
from desktop_app.thinking.cards import CandidateCards
from desktop_app.thinking.live import DeliberationView
from desktop_app.thinking.power_section import PowerSection
from desktop_app.thinking.revision_chain import RevisionChain
from desktop_app.thinking.search_tree import SearchTree
from desktop_app.thinking.sections import Heading
from desktop_app.thinking.time_line import TimeLine
from desktop_app.thinking.votes import VoteBars
from desktop_app.thinking.wording import (
    candidate_remark,
    speed_remark,
    step_remark,
    time_remark,
    vote_note,
    vote_remark,
)
from desktop_app.words.strategy_text import choice_text
from engine.power.meter import EnergyReport, PowerSample, SensorWindow
from engine.verdict import Outcome

REPAINT_MILLISECONDS = 34
PANEL_WIDTH = 416
_WIDTH_FOR_ORDER = 236


class DeliberationPanel(QWidget):
    """Shows the evidence for an answer.

    Attributes:
        promote_requested: Index of the candidate to use as the answer.
        prefer_requested: Index of the candidate the person prefers, or no longer.
        candidate_opened: Index of the candidate that was opened to read.
    """

    promote_requested = Signal(int)
    prefer_requested = Signal(int)
    candidate_opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: DeliberationView | None = None
        self._painted: tuple[int, int] | None = None
        self._dialog: CandidateDialog | None = None
        self.setObjectName("deliberation-panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Deliberation"))
        self.setMinimumWidth(240)
        self._empty = QLabel(self)
        self._empty.setProperty("muted", True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(32, 0, 32, 0)
        self._body = self._build_body()
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        keep_bar_room(self._scroll)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._body)
        for transparent in (self._scroll.viewport(), self._body):
            transparent.setAutoFillBackground(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._empty, 1)
        layout.addWidget(self._scroll, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(REPAINT_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)
        theme_changes().changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.show_view(None)

    # --- building -------------------------------------------------------------------------------

    def _build_body(self) -> QWidget:
        body = QWidget(self)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(20, 0, 20 - BAR_WIDTH, 20)
        layout.setSpacing(0)
        self._votes_heading = Heading(self.tr("Votes"), body)
        self._votes = VoteBars(body)
        self._note = QLabel(body)
        self._note.setProperty("muted", True)
        self._note.setWordWrap(True)
        self._note.setContentsMargins(0, 4, 0, 0)
        self._choice = QLabel(body)
        self._choice.setTextFormat(Qt.TextFormat.PlainText)
        self._choice.setWordWrap(True)
        self._choice.setContentsMargins(0, 12, 0, 0)
        self._tree_heading = Heading(self.tr("Steps"), body)
        self._tree = SearchTree(body)
        self._tree.candidate_opened.connect(self._open_candidate)
        self._chain_heading = Heading(self.tr("Revisions"), body)
        self._chain = RevisionChain(body)
        self._chain.candidate_opened.connect(self._open_candidate)
        self._cards_heading = Heading(self.tr("Candidates"), body)
        self._order = self._build_order()
        self._cards_heading.add(self._order)
        self._cards = CandidateCards(body)
        self._cards.promote_requested.connect(self.promote_requested)
        self._cards.prefer_requested.connect(self.prefer_requested)
        self._cards.candidate_opened.connect(self._open_candidate)
        self._cards.card_reached.connect(self._on_card_reached)
        self._cards.folded_changed.connect(self._on_folded_changed)
        self._unfold = QPushButton(body)
        self._unfold.setProperty("flat", True)
        self._unfold.hide()
        self._unfold.clicked.connect(self._on_unfold)
        self._time_heading = Heading(self.tr("Time"), body)
        self._time_line = TimeLine(body)
        self._speed = QLabel(body)
        self._speed.setProperty("muted", True)
        self._speed.setFont(numeric_font(self._speed.font()))
        self._speed.setContentsMargins(0, 4, 0, 0)
        self._speed.setWordWrap(True)
        self._power = PowerSection(body)
        for widget in (
            self._choice, self._votes_heading, self._votes, self._note, self._tree_heading,
            self._tree, self._chain_heading, self._chain, self._cards_heading, self._cards,
            self._unfold, self._time_heading, self._time_line, self._speed, self._power,
        ):  # fmt: skip
            layout.addWidget(widget)
        layout.addStretch(1)
        return body

    def _build_order(self) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("quiet", True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow after the word
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(self.tr("Order of the candidates"))
        button.setToolTip(self.tr("Order of the candidates"))
        menu = QMenu(button)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        group = QActionGroup(menu)
        for text, order in (
            (self.tr("by vote"), CardOrder.BY_VOTE),
            (self.tr("by number"), CardOrder.BY_NUMBER),
            (self.tr("by time"), CardOrder.BY_TIME),
        ):
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setData(order)
            group.addAction(action)
            action.setChecked(order is CardOrder.BY_VOTE)
        group.triggered.connect(lambda action: self.set_order(CardOrder(action.data())))
        button.clicked.connect(lambda: menu.popup(button.mapToGlobal(button.rect().bottomLeft())))
        button.setText(self.tr("by vote"))
        self._orders = group
        return button

    # --- showing --------------------------------------------------------------------------------

    @property
    def view(self) -> DeliberationView | None:
        """What is shown."""
        return self._view

    @property
    def choice_shown(self) -> str:
        """What is said of `auto`, or ""."""
        return self._choice.text()

    def show_view(self, view: DeliberationView | None) -> None:
        """Show a deliberation, or the empty state."""
        if view is not self._view:
            self._scroll.verticalScrollBar().setValue(0)
        self._view = view
        self._painted = None
        self._show_whether_empty(view)
        self._cards.show_view(view)
        if view is None:
            self._timer.stop()
            if self._dialog is not None:
                self._dialog.refresh(None)
            return
        self._paint(view)
        if view.running:
            self._timer.start()

    @Slot()
    def refresh(self) -> None:
        """Repaint what changed since the last time."""
        view = self._view
        if view is None:
            return
        if view.running and not self._timer.isActive():
            self._timer.start()
        elif not view.running:
            self._timer.stop()
        view.tick(time.monotonic())
        if self.isVisible():
            self._paint(view)

    def set_order(self, order: CardOrder) -> None:
        """Sort the candidates of a finished deliberation."""
        for action in self._orders.actions():
            if action.data() == order:
                action.setChecked(True)
                self._order.setText(action.text())
        self._cards.set_order(order)

    def set_power(
        self,
        samples: Sequence[PowerSample],
        report: EnergyReport | None,
        label: str,
        window: SensorWindow,
        *,
        elsewhere: bool = False,
    ) -> None:
        """Show power readings and what they added up to.

        Args:
            samples: Readings of this deliberation, with a little idle time before.
            report: The measurement so far, or None.
            label: The meter's label, "" without a sensor.
            window: What one reading averages over.
            elsewhere: Whether other machines worked too.
        """
        view = self._view
        finished = 0
        if view is not None:
            finished = sum(1 for c in view.candidates.values() if c.finished is not None)
        self._power.show_power(samples, report, finished)
        self._power.show_sensor(label, window, elsewhere=elsewhere)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _show_whether_empty(self, view: DeliberationView | None) -> None:
        if view is None:
            self._empty.setText(self.tr("Ask something and the candidates appear here"))
        else:
            self._empty.setText(self.tr("It ended before its first attempt"))
        empty = view is None or not (view.running or view.candidates)
        self._empty.setVisible(empty)
        self._scroll.setVisible(not empty)

    def _paint(self, view: DeliberationView) -> None:
        state = (id(view), view.revision)
        if state == self._painted:
            return
        self._painted = state
        self._show_whether_empty(view)
        self._votes.show_view(view)
        self._votes_heading.remark.say(vote_remark(view))
        alone = view.verdict is not None and view.verdict.outcome is Outcome.SINGLE
        shown = bool(self._votes.rows) or not alone
        if shown is self._votes_heading.isHidden():
            self._votes_heading.setVisible(shown)
        note = vote_note(view)
        if note != self._note.text():
            self._note.setText(note)
        self._note.setVisible(bool(note))
        choice = choice_text(view.choice) if view.choice is not None else ""
        if choice != self._choice.text():
            self._choice.setText(choice)
        self._choice.setVisible(bool(choice))
        self._tree.show_view(view)
        searching = view.running and view.way == "search"
        self._tree_heading.setVisible(bool(view.steps) or searching)
        self._tree_heading.remark.say(step_remark(view))
        self._chain.show_view(view)
        self._chain_heading.setVisible(bool(self._chain.lines))
        rounds = view.way == "aggregate"
        self._chain_heading.set_title(self.tr("Rounds") if rounds else self.tr("Revisions"))
        self._cards.refresh()
        self._cards_heading.remark.say(candidate_remark(view))
        self._order.setVisible(not view.running)
        self._time_line.show_view(view)
        self._time_heading.remark.say(*time_remark(view))
        self._speed.setText(speed_remark(view))
        if self._dialog is not None:
            self._dialog.refresh(view)

    # --- hands ----------------------------------------------------------------------------------

    @Slot(int)
    def _open_candidate(self, index: int) -> None:
        view = self._view
        if view is None or index not in view.candidates or self._dialog is not None:
            return
        self.candidate_opened.emit(index)
        dialog = CandidateDialog(view, index, self)
        dialog.promote_requested.connect(lambda: self.promote_requested.emit(index))
        dialog.prefer_requested.connect(lambda: self.prefer_requested.emit(index))
        dialog.finished.connect(self._on_dialog_closed)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._dialog = dialog
        dialog.open()

    @Slot()
    def _on_dialog_closed(self) -> None:
        self._dialog = None

    @Slot(QRect)
    def _on_card_reached(self, place: QRect) -> None:
        """Follow the keyboard, and only the keyboard."""
        top = self._cards.mapTo(self._body, place.topLeft())
        self._scroll.ensureVisible(top.x(), top.y() + place.height(), 0, 8)
        self._scroll.ensureVisible(top.x(), top.y(), 0, 8)

    @Slot(int)
    def _on_folded_changed(self, folded: int) -> None:
        unfolded = self._cards.unfolded
        self._unfold.setVisible(folded > 0 or unfolded)
        if unfolded:
            self._unfold.setText(self.tr("Show fewer"))
        else:
            total = folded + self._cards.cards.rowCount()
            self._unfold.setText(self.tr("Show all {0}").format(total))

    @Slot()
    def _on_unfold(self) -> None:
        self._cards.set_unfolded(not self._cards.unfolded)
        if not self._cards.unfolded:
            self._scroll.ensureWidgetVisible(self._cards_heading)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_order()

    def _fit_order(self) -> None:
        """In a narrow panel only the arrow of the order is shown, so that nothing is cut."""
        narrow = self.width() < pixels(_WIDTH_FOR_ORDER)
        style = Qt.ToolButtonStyle
        self._order.setToolButtonStyle(
            style.ToolButtonIconOnly if narrow else style.ToolButtonTextBesideIcon
        )

    @Slot()
    def _on_theme_changed(self) -> None:
        self._fit_order()
        self._order.setIconSize(QSize(pixels(14), pixels(14)))
        self._order.setIcon(themed_icon("chevron-down", "muted"))
        self._painted = None
        self.refresh()
