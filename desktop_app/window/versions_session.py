"""Versions of an answer in the window: by other models, side by side, and on the way to the lab.

It joins the transcript with the picker, the comparison and the lab, which do not know each other.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from desktop_app.chat.another_model import AnotherModel
from desktop_app.chat.compare_dialog import CompareDialog
from desktop_app.chat.controller import ChatController
from desktop_app.lab.asked_question import AskedQuestion
from desktop_app.lab.lab_session import LabSession
from desktop_app.library.model_control import ModelControl
from desktop_app.window.main_window import MainWindow
from desktop_app.window.speaking import speak
from engine.documents.attached import without_files


class VersionsSession(QObject):
    """Serves what is asked for at a turn.

    Args:
        window: Whose transcript it serves.
        chat: What is seen.
        models: What loads models.
        name_of: What people call the model of a path.
        lab: Where budgets are tried.
    """

    def __init__(
        self,
        window: MainWindow,
        chat: ChatController,
        models: ModelControl,
        name_of: Callable[[Path], str],
        lab: LabSession,
    ) -> None:
        super().__init__(window)
        self._window, self._chat = window, chat
        self._name_of, self._lab = name_of, lab
        self._asked_at = ("", "")
        """The conversation, and the answer of it that the picker was opened for last."""
        self.another_model = AnotherModel(chat, models, self)
        self.another_model.changed.connect(self._on_expected)
        window.answering_again.pressed.connect(self._on_cancel)
        window.picker.answerer_chosen.connect(self._on_chosen)
        self.dialog: CompareDialog | None = None
        window.transcript.another_model_requested.connect(self._on_another_wanted)
        window.transcript.lab_requested.connect(self.try_in_lab)
        window.transcript.compare_requested.connect(self._on_compare_wanted)
        chat.answer_ended.connect(lambda _end: self._refresh_comparison())

    def cancel(self) -> bool:
        """Wait for no model any more; returns whether one was waited for."""
        waits = self.another_model.path is not None
        self.another_model.cancel()
        return waits

    def way_to_use(self) -> Callable[[Path], None] | None:
        """How a model that was just refused for an answer is used after all, or None."""
        refused = self.another_model.refused
        if refused is None:
            return None

        def use(path: Path) -> None:
            self.another_model.answer(*refused, path)

        return use

    def try_in_lab(self, question_id: str) -> None:
        """Let the lab ask a question of the visible conversation with several budgets."""
        told = self._chat.context_for(question_id)
        if told:
            self._lab.try_question(AskedQuestion.of(told))

    def _on_another_wanted(self, message_id: str) -> None:
        self._asked_at = (self._chat.visible_id or "", message_id)
        self._window.picker.open_for_answer(self._window.transcript.place_of_actions(message_id))

    def _on_compare_wanted(self, message_id: str) -> None:
        versions = self._chat.versions(message_id)
        if len(versions) < 2:
            return
        question, _files = without_files(self._chat.question_of(message_id))
        dialog = self.dialog = CompareDialog(question, versions, self._window)
        dialog.use_requested.connect(self._chat.choose_version)
        dialog.finished.connect(lambda _code: self._on_compared())
        dialog.open()

    def _on_compared(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _refresh_comparison(self) -> None:
        """A version that was still being thought about has its verdict."""
        if self.dialog is not None:
            versions = self._chat.versions(self.dialog.message_id)
            if len(versions) == len(self.dialog.columns):
                self.dialog.show_versions(versions)

    def _on_chosen(self, path: str) -> None:
        conversation_id, message_id = self._asked_at
        if conversation_id == self._chat.visible_id:  # else another one was opened meanwhile
            self.another_model.answer(conversation_id, message_id, Path(path))
            self._window.composer.focus()

    def _on_expected(self) -> None:
        path = self.another_model.path
        self._window.show_answering_again(self._name_of(path) if path is not None else "")
        if path is not None:
            speak(self._window.transcript, self._window.answering_again.text)

    def _on_cancel(self) -> None:
        self.another_model.cancel()
        self._window.composer.focus()
