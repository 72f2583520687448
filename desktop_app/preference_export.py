"""Writes the preference pairs of a journal to a file, for the window and the terminal alike.

It waits for the journal and the disk, so the window calls it off its thread. It must not know Qt.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.output_file import OutputError, write_whole
from engine.preferences import LENGTH_WEIGHT, Judge, json_line

if TYPE_CHECKING:  # keeps SQLite out of the window's start
    from engine.journal.journal import Journal


class NoPreferencesError(OutputError):
    """There is no pair to write."""

    code = "preferences-none"


def export_preferences(
    journal: Journal,
    path: Path,
    judge: Judge = Judge.ALL,
    length_weight: float = LENGTH_WEIGHT,
    *,
    replace: bool,
) -> Counter[Judge]:
    """Write the file and return how many pairs each judge gave.

    Args:
        journal: Where deliberations and feedback are recorded.
        path: The file, JSON Lines.
        judge: Whose word counts.
        length_weight: How much length counts against a candidate, 0 to 0.5.
        replace: Whether a file that is there may be replaced.

    Raises:
        OutputError: There is nothing to write, or it cannot be written.
        JournalError: The journal cannot be read.
    """
    pairs = journal.preferences(judge, length_weight).result()
    if not pairs:
        raise NoPreferencesError
    write_whole(path, map(json_line, pairs), replace=replace)
    return Counter(pair.judge for pair in pairs)
