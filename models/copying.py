"""Copies of large files: with progress, stoppable, whole or not at all, and their SHA-256."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

from filelock import FileLock, Timeout

from models.errors import DiskFullError, DownloadCancelledError, FolderError

LOCKS_NAME: Final = ".locks"
RESERVE_BYTES: Final = 64_000_000
"""What a copy leaves free on a disk."""
_CHUNK_BYTES: Final = 4 * 2**20
_COPY_SUFFIX: Final = ".{}.copy.part"
_DEAD_SECONDS: Final = 3600.0

Progress = Callable[[int], None]
"""Told how many bytes are done."""


@contextmanager
def alone(folder: Path, target: Path, refusal: Exception) -> Iterator[None]:
    """Be the only one, of all programs and threads, that works on a certain thing.

    Lock files stay, for to delete one is to race.

    Args:
        folder: Where the locks are: the models folder for a file that is made.
        target: The file, or the name of what is worked on.
        refusal: Raised where somebody else does.
    """
    name = hashlib.sha256(os.fsencode(target)).hexdigest()[:16]
    path = folder / LOCKS_NAME / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise refusal from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def folder_errors(target: Path, needed_bytes: int = RESERVE_BYTES) -> Iterator[None]:
    """Tell what goes wrong while a file is made in words of ours.

    Args:
        target: The file.
        needed_bytes: What a full disk lacks.

    Raises:
        DiskFullError: There is no room for it.
        FolderError: It cannot be written, or what it is made from cannot be read.
    """
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFullError(needed_bytes, _free_bytes(target.parent)) from error
        raise FolderError(f"{target.name}: {error.strerror or type(error).__name__}") from error


def _free_bytes(folder: Path) -> int:
    """What is free where a folder is, or would be made; 0 where that cannot be asked."""
    for place in (folder, *folder.parents):
        with suppress(OSError):
            return shutil.disk_usage(place).free
    return 0


def delete(*paths: Path) -> None:
    """Delete files that may be there, as far as the system lets us."""
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


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
    if target.exists():
        raise FolderError(f"{target.name} is there already")
    # no other attempt has this name: none that goes on elsewhere, and none that was killed
    partial = target.with_name(target.name + _COPY_SUFFIX.format(uuid4().hex[:8]))
    try:
        write_copy(source, partial, progress, stop)
        with folder_errors(target):
            partial.rename(target)
    except BaseException:
        delete(partial)
        raise


def forget_killed_copies(target: Path) -> None:
    """Delete what killed attempts of `copy_file` left of a file.

    One that goes on writes all the time; what was not written to for long is nobody's.
    """
    latest = time.time() - _DEAD_SECONDS
    with suppress(OSError):
        for partial in target.parent.glob(escape(target.name) + _COPY_SUFFIX.format("?" * 8)):
            if partial.stat().st_mtime < latest:
                delete(partial)


def write_copy(source: Path, target: Path, progress: Progress, stop: threading.Event) -> None:
    """Copy a file over whatever has the target's name; an unfinished copy is left to the caller.

    Raises:
        DownloadCancelledError: `stop` was set.
        DiskFullError: There is no room.
        FolderError: A file cannot be read or written.
    """
    with folder_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        size_bytes = source.stat().st_size
    with folder_errors(target, size_bytes):
        check_room(target.parent, size_bytes)
        _write_chunks(source, target, progress, stop)
    _keep_time(source, target)


def _keep_time(source: Path, target: Path) -> None:
    """Let a copy be as old as its source, where the disk keeps that.

    No more is taken over: a copy that could not be written to could not be deleted on Windows.
    """
    with suppress(OSError):
        state = source.stat()
        os.utime(target, ns=(state.st_atime_ns, state.st_mtime_ns))


def _write_chunks(source: Path, target: Path, progress: Progress, stop: threading.Event) -> None:
    done = 0
    with source.open("rb") as reader, target.open("xb") as writer:
        while chunk := _chunk(reader, stop):
            writer.write(chunk)
            done += len(chunk)
            progress(done)
        writer.flush()
        os.fsync(writer.fileno())


def _chunk(file: BinaryIO, stop: threading.Event) -> bytes:
    if stop.is_set():
        raise DownloadCancelledError
    return file.read(_CHUNK_BYTES)


def check_room(folder: Path, needed_bytes: int) -> None:
    """Make sure that a disk has the room; the folder may not be there yet.

    Raises:
        DiskFullError: It has not.
    """
    free = _free_bytes(folder)
    if free < needed_bytes + RESERVE_BYTES:
        raise DiskFullError(needed_bytes + RESERVE_BYTES, free)
