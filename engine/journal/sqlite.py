"""The library that the journal reads and writes SQLite with, imported and opened in one place.

It imports pandas wherever that is installed, which takes longer than everything else a start in the
terminal waits for, and serves nothing that the journal does; so pandas is kept out of its sight.
Its plugins stay out as well: what else a person installed for it has no business in their journal.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final


@contextmanager
def _without(library: str) -> Iterator[None]:
    """Make an import of a library fail, unless it is imported already."""
    if library in sys.modules:
        yield
        return
    sys.modules[library] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[library]


with _without("pandas"):
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

__all__: Final = ("Database", "Migrations", "on_connection")


def on_connection(connection: sqlite3.Connection) -> Database:
    """A database on a connection that is open already."""
    return Database(connection, execute_plugins=False)
