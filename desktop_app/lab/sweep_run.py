"""One run of a stored sweep, with all it needs beside the journal. Free of Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from desktop_app.lab.question_sources import checkers
from desktop_app.lab.run_card import run_card
from engine.answers.equivalence import EquivalenceChecker
from engine.journal.journal import Journal
from engine.lab.judging import Judge
from engine.lab.records import SweepStatus
from engine.lab.sweep import SweepRunner
from engine.lab.sweep_control import Control, SweepError, SweepProgress
from engine.power.sampler import PowerSampler
from engine.power.select import open_meter

_LOCKS: Final = ".locks"
"""The folder, beside the journal, that says which sweeps run."""


def run_sweep(
    sweep_id: str, journal: Journal, control: Control, tell: Callable[[SweepProgress], None]
) -> SweepStatus:
    """Run what is left of a sweep; blocks until it is done, paused or stopped.

    Args:
        sweep_id: Of a sweep in the journal.
        journal: Where samples are kept.
        control: Pauses and stops it, from any thread.
        tell: Hears how far it is, on this thread.

    Raises:
        SweepError: It cannot go on, or runs already.
    """
    with _held(sweep_id, journal.path.parent / _LOCKS):
        record = journal.sweep(sweep_id).result()
        meter = open_meter()
        sampler = PowerSampler(meter) if meter is not None else None
        checker = EquivalenceChecker()
        runner = SweepRunner(record, journal, Judge(checker, checkers()), sampler, tell, run_card)
        try:
            if sampler is not None:
                sampler.start()
            return runner.run(control)
        finally:
            checker.close()
            if sampler is not None:
                sampler.close()


@contextmanager
def _held(sweep_id: str, folder: Path) -> Iterator[None]:
    """Let nobody else run a sweep meanwhile, or every sample would be made twice.

    Raises:
        SweepError: Somebody does, here or in another program.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(folder / f"{sweep_id}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise SweepError("sweep-running", "") from None
    try:
        yield
    finally:
        lock.release()
        with suppress(OSError):  # where it cannot be taken away now, it is in nobody's way
            Path(lock.lock_file).unlink()
