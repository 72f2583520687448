"""The transcript: the turns of a conversation, streamed, selectable and keyboard-complete.

It must not know the engine's processes, the journal or the chat controller: it shows `TurnView`
values and says in signals what a person asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from desktop_app.chat.find_bar import FindBar
from desktop_app.chat.finding import Finder
from desktop_app.chat.transcript_scroller import TurnScroller
from desktop_app.chat.transcript_signals import TurnSignals
from desktop_app.chat.turn import Evidence, Role, TurnState, TurnView
from desktop_app.look.theme import current_theme, pixels, theme_changes, themed_icon

REPAINT_SECONDS: Final = 1 / 30
REST_FACTOR: Final = 3
"""After a costly repaint the next one waits this many times its cost, so the window stays free."""
_JUMP_SIDE: Final = 32
_JUMP_GAP: Final = 12


class TranscriptView(QWidget):
    """Shows a conversation.

    Signals carry the turn's `message_id` first.
    """

    copy_requested = Signal(str)
    """A turn's whole text was copied to the clipboard already; for a short notice."""
    regenerate_requested = Signal(str)
    think_longer_requested = Signal(str)
    edit_requested = Signal(str, str)
    """(message_id of the question, its new text)."""
    version_requested = Signal(str, int)
    """(message_id, -1 or +1)."""
    promote_requested = Signal(str, int)
    """(message_id, candidate index)."""
    rate_requested = Signal(str, object)
    """(message_id, the `Thumb` that was pressed)."""
    deliberation_requested = Signal(str)
    """The evidence strip was clicked."""
    retry_requested = Signal(str)
    settings_requested = Signal(str)
    """The turn failed of what the settings say."""
    anew_requested = Signal(str)
    """Its question is to be asked in a conversation of its own."""
    go_on_requested = Signal(str)
    more_tokens_requested = Signal(str)
    """The limit of tokens cut every candidate, and is to be set otherwise."""
    another_model_requested = Signal(str)
    """The question is to be answered again by a model that is yet to be chosen."""
    compare_requested = Signal(str)
    """The answer's versions are to be seen side by side."""
    lab_requested = Signal(str)
    """The question is to be tried with several budgets."""
    find_closed = Signal()
    """The bar in which a text was looked for is gone."""
    edit_left = Signal()
    """The last question is not edited any more, and is as it was."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pending: dict[str, tuple[list[str], list[str]]] = {}
        self._so_far: dict[str, Evidence | None] = {}
        """How answers stand, where that is not drawn yet."""
        signals = TurnSignals(self)
        signals.copied.connect(self.copy_requested)
        signals.regenerate.connect(self.regenerate_requested)
        signals.think_longer.connect(self.think_longer_requested)
        signals.edited.connect(self.edit_requested)
        signals.version.connect(self.version_requested)
        signals.promote.connect(self.promote_requested)
        signals.rate.connect(self.rate_requested)
        signals.deliberation.connect(self.deliberation_requested)
        signals.retry.connect(self.retry_requested)
        signals.settings.connect(self.settings_requested)
        signals.anew.connect(self.anew_requested)
        signals.go_on.connect(self.go_on_requested)
        signals.more_tokens.connect(self.more_tokens_requested)
        signals.another_model.connect(self.another_model_requested)
        signals.compare.connect(self.compare_requested)
        signals.lab.connect(self.lab_requested)
        self._scroller = TurnScroller(signals, self)
        self._scroller.following_changed.connect(self._on_following_changed)
        self._scroller.edit_left.connect(self.edit_left)
        self._finder = Finder(self._scroller)
        self.find_bar = FindBar(self)
        self.find_bar.sought.connect(self._on_sought)
        self.find_bar.step_requested.connect(self._on_step)
        self.find_bar.closed.connect(self.close_find)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.find_bar, 0, Qt.AlignmentFlag.AlignRight)
        layout.addWidget(self._scroller)
        self._jump = QToolButton(self)
        self._jump.setObjectName("jump")
        self._jump.setAccessibleName(self.tr("Jump to latest"))
        self._jump.setToolTip(self.tr("Jump to latest"))
        self._jump.setCursor(Qt.CursorShape.PointingHandCursor)
        self._jump.clicked.connect(self._scroller.scroll_to_end)
        self._jump.hide()
        theme_changes().changed.connect(self._place_jump)
        self._flush_timer = QTimer(self)
        self._flush_timer.setSingleShot(True)
        self._flush_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._flush_timer.timeout.connect(self._flush)
        self.setAccessibleName(self.tr("Conversation"))

    def set_turns(self, turns: Sequence[TurnView]) -> None:
        """Show another conversation, from its end."""
        self._pending.clear()
        self._so_far.clear()
        self._finder.end()
        self._scroller.set_turns(turns)
        if not self.find_bar.isHidden():
            self._on_sought(self.find_bar.field.text())

    def append_turn(self, turn: TurnView) -> None:
        """Add a turn at the end. A question brings the view to the end."""
        self._flush()
        self._scroller.append_turn(turn)
        if turn.role is Role.USER:
            self._scroller.scroll_to_end()

    def update_turn(self, turn: TurnView) -> None:
        """Replace the turn with the same `message_id`; unknown ids are ignored.

        Text still waiting to be drawn for it is dropped: the new value holds the whole text.
        """
        self._pending.pop(turn.message_id, None)
        self._so_far.pop(turn.message_id, None)
        self._scroller.update_turn(turn)

    def append_response(self, message_id: str, thought_delta: str, response_delta: str) -> None:
        """Append streamed text to a turn; drawn at most 30 times a second."""
        thought, response = self._pending.setdefault(message_id, ([], []))
        thought.append(thought_delta)
        response.append(response_delta)
        self._draw_soon()

    def show_so_far(self, message_id: str, so_far: Evidence | None) -> None:
        """Say how an answer stands that is thought about; drawn with its text."""
        self._so_far[message_id] = so_far
        self._draw_soon()

    def scroll_to(self, message_id: str) -> None:
        """Bring a turn's top into view."""
        self._flush()
        self._scroller.scroll_to(message_id)

    def mark(self, message_id: str) -> None:
        """Mark the answer that the panel is about, where it could be another; "" for none."""
        self._scroller.mark(message_id)

    def set_covered(self, height: int) -> None:
        """Let nothing be hidden for good by what lies over so many pixels of its top."""
        self._scroller.set_covered(height)

    def scroll_to_end(self) -> None:
        """Bring the end into view and stay there while the answer grows."""
        self._scroller.scroll_to_end()

    def clear(self) -> None:
        """Show nothing."""
        self.set_turns(())

    def turns(self) -> tuple[TurnView, ...]:
        """What is shown, with all streamed text drawn."""
        self._flush()
        return tuple(self._scroller.turns)

    def place_of_actions(self, message_id: str) -> QRect:
        """Where on the screen a turn's actions are; the transcript's middle if out of sight."""
        turn = self._scroller.widget(message_id)
        if turn is None:
            return QRect(self.mapToGlobal(self.rect().center()), QSize())
        button = turn.action_row.more_button
        return QRect(button.mapToGlobal(QPoint()), button.size())

    def open_find(self) -> None:
        """Let a person look for a text in the conversation."""
        self.find_bar.open()
        self._on_sought(self.find_bar.field.text())

    def close_find(self) -> None:
        """Look for nothing any more."""
        self._finder.end()
        self.find_bar.hide()
        self.find_closed.emit()

    def edit_last_question(self) -> None:
        """Let a person edit the newest question in its place."""
        self._flush()
        self._scroller.edit_last_question()

    def _draw_soon(self) -> None:
        if not self._flush_timer.isActive():
            self._flush_timer.start(round(REPAINT_SECONDS * 1000))

    def _flush(self) -> None:
        """Draw what has gathered."""
        if not self._pending and not self._so_far:
            return
        began = perf_counter()
        pending, self._pending = self._pending, {}
        so_far, self._so_far = self._so_far, {}
        for message_id in dict.fromkeys([*pending, *so_far]):
            turn = self._scroller.turn(message_id)
            if turn is None:
                continue
            thought, response = pending.get(message_id, ([], []))
            written = message_id in pending and turn.state is TurnState.WAITING
            self._scroller.update_turn(
                replace(
                    turn,
                    thought=turn.thought + "".join(thought),
                    text=turn.text + "".join(response),
                    state=TurnState.STREAMING if written else turn.state,
                    so_far=so_far.get(message_id, turn.so_far),
                )
            )
        spent = perf_counter() - began
        pause = max(REPAINT_SECONDS, REST_FACTOR * spent)
        self._flush_timer.start(round(pause * 1000))

    @property
    def text_margins(self) -> tuple[int, int]:
        """What is free beside the text, left and right, where there is no room for more."""
        return self._scroller.margins

    def _on_following_changed(self, following: bool) -> None:  # noqa: FBT001 (Qt's signal)
        self._jump.setVisible(not following)
        self._place_jump()

    def _on_sought(self, text: str) -> None:
        self._flush()
        self._finder.seek(text)
        self.find_bar.say(*self._finder.found)

    def _on_step(self, direction: int) -> None:
        self._flush()
        self._finder.step(direction)
        self.find_bar.say(*self._finder.found)

    def _place_jump(self) -> None:
        """At the right, beside the text where there is room: it must not cover what is read."""
        side = pixels(_JUMP_SIDE)
        self._jump.setIcon(themed_icon("arrow-down"))
        self._jump.setIconSize(QSize(pixels(16), pixels(16)))
        self._jump.setStyleSheet(
            f"#jump {{ background: {current_theme().panel}; border-radius: {side // 2}px;"
            f" border: 1px solid {current_theme().hairline}; }}"
        )
        right = self.text_margins[1]
        self._jump.setGeometry(
            self.width() - right - side, self.height() - side - _JUMP_GAP, side, side
        )
        self._jump.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Keep the button at its place."""
        super().resizeEvent(event)
        self._place_jump()
