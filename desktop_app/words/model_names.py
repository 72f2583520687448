"""What a model is called wherever a person chooses one: the picker, the window of models, the lab.

Free of Qt. The terminal has names of its own, those of files, because they are typed there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from models.library import LibraryModel

_LONGEST: Final = 80
"""Characters of a name; a file may say millions."""


def shown_name(told: str) -> str:
    """Return a name that a file tells as one short line without characters that are not seen."""
    start = told[: 4 * _LONGEST]
    words = " ".join("".join(c if c.isprintable() else " " for c in start).split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1].rstrip()}…"


def model_names(models: Iterable[LibraryModel]) -> dict[Path, str]:
    """Return what models are called, each by a name that no other one has.

    That is what its makers call it; with the quantization where several are called so; its file's
    name where even that is not enough.
    """
    names: dict[Path, str] = {}
    waiting = list(models)
    ways: tuple[Callable[[LibraryModel], str], ...] = (
        _title,
        lambda model: f"{_title(model)} {_quantization(model)}".rstrip(),
        lambda model: shown_name(model.name),
        lambda model: str(model.path),
    )
    for name in ways:
        called = {model.path: name(model) for model in waiting}
        counts = Counter(text.casefold() for text in [*called.values(), *names.values()])
        names |= {path: text for path, text in called.items() if counts[text.casefold()] == 1}
        waiting = [model for model in waiting if model.path not in names]
    return names


def _title(model: LibraryModel) -> str:
    told = shown_name(model.description.name) if model.description is not None else ""
    return told or shown_name(model.name)


def _quantization(model: LibraryModel) -> str:
    return model.description.quantization if model.description is not None else ""
