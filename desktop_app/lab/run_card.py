"""What a sweep ran on, so that it can be repeated: versions, machine, models. Free of Qt."""

from __future__ import annotations

import platform
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from desktop_app.versions import DISTRIBUTION, installed_version
from desktop_app.words.endpoint_text import THIS_COMPUTER_ONLY, endpoint_facts, runs_elsewhere
from engine.generation import ModelReport
from engine.lab.records import RunCard
from engine.power.select import power_facts
from engine.protocol import WorkerReady
from models.copying import sha256_of
from models.errors import ModelsError
from models.provenance import read_provenance

_ENERGY: Final = "energy"


def run_card(ready: WorkerReady, reports: list[ModelReport]) -> RunCard:
    """Return the facts; a model's SHA-256 is read from its record, or worked out."""
    versions = {"Python": platform.python_version(), "llama.cpp": ready.llama_build}
    for package in (DISTRIBUTION, "math-verify"):
        versions[package] = installed_version(package) or "not installed"
    return RunCard(
        versions=versions,
        devices=ready.devices,
        system=f"{platform.platform()}, {platform.machine()}",
        power=power_facts(),
        models={report.path: _model(report) for report in reports},
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def ran_elsewhere(card: RunCard) -> bool:
    """Whether other machines worked too: the energy is then that of this computer only."""
    return any(facts.get(_ENERGY) == THIS_COMPUTER_ONLY for facts in card.models.values())


def _model(report: ModelReport) -> dict[str, str]:
    return _servers(report) if report.endpoints else _file(report)


def _servers(report: ModelReport) -> dict[str, str]:
    """Facts of an engine elsewhere: what its servers said, and no more."""
    context = str(report.context_tokens) if report.context_tokens else "not stated"
    facts = {"name": report.name, "slots": str(report.slots), "context_tokens": context}
    for number, endpoint in enumerate(report.endpoints, start=1):
        words = ", ".join([endpoint.name, *endpoint_facts(endpoint)])
        facts[f"server {number}"] = words
    if runs_elsewhere(report):
        facts[_ENERGY] = THIS_COMPUTER_ONLY
    return facts


def _threads(report: ModelReport) -> str:
    shared = f", in {report.processes} processes" if report.processes > 1 else ""
    return f"{report.threads}{shared}"


def _file(report: ModelReport) -> dict[str, str]:
    path = Path(report.path)
    known = read_provenance(path)
    sha256 = known.sha256 if known is not None else ""
    if not sha256:
        try:
            sha256 = sha256_of(path, lambda _done: None, threading.Event())
        except ModelsError:
            sha256 = ""
    return {
        "name": report.name,
        "architecture": report.architecture,
        "quantization": report.quantization,
        "parameters": str(report.parameters),
        "slots": str(report.slots),
        "context_tokens": str(report.context_tokens),
        "kv_cache": report.cache_type,
        "flash_attention": report.flash_attention,
        "threads": _threads(report),
        "layers_on_gpu": f"{report.layers_on_gpu} of {report.layers}",
        "sha256": sha256 or "not available",
    }
