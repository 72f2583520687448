"""The engine processes of a sweep: one, or several where its model is small and has no GPU.

The threads of one process share every operation of a step. In a small model operations are so short
that threads mostly wait for each other, and between two steps one of them alone draws tokens.
Several processes, each with a share of the threads and slots, then get more done; see
docs/decisions/0017-processes-of-a-sweep.md.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import msgspec

from engine.client import EngineClient
from engine.errors import EngineError, WorkerDiedError
from engine.generation import LoadOptions, ModelReport
from engine.lab.sweep_control import Control, SweepError
from engine.machine import available_memory_bytes, process_memory_bytes, usable_cores
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
_MEMORY_SHARE: Final = 0.5
"""Of the memory that is left may be taken."""


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


@dataclass(slots=True, eq=False)
class _Engine:
    """One process, and how it is."""

    client: EngineClient
    silent: bool = False
    death: WorkerDiedError | None = None
    """Of its process, until one has the model again."""


class SweepEngines:
    """The processes and what they have under way; used by one thread.

    Args:
        most: Most processes for a model that is faster with several.

    Attributes:
        ready: What the first process said of itself, or None before.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._events: queue.SimpleQueue[tuple[_Engine, Event]] = queue.SimpleQueue()
        self._engines: list[_Engine] = []
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
        self, model: str, options: LoadOptions, questions: int, attempts: int, control: Control
    ) -> ModelReport | None:
        """Load a model in as many processes as suit it.

        Args:
            model: The file.
            options: How it is loaded.
            questions: How often it is asked under each arm.
            attempts: Most that one question runs side by side where how many it needs depends on
                that; else 0.
            control: Its stop ends the load.

        Returns:
            What was loaded, all processes together, or None where the sweep was stopped before.

        Raises:
            SweepError: It cannot be loaded.
        """
        alone = self._load_in_new(model, [options], control)
        if not alone:
            return None
        report = alone[0]
        threads = options.threads or usable_cores()  # it gives way, so that the window needs none
        count = min(self._most, processes_for(report, threads, questions, self._room()))
        if count == 1:
            return report
        shares = shares_of(options, report, threads, count, attempts)
        try:
            parts = self._load_in_new(model, shares, control)
        except (SweepError, EngineError):  # one process had room, so that it goes on with one
            parts = []
        if len({part.slots for part in parts}) == 1:
            return _together(parts)
        again = [] if control.stopped else self._load_in_new(model, [options], control)
        return again[0] if again else None

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
        command = worker_command(background=True)
        engine = _Engine(EngineClient(lambda event: self._events.put((engine, event)), command))
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

    def _load_in_new(
        self, model: str, options: list[LoadOptions], control: Control
    ) -> list[ModelReport]:
        """Load in new processes, one for each way to load, in place of those that were there.

        A process that died takes its model up again by itself; what such a one tells of the model
        before is heard by nobody any more.

        Returns:
            What each of them has, or nothing after a stop.

        Raises:
            SweepError: One of them cannot load it; by then all have come to an end.
            EngineError: One of them cannot be started.
        """
        _close(self._engines)
        self._engines = [self._new_engine() for _ in options]
        for engine, way in zip(self._engines, options, strict=True):
            engine.client.send(LoadModel(model, way))
        ends: dict[_Engine, ModelLoaded | LoadFailed] = {}
        leave_at: float | None = None
        while len(ends) < len(self._engines):
            if control.stopped and leave_at is None:
                leave_at = time.monotonic() + LEAVE_SECONDS
                self._cancel_loads(ends)
            elif leave_at is not None and time.monotonic() >= leave_at:
                return []
            engine, event = self._next() or (self._engines[0], None)
            if isinstance(event, ModelLoaded | LoadFailed):
                ends[engine] = event
        failure = next((end for end in ends.values() if isinstance(end, LoadFailed)), None)
        if failure is None:
            loaded = [ends[engine] for engine in self._engines]
            return [end.report for end in loaded if isinstance(end, ModelLoaded)]
        if control.stopped:
            return []
        raise SweepError(failure.code, failure.detail)

    def _room(self) -> int:
        """How many processes as large as the one that runs there is memory for."""
        each = sum(map(process_memory_bytes, self.process_ids))
        return int(available_memory_bytes() * _MEMORY_SHARE / each) if each else 1

    def _cancel_loads(self, ended: Collection[_Engine]) -> None:
        for engine in self._engines:
            if engine not in ended:
                engine.client.send(CancelLoad())


def processes_for(report: ModelReport, threads: int, questions: int, room: int) -> int:
    """How many processes serve a model best.

    Args:
        report: What one process loaded, with all slots.
        threads: Of all processes together.
        questions: How often it is asked under each arm.
        room: How many there is memory for.
    """
    if not report.layers or report.layers_on_gpu or report.size_bytes > _SMALL_BYTES:
        return 1  # an engine elsewhere has no layers here
    wanted = min(threads, report.slots // _FEWEST_SLOTS, questions // _FEWEST_QUESTIONS)
    return max(1, min(wanted, room))


def shares_of(
    options: LoadOptions, report: ModelReport, threads: int, processes: int, attempts: int
) -> list[LoadOptions]:
    """How each of several processes loads what one has loaded.

    Args:
        options: How the one did.
        report: What it got.
        threads: Of all together.
        processes: How many there will be.
        attempts: Fewest slots of each.
    """
    slots = max(report.slots // processes, min(attempts, report.slots))
    each, left = divmod(threads, processes)
    return [
        msgspec.structs.replace(options, slots=slots, threads=each + (number < left))
        for number in range(processes)
    ]


def _together(parts: list[ModelReport]) -> ModelReport:
    """The report of several processes that share a sweep."""
    return msgspec.structs.replace(
        parts[0],
        slots=sum(part.slots for part in parts),
        threads=sum(part.threads for part in parts),
        processes=len(parts),
    )


def _close(engines: list[_Engine]) -> None:
    """End processes, all at once as far as there are threads for that."""
    closing: list[threading.Thread] = []
    for engine in engines[1:]:
        thread = threading.Thread(target=engine.client.close, name="sweep-close")
        try:
            thread.start()
        except RuntimeError:
            engine.client.close()
        else:
            closing.append(thread)
    for engine in engines[:1]:
        engine.client.close()
    for thread in closing:
        thread.join()
