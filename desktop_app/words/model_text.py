"""Models as rows of a table, as lines, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desktop_app.words.quantities import NOT_AVAILABLE, format_bytes, format_count, format_number
from models.library import LibraryModel
from models.places import Origin

Row = dict[str, object]

ORIGIN_NAMES: Final[dict[Origin, str]] = {
    Origin.BUILT_IN: "built in",
    Origin.OWN: "your models",
    Origin.HUB_CACHE: "hub cache",
    Origin.LM_STUDIO: "LM Studio",
    Origin.GPT4ALL: "GPT4All",
    Origin.JAN: "Jan",
    Origin.LLAMA_CPP: "llama.cpp",
    Origin.OTHER: "your folder",
}
"""Whose a model is, in words."""


def model_row(model: LibraryModel, *, whole: bool = False) -> Row:
    """Return a model as one JSON object; what is not known is null."""
    about = model.description
    row: Row = {
        "name": model.name,
        "path": str(model.path),
        "origin": model.origin.value,
        "size_bytes": model.size_bytes,
        "problem": model.problem or None,
        "architecture": about.architecture if about else None,
        "parameters": about.parameters if about else None,
        "quantization": about.quantization if about else None,
        "context_tokens": about.context_tokens if about else None,
        "thinks": about.thinks if about else None,
    }
    if whole:
        source = model.provenance
        row |= {
            "parts": [str(part) for part in model.parts],
            "layers": about.layers if about else None,
            "vocabulary": about.vocabulary if about else None,
            "chat_template": about.chat_template if about else None,
            "licence": _licence(model),
            "repository": source.repository or None if source else None,
            "revision": source.revision or None if source else None,
            "sha256": source.sha256 or None if source else None,
        }
    return row


def model_lines(model: LibraryModel) -> list[str]:
    """Return everything about a model, a fact a line."""
    facts = [("name", model.name), *facts_of(model)]
    if model.problem:
        facts.append(("problem", model.problem))
    return [f"{name:<16} {value}" for name, value in facts]


def facts_of(model: LibraryModel) -> list[tuple[str, str]]:
    """Return what is known of a model beside its name, as names and values."""
    about, source = model.description, model.provenance
    facts: list[tuple[str, str]] = [
        ("file", str(model.path)),
        ("size", format_bytes(model.size_bytes)),
        ("comes with", "Ponder")
        if model.origin is Origin.BUILT_IN
        else ("belongs to", ORIGIN_NAMES[model.origin]),
    ]
    if len(model.parts) > 1:
        facts.append(("parts", str(len(model.parts))))
    if about is not None:
        facts += [
            ("architecture", about.architecture),
            ("parameters", parameters_text(about.parameters)),
            ("quantization", about.quantization or NOT_AVAILABLE),
            ("context", _count(about.context_tokens, "tokens")),
            ("layers", _count(about.layers)),
            ("vocabulary", _count(about.vocabulary, "tokens")),
            ("chat template", "yes" if about.chat_template else "no"),
            ("hidden thoughts", "its template knows them" if about.thinks else "none"),
            ("licence", _licence(model) or NOT_AVAILABLE),
        ]
    if source is not None:
        origin = f"{source.repository} at {source.revision[:12]}" if source.repository else ""
        facts += [("from", origin or source.file), ("sha256", source.sha256 or NOT_AVAILABLE)]
    return facts


def table(models: Sequence[LibraryModel]) -> list[str]:
    """Return the models as a table with a heading."""
    if not models:
        return []
    rows = [("NAME", "SIZE", "PARAMETERS", "QUANTIZATION", "BELONGS TO")]
    for model in models:
        about = model.description
        rows.append(
            (
                model.name,
                format_bytes(model.size_bytes),
                model.problem or (parameters_text(about.parameters) if about else NOT_AVAILABLE),
                "" if model.problem or about is None else about.quantization or NOT_AVAILABLE,
                model.origin.value,
            )
        )
    return aligned(rows)


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows as lines whose columns begin below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def parameters_text(parameters: int | None) -> str:
    """For example "4.0 B", "360 M"."""
    if parameters is None:
        return NOT_AVAILABLE
    if parameters >= 1e9:
        return f"{format_number(parameters / 1e9, 1)} B"
    return f"{format_number(parameters / 1e6, 0 if parameters >= 1e7 else 1)} M"


def _licence(model: LibraryModel) -> str:
    said = model.description.licence if model.description else None
    return said or (model.provenance.licence if model.provenance else "")


def _count(number: int | None, unit: str = "") -> str:
    return NOT_AVAILABLE if number is None else f"{format_count(number)} {unit}".rstrip()
