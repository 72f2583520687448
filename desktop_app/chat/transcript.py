"""The transcript: the turns of a conversation, streamed, selectable and keyboard-complete.

It must not know the engine, the journal or the chat controller: it shows `TurnView` values and
says in signals what a person asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.chat.turn import TurnView


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
    deliberation_requested = Signal(str)
    """The evidence strip was clicked."""
    retry_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)

    def set_turns(self, turns: Sequence[TurnView]) -> None:
        """Show another conversation, from its end."""

    def append_turn(self, turn: TurnView) -> None:
        """Add a turn at the end. A question brings the view to the end."""

    def update_turn(self, turn: TurnView) -> None:
        """Replace the turn with the same `message_id`; unknown ids are ignored."""

    def append_response(self, message_id: str, thought_delta: str, response_delta: str) -> None:
        """Append streamed text to a turn; drawn at most 30 times a second."""

    def scroll_to(self, message_id: str) -> None:
        """Bring a turn's top into view."""

    def clear(self) -> None:
        """Show nothing."""
