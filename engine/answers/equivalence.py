"""Symbolic equivalence: whether two answers with different keys are the same, by math-verify.

math-verify hangs on some inputs and cannot be used off a main thread, so it lives in one child
process that is killed and replaced when it takes too long. It is asked only about expressions, only
between group leaders, and in both directions, because it is not symmetric.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from queue import Empty, SimpleQueue

import msgspec

from engine.generation import Notice

TIMEOUT_SECONDS = 2.0
START_SECONDS = 20.0
"""The first answer waits for the library's import."""
_MAX_CHARACTERS = 200
_MAX_FAILURES = 3


class Comparison(msgspec.Struct, frozen=True):
    """What the child is asked."""

    first: str
    second: str


class EquivalenceChecker:
    """Owns the child process; starts it at the first comparison."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._replies: SimpleQueue[bool | None] = SimpleQueue()
        self._failures = 0
        self._warm = False
        self._errors: deque[str] = deque(maxlen=1)

    @property
    def notice(self) -> Notice | None:
        """Why symbolic comparison is off, once it had to be given up."""
        if self._failures < _MAX_FAILURES:
            return None
        return Notice("symbolic-unavailable", self._errors[0] if self._errors else "")

    def compare(self, first: str, second: str) -> bool | None:
        """Whether two answers are equal; None when it cannot be told.

        Blocks for at most `TIMEOUT_SECONDS` (`START_SECONDS` the first time).
        """
        if self._failures >= _MAX_FAILURES or not _is_harmless(first, second):
            return None
        try:
            process = self._running()
            assert process.stdin is not None
            process.stdin.write(msgspec.json.encode(Comparison(first, second)) + b"\n")
            process.stdin.flush()
            reply = self._replies.get(timeout=TIMEOUT_SECONDS if self._warm else START_SECONDS)
        except (OSError, Empty) as error:
            self._failures += 1
            self._errors.append(type(error).__name__)
            self.close()
            return None
        self._warm = True
        return reply

    def close(self) -> None:
        """End the child. Idempotent; the next comparison starts a new one."""
        process, self._process = self._process, None
        self._warm = False
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            environment = dict(os.environ)
            root = str(Path(__file__).resolve().parents[2])
            known = environment.get("PYTHONPATH")
            environment["PYTHONPATH"] = root if not known else os.pathsep.join((root, known))
            self._replies = SimpleQueue()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine.answers.equivalence_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            threading.Thread(target=_read, args=(self._process, self._replies), daemon=True).start()
        return self._process


def _read(process: subprocess.Popen[bytes], replies: SimpleQueue[bool | None]) -> None:
    assert process.stdout is not None
    try:
        for line in process.stdout:
            replies.put(msgspec.json.decode(line, type=bool | None))
    except (ValueError, OSError, msgspec.DecodeError):
        return


def _is_harmless(*expressions: str) -> bool:
    """Keep out what makes a computer algebra system hang: long input and towers of powers."""
    return all(
        len(expression) <= _MAX_CHARACTERS
        and expression.count("^") + expression.count("**") <= 3
        and expression.count("!") <= 2
        for expression in expressions
    )
