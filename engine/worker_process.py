"""One worker process: its pipes, each with a thread of its own, and its end.

It exists so that nobody who sends a command waits for a worker that does not read: a pipe holds
64 KB, and a question may be longer. It must not know what is said.
"""

from __future__ import annotations

import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import IO, Final

from engine.errors import WorkerStartError
from engine.worker_command import child_environment

_STDERR_LINES: Final = 40
_DRAIN_SECONDS: Final = 1.0
"""How long the last lines of a dead process are waited for."""
_LEAVE_SECONDS: Final = 5.0
"""How long a process that was killed, or has closed its output, may take to be gone."""
_TERMINATE_SECONDS: Final = 0.5
_KILLED: Final = -9


class WorkerProcess:
    """A process that takes lines and gives lines.

    Args:
        command: How to start it.

    Attributes:
        tail: The last lines of its standard error.

    Raises:
        WorkerStartError: It cannot be started.
    """

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=child_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise WorkerStartError(str(error)) from error
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        assert self._popen.stderr is not None
        self.tail: deque[str] = deque(maxlen=_STDERR_LINES)
        self._unwritten: SimpleQueue[bytes | None] = SimpleQueue()
        self._output = self._popen.stdout
        self._stderr = self._popen.stderr
        self._drain = threading.Thread(
            target=self._keep_tail, args=(self._popen.stderr,), name="worker-stderr", daemon=True
        )
        writer = threading.Thread(
            target=self._write, args=(self._popen.stdin,), name="worker-commands", daemon=True
        )
        try:
            self._drain.start()
            writer.start()
        except RuntimeError as error:  # the system has no thread left
            with self._popen:
                self._popen.kill()
                if self._drain.is_alive():
                    self._drain.join(_DRAIN_SECONDS)
            raise WorkerStartError(str(error)) from error

    @property
    def process_id(self) -> int:
        """Its process id."""
        return self._popen.pid

    def put(self, line: bytes) -> None:
        """Have a line written behind those before it. Never waits; a dead process gets nothing."""
        self._unwritten.put(line)

    def lines(self) -> Iterator[bytes]:
        """What it says, until it says no more."""
        yield from self._output

    def kill(self) -> None:
        """End it at once, even where it is stopped."""
        self._popen.kill()

    def close_input(self) -> None:
        """Say that no more comes, once everything is written."""
        self._unwritten.put(None)

    def end(self, kind_seconds: float) -> None:
        """Close its input and wait for its end, then terminate it, then kill it.

        Args:
            kind_seconds: How long it may take to end by itself.
        """
        self.close_input()
        try:
            for act, seconds in (
                (None, kind_seconds),
                (self._popen.terminate, _TERMINATE_SECONDS),
                (self._popen.kill, _LEAVE_SECONDS),
            ):
                if act is not None:
                    act()
                with suppress(subprocess.TimeoutExpired):
                    self._popen.wait(seconds)
                    return
        except BaseException:  # Ctrl+C: it must not stay behind
            self._popen.kill()
            raise

    def reap(self) -> int:
        """Let go of what has said its last, and return its exit status."""
        try:
            status = self._popen.wait(_LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            status = _KILLED
        self.close_input()
        self._drain.join(_DRAIN_SECONDS)
        _close_quietly(self._output)
        if not self._drain.is_alive():
            _close_quietly(self._stderr)
        return status

    def _write(self, pipe: IO[bytes]) -> None:
        with suppress(OSError, ValueError):  # Windows has a broken pipe of its own kind
            while (line := self._unwritten.get()) is not None:
                pipe.write(line)
                pipe.flush()
        _close_quietly(pipe)

    def _keep_tail(self, stream: IO[bytes]) -> None:
        for line in stream:
            self.tail.append(line.decode(errors="replace").rstrip())


def _close_quietly(pipe: IO[bytes]) -> None:
    with suppress(OSError):
        pipe.close()
