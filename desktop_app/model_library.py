"""The library and the shelf of this person: folders and settings joined with `models`.

Free of Qt, so that window and terminal see the same models.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.engines import (
    EngineShelf,
    UnknownEngineError,
    check_description,
    is_description,
)
from desktop_app.folders import Folders, folders
from desktop_app.settings import LibrarySettings, Settings, peek_settings, with_table
from engine.backends.scripted import SCRIPT_SUFFIX
from engine.keys import kept_key
from engine.options import DEFAULT_OPTIONS, StrategyOptions
from engine.strategies.auto import Auto
from models.builtin import builtin_model_path, builtin_models
from models.errors import FolderError, MissingFileError
from models.gguf import FileSource, read_header
from models.library import Library
from models.places import Origin, Place, others_places
from models.shelf import Shelf

if TYPE_CHECKING:  # its library takes 150 ms to import, which only who asks the hub waits for
    from models.hub import Hub


def saved_settings() -> Settings:
    """Return the settings of this person; the defaults where the file cannot be read.

    A damaged file stays where it is, for the window to set aside and to say so.
    """
    try:
        return peek_settings(folders().settings)
    except (OSError, ValueError):
        return Settings()


def learned_options(
    strategy: str, model: str, options: StrategyOptions = DEFAULT_OPTIONS
) -> StrategyOptions:
    """Return options under which `auto` follows the table that was learned for a model, if any."""
    table = saved_settings().thinking.table_for(model) if strategy == Auto.name else None
    return options if table is None else with_table(options, table)


def check_model(path: Path) -> None:
    """Make sure that a file's header, or an engine's description, is sound before it is loaded.

    Takes up to a second for a large vocabulary.

    Raises:
        GgufError: It is not.
        EngineDescriptionError: It is not.
        MissingFileError: There is none.
        FolderError: It cannot be read.
    """
    if path.name.endswith(SCRIPT_SUFFIX):
        return
    if is_description(path) and path.is_file():
        check_description(path)
        return
    try:
        with FileSource(path) as source:
            read_header(source)
    except FileNotFoundError:
        raise MissingFileError(str(path)) from None
    except OSError as error:
        raise FolderError(f"{path.name}: {error.strerror}") from error


def open_hub() -> Hub:
    """Return the hub, with the token that the keyring keeps for it; the keyring may ask."""
    from models.hub import Hub, default_endpoint

    endpoint = default_endpoint()
    return Hub(kept_key(endpoint), endpoint)


def models_folder(known: Folders, settings: LibrarySettings) -> Path:
    """Return the models folder; it may not exist yet."""
    return Path(settings.folder).expanduser() if settings.folder else known.models


def open_engines(known: Folders) -> EngineShelf:
    """Return the engines elsewhere that are saved."""
    return EngineShelf(known.engines)


def named_model(given: str | None) -> Path:
    """Return the file that is meant by a name in the terminal.

    A file that exists comes first, then a saved engine's name, then a name in the library.

    Args:
        given: What was typed, or None for the built-in model.

    Raises:
        ModelsError: It is none of them.
    """
    if given is None:
        return builtin_model_path()
    path = Path(given)
    if path.is_file():
        return path
    known = folders()
    try:
        return open_engines(known).find(given).path
    except UnknownEngineError:
        return open_library(known, saved_settings().library).find(given).path


def open_shelf(known: Folders, settings: LibrarySettings) -> Shelf:
    """Return Ponder's own models folder."""
    return Shelf(models_folder(known, settings))


def open_library(known: Folders, settings: LibrarySettings) -> Library:
    """Return all models of this machine: built-in, own, and those of other programs."""
    places = [Place(Origin.OWN, models_folder(known, settings))]
    places += [Place(Origin.OTHER, Path(folder).expanduser()) for folder in settings.folders]
    if settings.others:
        places += others_places()
    return Library(places, [(Origin.BUILT_IN, path) for path in builtin_models().values()])
