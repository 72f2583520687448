"""Where a model file came from, written beside it when it was fetched or imported."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

_SUFFIX: Final = ".source.json"
_LARGEST_BYTES: Final = 65536


class Provenance(msgspec.Struct, frozen=True):
    """Where a file came from.

    Attributes:
        repository: `owner/name` on the hub, or "" for an imported file.
        revision: The commit it was fetched at.
        file: Its path in the repository, or the path it was imported from.
        sha256: Of its bytes, as checked when it came; "" when the hub named none.
        licence: What the repository says, or "".
        fetched_at: When, UTC, ISO 8601.
    """

    repository: str
    revision: str
    file: str
    sha256: str
    licence: str = ""
    fetched_at: str = ""


def provenance_path(model: Path) -> Path:
    """Return where the record of a model file lies."""
    return model.with_name(model.name + _SUFFIX)


def read_provenance(model: Path) -> Provenance | None:
    """Return the record beside a model file; None where there is none that can be read."""
    try:
        with provenance_path(model).open("rb") as file:
            return msgspec.json.decode(file.read(_LARGEST_BYTES), type=Provenance)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def write_provenance(model: Path, provenance: Provenance) -> None:
    """Write the record beside a model file, whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    path = provenance_path(model)
    partial = path.with_name(path.name + ".new")
    try:
        partial.write_bytes(msgspec.json.encode(provenance))
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
