"""Answers on one HTTP connection, watched: when the client goes, its question goes too."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final, Protocol

import msgspec
from fastapi import Response
from starlette.types import Receive, Scope, Send

from desktop_app.gathered import Gathered
from desktop_app.serve.desk import Ticket
from desktop_app.serve.opening import KEEP_ALIVE_SECONDS
from desktop_app.serve.question import Question
from desktop_app.serve.refusals import RefusalError
from engine.session import SessionEvent

_KEEP_ALIVE: Final = b": still here\n\n"


class PieceStream(Protocol):
    """A reply in pieces, in one API's form."""

    @property
    def gathered(self) -> Gathered:
        """Everything that happened."""

    def opening(self) -> Iterable[object]:
        """The pieces before anything happened."""

    def take(self, events: list[SessionEvent]) -> Iterable[object]:
        """The pieces that events make.

        Raises:
            RefusalError: There will be no answer.
        """

    def refused(self, refusal: RefusalError) -> Iterable[object]:
        """The last pieces where there will be no answer."""


class Form(Protocol):
    """How one API writes its replies."""

    @property
    def end(self) -> bytes:
        """What a stream ends with, as it is sent."""

    def whole(self, question: Question, ticket: Ticket, gathered: Gathered) -> object:
        """The answer in one piece."""

    def pieces(self, question: Question, ticket: Ticket) -> PieceStream:
        """The answer in pieces."""

    def refusal(self, refusal: RefusalError) -> RefusalError:
        """A refusal in its words."""


class WatchedReply(Response):
    """A reply that is made while its client is watched.

    Args:
        form: How it is written.
        question: What was asked.
        ticket: Its place at the desk; it is left whatever happens.
        keep_alive_seconds: The longest silence.
    """

    def __init__(
        self,
        form: Form,
        question: Question,
        ticket: Ticket,
        keep_alive_seconds: float = KEEP_ALIVE_SECONDS,
    ) -> None:
        super().__init__()
        self._form = form
        self._question = question
        self._ticket = ticket
        self._keep_alive_seconds = keep_alive_seconds

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless the client goes first."""
        answer = self._in_pieces if self._question.stream else self._whole
        work = asyncio.ensure_future(answer(send))
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            self._ticket.leave()
            work.cancel()
            gone.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)

    async def _whole(self, send: Send) -> None:
        """The answer in one piece, when it is there."""
        gathered = Gathered()
        try:
            while gathered.reached is None:
                for event in await self._ticket.news(self._keep_alive_seconds):
                    gathered.take(event)
        except RefusalError as refusal:
            refusal = self._form.refusal(refusal)
            response = json_response(refusal.body(), refusal.status, refusal.headers)
        else:
            response = json_response(self._form.whole(self._question, self._ticket, gathered))
        await _send_first(send, response.status_code, response.raw_headers)
        await send({"type": "http.response.body", "body": response.body})

    async def _in_pieces(self, send: Send) -> None:
        """The answer as server-sent events."""
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-cache"),
        ]
        await _send_first(send, 200, headers)
        stream = self._form.pieces(self._question, self._ticket)
        await _send_pieces(send, stream.opening())
        try:
            while stream.gathered.reached is None:
                events = await self._ticket.news(self._keep_alive_seconds)
                await _send_pieces(send, stream.take(events))
                if not events:
                    await _send_more(send, _KEEP_ALIVE)
        except RefusalError as refusal:
            await _send_pieces(send, stream.refused(refusal))
        else:
            await _send_more(send, self._form.end)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def json_response(
    body: object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return a JSON response."""
    return Response(
        msgspec.json.encode(body), status, headers=headers, media_type="application/json"
    )


async def _send_first(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _send_pieces(send: Send, pieces: Iterable[object]) -> None:
    body = b"".join(map(_event, pieces))
    if body:
        await _send_more(send, body)


async def _send_more(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


def _event(piece: object) -> bytes:
    kind = getattr(piece, "type", None)
    name = b"" if kind is None else b"event: " + kind.encode() + b"\n"
    return name + b"data: " + msgspec.json.encode(piece) + b"\n\n"


async def _gone(receive: Receive) -> None:
    """Return when the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        continue
