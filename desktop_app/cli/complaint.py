"""What went wrong, on standard error: one line, which commands no terminal."""

from __future__ import annotations

import sys

from desktop_app.error_text import error_line
from desktop_app.words.plain_text import plain


def complain(text: str) -> None:
    """Say a text."""
    print(f"ponder: {plain(' '.join(text.split()))}", file=sys.stderr)


def complain_of(code: str, detail: str = "") -> None:
    """Say an expected error, or a notice."""
    complain(error_line(code, detail))


def fail(status: int, code: str, detail: str = "") -> int:
    """Say why it failed, and return the exit status."""
    complain_of(code, detail)
    return status
