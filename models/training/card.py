"""The measured parts of the model card, each between marks of its own, written by who measured."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_BEGIN: Final = "<!-- {name} -->"
_END: Final = "<!-- end: {name} -->"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; the first column reads left, the others right."""
    lines = [f"| {' | '.join(head)} |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def read_section(card: Path, name: str) -> str:
    """Return what stands between a section's marks, "" where there is none."""
    _, _, rest = card.read_text(encoding="utf-8").partition(_BEGIN.format(name=name))
    return rest.partition(_END.format(name=name))[0].strip()


def rows_of(text: str, head: Sequence[str]) -> list[list[str]]:
    """Return the rows of the table in a text that has this head; none where there is no such."""
    _, found, rest = text.partition(f"| {' | '.join(head)} |\n")
    if not found:
        return []
    lines = itertools.takewhile(lambda line: line.startswith("|"), rest.splitlines()[1:])
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def write_section(card: Path, name: str, text: str) -> None:
    """Replace what stands between a section's marks.

    Raises:
        ValueError: The card has no such marks.
    """
    begin, end = _BEGIN.format(name=name), _END.format(name=name)
    before, found, rest = card.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{card} has no place for {name!r}: {begin} and {end}")
    card.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
