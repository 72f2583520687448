"""One line of progress that is written over, where somebody watches."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Final, Self

from desktop_app.words.quantities import format_bytes

_PAUSE_SECONDS: Final = 0.1
_CLEAR: Final = "\r\x1b[K"


class ProgressLine:
    """Shows bytes done of bytes in all on standard error, if that is a terminal.

    Args:
        quiet: Show nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._last = 0.0

    def show(self, done_bytes: int, total_bytes: int, about: str = "") -> None:
        """Write the line anew, at most ten times a second."""
        now = time.monotonic()
        if not self._shown or now - self._last < _PAUSE_SECONDS:
            return
        self._last = now
        share = f"{done_bytes * 100 // total_bytes} %" if total_bytes else ""
        text = f"{format_bytes(done_bytes)} of {format_bytes(total_bytes)} {share} {about}"
        sys.stderr.write(_CLEAR + text.rstrip())
        sys.stderr.flush()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
