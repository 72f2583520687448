"""Copies of large files: with progress, stoppable, whole or not at all, and their SHA-256."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from models.errors import DiskFullError, DownloadCancelledError, FolderError

RESERVE_BYTES: Final = 64_000_000
"""What a copy leaves free on a disk."""
_CHUNK_BYTES: Final = 4 * 2**20

Progress = Callable[[int], None]
"""Told how many bytes are done."""


def sha256_of(path: Path, progress: Progress, stop: threading.Event) -> str:
    """Return the SHA-256 of a file, hexadecimal.

    Raises:
        DownloadCancelledError: `stop` was set.
        FolderError: It cannot be read.
    """
    digest = hashlib.sha256()
    done = 0
    try:
        with path.open("rb") as file:
            while chunk := _chunk(file, stop):
                digest.update(chunk)
                done += len(chunk)
                progress(done)
    except OSError as error:
        raise FolderError(f"{path.name}: {error.strerror}") from error
    return digest.hexdigest()


def copy_file(source: Path, target: Path, progress: Progress, stop: threading.Event) -> None:
    """Copy a file to a place where none is.

    Raises:
        DownloadCancelledError: `stop` was set; nothing is left of the copy.
        DiskFullError: There is no room.
        FolderError: A file cannot be read or written, or the target is there already.
    """
    partial = target.with_name(target.name + ".part")
    if target.exists():
        raise FolderError(f"{target.name} is there already")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        check_room(target.parent, source.stat().st_size)
        done = 0
        with source.open("rb") as reader, partial.open("xb") as writer:
            while chunk := _chunk(reader, stop):
                writer.write(chunk)
                done += len(chunk)
                progress(done)
            writer.flush()
            os.fsync(writer.fileno())
        shutil.copystat(source, partial)
        partial.rename(target)
    except FileExistsError as error:
        raise FolderError(f"{partial.name} is there already") from error
    except OSError as error:
        partial.unlink(missing_ok=True)
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            free = shutil.disk_usage(target.parent).free
            raise DiskFullError(source.stat().st_size, free) from error
        raise FolderError(f"{target.name}: {error.strerror}") from error
    except DownloadCancelledError:
        partial.unlink(missing_ok=True)
        raise


def _chunk(file: BinaryIO, stop: threading.Event) -> bytes:
    if stop.is_set():
        raise DownloadCancelledError
    return file.read(_CHUNK_BYTES)


def check_room(folder: Path, needed_bytes: int) -> None:
    """Make sure that a disk has the room.

    Raises:
        DiskFullError: It has not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed_bytes + RESERVE_BYTES:
        raise DiskFullError(needed_bytes + RESERVE_BYTES, free)
