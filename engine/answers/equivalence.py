"""Symbolic equivalence: whether two answers with different keys are the same, by math-verify.

math-verify hangs on some inputs and cannot be used off a main thread, so it lives in one child
process that is killed and replaced when it takes too long. It is asked only about expressions, only
between group leaders, and in both directions, because it is not symmetric.

A comparison blocks its caller, for at most `TIMEOUT_SECONDS` and usually for a millisecond; while
the child still imports its library, for at most `START_SECONDS` more. What one deliberation may
spend in all is bounded by `engine.answers.groups`.
"""

from __future__ import annotations

import re
import subprocess
import threading
from queue import Empty, SimpleQueue
from typing import Final

import msgspec

from engine.generation import Notice
from engine.worker_command import Child, child_command, child_environment

TIMEOUT_SECONDS: Final = 2.0
START_SECONDS: Final = 8.0
"""The import takes 0.7 s on an idle machine."""
READY: Final = b"ready\n"
_MOST_CHARACTERS: Final = 200
_MOST_POWERS: Final = 4
_MOST_BRACKETS: Final = 40
_MOST_FAILED_STARTS: Final = 2
_POWER: Final = r"(?:\^|\*\*)\s*"
_NESTED_POWER = re.compile(rf"{_POWER}(?:\d+|\w)\s*{_POWER}|{_POWER}[({{]+[^)}}]*{_POWER}")
_LARGE_POWER = re.compile(rf"{_POWER}[({{]*\s*[+-]?\d{{4}}")
_LARGE_FACTORIAL = re.compile(r"\d{4}\s*!|!\s*!|\)\s*!|\}\s*!|\\binom|\\prod|\\sum|\\int")


class Comparison(msgspec.Struct, frozen=True):
    """What the child is asked."""

    first: str
    second: str


class EquivalenceChecker:
    """Owns the child process. One thread uses it.

    Args:
        command: How to start the child; the usual way when None.
    """

    def __init__(
        self,
        command: tuple[str, ...] | None = None,
    ) -> None:
        self._command = child_command(Child.EQUIVALENCE) if command is None else command
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._ready = False
        self._failed_starts = 0
        self._trouble = ""

    @property
    def notice(self) -> Notice | None:
        """Why symbolic comparison is off, once the child could not be started."""
        if self._failed_starts < _MOST_FAILED_STARTS:
            return None
        return Notice("symbolic-unavailable", self._trouble)

    @property
    def process_id(self) -> int | None:
        """The child's process id, or None while there is none."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the child ahead of the first comparison, without waiting for it."""
        if self._process is not None or self.notice is not None:
            return
        self._lines = SimpleQueue()
        self._ready = False
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=child_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self._failed_to_start(type(error).__name__)
            return
        self._reader = threading.Thread(
            target=_read, args=(self._process, self._lines), name="equivalence-reader", daemon=True
        )
        self._reader.start()

    def compare(
        self, first: str, second: str, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> bool | None:
        """Whether two answers are equal in either direction; None when it cannot be told.

        Args:
            first: An answer as written.
            second: Another.
            timeout_seconds: Longest wait for the reply; then the child is killed.
        """
        if not (is_harmless(first) and is_harmless(second)):
            return None
        self.start()
        if not self._wait_until_ready():
            return None
        reply = self._ask(Comparison(first, second), timeout_seconds)
        if reply is None:
            self.close()
            return None
        return msgspec.json.decode(reply, type=bool | None)

    def close(self) -> None:
        """End the child. Idempotent; the next comparison starts a new one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if self._reader is not None:
            self._reader.join()
        for pipe in (process.stdin, process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:  # what was written last did not reach the dead child
                continue

    def _wait_until_ready(self) -> bool:
        if self._process is None or self._ready:
            return self._ready and self._process is not None
        line = self._take(START_SECONDS)
        self._ready = line == READY
        if not self._ready:
            self._failed_to_start("no reply" if line is None else "unexpected reply")
        return self._ready

    def _ask(self, comparison: Comparison, timeout_seconds: float) -> bytes | None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(msgspec.json.encode(comparison) + b"\n")
            self._process.stdin.flush()
        except OSError:  # it has died since
            return None
        return self._take(timeout_seconds)

    def _take(self, timeout_seconds: float) -> bytes | None:
        """The child's next line, or None when it takes too long or is gone."""
        try:
            return self._lines.get(timeout=timeout_seconds)
        except Empty:
            return None

    def _failed_to_start(self, trouble: str) -> None:
        self._failed_starts += 1
        self._trouble = trouble
        self.close()


def is_harmless(expression: str) -> bool:
    """Whether an expression is small enough that computing with it should end.

    Keeps out long input, towers of powers, huge exponents and factorials, and what is evaluated by
    summing up; the time limit catches what this misses. Source: Math-Verify issue 65.
    """
    return (
        len(expression) <= _MOST_CHARACTERS
        and expression.count("^") + expression.count("**") <= _MOST_POWERS
        and sum(map(expression.count, "([{")) <= _MOST_BRACKETS
        and _NESTED_POWER.search(expression) is None
        and _LARGE_POWER.search(expression) is None
        and _LARGE_FACTORIAL.search(expression) is None
    )


def _read(process: subprocess.Popen[bytes], lines: SimpleQueue[bytes | None]) -> None:
    """Move the child's lines into the queue, None at its end."""
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(None)
