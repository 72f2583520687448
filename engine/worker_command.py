"""How our child processes are started: by the interpreter, or, in a packaged program, by name.

A packaged program has no interpreter to hand a module to. It starts itself with `CHILD_OPTION` and
the child's name. Where there is a second executable in its folder, made for the console, that takes
its place: on Windows a program with a window has no pipes. `packaging/ponder.spec` makes both.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Final

CHILD_OPTION: Final = "--child"
WORKER_PROGRAM: Final = "ponder-worker"


class Child(StrEnum):
    """The programs that only we start."""

    WORKER = "worker"
    EQUIVALENCE = "equivalence"
    DOCUMENT = "document"


_MODULES: Final = {
    Child.WORKER: "engine.worker",
    Child.EQUIVALENCE: "engine.answers.equivalence_worker",
    Child.DOCUMENT: "engine.documents.reading_child",
}


def is_packaged() -> bool:
    """Whether this runs in an executable made by PyInstaller."""
    return bool(getattr(sys, "frozen", False))


def child_command(child: Child, *arguments: str) -> tuple[str, ...]:
    """The command that starts a child process of ours, with its arguments."""
    if not is_packaged():
        return (sys.executable, "-X", "faulthandler", "-m", _MODULES[child], *arguments)
    program = Path(sys.executable)
    beside = program.with_name(WORKER_PROGRAM + program.suffix)
    chosen = beside if beside.exists() else program
    return (str(chosen), CHILD_OPTION, child.value, *arguments)


def child_environment() -> dict[str, str]:
    """The environment that a child process of ours finds our code in."""
    environment = dict(os.environ)
    root = str(Path(__file__).resolve().parents[1])
    known = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = root if not known else os.pathsep.join((root, known))
    return environment


def worker_command(*, background: bool = False) -> tuple[str, ...]:
    """The command of the worker.

    Args:
        background: Whether it gives way to everything a person does meanwhile.
    """
    return child_command(Child.WORKER, *(["--background"] if background else []))
