"""`ponder models`: find, get, import, inspect, remove and check model files."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from desktop_app.cli.complaint import complain_of
from desktop_app.cli.exits import EXIT_ENGINE, EXIT_MODEL, EXIT_USAGE
from desktop_app.cli.models_hub import change_token, get_model, search_hub
from desktop_app.cli.progress_line import ProgressLine
from desktop_app.cli.usage import UsageError
from desktop_app.folders import folders
from desktop_app.model_library import open_library, open_shelf, saved_settings
from desktop_app.words.model_text import model_lines, model_row, table
from desktop_app.words.plain_text import json_text, plain
from desktop_app.words.quantities import format_bytes
from models.errors import DownloadError, HubError, ModelsError
from models.library import LibraryModel, find_model, inspect
from models.places import Origin
from models.shelf import verify

Answer = tuple[object, list[str]]
"""What is printed: as JSON, and as lines for a person."""


def run_models(arguments: argparse.Namespace) -> int:
    """Run the subcommand; 0 when it did what was asked, 2 bad input, 3 no such model, 4 the hub.

    Raises:
        UsageError: The options make no sense.
    """
    try:
        answer, lines = _ACTIONS[arguments.action](arguments)
    except ModelsError as error:
        complain_of(error.code, error.detail)
        if isinstance(error, HubError | DownloadError):
            return EXIT_ENGINE
        return EXIT_MODEL
    if arguments.json:
        print(json_text(answer))
    else:
        print(plain("\n".join(lines)))
    if isinstance(answer, dict) and answer.get("problem"):
        return EXIT_MODEL
    return EXIT_USAGE if isinstance(answer, dict) and answer.get("intact") is False else 0


def _list(_arguments: argparse.Namespace) -> Answer:
    models = _models()
    rows = [model_row(model) for model in models]
    return {"models": rows}, table(models) or ["no models"]


def _inspect(arguments: argparse.Namespace) -> Answer:
    path = Path(arguments.name)
    if path.is_file():
        found = inspect(path)
        model = LibraryModel(
            name=path.stem,
            path=path,
            parts=(path,),
            size_bytes=path.stat().st_size,
            modified_ns=path.stat().st_mtime_ns,
            origin=Origin.OTHER,
            description=None if isinstance(found, str) else found,
            problem=found if isinstance(found, str) else "",
        )
    else:
        model = find_model(_models(), arguments.name)
    return model_row(model, whole=True), model_lines(model)


def _import(arguments: argparse.Namespace) -> Answer:
    shelf = open_shelf(folders(), saved_settings().library)
    with ProgressLine(quiet=arguments.json) as line:
        path = shelf.bring_in(Path(arguments.file), line.show, threading.Event())
    return {"path": str(path)}, [f"imported as {path.stem}: {path}"]


def _remove(arguments: argparse.Namespace) -> Answer:
    shelf = open_shelf(folders(), saved_settings().library)
    if sum((arguments.undo, arguments.empty_bin, arguments.name is not None)) != 1:
        raise UsageError("give one of: a name, --undo, --empty-bin")
    if arguments.empty_bin:
        freed = shelf.empty_bin()
        return {"freed_bytes": freed}, [f"{format_bytes(freed)} freed"]
    if arguments.undo:
        removed = shelf.removed()
        if not removed:
            raise UsageError("the bin is empty")
        shelf.restore(removed[0])
        return {"restored": removed[0].name}, [f"{removed[0].name} is back"]
    model = find_model(_models(), arguments.name)
    taken = shelf.remove(model)
    size = format_bytes(taken.size_bytes)
    return {"removed": taken.name, "size_bytes": taken.size_bytes}, [
        f"{taken.name} is in the bin ({size}); --undo brings it back, --empty-bin frees the room"
    ]


def _verify(arguments: argparse.Namespace) -> Answer:
    model = find_model(_models(), arguments.name)
    with ProgressLine(quiet=arguments.json) as line:
        intact = verify(model, line.show, threading.Event())
    said = {
        True: "intact: its bytes are those that were recorded",
        False: "damaged: its bytes are not those that were recorded; get it again",
        None: "the header is sound; no SHA-256 was recorded when it came",
    }[intact]
    return {"name": model.name, "intact": intact}, [f"{model.name}: {said}"]


def _models() -> tuple[LibraryModel, ...]:
    return open_library(folders(), saved_settings().library).scan()


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace], Answer]]] = {
    "list": _list,
    "search": search_hub,
    "get": get_model,
    "token": change_token,
    "inspect": _inspect,
    "import": _import,
    "remove": _remove,
    "verify": _verify,
}
