"""`ponder preferences`: preference pairs for training, from what the journal holds."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop_app.cli.complaint import fail
from desktop_app.cli.exits import EXIT_ENGINE, EXIT_USAGE
from desktop_app.cli.usage import UsageError
from desktop_app.folders import folders
from desktop_app.output_file import OutputError
from desktop_app.preference_export import NoPreferencesError, export_preferences
from desktop_app.words.quantities import counted
from engine.journal.errors import JournalError
from engine.journal.journal import Journal
from engine.preferences import MOST_LENGTH_WEIGHT, Judge


def run_preferences(arguments: argparse.Namespace) -> int:
    """Write the file; 0 when it is written, 2 when it cannot be, 4 when the journal fails.

    Raises:
        UsageError: An option is out of range.
    """
    if not 0 <= arguments.length_weight <= MOST_LENGTH_WEIGHT:
        raise UsageError(f"--length-weight must be between 0 and {MOST_LENGTH_WEIGHT}")
    path = Path(arguments.output)
    try:
        known = folders().journal
        if not known.exists():  # opening it would make an empty one
            raise NoPreferencesError
        journal = Journal(known)
        try:
            counts = export_preferences(
                journal,
                path,
                Judge(arguments.judge),
                arguments.length_weight,
                replace=arguments.force,
            )
        finally:
            journal.close()
    except (OutputError, JournalError) as error:
        status = EXIT_ENGINE if isinstance(error, JournalError) else EXIT_USAGE
        return fail(status, error.code, error.detail)
    total = counts.total()
    parts = ", ".join(f"{judge.value} {counts[judge]}" for judge in sorted(counts))
    print(f"{counted(total, 'pair')} written to {path} ({parts})")
    return 0
