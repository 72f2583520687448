"""The way out: asks before work is ended, and hides the window where that keeps it going.

It exists so that a person who closes the window loses nothing unasked. Signals that end the
process do not come by here. It must not know how Ponder quits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.window.main_window import MainWindow
from desktop_app.window.quit_dialog import QuitDialog
from desktop_app.window.tray import Tray
from desktop_app.window.work_under_way import WorkUnderWay

if TYPE_CHECKING:  # imported behind the first paint
    from desktop_app.window.window_session import WindowSession

_WINDOWS: Final = frozenset({Qt.WindowType.Window, Qt.WindowType.Dialog})


class Leaving(QObject):
    """Asks, hides, shows again.

    Args:
        window: The main window.
        tray: Where a hidden window is found again.
        work: What is joined to the window, or None before it was opened.

    Attributes:
        quit_wanted: Ponder should quit; nobody is to be asked any more.
    """

    quit_wanted = Signal()

    def __init__(
        self, window: MainWindow, tray: Tray, work: Callable[[], WindowSession | None]
    ) -> None:
        super().__init__(window)
        self._window, self._tray, self._work = window, tray, work
        self._question: QuitDialog | None = None
        self._hidden: list[QWidget] = []
        """Windows that were hidden beside the main window."""
        window.close_requested.connect(self.leave)
        window.came_forward.connect(tray.hide)
        tray.window_wanted.connect(self.show_window)
        tray.quit_wanted.connect(self.leave)

    @property
    def question(self) -> QuitDialog | None:
        """What is asked now."""
        return self._question

    def leave(self) -> None:
        """Quit, after a question where work would stop."""
        work = self._work()
        under_way = work_under_way(work).sentences() if work is not None else []
        if self._question is not None or (under_way and self._window.isHidden()):
            self.show_window()
        if self._question is None and under_way:
            self._ask(under_way)
        elif self._question is None:
            self.quit_wanted.emit()

    def show_window(self) -> None:
        """Bring the window to the front, with those that were hidden beside it."""
        hidden, self._hidden = self._hidden, []
        for window in QApplication.topLevelWidgets():
            if window in hidden:
                window.show()
        self._window.come_forward()
        self._tray.hide()

    def close(self) -> None:
        """Ask nothing any more, and take the icon away: Ponder quits."""
        if self._question is not None:
            self._question.reject()
        self._tray.hide()

    def _ask(self, under_way: list[str]) -> None:
        self._question = QuitDialog(under_way, self._window, can_hide=self._tray.is_available)
        self._question.finished.connect(self._on_answered)
        self._question.quit_chosen.connect(self.quit_wanted)
        self._question.hide_chosen.connect(self._hide)
        self._question.open()

    def _on_answered(self) -> None:
        if self._question is not None:
            self._question.deleteLater()
            self._question = None

    def _hide(self) -> None:
        """Leave nothing of Ponder in sight but the icon."""
        self._tray.show()
        if self._tray.icon is None:
            return  # the tray went away while this was asked
        for window in QApplication.topLevelWidgets():
            beside = window.isVisible() and window.windowType() in _WINDOWS
            if beside and window is not self._window:
                self._hidden.append(window)
                window.hide()
        self._window.hide()


def work_under_way(work: WindowSession) -> WorkUnderWay:
    """Return what would stop if Ponder quit now."""
    runner = work.lab.runner
    progress = runner.progress
    return WorkUnderWay(
        sweeping=runner.running and not runner.paused,
        samples_done=progress.done if progress is not None else 0,
        samples=progress.attempts if progress is not None else 0,
        thinking=bool(work.chat.under_way[0]),
        waiting=work.chat.questions_waiting,
        downloads=work.library.downloads.unfinished,
        serving=bool(work.api.address),
    )
