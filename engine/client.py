"""The client: starts the worker process, talks to it, and outlives it.

The window, the command line and the lab all use it. Events arrive on its reader thread. When the
worker dies, running deliberations fail with the cause, their finished candidates having been told
before, and a new worker takes the model up again. A worker that gives no sign of life after an end
was asked for is killed, which comes to the same.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from engine.errors import (
    BadRequestError,
    WorkerDiedError,
    WorkerError,
    WorkerHungError,
    WorkerStartError,
)
from engine.protocol import (
    PROTOCOL_VERSION,
    UNREADABLE,
    AnswerNow,
    Cancel,
    CancelLoad,
    Command,
    CommandRefused,
    Deliberate,
    DeliberationFailed,
    Event,
    LoadFailed,
    LoadModel,
    ModelLoaded,
    ModelUnloaded,
    Shutdown,
    UnloadModel,
    VerdictReached,
    WorkerDied,
    WorkerReady,
    WorkerSilent,
    decode_command,
    decode_event,
    encode_line,
)
from engine.silence import USUAL_PATIENCE, Awaited, Patience, SilenceWatch
from engine.worker_command import worker_command
from engine.worker_process import WorkerProcess

_RESTARTS = 3
_RESTART_WINDOW_SECONDS = 60.0
_KILLED: Final = -9
_GONE_SECONDS: Final = 5.0
"""How long a killed worker may take to be gone; a driver can hold one fast for ever."""
_CLOSE_SECONDS: Final = 4.0
_DEAF_SECONDS: Final = 2.0
"""Who has not answered for so long is not asked to end by itself."""
_HASTE_SECONDS: Final = 0.5


@dataclass(slots=True, eq=False)
class _Load:
    """A load that was asked for and has no end yet."""

    command: LoadModel
    cancelled: bool = False


class EngineClient:
    """Owns one worker process at a time. No call waits for it but `close`, which is bounded.

    Args:
        on_event: Receives every event, on threads of the client. It must not raise.
        command: How to start the worker; the usual way when None.
        patience: How long a worker may be silent.
    """

    def __init__(
        self,
        on_event: Callable[[Event], None],
        command: Sequence[str] | None = None,
        patience: Patience = USUAL_PATIENCE,
    ) -> None:
        self._on_event = on_event
        self._command = tuple(worker_command() if command is None else command)
        self._lock = threading.RLock()
        self._process: WorkerProcess | None = None
        self._told = threading.Event()
        """Whether all has been told of the present worker, or of the one before it."""
        self._told.set()
        self._reader: threading.Thread | None = None
        self._hung: WorkerProcess | None = None
        self._closing = False
        self._running: dict[str, bool] = {}
        """Deliberations, and whether their end was asked for."""
        self._loads: deque[_Load] = deque()
        self._wanted: LoadModel | None = None
        """The model that was asked for last, loaded or not."""
        self._loaded: LoadModel | None = None
        self._given_up: WorkerError | None = None
        """Why no worker has the model that was loaded, until another is asked for."""
        self._unloads = 0
        self._deaths: deque[float] = deque(maxlen=_RESTARTS)
        self._watch = SilenceWatch(patience, self._tell_silence, self._give_up)

    @property
    def process_id(self) -> int | None:
        """The worker's process id, or None while there is none."""
        process = self._process
        return process.process_id if process is not None else None

    def start(self) -> None:
        """Start the worker ahead of the first command; `WorkerReady` follows.

        Raises:
            WorkerStartError: The worker cannot be started.
        """
        with self._lock:
            if self._process is None and not self._closing:
                self._start()

    def send(self, command: Command) -> None:
        """Send a command, starting the worker if there is none.

        A worker that dies meanwhile is told through the events, not here.

        Raises:
            BadRequestError: It holds what no worker would understand, such as bytes of a file's
                name that are no text, or a number that is none.
            WorkerError: The worker cannot be started, or too many died or hung with the model that
                a question is for.
        """
        line = _line(command)
        with self._lock:
            if self._closing:
                return
            if self._given_up is not None and isinstance(command, Deliberate):
                raise self._given_up
            process = self._process
            if process is None:
                if isinstance(command, Cancel | CancelLoad | Shutdown | UnloadModel):
                    return
                process = self._start()
            self._remember(command)
            process.put(line)
            self._watch_on()

    def close(self, timeout_seconds: float = _CLOSE_SECONDS) -> None:
        """End the worker: ask, then terminate, then kill. Idempotent.

        Args:
            timeout_seconds: How long it may take to end by itself. One that does not answer is
                given less.
        """
        with self._lock:
            process, told, closing = self._process, self._told, self._closing
            reader = self._reader
            self._closing = True
        deaf = self._watch.unanswered_seconds >= _DEAF_SECONDS
        self._watch.close()
        if process is None:
            return
        if not closing:
            process.put(encode_line(Shutdown()))
        process.end(min(timeout_seconds, _HASTE_SECONDS) if deaf else timeout_seconds)
        if reader is not threading.current_thread():
            told.wait(timeout_seconds)
        with self._lock:
            self._process = None

    # --- what was asked -------------------------------------------------------------------------

    def _remember(self, command: Command) -> None:
        match command:
            case LoadModel():
                self._loads.append(_Load(command))
                self._wanted, self._loaded, self._given_up = command, None, None
            case CancelLoad():
                for load in self._loads:
                    load.cancelled = True
            case UnloadModel():
                self._wanted = self._loaded = None
                self._unloads += 1
            case Deliberate():
                self._running[command.deliberation_id] = False
            case Cancel() | AnswerNow() if command.deliberation_id in self._running:
                self._running[command.deliberation_id] = True

    def _note(self, event: Event) -> None:
        match event:
            case ModelLoaded() if self._loads:
                load = self._loads.popleft()
                if load.command is self._wanted:
                    self._loaded = load.command
            case LoadFailed() if self._loads:
                load = self._loads.popleft()
                if load.command is self._wanted:
                    self._wanted = None
            case ModelUnloaded():
                self._unloads -= 1
            case VerdictReached() | DeliberationFailed():
                self._running.pop(event.deliberation_id, None)
            case _:
                return
        self._watch_on()

    def _watch_on(self) -> None:
        """Say what is waited for now. A load says little and may take long, unless cancelled."""
        if any(load.cancelled for load in self._loads):
            awaited = Awaited.END
        elif self._loads:
            awaited = Awaited.NOTHING
        elif self._unloads or any(self._running.values()):
            awaited = Awaited.END
        else:
            awaited = Awaited.NEWS if self._running else Awaited.NOTHING
        self._watch.wait_for(awaited)

    # --- the process ----------------------------------------------------------------------------

    def _start(self) -> WorkerProcess:
        process = WorkerProcess(self._command)
        before, told = self._told, threading.Event()
        reader = threading.Thread(
            target=self._read, args=(process, before, told), name="worker-events", daemon=True
        )
        try:
            self._watch.start()
            reader.start()
        except RuntimeError as error:  # the system has no thread left
            process.kill()
            process.reap()
            raise WorkerStartError(str(error)) from error
        self._process, self._told, self._reader = process, told, reader
        return process

    def _read(self, process: WorkerProcess, before: threading.Event, told: threading.Event) -> None:
        before.wait()  # what died with the worker before is told first
        for line in process.lines():
            event = _understood(line, process.tail)
            if event is None:
                process.kill()
                break
            self._watch.heard()
            with self._lock:
                if self._process is not process:
                    break
                self._note(event)
            self._on_event(event)
        status = process.reap()
        self._bury(process, told, status)

    def _bury(self, process: WorkerProcess, told: threading.Event, status: int) -> None:
        """Tell that a worker is gone, unless that was told."""
        with self._lock:
            if self._process is not process:
                return
            self._process = None
            news = [] if self._closing else self._mourn(process, status)
        self._tell(news)
        told.set()

    def _tell(self, news: Iterable[Event]) -> None:
        for event in news:
            self._on_event(event)

    def _mourn(self, process: WorkerProcess, status: int) -> list[Event]:
        """Take the model up again and return what to tell: the death and all that died with it.

        Called under the lock that found the worker dead, and before anything is told, so that no
        question gets in before the model.
        """
        tail, hung = "\n".join(process.tail), self._hung is process
        error: WorkerError = WorkerHungError() if hung else WorkerDiedError(status, tail)
        running, self._running = list(self._running), {}
        loads, self._loads = list(self._loads), deque()
        wanted, self._wanted = self._wanted, None
        loaded, self._loaded = self._loaded, None
        self._unloads = 0
        dies_often = self._note_death()
        given_up = dies_often and loaded is not None
        if given_up:
            self._given_up = error
        news: list[Event] = [WorkerDied(status, tail, given_up=given_up, hung=hung)]
        news += [DeliberationFailed(name, error.code, error.detail) for name in running]
        loading = next((load for load in loads if load.command is wanted), None)
        again = loaded if not dies_often else None
        if loading is not None and hung and not loading.cancelled:
            again = loading.command  # it never came to this one
        elif loading is not None:
            news.append(LoadFailed(loading.command.path, error.code, error.detail))
        if again is not None:
            try:
                self.send(again)
            except WorkerStartError as failure:
                news.append(LoadFailed(again.path, failure.code, failure.detail))
        self._watch_on()
        return news

    def _note_death(self) -> bool:
        """Whether it was one too many in a short time to try the same again."""
        now = time.monotonic()
        self._deaths.append(now)
        return len(self._deaths) == _RESTARTS and now - self._deaths[0] < _RESTART_WINDOW_SECONDS

    # --- silence --------------------------------------------------------------------------------

    def _tell_silence(self) -> None:
        self._on_event(WorkerSilent())

    def _give_up(self) -> None:
        """Kill a worker that does not end what it was told to end."""
        with self._lock:
            process, told = self._process, self._told
            if process is None or self._closing:
                return
            self._hung = process
        process.kill()
        if not told.wait(_GONE_SECONDS):
            self._bury(process, told, _KILLED)


def _line(command: Command) -> bytes:
    """Encode a command, and make sure that it can be read again.

    Raises:
        BadRequestError: It cannot.
    """
    try:
        line = encode_line(command)
        decode_command(line)
    except UnicodeEncodeError as error:
        raise BadRequestError("a file's name or a text is not Unicode") from error
    except (msgspec.DecodeError, OverflowError) as error:
        raise BadRequestError(f"a value of {type(command).__name__} is none: {error}") from error
    return line


def _understood(line: bytes, tail: deque[str]) -> Event | None:
    """Read an event; None, with the reason added to the last lines, where it makes no sense."""
    try:
        event = decode_event(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        tail.append(f"unreadable event: {error}")
        return None
    if isinstance(event, WorkerReady) and event.version != PROTOCOL_VERSION:
        tail.append(f"worker speaks protocol {event.version}, not {PROTOCOL_VERSION}")
        return None
    if isinstance(event, CommandRefused) and event.command == UNREADABLE:
        tail.append(f"unreadable command: {event.detail}")  # whose end would be waited for for ever
        return None
    return event
