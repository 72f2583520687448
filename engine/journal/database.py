"""Opening the journal's file: checked before it is touched, migrated after a backup.

The newest backups stay; older ones go after an upgrade that succeeded.

A newer or damaged file is refused and left byte for byte as it was. The schema and its version
are written in one transaction, so a crash at creation or upgrade leaves the file as it was before.
WAL with full synchronisation: what was accepted survives the end of the process and of the machine.

No file is opened here but by SQLite: closing any other descriptor of a database drops the locks
that this process holds on it (sqlite.org/howtocorrupt.html, section 2.2).
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from engine.journal.errors import (
    JournalDamagedError,
    JournalNewerError,
    JournalReadOnlyError,
    translate,
)
from engine.journal.migrations import APPLICATION_ID, journal_migrations
from engine.journal.records import JournalHealth
from engine.journal.sqlite import Database, on_connection
from engine.journal.transaction import writing

_BUSY_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.01
_SMALLEST_BYTES: Final = 100
"""Length of SQLite's header. Anything shorter that is not empty is not ours to overwrite."""
_OWNER_ONLY: Final = 0o600
_BACKUPS_KEPT: Final = 3


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
    except UnicodeDecodeError as error:
        # SQLite quotes a damaged schema in its message, which then is no text either.
        raise JournalDamagedError("the database holds text that cannot be read") from error


def open_database(path: Path) -> Database:
    """Open the journal for writing, creating or upgrading it as needed.

    Args:
        path: The file; its folder is created.

    Raises:
        JournalError: It cannot be used; an existing file was not changed.
    """
    version = _check_version(path) if _prepare(path) else 0
    with translated():
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        with translated():
            version, backup = _version_now(connection), None
            if 0 < version < known_version():
                backup = _back_up(connection, path, version)
            _write_ahead(connection)
            connection.execute("pragma synchronous = full")
            connection.execute("pragma secure_delete = on")
            connection.execute("pragma foreign_keys = off")
            database = on_connection(connection)
            _upgrade(database)
            connection.execute("pragma foreign_keys = on")
            if backup is not None:
                _drop_old_backups(path, backup)
    except BaseException:
        connection.close()
        raise
    return database


def _prepare(path: Path) -> bool:
    """Make an empty file only its owner can read, unless there is one already.

    Returns:
        Whether there is a journal with content; an empty file, left by a crash, counts as new.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            return _has_content(path)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, _OWNER_ONLY))
    except OSError as error:
        raise JournalReadOnlyError(str(error)) from error
    return False


def _has_content(path: Path) -> bool:
    if path.is_dir():
        raise JournalDamagedError("a folder stands where the journal should be")
    size_bytes = path.stat().st_size
    if 0 < size_bytes < _SMALLEST_BYTES:
        raise JournalDamagedError("the file is too short to be a journal")
    return size_bytes > 0


def _check_version(path: Path) -> int:
    """Read version and integrity without writing a byte of the file."""
    with _read_only(path) as connection:
        try:
            version = _version_now(connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
            # The process died inside the very first write, before WAL was on. Opening for writing
            # takes that write back; what is left is checked again then.
            return 0
        problem = connection.execute("pragma quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise JournalDamagedError(str(problem))
        return version


def _version_now(connection: sqlite3.Connection) -> int:
    """Read the schema version at one moment, for another program may be making the journal.

    Raises:
        JournalNewerError: More steps than we know.
        JournalDamagedError: Not a journal.
    """
    connection.execute("begin")
    try:
        return _version_of(connection)
    finally:
        connection.rollback()


def _version_of(connection: sqlite3.Connection) -> int:
    """Read the schema version inside a transaction, 0 for an empty database.

    Raises:
        JournalNewerError: More steps than we know.
        JournalDamagedError: Not a journal.
    """
    application = connection.execute("pragma application_id").fetchone()[0]
    version = int(connection.execute("pragma user_version").fetchone()[0])
    tables = connection.execute("select count(*) from sqlite_master").fetchone()[0]
    if application != APPLICATION_ID and tables:
        raise JournalDamagedError("the database is not a journal of Ponder")
    if version > known_version():
        raise JournalNewerError(f"schema version {version}, known is {known_version()}")
    return version


@contextmanager
def _read_only(path: Path) -> Iterator[sqlite3.Connection]:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with translated():
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)
        try:
            yield connection
        finally:
            connection.close()


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    """Copy the journal beside itself before its schema changes, whole or not at all."""
    target = path.with_name(f"{path.stem}.before-{known_version()}.v{version}{path.suffix}")
    unfinished = target.with_name(f"{target.name}.part")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY, _OWNER_ONLY))
        copy = sqlite3.connect(unfinished)
        try:
            connection.backup(copy)
        finally:
            copy.close()
        unfinished.replace(target)
    except OSError as error:
        raise JournalReadOnlyError(str(error)) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def _drop_old_backups(path: Path, made: Path) -> None:
    """Keep the newest backups, among them the one that was just made; one that stays is no harm."""
    name = re.compile(re.escape(path.stem) + r"\.before-\d+\.v\d+" + re.escape(path.suffix))
    with suppress(OSError):
        others = [f for f in path.parent.iterdir() if name.fullmatch(f.name) and f != made]
        others.sort(key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for old in others[_BACKUPS_KEPT - 1 :]:
            old.unlink()


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn on the write-ahead log; SQLite itself does not wait here when the file is in use."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _upgrade(database: Database) -> None:
    """Take the steps that are missing, with their number, or none of them.

    Taken under the write lock, since two programs may open a new journal at once. Foreign keys
    are off: with them on, rebuilding a table would cascade into its children.
    """
    with writing(database):
        _take_missing_steps(database)


def _take_missing_steps(database: Database) -> None:
    if _version_of(database.conn) == known_version():
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
    try:
        content = _has_content(path)
    except OSError as error:
        raise JournalReadOnlyError(str(error)) from error
    if not content:
        return JournalHealth(str(path), 0, 0, integrity_ok=True)
    version = _check_version(path)
    if version == 0:
        return JournalHealth(str(path), 0, path.stat().st_size, integrity_ok=True)
    with _read_only(path) as connection:
        return health_of(connection, path)


def health_of(connection: sqlite3.Connection, path: Path) -> JournalHealth:
    """Check every page and index, and count."""

    def number(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])

    return JournalHealth(
        path=str(path),
        version=number("pragma user_version"),
        size_bytes=path.stat().st_size,
        integrity_ok=connection.execute("pragma integrity_check(1)").fetchone()[0] == "ok",
        conversations=number("select count(*) from conversations where deleted_at is null"),
        deliberations=number("select count(*) from deliberations"),
        candidates=number("select count(*) from candidates"),
    )
