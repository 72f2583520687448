"""One run of a stored sweep, with all it needs beside the journal. Free of Qt."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

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
from engine.power.trace import IDLE_SECONDS
from models.copying import alone

_IDLE_SECONDS: Final = IDLE_SECONDS + 0.5
"""A little longer than what the baseline is the median of."""


def sweep_alone(journal: Journal, sweep_id: str) -> AbstractContextManager[None]:
    """Be the only one who runs a sweep, or takes it away.

    Two that run it would make every sample twice.

    Raises:
        SweepError: Somebody else runs it.
    """
    return alone(journal.path.parent, Path(sweep_id), SweepError("sweep-running", ""))


def run_sweep(
    sweep_id: str,
    journal: Journal,
    control: Control,
    tell: Callable[[SweepProgress], None],
    *,
    trial: bool = False,
) -> SweepStatus:
    """Run what is left of a sweep; blocks until it is done, paused or stopped.

    Args:
        sweep_id: Of a sweep in the journal.
        journal: Where samples are kept.
        control: Pauses and stops it, from any thread.
        tell: Hears how far it is, on this thread.
        trial: Ask no more than tells what the rest will take.

    Raises:
        SweepError: It cannot go on, or runs already.
    """
    with sweep_alone(journal, sweep_id):
        record = journal.sweep(sweep_id).result()
        meter = open_meter()
        sampler = PowerSampler(meter) if meter is not None else None
        checker = EquivalenceChecker()
        runner = SweepRunner(record, journal, Judge(checker, checkers()), sampler, tell, run_card)
        try:
            if sampler is not None:
                sampler.start()
            return runner.run(control, trial=trial, idle_seconds=_IDLE_SECONDS)
        finally:
            checker.close()
            if sampler is not None:
                sampler.close()
