"""Runs one of our child processes inside a packaged program; see `engine.worker_command`."""

from __future__ import annotations

import faulthandler
import sys

from engine.worker_command import Child


def run_child(words: list[str]) -> int:
    """Be the child that the first word names, with the rest as its command line.

    Returns:
        The exit status; 2 when there is no such child.
    """
    if not words or words[0] not in {child.value for child in Child}:
        return 2
    sys.argv = [sys.argv[0], *words[1:]]
    faulthandler.enable()
    if words[0] == Child.WORKER.value:
        from engine.worker import main as run_worker

        return run_worker()
    if words[0] == Child.DOCUMENT.value:
        from engine.documents.reading_child import main as run_reading

        run_reading()
        return 0
    from engine.answers.equivalence_worker import main as run_equivalence

    run_equivalence()
    return 0
