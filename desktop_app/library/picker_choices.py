"""Which models the picker offers, in which section, and what it says of each.

Pure, so that it is told apart from widgets and disks: what is on the disk it is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication

from desktop_app.engines import SavedEngine, is_description
from desktop_app.look.two_lines import TwoLines
from desktop_app.words.model_names import model_names, shown_name
from desktop_app.words.model_text import ORIGIN_NAMES
from desktop_app.words.quantities import format_bytes
from engine.journal.records import ModelRecord
from models.builtin import BASE, SMALL, STORIES
from models.library import LibraryModel
from models.places import Origin

_MOST_RECENT: Final = 6
"""Models of the library that stand under "Used before"; the others are found below."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One model that can be chosen.

    Attributes:
        path: Its file.
        lines: What is said of it.
        tip: What its tooltip says.
        usable: Whether it can be chosen.
        engine: Name of the saved engine that it is, which can be changed, or "".
    """

    path: Path
    lines: TwoLines
    tip: str
    usable: bool = True
    engine: str = ""

    def matches(self, words: str) -> bool:
        """Whether its name, or its file's, holds what was typed."""
        wanted = words.casefold()
        return wanted in self.lines.title.casefold() or wanted in self.path.name.casefold()


@dataclass(frozen=True, slots=True)
class Section:
    """Models under one heading; without any, a line says why."""

    title: str
    choices: tuple[Choice, ...] = ()
    line: str = ""


@dataclass(frozen=True, slots=True)
class KnownModels:
    """What is known of the models that can be used.

    Attributes:
        builtin: Those that ship, by their names in `models.builtin`.
        engines: Those elsewhere.
        recent: Those used before, latest first.
        library: Those on this computer, or None before the first scan has ended.
        files: What file a path leads to in the end, None where none is there any more. Paths that
            were not looked at are missing.
        too_large: Those that need more memory than is free.
    """

    builtin: Mapping[str, Path] = field(default_factory=dict)
    engines: Sequence[SavedEngine] = ()
    recent: Sequence[ModelRecord] = ()
    library: Sequence[LibraryModel] | None = None
    files: Mapping[Path, Path | None] = field(default_factory=dict)
    too_large: frozenset[Path] = frozenset()

    def file_of(self, path: Path) -> Path | None:
        """The file that a path leads to, None where none is there any more."""
        return self.files.get(path, path)


def sections_of(
    known: KnownModels, present: Path | None, *, loaded: bool = True
) -> tuple[Section, ...]:
    """Return what is offered beside what is in use, every file once.

    Args:
        known: What there is.
        present: What is in use, or is about to be.
        loaded: Whether it is in use already.
    """
    badge = _tr("in use") if loaded else ""
    places = [*known.builtin.values(), *(engine.path for engine in known.engines)]
    taken = {known.file_of(path) for path in places}
    if present is not None:
        taken |= {present, known.file_of(present)}
    names = model_names(known.library or ())
    used = _used_before(known, names, taken)
    here = _on_this_computer(known, names, taken)
    looking = _tr("Looking for models…") if known.library is None else ""
    found = (
        Section(_tr("Used before"), used),
        Section(_tr("On this computer"), here, looking),
        Section(_tr("Built in"), _builtin(known, present, badge)),
        Section(_tr("Elsewhere"), _elsewhere(known, present, badge)),
    )
    return tuple(section for section in found if section.choices or section.line)


def answerers_of(known: KnownModels, present: Path | None) -> tuple[Section, ...]:
    """Return every model that can answer a question again; the one in use can, too.

    Args:
        known: What there is.
        present: What is in use, or None.
    """
    return tuple(
        replace(section, choices=tuple(_answerer(choice, present) for choice in section.choices))
        for section in sections_of(known, None)
    )


def _answerer(choice: Choice, present: Path | None) -> Choice:
    """A model that is chosen for one answer: engines elsewhere are not changed here."""
    lines = choice.lines
    if choice.path == present:
        lines = replace(lines, badge=_tr("in use"), warns=False)
    return replace(choice, lines=lines, engine="")


def _used_before(
    known: KnownModels, names: Mapping[Path, str], taken: set[Path | None]
) -> tuple[Choice, ...]:
    """Those used before that are still there; what is found below counts up to six."""
    library = known.library or ()
    by_path = {model.path: model for model in library}
    below = {known.file_of(model.path) for model in library}
    choices: list[Choice] = []
    for record in known.recent:
        path = Path(record.path)
        file, model = known.file_of(path), by_path.get(path)
        if file is None or file in taken or (model is not None and _unusable(model)):
            continue
        if len(choices) >= _MOST_RECENT and file in below:
            continue
        taken.add(file)
        facts = _facts(model) if model is not None else _recorded_facts(record)
        if record.crashed:
            facts.append(_tr("ended the engine last time"))
        title = names.get(path) or shown_name(record.name) or path.name
        choices.append(_choice(known, path, title, facts))
    return tuple(choices)


def _on_this_computer(
    known: KnownModels, names: Mapping[Path, str], taken: set[Path | None]
) -> tuple[Choice, ...]:
    library = known.library or ()
    choices: list[Choice] = []
    for model in sorted(library, key=lambda model: names[model.path].casefold()):
        file = known.file_of(model.path)
        if file is None or file in taken or _unusable(model) or model.origin is Origin.BUILT_IN:
            continue
        taken.add(file)
        choices.append(_choice(known, model.path, names[model.path], _facts(model)))
    return tuple(choices)


def _choice(known: KnownModels, path: Path, title: str, facts: Sequence[str]) -> Choice:
    large = path in known.too_large
    about = " · ".join(fact for fact in facts if fact and not title.endswith(f" {fact}"))
    lines = TwoLines(title, about, _tr("too large") if large else "", warns=large)
    return Choice(path, lines, str(path))


def _builtin(known: KnownModels, present: Path | None, badge: str) -> tuple[Choice, ...]:
    words = {
        STORIES: ("Ponder stories", _tr("number stories, a demonstration")),
        SMALL: ("Ponder small", _tr("four kinds of puzzles, often wrong")),
        BASE: ("Ponder base", _tr("the same, less often wrong and slower")),
    }
    sizes = {model.path: model.size_bytes for model in known.library or ()}
    choices = []
    for name, path in known.builtin.items():
        title, about = words[name]
        if path in sizes:
            about = _tr("{about}, {size}").format(about=about, size=format_bytes(sizes[path]))
        lines = TwoLines(title, about, badge if path == present else "")
        choices.append(Choice(path, lines, str(path), path != present))
    return tuple(choices)


def _elsewhere(known: KnownModels, present: Path | None, badge: str) -> tuple[Choice, ...]:
    choices = []
    for engine in known.engines:
        present_here = engine.path == present
        lines = TwoLines(engine.name, _about_engine(engine), badge if present_here else "")
        usable = not present_here and engine.description is not None
        tip = "\n".join(engine.addresses)
        choices.append(Choice(engine.path, lines, tip, usable, engine.name))
    return tuple(choices)


def _about_engine(engine: SavedEngine) -> str:
    if engine.description is None:
        return _tr("unusable: {trouble}").format(trouble=engine.trouble)
    endpoints = engine.description.endpoints
    models = dict.fromkeys(endpoint.model for endpoint in endpoints if endpoint.model)
    if len(endpoints) == 1:
        return " · ".join([endpoints[0].label, *models])
    return " · ".join([_tr("{count} servers").format(count=len(endpoints)), *models])


def _facts(model: LibraryModel) -> list[str]:
    quantization = model.description.quantization if model.description is not None else ""
    whose = "" if model.origin is Origin.OWN else ORIGIN_NAMES[model.origin]
    return [quantization, format_bytes(model.size_bytes), whose]


def _recorded_facts(record: ModelRecord) -> list[str]:
    """What is known of a file that is in no folder of the library."""
    if is_description(Path(record.path)):
        return [_tr("an engine elsewhere")]
    return [record.quantization, format_bytes(record.size_bytes) if record.size_bytes else ""]


def _unusable(model: LibraryModel) -> bool:
    return bool(model.problem) or model.description is None


def _tr(text: str) -> str:
    return QCoreApplication.translate("ModelPicker", text)
