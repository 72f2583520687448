"""What is printed reaches any terminal, pipe or file, also one that does not take every character.

A character that an encoding lacks is written as JSON writes it, so that JSON stays the same value
and a text says what is missing.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from pathlib import Path
from typing import Final

_ESCAPED: Final = "ponder-escaped"


def prepare_output() -> None:
    """Let standard output and error take every character, and be there at all."""
    codecs.register_error(_ESCAPED, _escaped)
    if sys.stdout is None:  # closed by who started us
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ESCAPED)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[place : place + 2].hex() for place in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs), error.end
