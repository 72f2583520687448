"""Drives the real window over a real session and a script as the model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from desktop_app.app import Ponder, QuitStage, read_settings
from desktop_app.chat.controller import ChatController
from desktop_app.chat.phase import ChatPhase
from desktop_app.folders import folders
from desktop_app.window.crash_window import CrashReporter
from desktop_app.window.main_window import MainWindow
from desktop_app.window.tray import Tray
from desktop_app.window.window_session import WindowSession
from engine.journal.journal import Journal
from engine.journal.records import ConversationSummary

PATIENCE_MILLISECONDS = 60_000

VOTE = [{"text": f"I count.\nAnswer: {answer}"} for answer in ("4", "5", "4", "4")]
HOLD: list[dict[str, object]] = [{"text": "Answer: 4"}, {"text": "still thinking", "hold": True}]


class Driver:
    """One window, from its start to its end.

    Args:
        qtbot: Waits for signals.
        folder: Where scripts are written.
        model_path: A model file named at the start, or None.
        tray: What stands for the system's tray; the offscreen platform has none.
    """

    def __init__(
        self,
        qtbot: QtBot,
        folder: Path,
        model_path: Path | None = None,
        tray: Tray | None = None,
    ) -> None:
        self.qtbot = qtbot
        self.folder = folder
        self.bugs: list[BaseException] = []
        self.crash = CrashReporter(None)
        known = folders()
        self.ponder = Ponder(known, read_settings(known), self.crash, model_path, tray)
        # what is thought about when a test ends would be asked about if the window were closed
        qtbot.addWidget(self.ponder.window, before_close_func=lambda _window: self.quit())
        self.ponder.start()
        self.wait(lambda: self.ponder.work is not None)

    @property
    def window(self) -> MainWindow:
        """The window."""
        return self.ponder.window

    @property
    def work(self) -> WindowSession:
        """What is joined to it."""
        assert self.ponder.work is not None
        return self.ponder.work

    @property
    def chat(self) -> ChatController:
        """The chat."""
        return self.work.chat

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds."""
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MILLISECONDS)

    def script(self, lines: object, name: str = "model", family: str = "", **more: object) -> Path:
        """Write a script."""
        path = self.folder / f"{name}.script.json"
        path.write_text(json.dumps({"lines": lines, "family": family, **more}))
        return path

    def load(self, lines: object, name: str = "model", family: str = "", **more: object) -> Path:
        """Load a script and wait for it."""
        path = self.script(lines, name, family, **more)
        self.work.open_file(path)
        self.wait(
            lambda: self.work.models.state.takes_questions and self.work.models.state.path == path
        )
        return path

    def write(self, text: str) -> None:
        """Type a question and press the button."""
        self.window.composer.set_text(text)
        self.window.composer.button.click()

    def ask(self, text: str, attempts: int = 4) -> None:
        """Ask and wait for the verdict."""
        self.slide(attempts)
        self.write(text)
        self.wait(lambda: not self.chat.busy)

    def slide(self, attempts: int) -> None:
        """Move the slider and let go."""
        slider = self.window.composer.slider
        slider.set_attempts(attempts)
        slider.attempts_committed.emit(attempts)

    def wait_phase(self, phase: ChatPhase) -> None:
        """Wait for the visible conversation's phase."""
        self.wait(lambda: self.chat.phase is phase)

    def settle(self) -> None:
        """Wait until every write asked for is on disk, shown, and laid out."""
        done: list[bool] = []
        self.work.deliveries.deliver(self.journal.conversations(), lambda _rows: done.append(True))
        self.wait(lambda: bool(done))
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)

    @property
    def journal(self) -> Journal:
        """The window's journal."""
        return self.work.journal

    def listed(self) -> list[ConversationSummary]:
        """What the sidebar lists."""
        return list(self.window.conversations.rows.conversations)

    def quit(self) -> None:
        """Quit and wait for the last stage."""
        self.ponder.quit()
        self.wait(lambda: QuitStage.DONE in self.ponder.stages)
