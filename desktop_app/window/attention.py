"""Calls a person back who went elsewhere while a question or a sweep took long.

A notification may be read on a locked screen, so that it never holds a word of a question, an
answer or a title. It must not know how the window comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from desktop_app.chat.open_conversation import AnswerEnd
from desktop_app.chat.turn import TurnState
from desktop_app.window.main_window import MainWindow
from desktop_app.window.tray import Tray
from engine.lab.records import SweepStatus
from engine.verdict import StoppedWhy

if TYPE_CHECKING:  # imported behind the first paint
    from desktop_app.window.window_session import WindowSession

LONG_SECONDS: Final = 10.0


class Attention(QObject):
    """Tells of the end of long work while no window of Ponder is in front.

    Args:
        window: The main window.
        work: What is joined to it.
        tray: Where notifications are shown.
        show_window: Brings the window to the front.

    Attributes:
        long_seconds: What took less is not told of.
    """

    def __init__(
        self,
        window: MainWindow,
        work: WindowSession,
        tray: Tray,
        show_window: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self.long_seconds = LONG_SECONDS
        self._window, self._work, self._tray = window, work, tray
        self._show_window = show_window
        self._show_latest: Callable[[], None] | None = None
        """Shows what the latest notification was about, until the person was there."""
        work.chat.answer_ended.connect(self._on_answer_ended)
        work.lab.runner.ended.connect(self._on_sweep_ended)
        window.came_forward.connect(self._forget)
        tray.message_clicked.connect(self._on_clicked)
        tray.window_wanted.connect(self._on_clicked)  # not every desktop tells of clicks on text

    def _on_answer_ended(self, end: AnswerEnd) -> None:
        verdict = end.answer.view.verdict
        if verdict is not None and verdict.stopped is StoppedWhy.CANCELLED:
            return  # the person ended it
        failed = end.answer.state is TurnState.FAILED
        not_answered = self.tr("The question was not answered.")
        text = not_answered if failed else self.tr("The answer is ready.")
        conversation_id, message_id = end.conversation_id, end.answer.message_id
        self._call(
            text,
            end.seconds,
            lambda: self._work.conversations.open_answer(conversation_id, message_id),
        )

    def _on_sweep_ended(self, status: SweepStatus | None, seconds: float) -> None:
        texts = {
            SweepStatus.FINISHED: self.tr("The sweep is finished."),
            SweepStatus.STOPPED: self.tr("The sweep has stopped at its limit."),
            None: self.tr("The sweep could not go on."),
        }
        if status in texts:  # else the person ended it
            self._call(texts[status], seconds, self._work.lab.open)

    def _call(self, text: str, seconds: float, show_what: Callable[[], None]) -> None:
        wanted = self._work.settings.appearance.tell_when_ready
        in_front = QApplication.activeWindow() is not None
        if in_front or not wanted or seconds < self.long_seconds:
            return
        self._show_latest = show_what
        QApplication.alert(self._window)
        self._tray.tell(text)

    def _on_clicked(self) -> None:
        show_latest, self._show_latest = self._show_latest, None
        self._show_window()
        if show_latest is not None:
            show_latest()

    def _forget(self) -> None:
        self._show_latest = None
