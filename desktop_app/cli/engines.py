"""`ponder engines`: save, try and remove engines elsewhere, and keep the keys of their servers."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from desktop_app.cli.complaint import fail
from desktop_app.cli.exits import EXIT_ENGINE, EXIT_MODEL, EXIT_USAGE
from desktop_app.cli.secret import read_secret
from desktop_app.cli.usage import UsageError
from desktop_app.engine_trial import Trial, TrialError
from desktop_app.engines import EngineNameError, SavedEngine, checked_name, is_description
from desktop_app.error_text import error_line
from desktop_app.folders import folders
from desktop_app.model_library import check_model, open_engines
from desktop_app.words.endpoint_text import endpoint_facts
from desktop_app.words.model_text import aligned
from desktop_app.words.plain_text import json_text, plain
from engine.backends.remote.description import (
    EndpointDescription,
    EngineDescription,
    checked,
    full_address,
)
from engine.keys import KeyStoreError, forget_key, keep_key, kept_key
from models.errors import ModelsError

Answer = tuple[object, list[str]]
"""What is printed: as JSON, and as lines for a person."""


def run_engines(arguments: argparse.Namespace) -> int:
    """Run the subcommand; 0 when it did what was asked, 2 bad input, 3 no such engine, 4 a server.

    Raises:
        UsageError: The options make no sense.
    """
    try:
        answer, lines = _ACTIONS[arguments.action](arguments)
    except EngineNameError as error:
        raise UsageError(error_line(error.code, error.detail)) from error
    except ModelsError as error:
        return fail(EXIT_MODEL, error.code, error.detail)
    except KeyStoreError as error:
        return fail(EXIT_USAGE, error.code, error.detail)
    except TrialError as error:
        return fail(EXIT_ENGINE, error.code, error.detail)
    if arguments.json:
        print(json_text(answer))
    else:
        print(plain("\n".join(lines)))
    return 0


def _add(arguments: argparse.Namespace) -> Answer:
    if arguments.slots is not None and not 1 <= arguments.slots <= 256:
        raise UsageError("--slots is 1 to 256")
    asked = tuple(
        EndpointDescription(address, arguments.model, arguments.slots)
        for address in arguments.address
    )
    try:
        description = checked(EngineDescription(asked))
    except ValueError as error:
        raise UsageError(str(error)) from error
    name = checked_name(arguments.name)
    path = open_engines(folders()).save(name, description)
    said = {"name": name, "path": str(path), "servers": description.endpoints}
    return said, [
        f"saved as {name}: {path}",
        f"'ponder engines test \"{name}\"' tries it, '--model \"{name}\"' uses it",
    ]


def _list(_arguments: argparse.Namespace) -> Answer:
    found = open_engines(folders()).engines()
    rows: list[tuple[str, ...]] = [("NAME", "SERVER", "MODEL", "SIDE BY SIDE", "KEY")]
    for engine in found:
        rows += _rows(engine)
    return {"engines": [_row(engine) for engine in found]}, aligned(rows) if found else [
        "no engines"
    ]


def _rows(engine: SavedEngine) -> list[tuple[str, ...]]:
    if engine.description is None:
        return [(engine.name, f"unusable: {engine.trouble}", "", "", "")]
    rows = [
        (
            "",
            endpoint.address,
            endpoint.model or "the first",
            str(endpoint.slots) if endpoint.slots else "as it says",
            "kept" if kept_key(endpoint.address) else "none",
        )
        for endpoint in engine.description.endpoints
    ]
    return [(engine.name, *rows[0][1:]), *rows[1:]]


def _row(engine: SavedEngine) -> dict[str, object]:
    endpoints = engine.description.endpoints if engine.description else ()
    return {
        "name": engine.name,
        "path": str(engine.path),
        "problem": engine.trouble or None,
        "servers": [
            {
                "address": endpoint.address,
                "model": endpoint.model or None,
                "slots": endpoint.slots,
                "name": endpoint.label,
                "key_kept": kept_key(endpoint.address) is not None,
            }
            for endpoint in endpoints
        ],
    }


def _test(arguments: argparse.Namespace) -> Answer:
    path = Path(arguments.name)
    if not (is_description(path) and path.is_file()):
        path = open_engines(folders()).find(arguments.name).path
    check_model(path)
    result = Trial().run(path.absolute())
    report = result.report
    lines = [f"{end.name}: {', '.join(endpoint_facts(end))}" for end in report.endpoints]
    lines += [f"note: {error_line(note.code, note.detail)}" for note in result.notices]
    said = {
        "name": report.name,
        "slots": report.slots,
        "context_tokens": report.context_tokens or None,
        "servers": report.endpoints,
        "notices": [{"code": note.code, "detail": note.detail} for note in result.notices],
    }
    return said, lines


def _key(arguments: argparse.Namespace) -> Answer:
    try:
        address = full_address(arguments.address)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if arguments.forget:
        forget_key(address)
        return {"address": address, "key_kept": False}, [f"no key is kept for {address}"]
    key = read_secret("key")
    keep_key(address, key)
    return {"address": address, "key_kept": True}, [f"the key of {address} is kept"]


def _remove(arguments: argparse.Namespace) -> Answer:
    shelf = open_engines(folders())
    removed = shelf.remove(arguments.name)
    used = shelf.addresses()
    kept = sorted(a for a in set(removed.addresses) & used if kept_key(a) is not None)
    lines = [f"{removed.name} is deleted, and the keys that only it used"]
    lines += [f"the key of {address} stays: another engine uses it" for address in kept]
    return {"removed": removed.name, "keys_kept": kept}, lines


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace], Answer]]] = {
    "add": _add,
    "list": _list,
    "test": _test,
    "key": _key,
    "remove": _remove,
}
