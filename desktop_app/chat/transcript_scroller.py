"""Scrolls thousands of turns of which only those in sight exist as widgets.

Heights are estimated until a turn has been seen. While a conversation grows or heights become
known, either the end stays in sight or what is being read stays where it is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QWidget

from desktop_app.chat.transcript_signals import TurnSignals
from desktop_app.chat.transcript_turn import MARGIN, TurnWidget
from desktop_app.chat.turn import Role, TurnView
from desktop_app.look.theme import pixels, theme_changes

COLUMN_WIDTH = 760
SIDE_MARGIN = 12
END_MARGIN = 16
FOLLOW_DISTANCE = 8
"""Closer to the end than this many pixels, the view stays at the end."""
KEPT_WIDGETS = 24
"""Turns out of sight that keep their widget, so that scrolling back costs nothing."""
STEP = 48
_VERSION_STEPS = {int(Qt.Key.Key_Left): -1, int(Qt.Key.Key_Right): 1}


class TurnScroller(QAbstractScrollArea):
    """The scrolling list of turns.

    Args:
        signals: Where turns say what a person asked for.
        parent: The transcript.
    """

    following_changed = Signal(bool)
    """Whether the view stays at the end as the conversation grows."""
    edit_left = Signal()
    """The last question is not edited any more, and is as it was."""

    def __init__(self, signals: TurnSignals, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signals = signals
        self._turns: list[TurnView] = []
        self._places: dict[str, int] = {}
        self._heights: list[int] = []
        self._tops: list[int] = [0]
        self._widgets: dict[str, TurnWidget] = {}
        self._drafts: dict[str, str] = {}
        """Questions being edited in conversations that are not shown."""
        self._following = True
        self._anchor: tuple[int, int] = (0, 0)
        self._covered = 0
        self._marked = ""
        self._adjusting = False
        self._again = False
        self._column = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().setSingleStep(STEP)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.setAccessibleName(self.tr("Conversation"))
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus_changed)
        theme_changes().changed.connect(self._on_theme_changed)

    # --- content --------------------------------------------------------------------------------

    @property
    def following(self) -> bool:
        """Whether the view stays at the end."""
        return self._following

    @property
    def turns(self) -> Sequence[TurnView]:
        """All turns."""
        return self._turns

    def turn(self, message_id: str) -> TurnView | None:
        """One turn, or None."""
        place = self._places.get(message_id)
        return None if place is None else self._turns[place]

    def widget(self, message_id: str) -> TurnWidget | None:
        """The widget of a turn, or None while it is out of sight."""
        return self._widgets.get(message_id)

    def set_turns(self, turns: Sequence[TurnView]) -> None:
        """Show other turns, from the end."""
        self._turns = list(turns)
        self._places = {turn.message_id: place for place, turn in enumerate(turns)}
        self._heights = [self._estimate(turn) for turn in turns]
        for message_id in [key for key in self._widgets if key not in self._places]:
            draft = self._widgets[message_id].draft
            if draft is not None:
                self._drafts[message_id] = draft
            self._drop(message_id)
        for message_id, widget in self._widgets.items():
            self._fill(widget, self._turns[self._places[message_id]])
        self._set_following(following=True)
        self.arrange()

    def append_turn(self, turn: TurnView) -> None:
        """Add a turn at the end."""
        if turn.message_id in self._places:
            self.update_turn(turn)
            return
        self._places[turn.message_id] = len(self._turns)
        self._turns.append(turn)
        self._heights.append(self._estimate(turn))
        self.arrange()

    def update_turn(self, turn: TurnView) -> None:
        """Replace a turn; unknown ones are ignored."""
        place = self._places.get(turn.message_id)
        if place is None:
            return
        self._turns[place] = turn
        widget = self._widgets.get(turn.message_id)
        if widget is None:
            self._heights[place] = self._estimate(turn)
        else:
            self._fill(widget, turn)
        self.arrange()

    @property
    def first_in_sight(self) -> int:
        """The position of the first turn that can be seen."""
        return self._anchor_at(self.verticalScrollBar().value())[0]

    def scroll_to(self, message_id: str, down: int = 0) -> None:
        """Bring a turn's top into view, or what is so many pixels below it.

        What lies further down is brought to a third of the height, to be read with what precedes.
        """
        place = self._places.get(message_id)
        if place is not None:
            self._set_following(following=False)
            self._anchor = (place, max(0, down - self.viewport().height() // 3))
            self.arrange()
            self._set_following(following=self._at_end())

    def scroll_to_end(self) -> None:
        """Bring the end into view and stay there."""
        self._set_following(following=True)
        self.arrange()

    def set_covered(self, height: int) -> None:
        """Leave room above the first turn for what lies over the top of the view, in pixels.

        What is read stays where it is, unless the first turn would be hidden for good.
        """
        self._covered = height
        self.arrange()

    def mark(self, message_id: str) -> None:
        """Mark the answer that the panel is about, where it could be another; "" for none."""
        self._marked = message_id
        self.arrange()

    # --- arrangement ----------------------------------------------------------------------------

    @property
    def margins(self) -> tuple[int, int]:
        """What is free beside the text, left and right, where there is no room for more."""
        return SIDE_MARGIN + MARGIN, SIDE_MARGIN + MARGIN + self._bar_width

    @property
    def _bar_width(self) -> int:
        return self.verticalScrollBar().sizeHint().width()

    @property
    def _room(self) -> int:
        """The width for turns: the same with a scroll bar and without, so that no line moves."""
        return self.width() - self._bar_width

    def arrange(self) -> None:
        """Put the turns in sight where they belong."""
        if self._adjusting:
            self._again = True
            return
        self._adjusting = True
        column = min(pixels(COLUMN_WIDTH) + 2 * MARGIN, self._room - 2 * SIDE_MARGIN)
        self._column = max(80, column)
        height = self.viewport().height()
        for _ in range(6):  # heights become known as turns come into sight; it settles quickly
            top = END_MARGIN + self._covered
            self._tops = [*accumulate(self._heights, initial=top)]
            value = self._wanted_value(height)
            first, last = self._range(value, height)
            if not self._measure(first, last):
                break
        total = self._tops[-1] + END_MARGIN
        bar = self.verticalScrollBar()
        bar.setPageStep(max(1, height - STEP))
        bar.setRange(0, max(0, total - height))
        bar.setValue(value)
        self._show_range(first, last, value)
        self._anchor = self._anchor_at(value)
        self._adjusting = False
        if self._again:  # a turn changed its height as it was shown, for example by its font
            self._again = False
            QTimer.singleShot(0, self, self.arrange)

    def _wanted_value(self, height: int) -> int:
        most = max(0, self._tops[-1] + END_MARGIN - height)
        if self._following:
            return most
        place, offset = self._anchor
        place = min(place, max(0, len(self._turns) - 1))
        return max(0, min(self._tops[place] + offset, most))

    def _range(self, value: int, height: int) -> tuple[int, int]:
        """The first turn in sight and the one after the last, with half a page more."""
        spare = height // 2
        first = max(0, bisect_right(self._tops, value - spare) - 1)
        last = bisect_right(self._tops, value + height + spare)
        return first, min(last, len(self._turns))

    def _measure(self, first: int, last: int) -> bool:
        """Lay out the turns of a range; returns whether a height was other than assumed."""
        changed = False
        for place in range(first, last):
            turn = self._turns[place]
            widget = self._widgets.get(turn.message_id)
            if widget is None:
                widget = self._make(turn)
            if widget.width() != self._column:
                widget.place(self._column)
            if widget.height() != self._heights[place]:
                self._heights[place] = widget.height()
                changed = True
        return changed

    def _show_range(self, first: int, last: int, value: int) -> None:
        x = (self._room - self._column) // 2
        several = sum(turn.evidence is not None for turn in self._turns) > 1
        shown = set()
        for place in range(first, last):
            message_id = self._turns[place].message_id
            widget = self._widgets[message_id]
            widget.move(x, self._tops[place] - value)
            widget.set_newest(place >= len(self._turns) - 1)
            widget.set_marked(marked=message_id == self._marked and several)
            if widget.isHidden():
                widget.show()
            shown.add(message_id)
            # The most recently seen ones come last, so that the others are dropped first.
            self._widgets[message_id] = self._widgets.pop(message_id)
        spare = [key for key in self._widgets if key not in shown]
        for message_id in spare:
            widget = self._widgets[message_id]
            place = self._places[message_id]
            widget.move(x, self._tops[place] - value)
            if not widget.in_use:
                widget.hide()
        for message_id in spare[: max(0, len(spare) - KEPT_WIDGETS)]:
            if not self._widgets[message_id].in_use:
                self._drop(message_id)

    def _anchor_at(self, value: int) -> tuple[int, int]:
        place = max(0, min(bisect_right(self._tops, value) - 1, len(self._turns) - 1))
        return place, value - self._tops[place]

    def _make(self, turn: TurnView) -> TurnWidget:
        widget = TurnWidget(turn.role, self._signals, self.viewport())
        widget.hide()
        self._widgets[turn.message_id] = widget
        widget.set_turn(turn)
        draft = self._drafts.pop(turn.message_id, None)
        if draft is not None:
            widget.edit(draft)
        widget.place(self._column)
        widget.height_changed.connect(self.arrange)
        return widget

    @staticmethod
    def _fill(widget: TurnWidget, turn: TurnView) -> None:
        widget.blockSignals(True)
        widget.set_turn(turn)
        widget.blockSignals(False)

    def _drop(self, message_id: str) -> None:
        widget = self._widgets.pop(message_id)
        widget.hide()
        widget.deleteLater()

    def _estimate(self, turn: TurnView) -> int:
        """A turn's height before it has been laid out."""
        line = pixels(21)
        across = max(20, (self._column or COLUMN_WIDTH) // pixels(7))
        text, _ = turn.parts
        lines = text.count("\n") + len(text) // across + 1
        return lines * line + (70 if turn.role is Role.USER else 110)

    # --- following ------------------------------------------------------------------------------

    def _at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - FOLLOW_DISTANCE

    def _set_following(self, *, following: bool) -> None:
        if following != self._following:
            self._following = following
            self.following_changed.emit(following)

    def _on_scrolled(self, value: int) -> None:
        if self._adjusting:
            return
        self._set_following(following=self._at_end())
        self._anchor = self._anchor_at(value)
        self.arrange()

    # --- keys and events ------------------------------------------------------------------------

    def focus_turn(self, place: int) -> None:
        """Focus a turn and bring it into view.

        Args:
            place: Its position; clamped to the turns there are.
        """
        if not self._turns:
            return
        self._come_to(max(0, min(place, len(self._turns) - 1))).setFocus(
            Qt.FocusReason.OtherFocusReason
        )

    def edit_last_question(self) -> None:
        """Let a person edit the newest question, where there is one."""
        questions = [place for place, turn in enumerate(self._turns) if turn.role is Role.USER]
        if not questions:
            return
        widget = self._come_to(questions[-1])
        editor = widget.start_editing()
        editor.rejected.connect(self.edit_left)
        self._come_to(questions[-1])  # it is taller now

    def _come_to(self, place: int) -> TurnWidget:
        """Bring a turn into view."""
        value, height = self.verticalScrollBar().value(), self.viewport().height()
        top, bottom = self._tops[place], self._tops[place] + self._heights[place]
        if top < value or bottom > value + height:
            upwards = top < value
            target = top if bottom - top > height or upwards else bottom - height
            self.verticalScrollBar().setValue(target)
        widget = self._widgets.get(self._turns[place].message_id)
        if widget is None:
            self.scroll_to(self._turns[place].message_id)
            widget = self._widgets[self._turns[place].message_id]
        return widget

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Move between turns; a turn taller than the view is scrolled through first."""
        bar, key = self.verticalScrollBar(), event.key()
        place = self._focused_place()
        match key:
            case Qt.Key.Key_Down if place is not None:
                bottom = self._tops[place] + self._heights[place]
                if bottom > bar.value() + self.viewport().height() + FOLLOW_DISTANCE:
                    bar.setValue(bar.value() + STEP)
                else:
                    self.focus_turn(place + 1)
            case Qt.Key.Key_Up if place is not None:
                if self._tops[place] < bar.value():
                    bar.setValue(bar.value() - STEP)
                else:
                    self.focus_turn(place - 1)
            case Qt.Key.Key_Home:
                self.focus_turn(0)
                bar.setValue(0)
            case Qt.Key.Key_End:
                self.focus_turn(len(self._turns) - 1)
                self.scroll_to_end()
            case Qt.Key.Key_PageDown:
                bar.setValue(bar.value() + bar.pageStep())
            case Qt.Key.Key_PageUp:
                bar.setValue(bar.value() - bar.pageStep())
            case Qt.Key.Key_Escape if place is not None:
                self.focus_turn(place)
                event.ignore()
            case _:
                event.setAccepted(self._step_version(event))

    def _step_version(self, event: QKeyEvent) -> bool:
        """Show another version of the turn that has the focus itself, which stays there.

        Returns:
            Whether the key asked for one that there is.
        """
        step = _VERSION_STEPS.get(event.key(), 0)
        widget = QApplication.focusWidget()
        alone = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if not (step and alone and isinstance(widget, TurnWidget)):
            return False
        turn = widget.turn
        if not 1 <= turn.version + step <= turn.versions:
            return False
        place = self._places[turn.message_id]
        self._signals.version.emit(turn.message_id, step)
        self.focus_turn(place)
        return True

    def _focused_place(self) -> int | None:
        focus = QApplication.focusWidget()
        while focus is not None and not isinstance(focus, TurnWidget):
            focus = focus.parentWidget()
        return None if focus is None else self._places.get(focus.turn.message_id)

    def _on_focus_changed(self, old: QObject | None, new: QObject | None) -> None:
        for widget in self._widgets.values():
            for focus in (old, new):
                if isinstance(focus, QWidget) and widget.isAncestorOf(focus):
                    widget.refresh_focus()

    def _on_theme_changed(self) -> None:
        self._heights = [
            self._heights[place] if turn.message_id in self._widgets else self._estimate(turn)
            for place, turn in enumerate(self._turns)
        ]
        for widget in self._widgets.values():
            widget.place(self._column)
        self.arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Lay the turns in sight out again."""
        super().resizeEvent(event)
        self.arrange()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802 (Qt's name)
        """Do nothing: turns are moved when they are arranged."""
