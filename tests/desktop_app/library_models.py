"""Models as a scan of the disk tells them, without files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from models.builtin import SMALL, builtin_models
from models.library import LibraryModel, inspect
from models.places import Origin


def library_model(
    path: Path,
    told: str = "",
    quantization: str = "Q4_K_M",
    *,
    origin: Origin = Origin.OWN,
    problem: str = "",
) -> LibraryModel:
    """Return a model of a name that its file tells."""
    about = inspect(builtin_models()[SMALL])
    assert not isinstance(about, str)
    described = replace(about, name=told, quantization=quantization)
    return LibraryModel(
        name=path.stem,
        path=path,
        parts=(path,),
        size_bytes=5_000_000_000,
        modified_ns=1,
        origin=origin,
        description=None if problem else described,
        problem=problem,
    )
