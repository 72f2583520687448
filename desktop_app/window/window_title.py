"""The main window's title: which conversation is open, and whether it is thought about.

It exists so that a task bar says what is worth coming back for. A title may be of an imported
file, so that nothing in it may turn the direction of writing or be taken for Qt's own marks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.chat.controller import ChatController
from desktop_app.chat.phase import ChatPhase
from desktop_app.deliveries import Deliveries
from desktop_app.words.one_line import one_line

if TYPE_CHECKING:  # keeps SQLite out of the window's start
    from engine.journal.journal import Journal
    from engine.journal.records import ConversationSummary

_LONGEST: Final = 80
_CHANGED_MARK: Final = "[*]"
"""Where Qt shows that a document was changed; written twice it is shown as it is."""


class WindowTitle(QObject):
    """Keeps a window's title up to date.

    Args:
        window: The window.
        chat: Says what is open and thought about.
        journal: Knows what conversations are called.
        deliveries: Brings that to this thread.
    """

    def __init__(
        self, window: QWidget, chat: ChatController, journal: Journal, deliveries: Deliveries
    ) -> None:
        super().__init__(window)
        self._window, self._chat = window, chat
        self._journal, self._deliveries = journal, deliveries
        self._title = ""
        chat.conversation_shown.connect(self._on_shown)
        chat.conversations_changed.connect(self._read)
        chat.phase_changed.connect(self._show)

    def _on_shown(self) -> None:
        self._title = ""  # until it is known: never that of another conversation
        self._show()
        self._read()

    def _read(self) -> None:
        conversation_id = self._chat.visible_id
        if conversation_id is None:
            return

        def receive(summary: ConversationSummary | None) -> None:
            if conversation_id == self._chat.visible_id:
                self._title = title_text(summary.title) if summary is not None else ""
                self._show()

        self._deliveries.deliver(self._journal.conversation(conversation_id), receive)

    def _show(self) -> None:
        thinking = self._chat.phase in {ChatPhase.THINKING, ChatPhase.ENDING}
        first = self.tr("Thinking…") if thinking else self._title
        self._window.setWindowTitle(f"{first} – Ponder" if first else "Ponder")


def title_text(title: str) -> str:
    """Return a conversation's title as a window's title can show it: short and plain."""
    return one_line(title, _LONGEST).replace(_CHANGED_MARK, 2 * _CHANGED_MARK)
