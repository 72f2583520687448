"""Work off the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def in_background(work: Callable[[], T], name: str) -> Future[T]:
    """Do one piece of work on a thread of its own, which bears a name."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - a background task: told to who asked
            future.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
