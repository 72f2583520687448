"""The desk: questions of the API in front of one session, so many at once and so many waiting.

It lives on one event loop; the session's events are brought there from their own threads. It must
not know HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from desktop_app.error_text import error_line
from desktop_app.serve.refusals import RefusalError, failed, unavailable
from engine.protocol import DeliberationFailed, Noticed, VerdictReached
from engine.session import AskRequest, Session, SessionEvent

AT_ONCE: Final = 8
QUEUE: Final = 64
_REMEMBERED: Final = 16
_LONGEST_WAIT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class DeskState:
    """What the desk does now.

    Attributes:
        running: Questions that are thought about, oldest first.
        waiting: How many wait.
    """

    running: tuple[AskRequest, ...] = ()
    waiting: int = 0


class Ticket:
    """One question's place at the desk.

    Attributes:
        request: What is asked.
        taken_at: `time.monotonic()` when it came.
        started_at: The same when it was handed to the engine, or None while it waits.
    """

    def __init__(self, request: AskRequest, desk: Desk) -> None:
        self.request = request
        self.taken_at = time.monotonic()
        self.started_at: float | None = None
        self._desk = desk
        self._events: deque[SessionEvent | RefusalError] = deque()
        self._news = asyncio.Event()

    @property
    def queued_seconds(self) -> float:
        """How long it waited, or has waited so far."""
        until = time.monotonic() if self.started_at is None else self.started_at
        return until - self.taken_at

    @property
    def before(self) -> int:
        """How many others wait in front of it."""
        return self._desk.waiting_before(self)

    async def news(self, patience_seconds: float) -> list[SessionEvent]:
        """Return what happened since the last call; empty after so long without anything.

        Raises:
            RefusalError: It will not be answered; what happened before was returned before.
        """
        if not self._events:
            self._news.clear()
            try:
                async with asyncio.timeout(patience_seconds):  # 3.11's wait_for can eat a cancel
                    await self._news.wait()
            except TimeoutError:
                return []
        events: list[SessionEvent] = []
        while self._events:
            event = self._events[0]
            if isinstance(event, RefusalError):
                if events:
                    return events
                raise event
            events.append(event)
            self._events.popleft()
        return events

    def leave(self) -> None:
        """Nobody waits for the answer any more; free of effect after its end."""
        self._desk.withdraw(self)

    def tell(self, event: SessionEvent | RefusalError) -> None:
        """Take an event of its own."""
        self._events.append(event)
        self._news.set()


class Desk:
    """Takes questions, hands them to the session, and tells what happens to each.

    Args:
        session: The engine; it may be used by others too.
        at_once: Questions that are thought about side by side.
        queue: Questions that may wait beside them.
        watch: Told after every change, on the loop's thread.
    """

    def __init__(
        self,
        session: Session,
        at_once: int = AT_ONCE,
        queue: int = QUEUE,
        watch: Callable[[DeskState], None] = lambda _state: None,
    ) -> None:
        self.session = session
        self._at_once = at_once
        self._queue = queue
        self._watch = watch
        self._waiting: deque[Ticket] = deque()
        self._running: dict[str, Ticket] = {}
        self._lasted: deque[float] = deque(maxlen=_REMEMBERED)
        self._unsubscribe: Callable[[], None] = lambda: None
        self._open = False

    def open(self) -> None:
        """Begin to follow the session, on the running loop."""
        loop = asyncio.get_running_loop()

        def bring(event: SessionEvent) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(self._on_event, event)

        self._unsubscribe = self.session.subscribe(bring)
        self._open = True

    def close(self) -> None:
        """Send everybody away and cancel what is thought about. Idempotent."""
        self._open = False
        self._unsubscribe()
        for ticket in (*self._waiting, *self._running.values()):
            ticket.tell(unavailable("serve-stopping"))
        for deliberation_id in self._running:
            self.session.cancel(deliberation_id)
        self._waiting.clear()
        self._running.clear()
        self._changed()

    def take(self, request: AskRequest) -> Ticket:
        """Accept a question.

        Raises:
            RefusalError: As many wait as may, or nothing is taken any more.
        """
        if not self._open:
            raise unavailable("serve-stopping")
        busy = len(self._running) >= self._at_once
        if busy and len(self._waiting) >= self._queue:
            raise RefusalError(
                429,
                error_line("serve-full"),
                "serve-full",
                kind="rate_limit_error",
                retry_after_seconds=self._wait_seconds(),
            )
        ticket = Ticket(request, self)
        self._waiting.append(ticket)
        self._go_on()
        return ticket

    def withdraw(self, ticket: Ticket) -> None:
        """Take a question out of the queue, or cancel it; its place is free at its end."""
        if ticket in self._waiting:
            self._waiting.remove(ticket)
            self._changed()
        elif ticket.request.deliberation_id in self._running:
            self.session.cancel(ticket.request.deliberation_id)

    def waiting_before(self, ticket: Ticket) -> int:
        """How many wait in front of one; 0 when it does not wait."""
        return self._waiting.index(ticket) if ticket in self._waiting else 0

    def _go_on(self) -> None:
        while self._waiting and len(self._running) < self._at_once:
            ticket = self._waiting.popleft()
            ticket.started_at = time.monotonic()
            self._running[ticket.request.deliberation_id] = ticket
            self._changed()  # before its first event, so that who watches knows whose it is
            self.session.ask(ticket.request)
        self._changed()

    def _changed(self) -> None:
        running = tuple(ticket.request for ticket in self._running.values())
        self._watch(DeskState(running, len(self._waiting)))

    def _wait_seconds(self) -> int:
        """When a place may be free, by how long the last questions took."""
        if not self._lasted:
            return 1
        mean = sum(self._lasted) / len(self._lasted)
        turns = (len(self._waiting) + 1) / self._at_once
        return max(1, min(_LONGEST_WAIT_SECONDS, math.ceil(mean * turns)))

    def _on_event(self, event: SessionEvent) -> None:
        deliberation_id = getattr(event, "deliberation_id", None)
        if deliberation_id is None:
            if isinstance(event, Noticed):  # of the engine, and so of all that it works on
                for running in self._running.values():
                    running.tell(event)
            return
        ended = isinstance(event, VerdictReached | DeliberationFailed)
        ticket = self._running.get(deliberation_id)
        if ticket is None:
            return
        if isinstance(event, DeliberationFailed):
            ticket.tell(failed(event.code, event.detail))
        else:
            ticket.tell(event)
        if ended:
            del self._running[deliberation_id]
            if ticket.started_at is not None:
                self._lasted.append(time.monotonic() - ticket.started_at)
            self._go_on()
