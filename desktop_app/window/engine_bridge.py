"""Turns what background threads tell into Qt signals on the window's thread.

The session's events are gathered so that they cause at most 30 repaints a second. It must not know
what they mean.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from engine.protocol import CandidateDelta, Progressed
from engine.session import SessionEvent

GATHER_SECONDS = 1 / 30
"""Shortest time between two deliveries."""


class EventSource(Protocol):
    """What the bridge needs of a session."""

    def subscribe(self, listener: Callable[[SessionEvent], None]) -> Callable[[], None]:
        """Call `listener` with every event on any thread, until the result is called."""
        ...


class EngineBridge(QObject):
    """Delivers a session's events on the thread it lives on.

    Attributes:
        event_arrived: One event; all gathered events come in one go, in their order.
    """

    event_arrived = Signal(object)
    _woken = Signal()

    def __init__(self, source: EventSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._gathered: list[SessionEvent] = []
        self._delivered_at = float("-inf")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._deliver)
        self._woken.connect(self._schedule, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe = source.subscribe(self._gather)

    def close(self) -> None:
        """Deliver nothing more. Idempotent."""
        self._unsubscribe()
        self._timer.stop()
        with self._lock:
            self._gathered.clear()

    def _gather(self, event: SessionEvent) -> None:
        """Take one event, on any thread."""
        with self._lock:
            first = not self._gathered
            self._gathered.append(event)
        if first:
            self._woken.emit()

    @Slot()
    def _schedule(self) -> None:
        wait_seconds = self._delivered_at + GATHER_SECONDS - monotonic()
        if wait_seconds <= 0:
            self._deliver()
        elif not self._timer.isActive():
            self._timer.start(round(wait_seconds * 1000) + 1)

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            events, self._gathered = self._gathered, []
        self._delivered_at = monotonic()
        for event in merged(events):
            self.event_arrived.emit(event)


def merged(events: list[SessionEvent]) -> list[SessionEvent]:
    """Join neighbouring text of the same deliberation, so that each candidate is drawn once."""
    out: list[SessionEvent] = []
    for event in events:
        last = out[-1] if out else None
        if (
            isinstance(event, Progressed)
            and isinstance(last, Progressed)
            and last.deliberation_id == event.deliberation_id
        ):
            out[-1] = _joined(last, event)
        else:
            out.append(event)
    return out


def _joined(first: Progressed, second: Progressed) -> Progressed:
    deltas = {delta.index: delta for delta in first.deltas}
    for delta in second.deltas:
        known = deltas.get(delta.index)
        if known is not None:
            delta = CandidateDelta(
                delta.index,
                known.thought + delta.thought,
                known.response + delta.response,
                delta.tokens,
                delta.first_token_seconds,
            )
        deltas[delta.index] = delta
    reading = second if second.prompt_tokens_total is not None else first
    return Progressed(
        second.deliberation_id,
        second.elapsed_seconds,
        tuple(deltas.values()),
        reading.prompt_tokens_done,
        reading.prompt_tokens_total,
    )
