"""A sweep off the window's thread: started, watched, stopped; its news as signals.

It owns an engine process of its own, so that the chat stays usable. It must not know widgets.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.background import in_background
from desktop_app.deliveries import Deliveries
from desktop_app.lab.sweep_run import run_sweep
from engine.journal.journal import Journal
from engine.journal.records import new_id
from engine.lab.comparison import Comparison, compare
from engine.lab.plan import SweepPlan
from engine.lab.records import Place, SweepRecord, SweepStatus
from engine.lab.results import Results, results_of
from engine.lab.sweep_control import Control, SweepError, SweepProgress

_REDRAW_MILLISECONDS = 2000
_SPACING = 10
"""The time between two readings, in times of the last one."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a sweep.

    Attributes:
        record: All that is stored of it.
        results: What that comes to.
        comparison: With another sweep, or None.
    """

    record: SweepRecord
    results: Results
    comparison: Comparison | None = None


class LabRunner(QObject):
    """Runs one sweep at a time and reads results.

    Args:
        journal: Where everything is kept.
        deliveries: Brings results to this thread.

    Attributes:
        progressed: (`SweepProgress`) How far the running sweep is.
        shown: (`Shown`) What is stored of the sweep that is looked at, each time it was read anew.
        state_changed: A sweep began, paused, went on or ended.
        running_changed: Whether a sweep runs now, which keeps the machine busy.
        failed: (code, detail) It could not go on.
        ended: (`SweepStatus`, or None where it could not go on; seconds of this run, pauses
            included) A sweep ended.
    """

    progressed = Signal(object)
    shown = Signal(object)
    state_changed = Signal()
    running_changed = Signal(bool)
    failed = Signal(str, str)
    ended = Signal(object, float)

    def __init__(
        self, journal: Journal, deliveries: Deliveries, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._journal, self._deliveries = journal, deliveries
        self._control: Control | None = None
        self._progress: SweepProgress | None = None
        self._began = 0.0
        self._ended = threading.Event()
        self._ended.set()
        self._looked_at = self._beside = ""
        self._reading = self._stale = False
        self._read_at = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_REDRAW_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)
        self.progressed.connect(self._on_progressed)

    @property
    def running(self) -> bool:
        """Whether a sweep is running."""
        return self._control is not None

    @property
    def progress(self) -> SweepProgress | None:
        """How far the running sweep is, as far as that was told."""
        return self._progress

    @property
    def looked_at(self) -> str:
        """Id of the sweep that is shown, or ""."""
        return self._looked_at

    def start(self, plan: SweepPlan, name: str, *, trial: bool = False) -> None:
        """Begin a sweep and look at it.

        Args:
            plan: What it does.
            name: What the person calls it.
            trial: Ask no more than tells what the rest will take.
        """
        sweep_id = new_id()
        self._deliveries.deliver(
            self._journal.start_sweep(sweep_id, name, plan),
            lambda _none: self.resume(sweep_id, trial=trial),
        )

    def resume(self, sweep_id: str, *, trial: bool = False) -> None:
        """Go on with a stored sweep and look at it."""
        if self.running:
            return
        self.look_at(sweep_id)
        control = self._control = Control()
        self._progress, self._began = None, time.monotonic()
        self._ended.clear()
        self.running_changed.emit(True)
        self.state_changed.emit()
        self._timer.start()
        self._deliveries.deliver(
            in_background(lambda: self._run(sweep_id, control, trial=trial), "sweep"),
            self._on_end,
            self._on_failed,
        )

    @property
    def paused(self) -> bool:
        """Whether the running sweep begins no further question."""
        return self._control is not None and self._control.paused

    def pause(self) -> None:
        """Let the running sweep wait, or end the wait."""
        if self._control is not None:
            (self._control.go_on if self._control.paused else self._control.pause)()
            self.running_changed.emit(not self._control.paused)
            self.state_changed.emit()

    def stop(self) -> None:
        """End it soon; it can be gone on with."""
        if self._control is not None:
            self._control.stop()

    def close(self) -> None:
        """Stop, and wait a moment for the end. Idempotent."""
        self.stop()
        self._timer.stop()
        self._ended.wait(5.0)

    @property
    def beside(self) -> str:
        """What is shown beside it, or ""."""
        return self._beside

    def look_at(self, sweep_id: str) -> None:
        """Show what is stored of a sweep."""
        self._looked_at, self._beside = sweep_id, ""
        self.refresh()

    def compare_with(self, sweep_id: str) -> None:
        """Show another sweep beside the one that is looked at; "" shows it alone."""
        self._beside = sweep_id
        self.refresh()

    def correct(self, place: Place, group_key: str, right: bool | None) -> None:  # noqa: FBT001 - the word itself
        """Record what a person says of an answer in the sweep that is looked at."""
        self._deliveries.deliver(
            self._journal.correct_sweep(self._looked_at, place, group_key, right=right),
            lambda _none: self.refresh(),
        )

    def refresh(self) -> None:
        """Read the sweep that is looked at anew; during a read it is done once more after it."""
        if self._reading:
            self._stale = True
            return
        if not self._looked_at:
            return
        self._reading, self._stale = True, False
        self._read_at = time.monotonic()
        sweep_id, beside, running = self._looked_at, self._beside, self.running

        def one(name: str) -> tuple[SweepRecord, Results]:
            record = self._journal.sweep(name).result()
            grows = running and record.summary.status is SweepStatus.RUNNING
            return record, results_of(record, learn=not grows)

        def read() -> Shown:
            record, results = one(sweep_id)
            other = compare((record, results), one(beside)) if beside else None
            return Shown(record, results, other)

        future: Future[Shown] = in_background(read, "sweep-results")
        self._deliveries.deliver(future, self._on_read, self._on_read_failed)

    def _run(self, sweep_id: str, control: Control, *, trial: bool) -> SweepStatus:
        try:
            return run_sweep(sweep_id, self._journal, control, self.progressed.emit, trial=trial)
        finally:
            self._ended.set()

    def _on_progressed(self, progress: SweepProgress) -> None:
        if self.running:
            self._progress = progress

    def _on_end(self, status: SweepStatus | None) -> None:
        self._control = self._progress = None
        self.running_changed.emit(False)
        self._timer.stop()
        self.state_changed.emit()
        self.refresh()
        self.ended.emit(status, time.monotonic() - self._began)

    def _on_failed(self, error: BaseException) -> None:
        self._on_end(None)
        if isinstance(error, SweepError):
            self.failed.emit(error.code, error.detail)
        else:
            self._deliveries.fail(error)

    def _on_read(self, found: Shown) -> None:
        self._reading = False
        # a long sweep is read for seconds, in which its samples wait to be written
        took = round(1000 * (time.monotonic() - self._read_at))
        self._timer.setInterval(max(_REDRAW_MILLISECONDS, _SPACING * took))
        if found.record.summary.sweep_id == self._looked_at:
            self.shown.emit(found)
        self._read_again_if_asked()

    def _on_read_failed(self, error: BaseException) -> None:
        self._reading = False
        self._deliveries.fail(error)
        self._read_again_if_asked()

    def _read_again_if_asked(self) -> None:
        if self._stale:
            self.refresh()
