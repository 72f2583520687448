"""Measures how long the window takes to be on the screen, packaged and from source.

Both are started alike on a screen in memory, each with a home of its own, in turn, and the best of
several starts counts: ``python3 packaging/start_time.py``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from virtual_screen import Screen

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60.0


def start_seconds(command: Sequence[str], screen: Screen) -> float:
    """Start a command, wait for its window, end it, and return how long that window took.

    Raises:
        NotSeenError: No window came.
    """
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "PONDER_HOME": home, "DISPLAY": screen.display}
        environment |= {"QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)}
        started = time.monotonic()
        process = subprocess.Popen(command, env=environment, cwd=ROOT)
        try:
            screen.window("^Ponder", PATIENCE_SECONDS)
            return time.monotonic() - started
        finally:
            process.terminate()
            process.wait()


def compare(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, float]:
    """Return the best start of each command, started in turn."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    with Screen() as screen:
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(start_seconds(command, screen))
    return {name: min(measured) for name, measured in times.items()}


def main() -> int:
    """Read the command line, measure and print; return the exit status."""
    parser = argparse.ArgumentParser(
        description="Compare the packaged start with that from source."
    )
    parser.add_argument("--packaged", default=str(ROOT / "dist" / "ponder" / "ponder"))
    parser.add_argument("--python", default=str(ROOT / ".venv" / "bin" / "python"))
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    commands = {
        "source": [chosen.python, "-m", "desktop_app"],
        "packaged": [chosen.packaged],
    }
    best = compare(commands, chosen.rounds)
    for name, seconds in best.items():
        print(f"{name:<10} {seconds:.2f} s")
    print(f"ratio      {best['packaged'] / best['source']:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
