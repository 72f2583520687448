"""Opening the journal's file: checked before it is touched, migrated after a backup.

A newer or damaged file is refused and left byte for byte as it was. WAL with full synchronisation:
what was accepted survives the end of the process and of the machine.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from engine.journal.errors import (
    JournalDamagedError,
    JournalError,
    JournalNewerError,
    JournalReadOnlyError,
    translate,
)
from engine.journal.migrations import APPLICATION_ID, journal_migrations
from engine.journal.records import JournalHealth

_BUSY_SECONDS: Final = 5.0
_HEADER: Final = b"SQLite format 3\x00"


def known_version() -> int:
    """Number of schema steps this version knows."""
    return len(journal_migrations._migrations)  # it offers no public count


@contextmanager
def translated() -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error) from error


def open_database(path: Path) -> Database:
    """Open the journal for writing, creating or upgrading it as needed.

    Args:
        path: The file; its folder is created.

    Raises:
        JournalError: It cannot be used; an existing file was not changed.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JournalReadOnlyError(str(error)) from error
    existing = _check_file(path)
    version = _check_version(path) if existing else 0
    with translated():
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        with translated():
            if existing and version < known_version():
                _back_up(connection, path, version)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
            connection.execute("pragma secure_delete = on")
            connection.execute("pragma foreign_keys = off")
            database = Database(connection)
            _migrate(database, version)
            connection.execute("pragma foreign_keys = on")
    except JournalError:
        connection.close()
        raise
    return database


def _check_file(path: Path) -> bool:
    """Whether there is a journal with content; an empty file counts as new."""
    try:
        if path.is_dir():
            raise JournalDamagedError("a folder stands where the journal should be")
        if not path.exists() or path.stat().st_size == 0:
            return False
        with path.open("rb") as file:
            header = file.read(len(_HEADER))
    except OSError as error:
        raise JournalReadOnlyError(str(error)) from error
    if header != _HEADER:
        raise JournalDamagedError("the file is not an SQLite database")
    return True


def _check_version(path: Path) -> int:
    """Read version and integrity without writing a byte.

    Raises:
        JournalNewerError: More steps than we know.
        JournalDamagedError: Not a journal, or broken.
    """
    with translated(), _read_only(path) as connection:
        application = connection.execute("pragma application_id").fetchone()[0]
        version = int(connection.execute("pragma user_version").fetchone()[0])
        tables = connection.execute("select count(*) from sqlite_master").fetchone()[0]
        if application != APPLICATION_ID and tables:
            raise JournalDamagedError("the database is not a journal of Ponder")
        if version > known_version():
            raise JournalNewerError(f"schema version {version}, known is {known_version()}")
        problem = connection.execute("pragma quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise JournalDamagedError(str(problem))
        return version


@contextmanager
def _read_only(path: Path) -> Iterator[sqlite3.Connection]:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)
    try:
        yield connection
    finally:
        connection.close()


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Copy the journal beside itself before its schema changes."""
    target = path.with_name(f"{path.stem}.before-{known_version()}.v{version}{path.suffix}")
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy)
    finally:
        copy.close()


def _migrate(database: Database, version: int) -> None:
    if version == known_version():
        return
    journal_migrations.apply(database)
    broken = database.execute("pragma foreign_key_check").fetchall()
    if broken:
        raise JournalDamagedError(f"{len(broken)} rows point nowhere after the upgrade")
    database.execute(f"pragma application_id = {APPLICATION_ID}")
    database.execute(f"pragma user_version = {known_version()}")


def inspect_journal(path: Path) -> JournalHealth:
    """Look at a journal without changing it.

    Raises:
        JournalError: It cannot be used.
    """
    if not _check_file(path):
        raise JournalDamagedError("the file is empty")
    version = _check_version(path)
    with translated(), _read_only(path) as connection:

        def count(table: str) -> int:
            return int(connection.execute(f"select count(*) from {table}").fetchone()[0])

        return JournalHealth(
            path=str(path),
            version=version,
            size_bytes=path.stat().st_size,
            integrity_ok=connection.execute("pragma integrity_check(1)").fetchone()[0] == "ok",
            conversations=count("conversations"),
            deliberations=count("deliberations"),
            candidates=count("candidates"),
        )
