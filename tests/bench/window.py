"""The window under load: event-loop delay with 64 streams, and cold start to first paint.

Each measurement runs in a process of its own, on the offscreen platform, with folders of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
from typing_extensions import override

from desktop_app.app import Ponder, read_settings
from desktop_app.chat.phase import ChatPhase
from desktop_app.folders import folders
from desktop_app.look.theme import apply_theme
from desktop_app.window.crash_window import CrashReporter

_TICK_MILLISECONDS = 5
_WORDS = 4000


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds between when a timer was due and when it ran."""

    median: float
    p99: float
    worst: float
    samples: int


def streaming_delays(streams: int) -> Delays:
    """Delay of the window's event loop while a scripted backend streams as fast as it can."""
    with tempfile.TemporaryDirectory() as home:
        script = Path(home, "streams.script.json")
        text = " ".join(f"word{number % 97}" for number in range(_WORDS))
        script.write_text(json.dumps({"lines": [{"text": f"{text}\nAnswer: 4"}]}))
        late = _child("streaming", str(script), str(streams), home=home)
    ordered = sorted(late)
    return Delays(
        median=ordered[len(ordered) // 2],
        p99=ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))],
        worst=ordered[-1],
        samples=len(ordered),
    )


def cold_start_seconds() -> float:
    """Best of three: from starting the process to the first paint of the window."""
    times = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as home:
            times += _child("cold-start", repr(time.time()), home=home)
    return min(times)


def _child(*arguments: str, home: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.window", *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PONDER_HOME": home, "QT_QPA_PLATFORM": "offscreen"},
    )
    numbers: list[float] = json.loads(done.stdout.strip().splitlines()[-1])
    return numbers


# --- in the child -------------------------------------------------------------------------------


def open_window(model: Path | None = None) -> tuple[QApplication, Ponder]:
    """Build the application as `ponder` does, without its single instance."""
    app = QApplication.instance() or QApplication(["ponder"])
    assert isinstance(app, QApplication)
    apply_theme(app)
    known = folders()
    ponder = Ponder(known, read_settings(known), CrashReporter(None), model)
    ponder.window.resize(1440, 900)
    ponder.start()
    return app, ponder


class _Streaming(QObject):
    """Asks once, ticks while it thinks, and prints how late each tick was."""

    def __init__(self, ponder: Ponder, streams: int) -> None:
        super().__init__()
        self._ponder = ponder
        self._streams = streams
        self._asked = False
        self._last = 0.0
        self._late: list[float] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        work = self._ponder.work
        if work is None:
            return
        if not self._asked:
            if work.chat.phase is ChatPhase.READY:
                self._asked = True
                composer = self._ponder.window.composer
                composer.slider.set_attempts(self._streams)
                composer.slider.attempts_committed.emit(self._streams)
                composer.set_text("How many words?")
                composer.button.click()
            return
        if self._last:
            self._late.append(max(0.0, (now - self._last) * 1e3 - _TICK_MILLISECONDS))
        self._last = now
        if not work.chat.busy and len(self._late) > 20:
            self._timer.stop()
            print(json.dumps(self._late), flush=True)
            self._ponder.quit()


class _FirstPaint(QObject):
    """Prints the seconds until the window was painted first."""

    def __init__(self, ponder: Ponder, started: float) -> None:
        super().__init__()
        self._ponder = ponder
        self._started = started
        ponder.window.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._started:
            print(json.dumps([time.time() - self._started]), flush=True)
            self._started = 0.0
            QTimer.singleShot(0, self._ponder.quit)
        return False


def main() -> int:
    """Run one measurement named on the command line."""
    kind, argument = sys.argv[1:3]
    watcher: QObject
    if kind == "streaming":
        app, ponder = open_window(Path(argument))
        watcher = _Streaming(ponder, int(sys.argv[3]))
    else:
        app, ponder = open_window()
        watcher = _FirstPaint(ponder, float(argument))
    status = app.exec()
    del watcher
    return status


if __name__ == "__main__":
    sys.exit(main())
