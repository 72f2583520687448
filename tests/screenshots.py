"""`make screenshots`: drives the real window through a question and writes docs/pictures."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from desktop_app.app import Ponder
from desktop_app.chat.controller import ChatPhase
from desktop_app.theme import ThemeChoice, set_theme_choice
from models.builtin import SAMPLE_QUESTIONS, builtin_model_path
from tests.bench.window import open_window

ROOT = Path(__file__).resolve().parents[1]
_PATIENCE_SECONDS = 120.0
_SAMPLES = 16


def main() -> int:
    """Ask the built-in model one question and picture the window in light and dark."""
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
        themes: tuple[ThemeChoice, ...] = ("light", "dark")
        for theme in themes:
            set_theme_choice(theme)
            _settle(app)
            path = folder / f"window-{theme}.png"
            ponder.window.grab().save(str(path))
            print(f"wrote {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}")
        ponder.quit()
        _settle(app)
    return 0


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
