"""The client: starts the worker process, talks to it, and outlives it.

The window, the command line and the lab all use it. Events arrive on its reader thread. When the
worker dies, running deliberations fail with the cause, their finished candidates having been told
before, and a new worker takes the model up again.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO

import msgspec

from engine.errors import BadRequestError, WorkerDiedError, WorkerStartError
from engine.protocol import (
    PROTOCOL_VERSION,
    CancelLoad,
    Command,
    Deliberate,
    DeliberationFailed,
    Event,
    LoadFailed,
    LoadModel,
    ModelLoaded,
    Shutdown,
    UnloadModel,
    VerdictReached,
    WorkerDied,
    WorkerReady,
    decode_event,
    encode_line,
)
from engine.worker_command import child_environment, worker_command

_STDERR_LINES = 40
_RESTARTS = 3
_RESTART_WINDOW_SECONDS = 60.0


class EngineClient:
    """Owns one worker process at a time.

    Args:
        on_event: Receives every event, on the reader thread. It must not raise.
        command: How to start the worker; the usual way when None.
    """

    def __init__(
        self, on_event: Callable[[Event], None], command: Sequence[str] | None = None
    ) -> None:
        self._on_event = on_event
        self._command = tuple(worker_command() if command is None else command)
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._closing = False
        self._running: dict[str, None] = {}
        self._loading: LoadModel | None = None
        self._loaded: LoadModel | None = None
        self._deaths: deque[float] = deque(maxlen=_RESTARTS)

    @property
    def process_id(self) -> int | None:
        """The worker's process id, or None while there is none."""
        process = self._process
        return process.pid if process is not None else None

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
            BadRequestError: It holds text that is none, such as bytes of a file's name.
            WorkerStartError: The worker cannot be started.
        """
        try:
            line = encode_line(command)
        except UnicodeEncodeError as error:
            raise BadRequestError("a file's name or a text is not Unicode") from error
        with self._lock:
            if self._closing:
                return
            if self._process is None:
                if isinstance(command, CancelLoad | Shutdown | UnloadModel):
                    return
                self._start()
            match command:
                case LoadModel():
                    self._loading = command
                    self._loaded = None
                case UnloadModel():
                    self._loaded = self._loading = None
                case Deliberate():
                    self._running[command.deliberation_id] = None
            self._write(line)

    def close(self, timeout_seconds: float = 5.0) -> None:
        """End the worker: ask, then terminate, then kill. Idempotent."""
        with self._lock:
            process, reader = self._process, self._reader
            self._write(encode_line(Shutdown()))
            self._closing = True
            if process is not None and process.stdin is not None:
                _close_quietly(process.stdin)
        if process is None:
            return
        for end in (None, process.terminate, process.kill):
            if end is not None:
                end()
            try:
                process.wait(timeout_seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        if reader is not None and reader is not threading.current_thread():
            reader.join(timeout_seconds)

    # --- the process ----------------------------------------------------------------------------

    def _start(self) -> None:
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=child_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise WorkerStartError(str(error)) from error
        tail: deque[str] = deque(maxlen=_STDERR_LINES)
        assert process.stderr is not None
        drain = threading.Thread(
            target=_keep_tail, args=(process.stderr, tail), name="worker-stderr", daemon=True
        )
        drain.start()
        self._process = process
        self._reader = threading.Thread(
            target=self._read,
            args=(process, drain, tail, self._reader),
            name="worker-events",
            daemon=True,
        )
        self._reader.start()

    def _write(self, line: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None or self._closing:
            return
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except (OSError, ValueError):  # on Windows a broken pipe is an OSError of its own kind
            return  # the reader thread sees the death and tells it

    def _read(
        self,
        process: subprocess.Popen[bytes],
        drain: threading.Thread,
        tail: deque[str],
        before: threading.Thread | None,
    ) -> None:
        if before is not None:
            before.join()  # what died with the worker before is told first
        assert process.stdout is not None
        for line in process.stdout:
            try:
                event = decode_event(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                tail.append(f"unreadable event: {error}")
                process.kill()
                break
            if isinstance(event, WorkerReady) and event.version != PROTOCOL_VERSION:
                tail.append(f"worker speaks protocol {event.version}, not {PROTOCOL_VERSION}")
                process.kill()
                break
            self._note(event)
            self._on_event(event)
        status = process.wait()
        drain.join(timeout=1.0)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                _close_quietly(pipe)
        with self._lock:
            self._process = None
            if self._closing:
                return
            news = self._mourn(status, "\n".join(tail))
        for event in news:
            self._on_event(event)

    def _note(self, event: Event) -> None:
        with self._lock:
            match event:
                case ModelLoaded() if self._awaits(event.report.path):
                    self._loaded, self._loading = self._loading, None
                case LoadFailed() if self._awaits(event.path):
                    self._loading = None
                case VerdictReached() | DeliberationFailed():
                    self._running.pop(event.deliberation_id, None)

    def _awaits(self, path: str) -> bool:
        """Whether a load that ended is the last one asked for."""
        return self._loading is not None and self._loading.path == path

    def _mourn(self, status: int, tail: str) -> list[Event]:
        """Take the model up again and return what to tell: the death and all that died with it.

        Called under the lock that found the worker dead, and before anything is told, so that no
        question gets in before the model.
        """
        running, self._running = list(self._running), {}
        loading, self._loading = self._loading, None
        loaded, self._loaded = self._loaded, None
        error = WorkerDiedError(status, tail)
        dies_often = self._note_death()
        news: list[Event] = [WorkerDied(status, tail, given_up=dies_often and loaded is not None)]
        news += [DeliberationFailed(name, error.code, error.detail) for name in running]
        if loading is not None:
            news.append(LoadFailed(loading.path, error.code, error.detail))
        elif loaded is not None and not dies_often:
            try:
                self.send(loaded)
            except WorkerStartError as failure:
                news.append(LoadFailed(loaded.path, failure.code, failure.detail))
        return news

    def _note_death(self) -> bool:
        """Whether it was one too many in a short time to try the same again."""
        now = time.monotonic()
        self._deaths.append(now)
        return len(self._deaths) == _RESTARTS and now - self._deaths[0] < _RESTART_WINDOW_SECONDS


def _keep_tail(stream: IO[bytes], tail: deque[str]) -> None:
    """Drain standard error, keeping its last lines."""
    for line in stream:
        tail.append(line.decode(errors="replace").rstrip())


def _close_quietly(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        return
