"""What the names of model files and repositories tell, and which of them may become a path here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from models.errors import HubNotFoundError, UnsafeNameError

SUFFIX: Final = ".gguf"
SPLIT: Final = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.I)
"""One part of a split model, as llama.cpp's `gguf-split` names them."""
_NOT_LANGUAGE: Final = re.compile(r"(^|[-_.])(mmproj|imatrix)([-_.]|$)", re.I)
_QUANTIZATION: Final = re.compile(
    r"(?:^|[-_./])((?:UD-)?(?:I?Q\d(?:_[0-9A-Z]+)*|TQ\d_\d|MXFP4(?:_MOE)?|BF16|F16|F32))(?=$|[-_./])",
    re.I,
)
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,94}\w)?/[A-Za-z0-9_](?:[\w.-]{0,94}\w)?")
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.I)
"""Names that are devices on Windows, with any suffix."""
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f<>:"\\|?*\ud800-\udfff]')
_LONGEST_NAME_BYTES: Final = 200
"""Most file systems allow 255; there is a suffix to come."""
_LONGEST_PATH: Final = 600
_MOST_FOLDERS: Final = 6


@dataclass(frozen=True, slots=True)
class RepositoryName:
    """What a person typed, pasted or chose.

    Attributes:
        repository: `owner/name`.
        quantization: Such as "Q4_K_M", or "" for none in particular.
        file: A path in the repository, or "".
    """

    repository: str
    quantization: str = ""
    file: str = ""


def is_reserved_name(name: str) -> bool:
    """Whether a file of this name would be a device on Windows."""
    return _RESERVED.fullmatch(name) is not None


def repository_name(text: str) -> RepositoryName:
    """Read `owner/name`, `owner/name:QUANTIZATION`, or a page's address on the hub.

    Raises:
        HubNotFoundError: It is none of them.
    """
    given = text.strip()
    quantization = file = ""
    if "://" in given:
        parts = [unquote(part) for part in urlsplit(given).path.split("/") if part]
        name = "/".join(parts[:2])
        if len(parts) > 4 and parts[2] in {"blob", "resolve"}:
            file = "/".join(parts[4:])
    else:
        name, _, quantization = given.partition(":")
    if not _REPOSITORY.fullmatch(name) or ".." in name or "--" in name:
        raise HubNotFoundError(f"{given[:120]!r} is no owner/name")
    return RepositoryName(name, quantization, file)


def model_name(file_name: str) -> str:
    """Return what a file's model is called: its name without suffix and number of part."""
    match = SPLIT.fullmatch(file_name)
    return match["stem"] if match else PurePosixPath(file_name).stem


def is_language_model(path: str) -> bool:
    """Whether a name is that of a GGUF language model, and not of what goes beside one."""
    name = PurePosixPath(path)
    return name.suffix.casefold() == SUFFIX and not _NOT_LANGUAGE.search(name.stem)


def quantization_label(path: str) -> str:
    """Return the quantization that a file's name tells, or its name without the suffix.

    The file's own name decides before its folder's.
    """
    pure = PurePosixPath(path)
    stem = model_name(pure.name)
    for name in (stem, *(part for part in reversed(pure.parts[:-1]))):
        found = _QUANTIZATION.findall(name)
        if found:
            return str(found[-1]).upper()
    return stem


def whole_models(paths: Iterable[str]) -> list[tuple[str, ...]]:
    """Group the files of a repository into models: all parts of a split one together, in order.

    A split model that lacks a part is left out.
    """
    models: list[tuple[str, ...]] = []
    split: dict[tuple[str, str, int], dict[int, str]] = {}
    for path in sorted(paths):
        if not is_language_model(path):
            continue
        pure = PurePosixPath(path)
        match = SPLIT.fullmatch(pure.name)
        if match is None:
            models.append((path,))
        else:
            key = (str(pure.parent), match["stem"], int(match["count"]))
            split.setdefault(key, {})[int(match["number"])] = path
    for (_, _, count), parts in split.items():
        if len(parts) == count > 0 and min(parts) == 1 and max(parts) == count:
            models.append(tuple(parts[number] for number in range(1, count + 1)))
    return sorted(models)


def safe_relative_path(name: str) -> PurePosixPath:
    """Return a name from the hub as a path below a folder, on any system.

    Raises:
        UnsafeNameError: It would leave the folder, or no file of this name can be made somewhere.
    """
    parts = name.split("/")
    if not name or len(name) > _LONGEST_PATH or len(parts) > _MOST_FOLDERS + 1:
        raise UnsafeNameError(f"{name[:80]!r} is too long, too deep or empty")
    for part in parts:
        if (
            part in {"", ".", ".."}
            or part.startswith(".")
            or part != part.rstrip(". ")
            or _FORBIDDEN.search(part)
            or is_reserved_name(part)
            or len(part.encode("utf-8", "replace")) > _LONGEST_NAME_BYTES
        ):
            raise UnsafeNameError(f"{name[:80]!r} must not become a path")
    return PurePosixPath(*parts)
