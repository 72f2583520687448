"""The worker: the child process that holds the model and runs deliberations.

Started by `engine.client` as `python -m engine.worker`. Commands come on standard input, events
leave on a private copy of standard output, as JSON Lines; whatever else prints to standard output
lands on standard error. It ends when its input ends, so it never outlives the window.
"""

from __future__ import annotations

import itertools
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from engine.answers.equivalence import EquivalenceChecker
from engine.answers.groups import AnswerGroups
from engine.backends.base import Backend, BackendEvent, Ended, Scored
from engine.backends.llama.native import (
    gpu_devices,
    has_avx512,
    system_report,
)
from engine.backends.remote.description import ENGINE_SUFFIX
from engine.backends.scripted import SCRIPT_SUFFIX, ScriptedBackend
from engine.deliberation import Deliberation
from engine.errors import BadRequestError, EngineError
from engine.generation import Notice
from engine.machine import available_memory_bytes, total_memory_bytes
from engine.priority import give_way
from engine.protocol import (
    PROGRESS_SECONDS,
    PROTOCOL_VERSION,
    STILL_WORKING_SECONDS,
    UNREADABLE,
    AnswerNow,
    Cancel,
    CancelLoad,
    Command,
    CommandRefused,
    Deliberate,
    DeliberationFailed,
    DeviceMemory,
    Event,
    ExtendBudget,
    LoadFailed,
    LoadModel,
    MeasureMemory,
    MemoryMeasured,
    ModelLoaded,
    ModelLoading,
    ModelUnloaded,
    Noticed,
    Shutdown,
    StillWorking,
    UnloadModel,
    WorkerReady,
    decode_command,
    encode_line,
)

_IDLE_WAIT_SECONDS = 0.01
"""How long a step that had nothing to do waits for a command before the next one."""
_EXIT_GRACE_SECONDS = 3.0
"""How long a native call may still run after the client is gone."""


class Worker:
    """Carries out commands until told to stop.

    Args:
        emit: Sends one event.
    """

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._send = emit
        self._emitted_at = float("-inf")
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._backend: Backend | None = None
        self._deliberations: dict[str, Deliberation] = {}
        self._owners: dict[int, Deliberation] = {}
        """Of requests, as their events come."""
        self._request_ids = itertools.count(1)
        self._checker = EquivalenceChecker()
        self._load_cancels = 0
        """How many `CancelLoad` have come and wait in the queue: behind the load they mean."""
        self._load_cancels_lock = threading.Lock()
        self._shutting_down = threading.Event()
        self._stopped = False

    def _emit(self, event: Event) -> None:
        self._emitted_at = time.monotonic()
        self._send(event)

    # --- called from the reader thread ----------------------------------------------------------

    def receive(self, command: Command) -> None:
        """Queue a command and shorten whatever native call is running."""
        if isinstance(command, CancelLoad):
            self._count_load_cancels(1)
        elif isinstance(command, Shutdown):
            self._shutting_down.set()
        self._commands.put(command)
        backend = self._backend
        if backend is not None and isinstance(command, Cancel | AnswerNow | Shutdown | UnloadModel):
            backend.interrupt()

    # --- the loop -------------------------------------------------------------------------------

    def run(self) -> None:
        """Take commands and step the backend until `Shutdown`."""
        system = system_report()
        self._emit(
            WorkerReady(
                PROTOCOL_VERSION,
                os.getpid(),
                system.llama_build,
                system.devices,
                system.gpu_build,
            )
        )
        try:
            while not self._stopped:
                self._take_commands()
                self._step()
        finally:
            self._checker.close()
            if self._backend is not None:
                self._backend.close()

    def _take_commands(self) -> None:
        busy = self._backend is not None and self._backend.busy
        if not busy:
            self._carry_out(self._commands.get())
        while not self._stopped:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return
            self._carry_out(command)

    def _step(self) -> None:
        backend = self._backend
        if backend is None or self._stopped:
            return
        try:
            events = backend.step()
        except EngineError as error:
            for deliberation in self._deliberations.values():
                deliberation.fail(error)
            events = ()
        self._route(events)
        for deliberation in list(self._deliberations.values()):
            deliberation.tick()
            if deliberation.done:
                del self._deliberations[deliberation.deliberation_id]
        if backend.busy and time.monotonic() - self._emitted_at >= STILL_WORKING_SECONDS:
            self._emit(StillWorking())
        if not events and backend.busy:
            self._wait_for_command()

    def _wait_for_command(self) -> None:
        try:
            self._carry_out(self._commands.get(timeout=_IDLE_WAIT_SECONDS))
        except queue.Empty:
            return

    def _route(self, events: Sequence[BackendEvent]) -> None:
        for event in events:
            if isinstance(event, Notice):
                self._emit(Noticed(event))
                continue
            owner = self._owner_of(event.request_id)
            if owner is not None:
                owner.handle(event)
            if isinstance(event, Ended | Scored):
                self._owners.pop(event.request_id, None)

    def _owner_of(self, request_id: int) -> Deliberation | None:
        """Whose event it is; every token has one, so the answer is kept until the request ends."""
        owner = self._owners.get(request_id)
        if owner is not None and owner.owns(request_id):
            return owner
        for deliberation in self._deliberations.values():
            if deliberation.owns(request_id):
                self._owners[request_id] = deliberation
                return deliberation
        return None

    # --- commands -------------------------------------------------------------------------------

    def _carry_out(self, command: Command) -> None:
        try:
            match command:
                case LoadModel():
                    self._load(command)
                case UnloadModel():
                    self._unload()
                    self._emit(ModelUnloaded())
                case Deliberate():
                    self._deliberate(command)
                case ExtendBudget() | AnswerNow() | Cancel():
                    self._steer(command)
                case CancelLoad():
                    self._count_load_cancels(-1)
                case MeasureMemory():
                    self._emit(_measured_memory())
                case Shutdown():
                    self._stopped = True
        except BadRequestError as error:
            self._emit(CommandRefused(type(command).__name__, error.code, error.detail))

    def _steer(self, command: ExtendBudget | AnswerNow | Cancel) -> None:
        deliberation = self._find(command.deliberation_id)
        match command:
            case ExtendBudget():
                deliberation.extend(command.budget)
            case AnswerNow():
                deliberation.answer_now()
            case Cancel():
                deliberation.cancel()

    def _find(self, deliberation_id: str) -> Deliberation:
        try:
            return self._deliberations[deliberation_id]
        except KeyError:
            raise BadRequestError("no such deliberation is running") from None

    def _load(self, command: LoadModel) -> None:
        self._unload()
        told_at = float("-inf")

        def progress(fraction: float) -> bool:
            nonlocal told_at
            now = time.monotonic()
            if now - told_at >= PROGRESS_SECONDS:
                told_at = now
                self._emit(ModelLoading(command.path, fraction))
            return not (self._load_cancels or self._shutting_down.is_set())

        path = Path(command.path)
        # each kind takes a while to import, which neither the start nor the others need wait for
        try:
            if path.name.endswith(SCRIPT_SUFFIX):
                self._backend = ScriptedBackend.load(path, command.options)
                notices: tuple[Notice, ...] = ()
            elif path.name.endswith(ENGINE_SUFFIX):
                from engine.backends.remote.backend import RemoteBackend
                from engine.keys import kept_key

                remote = RemoteBackend.load(path, command.options, progress, key_of=kept_key)
                notices = remote.notices
                self._backend = remote
            else:
                from engine.backends.llama.backend import LlamaBackend

                backend = LlamaBackend.load(path, command.options, progress)
                notices = backend.notices
                self._backend = backend
        except EngineError as error:
            self._emit(LoadFailed(command.path, error.code, error.detail))
        else:
            self._emit(ModelLoaded(self._backend.report, notices))

    def _count_load_cancels(self, change: int) -> None:
        with self._load_cancels_lock:
            self._load_cancels += change

    def _unload(self) -> None:
        for deliberation in self._deliberations.values():
            deliberation.fail(BadRequestError("the model was unloaded"))
        self._deliberations.clear()
        self._owners.clear()
        if self._backend is not None:
            self._backend.close()
            self._backend = None

    def _deliberate(self, command: Deliberate) -> None:
        try:
            deliberation = self._prepare(command)
        except BadRequestError as error:
            self._emit(DeliberationFailed(command.deliberation_id, error.code, error.detail))
            return
        self._deliberations[command.deliberation_id] = deliberation
        deliberation.begin()
        if deliberation.done:
            del self._deliberations[command.deliberation_id]

    def _prepare(self, command: Deliberate) -> Deliberation:
        if self._backend is None:
            raise BadRequestError("no model is loaded")
        if command.deliberation_id in self._deliberations:
            raise BadRequestError("this deliberation is already running")
        return Deliberation(
            command, self._backend, AnswerGroups(self._checker), self._request_ids, self._emit
        )


def _measured_memory() -> MemoryMeasured:
    devices = tuple(
        DeviceMemory(device.description or device.name, device.free_bytes, device.total_bytes)
        for device in gpu_devices()
    )
    memory = available_memory_bytes(), total_memory_bytes()
    return MemoryMeasured(*memory, devices, avx512=has_avx512())


def _read_commands(worker: Worker, emit: Callable[[Event], None], commands: BinaryIO) -> None:
    """Feed the worker until there are no more commands, then stop it."""
    for line in commands:
        try:
            command = decode_command(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            emit(CommandRefused(UNREADABLE, BadRequestError.code, str(error)))
            continue
        worker.receive(command)
    worker.receive(Shutdown())
    last_resort = threading.Timer(_EXIT_GRACE_SECONDS, os._exit, args=(0,))
    last_resort.daemon = True
    last_resort.start()


def main() -> int:
    """Run the worker on this process's pipes; it ends when they close, not at Ctrl+C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if "--background" in sys.argv[1:]:
        give_way()
    protocol = os.fdopen(os.dup(1), "wb", buffering=0)
    # not sys.stdin: Python closes that at its end, and waits a second for a thread that reads it
    commands = os.fdopen(os.dup(0), "rb")
    os.dup2(2, 1)
    lock = threading.Lock()

    def emit(event: Event) -> None:
        try:
            with lock:
                protocol.write(encode_line(event))
        except OSError:  # nobody listens any more; Windows has a kind of its own for that
            os._exit(0)

    worker = Worker(emit)
    threading.Thread(target=_read_commands, args=(worker, emit, commands), daemon=True).start()
    worker.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
