"""The child process of `engine.answers.equivalence`: math-verify behind JSON Lines.

math-verify's own time limits are off, they need signals; the parent kills the process instead. For
the case that the parent is gone, the process also ends itself, and its memory is bounded.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from typing import Final

import msgspec
from math_verify import parse, verify  # type: ignore[import-untyped]  # it ships no types

from engine.answers.equivalence import READY, Comparison
from engine.child_memory import limit_memory

_MOST_SECONDS: Final = 10.0
"""Far above the parent's patience."""


def are_equal(first: str, second: str) -> bool | None:
    """Whether either direction verifies, or None when one of them cannot be parsed."""
    parsed = [
        parse(f"${text}$", parsing_timeout=None, raise_on_error=False) for text in (first, second)
    ]
    if not all(parsed):
        return None
    return bool(
        verify(parsed[0], parsed[1], timeout_seconds=None, raise_on_error=False)
        or verify(parsed[1], parsed[0], timeout_seconds=None, raise_on_error=False)
    )


def main() -> None:
    """Answer comparisons until the input ends."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    limit_memory()
    out.write(READY)
    for line in sys.stdin.buffer:
        comparison = msgspec.json.decode(line, type=Comparison)
        faulthandler.dump_traceback_later(_MOST_SECONDS, exit=True)
        equal = are_equal(comparison.first, comparison.second)
        faulthandler.cancel_dump_traceback_later()
        out.write(msgspec.json.encode(equal) + b"\n")


if __name__ == "__main__":
    main()
