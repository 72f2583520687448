"""The engine processes of a sweep: one, or several where its model is small and has no GPU.

The threads of one process share every operation of a step. In a small model operations are so short
that threads mostly wait for each other, and between two steps one of them alone draws tokens.
Several processes, each with a share of the threads and slots, then get more done; see
docs/decisions/0017-processes-of-a-sweep.md.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import msgspec

from engine.client import EngineClient
from engine.errors import EngineError, WorkerDiedError
from engine.generation import LoadOptions, ModelReport
from engine.lab.sweep_control import Control, SweepError
from engine.machine import available_memory_bytes, usable_cores
from engine.protocol import (
    Cancel,
    CancelLoad,
    Deliberate,
    Event,
    LoadFailed,
    LoadModel,
    ModelLoaded,
    WorkerDied,
    WorkerReady,
    WorkerSilent,
)
from engine.worker_command import worker_command

TICK_SECONDS: Final = 0.25
LEAVE_SECONDS: Final = 3.0
"""How long the engine's answer is waited for after a stop: nothing is lost without it."""
_SMALL_BYTES: Final = 32 * 2**20
"""With more weights one process is as fast: it reads them once for all."""
_FEWEST_SLOTS: Final = 4
"""Fewer candidates side by side are slower each."""
_FEWEST_QUESTIONS: Final = 4
"""For each process: with fewer, some would have nothing to do at the end."""
_MEMORY_BYTES: Final = 2**29
"""Free memory for each process."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How much of a sweep is under way at once.

    Attributes:
        batches_ahead: Attempts handed to each process, in batches: one runs, the others wait for
            the slots that come free. 0 asks one question after another.
        most_processes: Most processes for a model that is faster with several.
    """

    batches_ahead: int = 2
    most_processes: int = 8


USUAL_SPREAD: Final = Spread()
ONE_BY_ONE: Final = Spread(0, 1)


@dataclass(frozen=True, slots=True)
class Work:
    """What a model is loaded for.

    Attributes:
        questions: How often it is asked under each arm.
        attempts: Most that one question runs side by side, where how many it needs depends on that;
            else 0.
    """

    questions: int
    attempts: int = 0


@dataclass(slots=True, eq=False)
class _Engine:
    """One process, and how it is."""

    client: EngineClient
    silent: bool = False
    death: WorkerDiedError | None = None
    """Of its process, until one has the model again."""


class SweepEngines:
    """The processes and what they have under way; used by one thread.

    Attributes:
        ready: What the first process said of itself, or None before.
    """

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[tuple[_Engine, Event]] = queue.SimpleQueue()
        self._engines = [self._new_engine()]
        self._asked: dict[str, _Engine] = {}
        self.ready: WorkerReady | None = None

    @property
    def process_ids(self) -> list[int]:
        """Of the processes that run."""
        known = [engine.client.process_id for engine in self._engines]
        return [process_id for process_id in known if process_id is not None]

    @property
    def silent(self) -> bool:
        """Whether one was last heard of for its silence."""
        return any(engine.silent for engine in self._engines)

    def load(
        self, model: str, options: LoadOptions, work: Work, control: Control, most: int
    ) -> ModelReport | None:
        """Load a model in as many processes as suit it.

        Args:
            model: The file.
            options: How it is loaded.
            work: What for.
            control: Its stop ends the load.
            most: Most processes.

        Returns:
            What was loaded, all processes together, or None where the sweep was stopped before.

        Raises:
            SweepError: It cannot be loaded.
        """
        self._keep(1)
        report = self._load_everywhere(LoadModel(model, options), control)
        if report is None:
            return None
        threads = options.threads or usable_cores()  # it gives way, so that the window needs none
        count = processes_for(report, threads, work.questions, available_memory_bytes())
        if (count := min(most, count)) == 1:
            return report
        shared = share_of(options, report, threads, count, work.attempts)
        self._engines += [self._new_engine() for _ in range(count - 1)]
        try:
            part = self._load_everywhere(LoadModel(model, shared), control)
        except (SweepError, EngineError):  # one process had room, so that it goes on with one
            self._keep(1)
            return self._load_everywhere(LoadModel(model, options), control)
        return None if part is None else _together(part, count)

    def send(self, command: Deliberate, waiting: dict[str, int]) -> None:
        """Ask where least is waiting.

        Args:
            command: The question.
            waiting: Attempts to be made of every running deliberation.

        Raises:
            EngineError: The process cannot be started, or died too often.
        """
        engine = min(self._engines, key=self._loads(waiting).__getitem__)
        self._asked = {name: self._asked[name] for name in waiting if name in self._asked}
        self._asked[command.deliberation_id] = engine
        engine.client.send(command)

    def least_waiting(self, waiting: dict[str, int]) -> int:
        """Attempts to be made where they are fewest."""
        return min(self._loads(waiting).values())

    def cancel(self, deliberation_id: str) -> None:
        """End a deliberation."""
        self._asked[deliberation_id].client.send(Cancel(deliberation_id))

    def next_event(self) -> Event | None:
        """The next event, or None when there was none for a while."""
        heard = self._next()
        return None if heard is None else heard[1]

    def death_under(self, deliberation_id: str) -> WorkerDiedError | None:
        """How the process died that had a deliberation, until one has the model again."""
        return self._asked[deliberation_id].death

    def close(self) -> None:
        """End all processes."""
        _close(self._engines)

    def _new_engine(self) -> _Engine:
        engine = _Engine(EngineClient(lambda event: self._events.put((engine, event)), _command()))
        return engine

    def _next(self) -> tuple[_Engine, Event] | None:
        """The next event of an engine that is still there."""
        try:
            engine, event = self._events.get(timeout=TICK_SECONDS)
        except queue.Empty:
            return None
        if engine not in self._engines:
            return None
        engine.silent = isinstance(event, WorkerSilent)
        if isinstance(event, WorkerReady) and self.ready is None:
            self.ready = event
        elif isinstance(event, WorkerDied):
            engine.death = WorkerDiedError(event.exit_status, event.stderr_tail)
        elif isinstance(event, ModelLoaded):
            engine.death = None
        return engine, event

    def _loads(self, waiting: dict[str, int]) -> dict[_Engine, int]:
        """Attempts to be made by each engine."""
        loads = dict.fromkeys(self._engines, 0)
        for name, attempts in waiting.items():
            loads[self._asked[name]] += attempts
        return loads

    def _load_everywhere(self, command: LoadModel, control: Control) -> ModelReport | None:
        """Load in every process; what the first one has, or None after a stop.

        Raises:
            SweepError: One of them cannot load it; by then all have come to an end.
            EngineError: One of them cannot be started; the first was asked for nothing.
        """
        for engine in reversed(self._engines):  # the first was started before, the others may fail
            engine.client.send(command)
        ends: dict[_Engine, ModelLoaded | LoadFailed] = {}
        leave_at: float | None = None
        while len(ends) < len(self._engines):
            if control.stopped and leave_at is None:
                leave_at = time.monotonic() + LEAVE_SECONDS
                self._cancel_loads(ends)
            elif leave_at is not None and time.monotonic() >= leave_at:
                return None
            engine, event = self._next() or (self._engines[0], None)
            if isinstance(event, ModelLoaded | LoadFailed):
                ends[engine] = event
        failure = next((end for end in ends.values() if isinstance(end, LoadFailed)), None)
        if failure is not None and not control.stopped:
            raise SweepError(failure.code, failure.detail)
        first = ends[self._engines[0]]
        return first.report if failure is None and isinstance(first, ModelLoaded) else None

    def _cancel_loads(self, ended: Collection[_Engine]) -> None:
        for engine in self._engines:
            if engine not in ended:
                engine.client.send(CancelLoad())

    def _keep(self, count: int) -> None:
        """End all processes but the first ones."""
        kept, others = self._engines[:count], self._engines[count:]
        self._engines = kept
        _close(others)


def processes_for(report: ModelReport, threads: int, questions: int, available_bytes: int) -> int:
    """How many processes serve a model best.

    Args:
        report: What one process loaded, with all slots.
        threads: Of all processes together.
        questions: How often it is asked under each arm.
        available_bytes: Free memory; 0 when unknown.
    """
    if not report.layers or report.layers_on_gpu or report.size_bytes > _SMALL_BYTES:
        return 1  # an engine elsewhere has no layers here
    by_memory = available_bytes // _MEMORY_BYTES if available_bytes else 1
    wanted = min(threads, report.slots // _FEWEST_SLOTS, questions // _FEWEST_QUESTIONS)
    return max(1, min(wanted, by_memory))


def share_of(
    options: LoadOptions, report: ModelReport, threads: int, processes: int, attempts: int
) -> LoadOptions:
    """How each of several processes loads what one has loaded.

    Args:
        options: How the one did.
        report: What it got.
        threads: Of all together.
        processes: How many there will be.
        attempts: Fewest slots of each.
    """
    slots = max(report.slots // processes, min(attempts, report.slots))
    return msgspec.structs.replace(options, slots=slots, threads=threads // processes)


def _together(part: ModelReport, processes: int) -> ModelReport:
    """The report of several processes of which each has this part."""
    slots, threads = part.slots * processes, part.threads * processes
    return msgspec.structs.replace(part, slots=slots, threads=threads, processes=processes)


def _command() -> tuple[str, ...]:
    return worker_command(background=True)


def _close(engines: list[_Engine]) -> None:
    """End processes, all at once."""
    if engines:
        with ThreadPoolExecutor(len(engines)) as threads:
            list(threads.map(lambda engine: engine.client.close(), engines))
