"""The tree of expected journal failures, told apart by who can do something about them.

JournalError                 the disk failed in a way that is none of those below
├── JournalNewerError       written by a newer Ponder; left untouched
├── JournalDamagedError     not a database, or a broken one; left untouched
├── JournalReadOnlyError    the file or its folder cannot be written
├── JournalDiskFullError    no space left
├── JournalLockedError      another program holds it
├── JournalUnreadableError  one record is damaged or of another version; left as it is
├── JournalMissingError     what is spoken of was never recorded, or is gone
│   └── SweepUnknownError   no sweep has an id that begins so
│       └── SweepAmbiguousError  several have
├── JournalImportError      a file of conversations is of no form we know, or contradicts itself
│   └── ImportMissingError  there is no such file
└── JournalBugError         our own statement was wrong
"""

from __future__ import annotations

import sqlite3
from typing import ClassVar


class JournalError(Exception):
    """Base of every expected journal failure.

    Attributes:
        code: Stable identifier.
        detail: What happened in technical terms; never a prompt or an answer.
    """

    code: ClassVar[str] = "journal"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class JournalNewerError(JournalError):
    """The file was written by a newer version."""

    code = "journal-newer"


class JournalDamagedError(JournalError):
    """The file is not a journal, or a damaged one."""

    code = "journal-damaged"


class JournalReadOnlyError(JournalError):
    """The file or its folder cannot be written."""

    code = "journal-read-only"


class JournalDiskFullError(JournalError):
    """No space is left."""

    code = "journal-disk-full"


class JournalLockedError(JournalError):
    """Another program holds the file."""

    code = "journal-locked"


class JournalUnreadableError(JournalError):
    """A record is not what this version reads; the others are."""

    code = "journal-unreadable"


class JournalMissingError(JournalError):
    """What is spoken of is not in the journal."""

    code = "journal-missing"


class SweepUnknownError(JournalMissingError):
    """No sweep has an id that begins so."""

    code = "sweep-unknown"


class SweepAmbiguousError(SweepUnknownError):
    """Several sweeps have an id that begins so."""

    code = "sweep-ambiguous"


class JournalImportError(JournalError):
    """A file holds no conversations that can be taken over."""

    code = "journal-import"


class ImportMissingError(JournalImportError):
    """There is no such file."""

    code = "file-missing"


class JournalBugError(JournalError):
    """A statement of ours was wrong; reported as a bug."""

    code = "journal-bug"


_BY_CODE: dict[int, type[JournalError]] = {
    sqlite3.SQLITE_NOTADB: JournalDamagedError,
    sqlite3.SQLITE_CORRUPT: JournalDamagedError,
    sqlite3.SQLITE_FORMAT: JournalDamagedError,
    sqlite3.SQLITE_READONLY: JournalReadOnlyError,
    sqlite3.SQLITE_CANTOPEN: JournalReadOnlyError,
    sqlite3.SQLITE_PERM: JournalReadOnlyError,
    sqlite3.SQLITE_AUTH: JournalReadOnlyError,
    sqlite3.SQLITE_FULL: JournalDiskFullError,
    sqlite3.SQLITE_IOERR: JournalError,
    sqlite3.SQLITE_BUSY: JournalLockedError,
    sqlite3.SQLITE_LOCKED: JournalLockedError,
}


_BY_EXTENDED_CODE: dict[int, type[JournalError]] = {
    # Growing the shared-memory file of the WAL is the one place where SQLite does not say FULL.
    sqlite3.SQLITE_IOERR_SHMSIZE: JournalDiskFullError,
}


def translate(error: sqlite3.Error) -> JournalError:
    """Turn SQLite's error into one of ours by its result code, the extended one first."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return JournalBugError(str(error))
    kind = _BY_EXTENDED_CODE.get(code) or _BY_CODE.get(code & 0xFF, JournalBugError)
    return kind(str(error))
