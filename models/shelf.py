"""Ponder's own models folder: bring a file in, take one out with a way back, move the whole.

Files of other programs are copied when they are brought in, and never changed.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec

from models.copying import (
    alone,
    check_room,
    copy_file,
    delete,
    folder_errors,
    forget_killed_copies,
    sha256_of,
    write_copy,
)
from models.errors import (
    BuiltInModelError,
    FolderError,
    ForeignModelError,
    GgufError,
    MissingFileError,
    ModelHereError,
)
from models.file_names import SPLIT, SUFFIX, is_language_model
from models.gguf import FileSource, read_header
from models.library import LibraryModel
from models.places import Origin
from models.provenance import Provenance, provenance_path, read_provenance, write_provenance

BIN_NAME: Final = ".bin"
_RECORD: Final = "removed.json"
_IMPORTED: Final = "imported"
_UNFINISHED: Final = ".part"
_MOST_PARTS: Final = 1000

MoveProgress = Callable[[int, int], None]
"""Told bytes done and bytes in all."""


class _RemovedRecord(msgspec.Struct, frozen=True):
    name: str
    files: tuple[str, ...]
    removed_at: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A model in the bin.

    Attributes:
        name: What it was called.
        place: Its folder in the bin.
        files: Its files' paths inside the models folder, as they were.
        size_bytes: What emptying the bin would free.
        removed_at: When, UTC, ISO 8601.
    """

    name: str
    place: Path
    files: tuple[str, ...]
    size_bytes: int
    removed_at: str


class Shelf:
    """The models folder.

    Args:
        folder: Where it is; made when something is put there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def bring_in(self, source: Path, progress: MoveProgress, stop: threading.Event) -> Path:
        """Copy a model into the folder, all its parts, and return the copy of the first.

        Raises:
            MissingFileError: There is no such file.
            GgufError: It is no sound GGUF file.
            ModelHereError: It is there already.
            DownloadCancelledError, DiskFullError, FolderError: The copy was not made.
        """
        try:
            str(source).encode()
        except UnicodeEncodeError:
            shown = source.name.encode("utf-8", "replace").decode()
            raise FolderError(f"{shown}: its name is not UTF-8; give it another one") from None
        try:
            sources = parts_of(source)
            sizes = [part.stat().st_size for part in sources]
            for part in sources:
                with FileSource(part) as file:
                    read_header(file)
        except FileNotFoundError as error:
            raise MissingFileError(str(source)) from error
        except OSError as error:
            raise FolderError(f"{source.name}: {error.strerror}") from error
        self._forget_killed_imports()
        check_room(self.folder, sum(sizes))
        targets = [self.folder / _IMPORTED / _imported_name(part) for part in sources]
        done, made = 0, list[Path]()
        try:
            for part, target, size_bytes in zip(sources, targets, sizes, strict=True):
                taken = FolderError(f"{target.name} is being brought in already")
                onward = _onward(progress, 2 * done, 2 * sum(sizes))
                with folder_errors(target), alone(self.folder, target, taken):
                    _copy_with_record(part, target, size_bytes, onward, stop)
                made.append(target)
                done += size_bytes
        except BaseException:
            delete(*made, *map(provenance_path, made))
            raise
        return targets[0]

    def remove(self, model: LibraryModel) -> Removed:
        """Move a model to the bin, from which `restore` brings it back.

        Raises:
            ForeignModelError, BuiltInModelError: It is not one of the models folder.
            FolderError: It cannot be moved.
        """
        if model.origin is not Origin.OWN or not model.path.is_relative_to(self.folder):
            kind = BuiltInModelError if model.origin is Origin.BUILT_IN else ForeignModelError
            raise kind(model.name)
        place = self.folder / BIN_NAME / uuid4().hex
        files = [*model.parts, *(p for p in map(provenance_path, model.parts) if p.exists())]
        inside = tuple(file.relative_to(self.folder).as_posix() for file in files)
        record = _RemovedRecord(model.name, inside, _now())
        moved: list[tuple[Path, Path]] = []
        try:
            place.mkdir(parents=True)
            (place / _RECORD).write_bytes(msgspec.json.encode(record))
            for number, file in enumerate(files):
                file.rename(place / str(number))
                moved.append((file, place / str(number)))
        except OSError as error:
            for file, there in moved:
                there.rename(file)
            shutil.rmtree(place, ignore_errors=True)
            raise FolderError(f"{model.name}: {error.strerror}") from error
        self._forget_empty_folders(model.path.parent)
        return next(one for one in self.removed() if one.place == place)

    def removed(self) -> tuple[Removed, ...]:
        """What is in the bin, latest first; also what is left of a model that came half back."""
        found = []
        for path in (self.folder / BIN_NAME).glob(f"*/{_RECORD}"):
            try:
                record = msgspec.json.decode(path.read_bytes(), type=_RemovedRecord)
                files = [path.parent / str(number) for number in range(len(record.files))]
                there = [file for file in files if os.path.lexists(file)]
                size = sum(file.lstat().st_size for file in there)
            except (OSError, ValueError):
                continue
            if not there:
                continue
            found.append(Removed(record.name, path.parent, record.files, size, record.removed_at))
        return tuple(sorted(found, key=lambda one: one.removed_at, reverse=True))

    def restore(self, removed: Removed) -> None:
        """Bring a model back to where it was, or what is not back of it yet.

        Raises:
            ModelHereError: Something else is there now.
            FolderError: It cannot be moved.
        """
        waiting = {
            removed.place / str(number): self.folder / name
            for number, name in enumerate(removed.files)
            if os.path.lexists(removed.place / str(number))
        }
        if not waiting:
            raise FolderError(f"{removed.name} is not in the bin any more")
        root = self.folder.resolve()
        for target in waiting.values():
            if not target.resolve().is_relative_to(root):
                raise FolderError(f"{target.name} would lie outside of the models folder")
            if os.path.lexists(target):
                raise ModelHereError(target.name)
        moved: list[tuple[Path, Path]] = []
        try:
            for there, target in waiting.items():
                target.parent.mkdir(parents=True, exist_ok=True)
                there.rename(target)
                moved.append((target, there))
        except OSError as error:
            for target, there in moved:
                target.rename(there)
            raise FolderError(f"{removed.name}: {error.strerror}") from error
        shutil.rmtree(removed.place, ignore_errors=True)  # nothing of the model is in it

    def empty_bin(self) -> int:
        """Delete what is in the bin for good and return how many bytes that freed.

        Raises:
            FolderError: Something cannot be deleted.
        """
        freed = 0
        for removed in self.removed():
            try:
                shutil.rmtree(removed.place)
            except OSError as error:
                raise FolderError(f"{removed.name}: {error.strerror}") from error
            freed += removed.size_bytes
        return freed

    def move_to(self, folder: Path, progress: MoveProgress, stop: threading.Event) -> None:
        """Move everything to another folder, which becomes the models folder.

        Files are deleted here only after all of them are there; one that came in the meantime
        stays. A stop or a failure leaves this folder as it was.

        Raises:
            FolderError: The other folder lies inside this one, holds the same names, or cannot be
                written.
            DiskFullError, DownloadCancelledError: It was not moved.
        """
        if folder.resolve().is_relative_to(self.folder.resolve()):
            raise FolderError("the new folder lies inside the old one")
        files = [file for file in sorted(self.folder.rglob("*")) if file.is_file()]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            sizes = [file.stat().st_size for file in files]
            if files and folder.stat().st_dev != self.folder.stat().st_dev:
                check_room(folder, sum(sizes))
        except OSError as error:
            raise FolderError(f"{folder}: {error.strerror}") from error
        self._copy_all(files, sizes, folder, progress, stop)
        delete(*files)  # all are there; what cannot be deleted here stays as a second copy
        for inside in (*sorted(self.folder.rglob("*"), reverse=True), self.folder):
            if inside.is_dir():
                with suppress(OSError):  # something came in the meantime, it stays
                    inside.rmdir()
        self.folder = folder

    def _copy_all(
        self,
        files: list[Path],
        sizes: list[int],
        folder: Path,
        progress: MoveProgress,
        stop: threading.Event,
    ) -> None:
        total, done = sum(sizes), 0
        made: list[Path] = []
        try:
            for file, size_bytes in zip(files, sizes, strict=True):
                target = folder / file.relative_to(self.folder)
                before = done
                forget_killed_copies(target)
                if not _linked(file, target):
                    copy_file(file, target, _onward(progress, before, total), stop)
                made.append(target)
                done += size_bytes
                progress(done, total)
        except BaseException:
            delete(*made)
            raise

    def _forget_killed_imports(self) -> None:
        """Delete unfinished copies that nobody is making; each may be as large as a model."""
        for partial in (self.folder / _IMPORTED).glob(f"*{_UNFINISHED}"):
            target = partial.with_name(partial.name.removesuffix(_UNFINISHED))
            taken = FolderError(target.name)
            with suppress(FolderError, OSError), alone(self.folder, target, taken):
                delete(partial, *(() if target.exists() else (provenance_path(target),)))

    def _forget_empty_folders(self, folder: Path) -> None:
        while folder != self.folder and folder.is_relative_to(self.folder):
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent


def verify(model: LibraryModel, progress: MoveProgress, stop: threading.Event) -> bool | None:
    """Compare a model's bytes with the SHA-256 recorded when they came.

    Returns:
        Whether they are the same; None where nothing was recorded for one of its files.

    Raises:
        GgufError: The file breaks the format.
        FolderError, DownloadCancelledError: It was not read to its end.
    """
    if model.problem:
        raise GgufError("file", model.problem)
    done = 0
    unknown = False
    for part in model.parts:
        recorded = read_provenance(part)
        if recorded is None or not recorded.sha256:
            unknown = True
            continue
        before = done
        digest = sha256_of(part, _onward(progress, before, model.size_bytes), stop)
        if digest != recorded.sha256:
            return False
        done += part.stat().st_size
    return None if unknown else True


def parts_of(source: Path) -> list[Path]:
    """All files of the model that a file belongs to, in order.

    Raises:
        FolderError: A part is missing, or it is no language model.
    """
    if _imported_name(source) != source.name and source.suffix.casefold() == SUFFIX:
        raise FolderError(f"{source.name} goes beside a model, it is none")
    match = SPLIT.fullmatch(source.name)
    if match is None:
        return [source]
    count = int(match["count"])
    parts = [
        source.with_name(f"{match['stem']}-{number:05}-of-{count:05}{source.suffix}")
        for number in range(1, min(count, _MOST_PARTS) + 1)
    ]
    missing = [part.name for part in parts if not part.is_file()]
    if missing or count > _MOST_PARTS:
        raise FolderError(f"{(missing or ['a part'])[0]} is not beside it")
    return parts


def _imported_name(source: Path) -> str:
    """What a file is called among ours, where only names of models are looked at."""
    return source.name if is_language_model(source.name) else f"{source.name}{SUFFIX}"


def _copy_with_record(
    source: Path,
    target: Path,
    size_bytes: int,
    progress: Callable[[int], None],
    stop: threading.Event,
) -> None:
    """Copy a file and write where it came from; the copy gets its name when both are there.

    Every byte is told twice: when it is copied, and when it is hashed.

    Nobody else may be making this file, so that what has the copy's name is of an import that was
    killed.
    """
    if target.exists():
        raise ModelHereError(target.name)
    partial = target.with_name(target.name + _UNFINISHED)
    try:
        write_copy(source, partial, progress, stop)
        digest = sha256_of(partial, lambda done: progress(size_bytes + done), stop)
        write_provenance(target, _origin(source, digest))
        partial.rename(target)
    except BaseException:  # Ctrl+C too must leave nothing that stands in the way of the next try
        delete(partial, provenance_path(target))
        raise


def _origin(source: Path, digest: str) -> Provenance:
    """What was known of a file already, where that is still true; else its path."""
    known = read_provenance(source)
    if known is not None and known.sha256 in {"", digest}:
        return known
    return Provenance("", "", str(source), digest, fetched_at=_now())


def _onward(progress: MoveProgress, before: int, total: int) -> Callable[[int], None]:
    """Progress within one file as progress of all."""
    return lambda done: progress(before + done, total)


def _linked(file: Path, target: Path) -> bool:
    """Give a file a second name on the same disk, which takes no time and no room.

    A link that points beside itself would point elsewhere from there, so what it means is named.
    """
    if target.exists():
        raise FolderError(f"{target.name} is there already")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(file.resolve())
    except OSError:
        return False
    return True


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
