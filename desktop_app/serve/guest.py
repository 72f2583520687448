"""One client's connection, which may keep nobody else waiting.

uvicorn bounds how long a connection is silent after an answer, and nothing before the first. Here
a request arrives whole in time and what is sent is read in time. Where there are too many
connections, the one goes that has been here longest without asking for anything.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from desktop_app.serve.connection import json_response
from desktop_app.serve.refusals import RefusalError, unavailable

_MOST_BEHIND_BYTES: Final = 64 * 1024
"""What a client may send behind a request, before its answer."""


@dataclass(frozen=True, slots=True)
class GuestLimits:
    """What connections may take.

    Attributes:
        most: So many at once.
        patience_seconds: In which a request arrives whole, or something that was sent is read.
    """

    most: int
    patience_seconds: float


class Guest(H11Protocol):
    """uvicorn's connection, watched.

    Args:
        limits: What it may take.
        arguments: uvicorn's own.
        named: uvicorn's own.
    """

    def __init__(self, *arguments: Any, limits: GuestLimits, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._limits = limits
        self._waits_since = 0.0
        self._arriving: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let it in; send one away where there are too many."""
        super().connection_made(transport)
        self._await_request()
        if len(self.connections) > self._limits.most:
            waiting = [one for one in self.connections if isinstance(one, Guest) and one._waits]
            longest = min(waiting, key=lambda one: one._waits_since)
            longest._leave(unavailable("serve-connections", retry_after_seconds=1))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _cancel(self._arriving)
        _cancel(self._reading)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Take what has come; a request that is here whole may take its time.

        What comes behind it is not read by uvicorn, which then would not hear the client leave.
        """
        super().handle_events()
        if not self._waits:
            _cancel(self._arriving)
            if len(self.conn.trailing_data[0]) <= _MOST_BEHIND_BYTES:
                self.flow.resume_reading()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._await_request()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """It does not read what it is sent; not for long."""
        super().pause_writing()
        _cancel(self._reading)
        self._reading = self.loop.call_later(self._limits.patience_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads on."""
        _cancel(self._reading)
        super().resume_writing()

    @property
    def _waits(self) -> bool:
        """Whether no whole request of it is being answered."""
        return self.cycle is None or self.cycle.more_body or self.cycle.response_complete

    def _await_request(self) -> None:
        _cancel(self._arriving)
        self._waits_since = self.loop.time()
        late = RefusalError(408, "the request did not arrive in time", "request_timeout")
        self._arriving = self.loop.call_later(self._limits.patience_seconds, self._leave, late)

    def _leave(self, refusal: RefusalError) -> None:
        """Close it, with a word to who has begun to ask or has just come."""
        if self.transport.is_closing():
            return
        if self.cycle is None or (self.cycle.more_body and not self.cycle.response_started):
            self.transport.write(_whole_answer(refusal))
        self.transport.close()


def _whole_answer(refusal: RefusalError) -> bytes:
    response = json_response(refusal.body(), refusal.status, {"Connection": "close"})
    lines = [b"%s: %s" % header for header in response.raw_headers]
    phrase = HTTPStatus(refusal.status).phrase.encode()
    head = b"\r\n".join([b"HTTP/1.1 %d %s" % (refusal.status, phrase), *lines, b"\r\n"])
    return head + bytes(response.body)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
