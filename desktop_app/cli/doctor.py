"""`ponder doctor`: what Ponder sees of this machine, for a person or a bug report."""

from __future__ import annotations

import platform
import queue
import sqlite3
import sys

from desktop_app.error_text import error_line
from desktop_app.folders import folders
from desktop_app.model_library import open_engines
from desktop_app.versions import installed_version
from desktop_app.words.plain_text import json_text, plain
from engine.errors import WorkerStartError
from engine.journal.database import inspect_journal
from engine.journal.errors import JournalError
from engine.power.select import open_meter
from engine.protocol import WorkerDied, WorkerReady
from engine.session import Session, SessionEvent
from models.builtin import builtin_model_path
from models.errors import ModelsError

_PACKAGES = (
    "ponder-desktop",
    "PySide6-Essentials",
    "llama-cpp-python",
    "huggingface-hub",
    "sqlite-utils",
    "nvidia-ml-py",
    "math-verify",
)
_PATIENCE_SECONDS = 60.0

Section = dict[str, str]


def run_doctor(*, as_json: bool, check_updates: bool = False) -> int:
    """Print the report; 0 when the engine comes up and the journal is well, else 4.

    Args:
        as_json: Print one JSON object.
        check_updates: Ask whether there is a newer version, which nothing else ever does.
    """
    engine, engine_well = _engine()
    journal, journal_well = _journal()
    sections = {
        "versions": _versions(),
        "engine": engine,
        "engines elsewhere": _elsewhere(),
        "power": _power(),
        "folders": _folders(),
        "journal": journal,
    }
    if check_updates:
        sections["updates"] = {"newer version": _updates()}
    if as_json:
        print(json_text(sections))
    else:
        for title, rows in sections.items():
            print(title)
            for name, value in rows.items():
                print(plain(f"  {name:<22} {value}"))
    return 0 if engine_well and journal_well else 4


def _versions() -> Section:
    rows = {"Python": platform.python_version(), "system": platform.platform()}
    for package in _PACKAGES:
        rows[package] = installed_version(package) or "not installed"
    rows["SQLite"] = sqlite3.sqlite_version
    return rows


def _updates() -> str:
    from desktop_app.updates import check_for_updates

    return check_for_updates(installed_version()).text


def _engine() -> tuple[Section, bool]:
    events: queue.SimpleQueue[SessionEvent] = queue.SimpleQueue()
    session = Session()
    session.subscribe(events.put)
    try:
        session.start()
        while True:
            event = events.get(timeout=_PATIENCE_SECONDS)
            if isinstance(event, WorkerReady):
                return {
                    "llama.cpp": event.llama_build,
                    "devices": ", ".join(event.devices) or "CPU only",
                    "GPU offload": "supported" if event.gpu_build else "not in this build",
                }, True
            if isinstance(event, WorkerDied):
                return {
                    "llama.cpp": "the engine process ended",
                    "last line": _last_line(event.stderr_tail),
                }, False
    except WorkerStartError as error:
        return {"llama.cpp": error_line(error.code, error.detail)}, False
    except queue.Empty:
        return {"llama.cpp": f"no answer within {_PATIENCE_SECONDS:.0f} s"}, False
    finally:
        session.close()


def _last_line(text: str) -> str:
    """The last line of what an engine process wrote, or that it wrote nothing."""
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _elsewhere() -> Section:
    """The engines that are saved; none is asked for anything."""
    try:
        engines = open_engines(folders()).engines()
    except ModelsError as error:
        return {"state": error_line(error.code, error.detail)}
    if not engines:
        return {"state": "none saved"}
    return {
        engine.name: f"unusable: {engine.trouble}"
        if engine.trouble
        else ", ".join(engine.addresses)
        for engine in engines
    }


def _power() -> Section:
    meter = open_meter()
    if meter is None:
        return {"sensor": "no power sensor"}
    try:
        reading = meter.read()
        rows = {"sensor": f"{meter.label}, {meter.window}, {meter.scope}"}
        for number, device in enumerate(reading.devices):
            watts = device.power_watts
            power = "power not available" if watts is None else f"{watts:.0f} W"
            energy = "no energy counter" if device.energy_joules is None else "energy counter"
            rows[f"device {number}"] = f"{device.name}: {power}, {energy}"
        return rows
    finally:
        meter.close()


def _folders() -> Section:
    known = folders()
    builtin = builtin_model_path()
    return {
        "data": str(known.data),
        "settings": str(known.settings),
        "logs": str(known.logs),
        "built-in model": str(builtin) if builtin.exists() else f"missing: {builtin}",
        "Python executable": sys.executable,
    }


def _journal() -> tuple[Section, bool]:
    path = folders().journal
    if not path.exists():
        return {"file": f"{path} (made at the first question)"}, True
    try:
        health = inspect_journal(path)
    except JournalError as error:
        return {"file": str(path), "state": error_line(error.code, error.detail)}, False
    return {
        "file": str(path),
        "state": "intact" if health.integrity_ok else "damaged",
        "schema version": str(health.version),
        "size": f"{health.size_bytes / 1e6:.1f} MB",
        "conversations": str(health.conversations),
        "deliberations": str(health.deliberations),
        "candidates": str(health.candidates),
    }, health.integrity_ok
