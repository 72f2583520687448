"""Brings what background work gives to the window's thread.

It exists so that nothing else in the window has to think about threads. It must not know what is
delivered.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

T = TypeVar("T")


class Deliveries(QObject):
    """Brings the results of futures to the thread it lives on.

    Args:
        on_error: Gets every exception that no receiver of its own was named for.
    """

    _done = Signal(object)

    def __init__(
        self, on_error: Callable[[BaseException], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._on_error = on_error
        self._closed = False
        self._done.connect(self._receive, Qt.ConnectionType.QueuedConnection)

    def deliver(
        self,
        future: Future[T],
        receive: Callable[[T], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Call `receive` with the result, or `failed` with the exception, later on this thread."""

        def settle(done: Future[T]) -> None:
            if done.cancelled() or self._closed:
                return
            error = done.exception()
            if error is not None:
                report = failed or self._on_error
                self._done.emit(lambda: report(error))
            elif receive is not None:
                result = done.result()
                self._done.emit(lambda: receive(result))

        future.add_done_callback(settle)

    def fail(self, error: BaseException) -> None:
        """Report an exception that a receiver of its own does not explain."""
        self._on_error(error)

    def close(self) -> None:
        """Deliver nothing more. Idempotent."""
        self._closed = True

    @Slot(object)
    def _receive(self, call: Callable[[], None]) -> None:
        if not self._closed:
            call()
