"""A screen in memory, and hands for it: Xvfb, xdotool, and pictures of it.

It must not know what is shown.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

TOOLS = {"Xvfb": "xvfb", "xdotool": "xdotool", "import": "imagemagick"}
POLL_SECONDS = 0.02
_WIDTH, _HEIGHT = 1440, 900


class NotSeenError(Exception):
    """Something did not appear in time."""


class Screen:
    """One screen; a context manager.

    Attributes:
        display: The value of DISPLAY for programs that shall appear on it.
    """

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        self.display = ""

    def __enter__(self) -> Screen:
        reading, writing = os.pipe()
        command = [
            "Xvfb",
            "-displayfd",
            str(writing),
            "-screen",
            "0",
            f"{_WIDTH}x{_HEIGHT}x24",
            "-noreset",  # it would begin anew whenever its last program ends
            "-nolisten",
            "tcp",
        ]
        self._server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as told:
            self.display = f":{told.readline().strip()}"
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._server is not None
        self._server.terminate()
        self._server.wait()

    def window(self, name: str, seconds: float) -> str:
        """Wait for a visible window whose title fits a pattern and return its number.

        Raises:
            NotSeenError: It did not appear in time.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self._do("search", "--onlyvisible", "--name", name).split()
            if found:
                return found[-1]
            time.sleep(POLL_SECONDS)
        raise NotSeenError(f"no window named {name} within {seconds:.0f} s")

    def focus(self, window: str) -> None:
        """Give a window the keyboard; there is no window manager to do it."""
        self._do("windowfocus", "--sync", window)

    def click(self, across: float, down: float) -> None:
        """Click at a place, told in parts of the screen's width and height."""
        self._do("mousemove", str(int(across * _WIDTH)), str(int(down * _HEIGHT)), "click", "1")

    def type(self, text: str) -> None:
        """Type a text."""
        self._do("type", "--delay", "20", text)

    def press(self, keys: str) -> None:
        """Press keys together, as in "ctrl+q"."""
        self._do("key", keys)

    def picture(self, path: Path) -> None:
        """Write what the screen shows."""
        command = ["import", "-display", self.display, "-window", "root", str(path)]
        subprocess.run(
            command, check=False, capture_output=True, env=os.environ | {"TMPDIR": "/tmp"}
        )

    def _do(self, *words: str) -> str:
        environment = {**os.environ, "DISPLAY": self.display}
        done = subprocess.run(
            ["xdotool", *words], capture_output=True, text=True, check=False, env=environment
        )
        return done.stdout
