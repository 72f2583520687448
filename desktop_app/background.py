"""Work off the window's thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def in_background(work: Callable[[], T], name: str) -> Future[T]:
    """Do one piece of work on a thread of its own, which bears a name."""
    future: Future[T] = Future()
    run = _told(work, future)
    threading.Thread(target=run, name=name, daemon=True).start()
    return future


class InTurn:
    """Pieces of work done one after another on a thread of their own.

    Args:
        name: The thread's.
    """

    def __init__(self, name: str) -> None:
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def do(self, work: Callable[[], T]) -> Future[T]:
        """Do one piece when those before it are done."""
        future: Future[T] = Future()
        self._work.put(_told(work, future))
        return future

    def close(self, wait_seconds: float) -> None:
        """Take no more, and wait a little for what was asked before."""
        self._work.put(None)
        self._thread.join(wait_seconds)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()


def _told(work: Callable[[], T], future: Future[T]) -> Callable[[], None]:
    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - a background task: told to who asked
            future.set_exception(error)

    return run
