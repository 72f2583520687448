"""The child process of `engine.answers.equivalence`: math-verify behind JSON Lines.

Its own time limits are off, they need signals; the parent kills the process instead.
"""

from __future__ import annotations

import os
import sys

import msgspec
from math_verify import parse, verify  # type: ignore[import-untyped]  # it ships no types

from engine.answers.equivalence import Comparison


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
    for line in sys.stdin.buffer:
        comparison = msgspec.json.decode(line, type=Comparison)
        out.write(msgspec.json.encode(are_equal(comparison.first, comparison.second)) + b"\n")


if __name__ == "__main__":
    main()
