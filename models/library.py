"""What is on disk: every model file that can be used here, whose it is, and what it says of itself.

Disk is the truth: a scan reads folders and headers anew, and remembers only headers of files that
have not changed. It must not load models, nor fetch them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from models.description import ModelDescription, describe
from models.errors import AmbiguousModelError, GgufError, UnknownModelError
from models.file_names import SPLIT, SUFFIX, is_language_model, model_name
from models.gguf import FileSource, read_header
from models.places import Origin, Place, is_file, is_folder
from models.provenance import Provenance, read_provenance

_DEEPEST: Final = 6
"""Folders below a place that are looked into."""
_MOST_FILES: Final = 5000


@dataclass(frozen=True, slots=True)
class LibraryModel:
    """One model on disk.

    Attributes:
        name: What it is called here; unique in one library.
        path: The file to load; the first part of a split model.
        parts: All its files, in order.
        size_bytes: Of all parts.
        modified_ns: When the first part was last written, nanoseconds since the epoch.
        origin: Whose the file is.
        description: What its header says, or None where that cannot be read.
        problem: Why it cannot be used, or "".
        provenance: Where it was fetched from, or None.
    """

    name: str
    path: Path
    parts: tuple[Path, ...]
    size_bytes: int
    modified_ns: int
    origin: Origin
    description: ModelDescription | None
    problem: str = ""
    provenance: Provenance | None = None


class Library:
    """The models of this machine.

    Args:
        places: Folders to look into; the order decides which of two equal files is shown.
        files: Single files that belong to it, such as the built-in model.
    """

    def __init__(self, places: Iterable[Place], files: Iterable[tuple[Origin, Path]] = ()) -> None:
        self._places = tuple(places)
        self._files = tuple(files)
        self._lock = threading.Lock()
        self._known: dict[tuple[tuple[Path, int, int], ...], ModelDescription | str] = {}

    @property
    def places(self) -> tuple[Place, ...]:
        """Folders that are looked into."""
        return self._places

    def scan(self) -> tuple[LibraryModel, ...]:
        """Read the folders and return their models by name.

        May take a second for each hundred files that were not seen before; safe on any thread.
        """
        models: list[LibraryModel] = []
        seen: set[Path] = set()
        for origin, first, parts in self._candidates():
            resolved = first.resolve()
            if resolved in seen:
                continue
            seen.add(resolved)
            model = self._model(origin, first, parts)
            if model is not None:
                models.append(model)
        return tuple(sorted(_with_own_names(models), key=lambda model: model.name.casefold()))

    def find(self, name: str) -> LibraryModel:
        """Return the model of this name, in any case, or of a beginning that only one has.

        Raises:
            UnknownModelError: None has it.
            AmbiguousModelError: Several have it.
        """
        return find_model(self.scan(), name)

    def _candidates(self) -> Iterator[tuple[Origin, Path, tuple[Path, ...]]]:
        for origin, path in self._files:
            if is_file(path):
                yield origin, path, (path,)
        for place in self._places:
            for first, parts in _grouped(_gguf_files(place.folder)):
                yield place.origin, first, parts

    def _model(self, origin: Origin, first: Path, parts: tuple[Path, ...]) -> LibraryModel | None:
        try:
            states = [part.stat() for part in parts]
        except OSError:
            return None  # it went away between listing and looking
        size_bytes = sum(state.st_size for state in states)
        found = _missing_parts(first, parts) or self._described(parts, states)
        description = found if isinstance(found, ModelDescription) else None
        problem = found if isinstance(found, str) else ""
        return LibraryModel(
            name=model_name(first.name),
            path=first,
            parts=parts,
            size_bytes=size_bytes,
            modified_ns=states[0].st_mtime_ns,
            origin=origin,
            description=description,
            problem=problem,
            provenance=read_provenance(first),
        )

    def _described(
        self, parts: Sequence[Path], states: Sequence[os.stat_result]
    ) -> ModelDescription | str:
        key = tuple(
            (part, state.st_size, state.st_mtime_ns)
            for part, state in zip(parts, states, strict=True)
        )
        with self._lock:
            known = self._known.get(key)
        if known is None:
            try:
                known = _read(*parts)
            except GgufError as error:
                known = str(error)
            except OSError as error:
                return str(error)  # it may be allowed the next time, and the file be the same
            with self._lock:
                self._known[key] = known
        return known


def inspect(path: Path, *more: Path) -> ModelDescription | str:
    """Return what a file's header says, or why it cannot be used.

    Args:
        path: The file, or the first part of a split model, which tells all but the tensors.
        more: The other parts.
    """
    try:
        return _read(path, *more)
    except (GgufError, OSError) as error:
        return str(error)


def _read(path: Path, *more: Path) -> ModelDescription:
    with FileSource(path) as source:
        header = read_header(source)
    tensors = list(header.tensors)
    for part in more:
        with FileSource(part) as source:
            tensors += read_header(source).tensors
    return describe(header.metadata, tensors)


def find_model(models: Iterable[LibraryModel], name: str) -> LibraryModel:
    """Return the model of this name, in any case, or of a beginning that only one has.

    Raises:
        UnknownModelError: None has it.
        AmbiguousModelError: Several have it.
    """
    wanted = name.casefold().removesuffix(SUFFIX)
    known = tuple(models)
    exact = [model for model in known if model.name.casefold() == wanted]
    near = exact or [model for model in known if model.name.casefold().startswith(wanted)]
    if not near or not wanted:
        raise UnknownModelError(repr(name))
    if len(near) > 1:
        raise AmbiguousModelError(name, tuple(model.name for model in near))
    return near[0]


def _gguf_files(folder: Path, depth: int = 0) -> list[Path]:
    """GGUF files below a folder, hidden folders left out; unreadable folders are empty."""
    files: list[Path] = []
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return files
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if is_folder(entry):
            if depth < _DEEPEST and not entry.is_symlink():
                files += _gguf_files(entry, depth + 1)
        elif is_language_model(entry.name) and is_file(entry):
            files.append(entry)
        if len(files) >= _MOST_FILES:
            break
    return files


def _grouped(files: list[Path]) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    """First file and all parts of each model."""
    split: dict[tuple[Path, str, str], list[Path]] = {}
    for file in files:
        match = SPLIT.fullmatch(file.name)
        if match is None:
            yield file, (file,)
        else:
            split.setdefault((file.parent, match["stem"], match["count"]), []).append(file)
    for parts in split.values():
        yield parts[0], tuple(parts)


def _missing_parts(first: Path, parts: tuple[Path, ...]) -> str:
    match = SPLIT.fullmatch(first.name)
    if match is None or len(parts) == int(match["count"]):
        return ""
    return f"{len(parts)} of {int(match['count'])} parts are here"


def _with_own_names(models: list[LibraryModel]) -> list[LibraryModel]:
    """Tell models of one name apart by whose they are, then by their folder.

    Two files whose paths differ in their case alone are called by their paths.
    """
    named: list[LibraryModel] = []
    for rename in (
        lambda model: model.name,
        lambda model: f"{model.name} ({model.origin})",
        lambda model: f"{model_name(model.path.name)} ({model.path.parent.name})",
        lambda model: str(model.path),
    ):
        taken = {model.name.casefold() for model in named}
        waiting = [replace(model, name=rename(model)) for model in models]
        counts: dict[str, int] = {}
        for model in waiting:
            counts[model.name.casefold()] = counts.get(model.name.casefold(), 0) + 1
        models = []
        for model in waiting:
            key = model.name.casefold()
            if counts[key] == 1 and key not in taken:
                named.append(model)
            else:
                models.append(replace(model, name=model_name(model.path.name)))
    return named + [replace(model, name=str(model.path)) for model in models]
