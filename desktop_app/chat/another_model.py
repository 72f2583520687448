"""An answer that is given again by another model, once that one is loaded.

It exists so that nothing of the conversation changes before the model is ready: where it cannot be
loaded, or the person thinks better of it, the earlier answer stands and the earlier model comes
back. It must not know widgets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.chat.controller import ChatController
from desktop_app.library.model_control import ModelControl, ModelPhase


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which answer is to be given again, by which model, and which model was used before.

    One that is cancelled may be loaded all the same, where that was nearly done.
    """

    conversation_id: str
    message_id: str
    path: Path
    earlier: Path | None
    cancelled: bool = False


class AnotherModel(QObject):
    """Loads a model, then answers with it.

    Args:
        chat: Where the answer is.
        models: What loads models.

    Attributes:
        changed: Another model is waited for, or none any more.
    """

    changed = Signal()

    def __init__(
        self, chat: ChatController, models: ModelControl, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._chat, self._models = chat, models
        self._wanted: _Wanted | None = None
        self._refused: _Wanted | None = None
        models.state_changed.connect(self._on_state)
        chat.conversations_deleted.connect(self._on_deleted)

    @property
    def path(self) -> Path | None:
        """The model that is waited for, or None."""
        return self._wanted.path if self._wanted is not None else None

    def answer(self, conversation_id: str, message_id: str, path: Path) -> None:
        """Answer a question again with a model.

        Args:
            conversation_id: Where; it must be in memory.
            message_id: The answer of which another version is made.
            path: The model; what is thought about ends when its file has been checked.
        """
        state = self._models.state
        earlier = state.path if state.phase is not ModelPhase.NO_MODEL else None
        if self._wanted is not None:
            earlier = self._wanted.earlier
        self._refused = None
        self._expect(_Wanted(conversation_id, message_id, path, earlier))
        if state.takes_questions and state.path == path:
            self._on_state()
        else:
            self._models.load(path, self._chat.when_idle)

    def cancel(self) -> None:
        """Let the earlier model and answer stand."""
        if self._wanted is not None:
            self._wanted = replace(self._wanted, cancelled=True)
            self._models.cancel()

    @property
    def refused(self) -> tuple[str, str] | None:
        """(conversation, answer) for which a model was just refused, or None."""
        refused = self._refused
        return (refused.conversation_id, refused.message_id) if refused is not None else None

    def _expect(self, wanted: _Wanted | None) -> None:
        self._wanted = wanted
        self._chat.keep_open(wanted.conversation_id if wanted is not None else None)
        self.changed.emit()

    def _on_state(self) -> None:
        """Answer when the model is there; take the earlier one back where it will not come."""
        wanted, self._refused = self._wanted, None
        if wanted is None:
            return
        state = self._models.state
        if (state.checking or state.path) != wanted.path:  # refused, or another one was chosen
            self._refused = wanted if state.takes_questions else None
            self._expect(None)
        elif state.takes_questions and not wanted.cancelled:
            self._chat.answer_again(wanted.conversation_id, wanted.message_id, aside=True)
            self._expect(None)
        elif state.takes_questions or state.phase is ModelPhase.NO_MODEL:
            self._refused = wanted if wanted.earlier is None else None
            self._expect(None)
            if wanted.earlier is not None:
                self._models.load(wanted.earlier)

    def _on_deleted(self, ids: tuple[str, ...]) -> None:
        if self._wanted is not None and self._wanted.conversation_id in ids:
            self._expect(None)
