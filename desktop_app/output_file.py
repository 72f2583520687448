"""Writes a file a person asked for: whole or not at all.

OutputError                  the system refused it
├── OutputFolderMissingError the folder is not there
├── OutputExistsError        a file is there that may not be replaced
└── OutputDiskFullError      no space left

It must not know what is written, and Qt.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from desktop_app.expected_error import ExpectedError

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class OutputError(ExpectedError):
    """The file was not written; one that was there is as it was."""

    code = "output-not-writable"


class OutputFolderMissingError(OutputError):
    """The folder is not there."""

    code = "output-folder-missing"


class OutputExistsError(OutputError):
    """A file is there that may not be replaced."""

    code = "output-exists"


class OutputDiskFullError(OutputError):
    """No space is left."""

    code = "output-disk-full"


def write_whole(path: Path, lines: Iterable[bytes], *, replace: bool) -> None:
    """Write a file beside its place and rename it; only its owner can read it.

    Args:
        path: Where; a link is followed.
        lines: Its content.
        replace: Whether a file that is there may be replaced.

    Raises:
        OutputError: It was not written.
    """
    unfinished: Path | None = None
    try:
        path = path.resolve()
        _check_place(path, replace=replace)
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        unfinished = Path(name)
        with os.fdopen(number, "wb") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        _check_place(path, replace=replace)
        unfinished.replace(path)
    except OSError as error:
        kind = OutputDiskFullError if error.errno in _FULL else OutputError
        raise kind(str(error)) from error
    finally:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)


def _check_place(path: Path, *, replace: bool) -> None:
    if not path.parent.is_dir():
        raise OutputFolderMissingError(str(path.parent))
    if not path.exists():
        return
    if not path.is_file():
        raise OutputError(f"{path} is not a file")
    if not replace:
        raise OutputExistsError(str(path))
