"""`make screenshots`: drives the real windows, chat and lab, and writes docs/pictures."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.app import Ponder
from desktop_app.chat.phase import ChatPhase
from desktop_app.lab.lab_window import LabWindow
from desktop_app.look.theme import ThemeChoice, set_theme_choice
from desktop_app.window.shortcuts import Command
from engine.lab.records import SweepStatus
from models.builtin import SAMPLE_QUESTIONS, builtin_model_path
from tests.bench.window import open_window

ROOT = Path(__file__).resolve().parents[1]
_PATIENCE_SECONDS = 120.0
_SAMPLES = 16
_SWEPT_QUESTIONS = 60
_SWEPT_BUDGETS = "1, 2, 4, 8, 16"


def main() -> int:
    """Ask the built-in model, let the lab sweep it, and picture both in light and dark."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["PONDER_HOME"] = home
        app, ponder = open_window(builtin_model_path())
        _wait(app, lambda: ponder.work is not None)
        _wait(app, lambda: _chat_phase(ponder) is ChatPhase.READY)
        ponder.window.composer.slider.set_attempts(_SAMPLES)
        ponder.window.composer.slider.attempts_committed.emit(_SAMPLES)
        for question in SAMPLE_QUESTIONS[1::-1]:
            ponder.window.composer.set_text(question)
            ponder.window.composer.button.click()
            _wait(app, lambda: _chat_phase(ponder) is ChatPhase.READY)
        lab = _sweep(app, ponder)
        themes: tuple[ThemeChoice, ...] = ("light", "dark")
        for theme in themes:
            set_theme_choice(theme)
            _settle(app)
            _picture(ponder.window, folder / f"window-{theme}.png")
            _picture(lab, folder / f"lab-{theme}.png")
        ponder.quit()
        _settle(app)
    return 0


def _sweep(app: QApplication, ponder: Ponder) -> LabWindow:
    """Run a sweep in the lab's window to its end."""
    assert ponder.work is not None
    session = ponder.work.lab
    _wait(app, lambda: ponder.work is not None and bool(ponder.work.library.library.models))
    ponder.work.on_command(Command.LAB)
    assert session.window is not None
    session.window.setup.choose_model(builtin_model_path())
    session.window.setup.set_up(
        questions=_SWEPT_QUESTIONS, budgets=_SWEPT_BUDGETS, strategies=("vote", "auto")
    )
    ended: list[bool] = []
    session.runner.shown.connect(
        lambda shown: ended.append(shown.record.summary.status is SweepStatus.FINISHED)
    )
    session.runner.start(session.window.setup.plan(), f"stories, {_SWEPT_QUESTIONS} questions")
    _wait(app, lambda: any(ended) and not session.runner.running)
    return session.window


def _picture(window: QWidget, path: Path) -> None:
    window.grab().save(str(path))
    print(f"wrote {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}")


def _chat_phase(ponder: Ponder) -> ChatPhase | None:
    return ponder.work.chat.phase if ponder.work is not None else None


def _wait(app: QApplication, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the window did not get there in time")
        app.processEvents()
        time.sleep(0.005)


def _settle(app: QApplication) -> None:
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        app.processEvents()
        time.sleep(0.005)


if __name__ == "__main__":
    sys.exit(main())
