r"""Where a solution marks its answer: in `\boxed{}`, or behind `####`.

One reading for what a model writes and for the reference it is judged by. Both are linear in the
text.

Source: the layouts of MATH (arXiv 2103.03874) and GSM8K (arXiv 2110.14168).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_BRACE: Final = re.compile(r"(?P<box>\\boxed\s*)?\{|\}")
_HASHES: Final = re.compile(r"(?<!#)####(?!#)[ \t]*(\S[^\n]*)")


def boxed(text: str) -> Iterator[str]:
    r"""Yield what stands in each `\boxed{}` whose braces balance, the last one first."""
    opened: list[tuple[int, bool]] = []
    found: list[tuple[int, int]] = []
    for brace in _BRACE.finditer(text):
        if brace[0] != "}":
            opened.append((brace.end(), brace["box"] is not None))
        elif opened:
            start, is_box = opened.pop()
            if is_box:
                found.append((start, brace.start()))
    for start, end in sorted(found, reverse=True):
        yield text[start:end]


def behind_hashes(text: str) -> list[str]:
    """Return what stands behind each `####`, to the end of its line."""
    return [content.strip() for content in _HASHES.findall(text)]
