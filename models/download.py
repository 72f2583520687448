"""One file from the hub to the disk: resumed where it stopped, checked, then given its name.

The bytes gather in `<file>.part`, beside a note of which file they belong to. Only when all of them
are there and their SHA-256 is the hub's does the file get its name, so that a partial file is never
taken for a model.

A server that flips bytes is found by the hash; one that sends another file than it began with, by
its ETag, its length, or again by the hash. Where that is known, what is there is not thrown away
for less than it: proxies answer with pages of their own, and ETags are not the same everywhere.
The hub's client deletes a partial file on failure and checks no hash over plain HTTP, which is why
this is not its own download.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from models.copying import alone, check_room, folder_errors, sha256_of
from models.errors import (
    ChangedUpstreamError,
    DownloadCancelledError,
    DownloadError,
    FolderError,
    HashMismatchError,
    HubAnswerError,
    HubBusyError,
    HubOfflineError,
)
from models.file_names import safe_relative_path
from models.hub import Hub, HubFile
from models.provenance import Provenance, provenance_path, read_provenance, write_provenance
from models.transfer import Answer, Transfer

_NOTE_BYTES: Final = 65536


class DownloadNote(msgspec.Struct, frozen=True):
    """What a partial file is a part of.

    Attributes:
        repository: `owner/name`.
        revision: The commit.
        file: Path in the repository.
        size_bytes: Length of the whole.
        sha256: Of the whole, or "".
        etag: The server's name for the content, or "".
    """

    repository: str
    revision: str
    file: str
    size_bytes: int
    sha256: str
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try again after a cut connection or a busy hub.

    Attributes:
        first_seconds: The first pause; each further one is twice as long.
        most_seconds: The longest pause.
        tries: How many in a row may bring no byte at all.
    """

    first_seconds: float = 1.0
    most_seconds: float = 60.0
    tries: int = 8

    def pause(self, failures: int) -> float:
        """Return the pause after so many failures in a row."""
        return min(self.most_seconds, self.first_seconds * 2.0 ** (failures - 1))


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far one file is; both counts only grow while its content stays the same.

    Attributes:
        got_bytes: On disk.
        checked_bytes: Of these, how many the hash has seen.
        waiting_seconds: How long it waits before it tries again; 0 while bytes come.
    """

    got_bytes: int
    checked_bytes: int = 0
    waiting_seconds: float = 0.0


Report = Callable[[FileProgress], None]
USUAL_PATIENCE: Final = Patience()


@dataclass(frozen=True, slots=True)
class _Line:
    hub: Hub
    transfer: Transfer


class Download:
    """One file of one repository.

    Args:
        repository: `owner/name`.
        revision: The commit.
        file: Which file.
        folder: The models folder; it gets `owner/name/file` below it.
        licence: What the repository says, for the record.
        patience: How often to try again.

    Raises:
        UnsafeNameError: Its name must not become a path.
    """

    def __init__(
        self,
        repository: str,
        revision: str,
        file: HubFile,
        folder: Path,
        licence: str = "",
        patience: Patience = USUAL_PATIENCE,
    ) -> None:
        self.target = folder / safe_relative_path(f"{repository}/{file.path}")
        self._file, self._folder, self._patience = file, folder, patience
        self._note = DownloadNote(repository, revision, file.path, file.size_bytes, file.sha256)
        self._licence = licence

    @property
    def partial(self) -> Path:
        """Where the bytes gather."""
        return self.target.with_name(self.target.name + ".part")

    @property
    def _note_path(self) -> Path:
        return self.target.with_name(self.target.name + ".part.json")

    def present_bytes(self) -> int:
        """How many bytes are on disk already."""
        for path in (self.target, self.partial):
            try:
                return min(path.stat().st_size, self._file.size_bytes)
            except OSError:
                continue
        return 0

    def missing_bytes(self) -> int:
        """How many bytes are still to come."""
        return self._file.size_bytes - self.present_bytes()

    def discard(self, *, finished_too: bool = False) -> None:
        """Delete the partial file and its note; where that is asked for, the finished file too.

        A finished file goes only if it was fetched from here: one that a person put there stays.
        """
        paths = [self.partial, self._note_path]
        if finished_too and self._fetched():
            paths += [self.target, provenance_path(self.target)]
        for path in paths:
            path.unlink(missing_ok=True)

    def _fetched(self) -> bool:
        known, note = read_provenance(self.target), self._note
        return known is not None and (known.repository, known.file) == (note.repository, note.file)

    def run(self, hub: Hub, transfer: Transfer, report: Report, stop: threading.Event) -> Path:
        """Fetch what is missing, check it, and return the finished file.

        Args:
            hub: Says where it lies.
            transfer: Opens connections.
            report: Told how far it is, many times a second.
            stop: Set to stop; what is there stays, for the next run.

        Raises:
            DownloadCancelledError: `stop` was set.
            DiskFullError: There is no room; what is there stays.
            HashMismatchError: The bytes are not the right ones and are gone.
            ChangedUpstreamError: Others are sent than those on disk, which stay where their hash
                is known.
            HubError: The hub refuses, or gave nothing however often it was asked.
            FolderError: The disk cannot be written.
            DownloadError: Another program is getting the same file.
        """
        taken = DownloadError("another program is getting this file")
        with folder_errors(self.target), alone(self._folder, self.target, taken):
            if self._is_there():
                report(FileProgress(self._file.size_bytes, self._file.size_bytes))
                return self.target
            have = self._begin()
            check_room(self.target.parent, self._file.size_bytes - have)
            self._fetch(_Line(hub, transfer), have, report, stop)
            digest = sha256_of(
                self.partial,
                lambda done: report(FileProgress(self._file.size_bytes, done)),
                stop,
            )
            if self._file.sha256 and digest != self._file.sha256:
                self.discard()
                raise HashMismatchError(self._file.path)
            self._finish(digest)
        return self.target

    def _is_there(self) -> bool:
        """Whether the very same file was fetched before."""
        if not self.target.exists():
            return False
        known, note = read_provenance(self.target), self._note
        if known is not None and self.target.stat().st_size == note.size_bytes:
            same_commit = (known.revision, known.file) == (note.revision, note.file)
            if known.sha256 == note.sha256 if note.sha256 else same_commit:
                return True
        raise FolderError(f"{self.target.name} is there already, with other content")

    def _begin(self) -> int:
        """Make the folder and return how many bytes of this very content are there."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        known = self._known_note()
        self._note = msgspec.structs.replace(self._note, etag="")
        if known is not None and self._is_same(known) and self.partial.exists():
            self._note = msgspec.structs.replace(self._note, etag=known.etag)
            self._write_note()
            have = self.partial.stat().st_size
            if have <= self._file.size_bytes:
                return have
        self.discard()
        self._write_note()
        self.partial.touch()
        return 0

    def _is_same(self, known: DownloadNote) -> bool:
        """Whether a note is of this very content, if need be of another commit."""
        revision = self._note.revision if self._note.sha256 else known.revision
        return msgspec.structs.replace(known, etag="", revision=revision) == self._note

    def _known_note(self) -> DownloadNote | None:
        try:
            with self._note_path.open("rb") as file:
                return msgspec.json.decode(file.read(_NOTE_BYTES), type=DownloadNote)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _write_note(self) -> None:
        new = self._note_path.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(self._note))
        new.replace(self._note_path)

    def _fetch(self, line: _Line, have: int, report: Report, stop: threading.Event) -> None:
        """Append bytes until all are there, through any number of cut connections."""
        failures = 0
        while have < self._file.size_bytes:
            before = have
            pause: float | None = None
            try:
                for now_there in self._append(line, have, stop):
                    have = now_there
                    report(FileProgress(have))
            except HubBusyError as error:
                failures += 1
                pause = error.retry_after_seconds
                if failures >= self._patience.tries:
                    raise
            except HubOfflineError:
                have = self.partial.stat().st_size
                failures = 1 if have > before else failures + 1
                if failures >= self._patience.tries:
                    raise
            if have < self._file.size_bytes:
                failures = max(failures, 1)
                seconds = self._patience.pause(failures) if pause is None else pause
                report(FileProgress(have, waiting_seconds=seconds))
                if stop.wait(seconds):
                    raise DownloadCancelledError

    def _append(self, line: _Line, have: int, stop: threading.Event) -> Iterator[int]:
        """Append what one connection brings, yielding how much is there."""
        note = self._note
        address = line.hub.address(note.repository, note.revision, note.file)
        with line.transfer.open(address, have, etag=note.etag) as answer:
            self._check(answer)
            with self.partial.open("ab", buffering=0) as file:
                skip = have - answer.first
                for chunk in answer.chunks:
                    new, skip = chunk[skip:], max(0, skip - len(chunk))
                    if have + len(new) > note.size_bytes:
                        self.discard()
                        raise HubAnswerError("the server sends more than the file is long")
                    if stop.is_set() and not self.partial.exists():
                        raise DownloadCancelledError  # it has moved, and is not ours any more
                    rest = memoryview(new)
                    while rest:  # what a disk that fills up takes of it, it does not refuse
                        rest = rest[file.write(rest) :]
                    have += len(new)
                    yield have
                    if stop.is_set():
                        raise DownloadCancelledError
        if have < note.size_bytes:
            raise HubOfflineError("the connection was cut")

    def _check(self, answer: Answer) -> None:
        """Make sure that the bytes on their way belong to those on disk."""
        note = self._note
        other_length = answer.total_bytes not in {None, note.size_bytes}
        other_content = note.etag and answer.etag and answer.etag != note.etag
        if other_length or other_content:
            if note.sha256:
                # a page of something between, or a name that changed; the hash will tell
                self._note = msgspec.structs.replace(note, etag="")
                self._write_note()
            else:
                self.discard()
            raise ChangedUpstreamError(note.file)
        if answer.etag and not note.etag and not answer.etag.startswith("W/"):
            self._note = msgspec.structs.replace(note, etag=answer.etag)
            self._write_note()

    def _finish(self, digest: str) -> None:
        with self.partial.open("rb+") as file:
            os.fsync(file.fileno())
        note = self._note
        fetched_at = datetime.now(UTC).isoformat(timespec="seconds")
        write_provenance(
            self.target,
            Provenance(
                note.repository, note.revision, note.file, digest, self._licence, fetched_at
            ),
        )
        self.partial.replace(self.target)
        self._note_path.unlink(missing_ok=True)


def check_room_for(folder: Path, downloads: Iterable[Download]) -> None:
    """Make sure that all files of a model find room, before the first of them is fetched.

    Raises:
        DiskFullError: They do not.
    """
    check_room(folder, sum(download.missing_bytes() for download in downloads))
