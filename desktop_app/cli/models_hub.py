"""`ponder models search`, `get` and `token`: the hub from the terminal."""

from __future__ import annotations

import argparse
import queue
import threading
from pathlib import Path
from typing import Final

from desktop_app.cli.progress_line import ProgressLine
from desktop_app.cli.secret import read_secret
from desktop_app.cli.usage import UsageError
from desktop_app.error_text import error_line
from desktop_app.folders import folders
from desktop_app.library.fitting import Fitting, machine_memory
from desktop_app.library.hub_fitting import read_headers, recommended
from desktop_app.library.placement_text import placement_words
from desktop_app.model_library import models_folder, open_hub, saved_settings
from desktop_app.settings import Settings
from desktop_app.words.quantities import NOT_AVAILABLE, format_bytes, format_count
from engine.client import EngineClient
from engine.errors import WorkerStartError
from engine.keys import KeyStoreError, forget_key, keep_key
from engine.protocol import Event, MeasureMemory, MemoryMeasured, WorkerDied
from models.download import Download, FileProgress, check_room_for
from models.errors import HubNotFoundError
from models.file_names import repository_name
from models.fit import MachineMemory
from models.hub import Hub, HubModel, Repository, default_endpoint
from models.transfer import Transfer

_PATIENCE_SECONDS: Final = 60.0
Answer = tuple[object, list[str]]


def search_hub(arguments: argparse.Namespace) -> Answer:
    """Find repositories."""
    found = open_hub().search(
        arguments.text, arguments.author or "", arguments.tag or "", arguments.sort, arguments.limit
    )
    lines = [f"{'repository':<58} {'downloads':>10} {'likes':>6}  {'changed':<10}  licence"]
    for one in found:
        gated = ", must be allowed by its owner" if one.gated else ""
        lines.append(
            f"{one.name:<58} {_count(one.downloads):>10} {_count(one.likes):>6}  "
            f"{one.changed_on:<10}  {one.licence or NOT_AVAILABLE}{gated}"
        )
    return {"repositories": found}, lines if found else ["nothing was found"]


def get_model(arguments: argparse.Namespace) -> Answer:
    """Download a model, or say which ones a repository has."""
    asked = repository_name(arguments.name)
    hub, settings = open_hub(), saved_settings()
    repository = hub.repository(asked.repository)
    if not repository.models:
        raise HubNotFoundError(f"{repository.name} has no GGUF model")
    transfer = Transfer()
    try:
        label = arguments.quantization or asked.quantization
        if arguments.list:
            return _offer(repository, _fittings(hub, transfer, repository, settings))
        if asked.file:
            model = _of_file(repository, asked.file)
        elif label:
            model = repository.model(label)
        else:
            fittings = _fittings(hub, transfer, repository, settings)
            best = recommended(fittings)
            if best is None:
                raise UsageError(
                    "no quantization is sure to fit this machine; name one with --quantization, "
                    "or see them with --list"
                )
            model = repository.model(best)
        paths = _fetch(hub, transfer, repository, model, settings, quiet=arguments.json)
    finally:
        transfer.close()
    said = {
        "path": str(paths[0]),
        "repository": repository.name,
        "revision": repository.revision,
        "quantization": model.label,
        "size_bytes": model.size_bytes,
        "sha256": [file.sha256 or None for file in model.files],
    }
    return said, [f"{model.label} of {repository.name}, checked: {paths[0]}"]


def change_token(arguments: argparse.Namespace) -> Answer:
    """Keep a token for the hub in the keyring, or forget it; it is never taken from the command."""
    endpoint = default_endpoint()
    try:
        if arguments.forget:
            forget_key(endpoint)
            return {"endpoint": endpoint, "person": None}, [f"no token is kept for {endpoint}"]
        token = read_secret("token")
        person = Hub(token, endpoint).person()
        keep_key(endpoint, token)
    except KeyStoreError as error:
        code = error.code if arguments.forget else "hub-keyring"
        raise UsageError(error_line(code, error.detail)) from error
    return {"endpoint": endpoint, "person": person}, [f"the token of {person} is kept"]


def _offer(repository: Repository, fittings: dict[str, Fitting | None]) -> Answer:
    best = recommended(fittings)
    rows, lines = [], [f"{'quantization':<24} {'size':>10}  fit"]
    for model in repository.models:
        found = fittings[model.label]
        words = placement_words(found.fit) if found else NOT_AVAILABLE
        notch = found.largest_notch.attempts if found and found.largest_notch else None
        rows.append(
            {
                "quantization": model.label,
                "size_bytes": model.size_bytes,
                "files": [file.path for file in model.files],
                "fit": found.fit.placement.value if found else None,
                "most_side_by_side": notch,
                "recommended": model.label == best,
            }
        )
        side = f", up to {notch} side by side" if notch else ""
        mark = ", recommended" if model.label == best else ""
        lines.append(f"{model.label:<24} {format_bytes(model.size_bytes):>10}  {words}{side}{mark}")
    return {"repository": repository.name, "quantizations": rows}, lines


def _of_file(repository: Repository, path: str) -> HubModel:
    for model in repository.models:
        if any(file.path == path for file in model.files):
            return model
    raise HubNotFoundError(f"{repository.name} has no model {path}")


def _fittings(
    hub: Hub, transfer: Transfer, repository: Repository, settings: Settings
) -> dict[str, Fitting | None]:
    machine = _machine()
    if machine is None:
        return dict.fromkeys(model.label for model in repository.models)
    headers = read_headers(hub, transfer, repository)
    samples = settings.thinking.attempts
    return headers.fittings(repository, settings.engine, samples, machine)


def _machine() -> MachineMemory | None:
    """What memory is free, or None where the engine does not come up."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    client = EngineClient(events.put)
    try:
        client.send(MeasureMemory())
        while True:
            event = events.get(timeout=_PATIENCE_SECONDS)
            if isinstance(event, MemoryMeasured):
                return machine_memory(event)
            if isinstance(event, WorkerDied):
                return None
    except (WorkerStartError, queue.Empty):
        return None
    finally:
        client.close()


def _fetch(
    hub: Hub,
    transfer: Transfer,
    repository: Repository,
    model: HubModel,
    settings: Settings,
    *,
    quiet: bool,
) -> list[Path]:
    folder = models_folder(folders(), settings.library)
    name, revision, licence = repository.name, repository.revision, repository.found.licence
    downloads = [Download(name, revision, file, folder, licence) for file in model.files]
    check_room_for(folder, downloads)
    paths: list[Path] = []
    done = 0
    with ProgressLine(quiet=quiet) as line:
        for file, download in zip(model.files, downloads, strict=True):
            before = done

            def show(step: FileProgress, before: int = before) -> None:
                about = "checking" if step.checked_bytes else ""
                if step.waiting_seconds:
                    about = f"the hub was lost; trying again in {step.waiting_seconds:.0f} s"
                got = step.checked_bytes or step.got_bytes
                line.show(before + got, model.size_bytes, about)

            paths.append(download.run(hub, transfer, show, threading.Event()))
            done += file.size_bytes
    return paths


def _count(number: int | None) -> str:
    return NOT_AVAILABLE if number is None else format_count(number)
