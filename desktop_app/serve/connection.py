"""Answers on one HTTP connection, watched: when the client goes, its question goes too."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Final

import msgspec
from fastapi import Response
from starlette.types import Receive, Scope, Send

from desktop_app.gathered import Gathered
from desktop_app.serve.chunks import Chunk, ChunkStream
from desktop_app.serve.desk import Ticket
from desktop_app.serve.opening import KEEP_ALIVE_SECONDS
from desktop_app.serve.question import Question
from desktop_app.serve.refusals import RefusalError
from desktop_app.serve.replies import whole_reply

_KEEP_ALIVE: Final = b": still here\n\n"


class WatchedReply(Response, ABC):
    """A reply that is made while its client is watched.

    Args:
        question: What was asked.
        ticket: Its place at the desk; it is left whatever happens.
        keep_alive_seconds: The longest silence.
    """

    def __init__(
        self, question: Question, ticket: Ticket, keep_alive_seconds: float = KEEP_ALIVE_SECONDS
    ) -> None:
        super().__init__()
        self._question = question
        self._ticket = ticket
        self._keep_alive_seconds = keep_alive_seconds

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless the client goes first."""
        work = asyncio.ensure_future(self._answer(send))
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

    @abstractmethod
    async def _answer(self, send: Send) -> None:
        """Send the whole answer."""


class WholeReply(WatchedReply):
    """The answer in one piece, when it is there."""

    async def _answer(self, send: Send) -> None:
        gathered = Gathered()
        try:
            while gathered.reached is None:
                for event in await self._ticket.news(self._keep_alive_seconds):
                    gathered.take(event)
        except RefusalError as refusal:
            response = json_response(refusal.body(), refusal.status, refusal.headers)
        else:
            response = json_response(whole_reply(self._question, self._ticket, gathered))
        await _send_first(send, response.status_code, response.raw_headers)
        await send({"type": "http.response.body", "body": response.body})


class StreamedReply(WatchedReply):
    """The answer as server-sent events."""

    async def _answer(self, send: Send) -> None:
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-cache"),
        ]
        await _send_first(send, 200, headers)
        stream = ChunkStream(self._question, self._ticket)
        await _send_chunks(send, stream.opening())
        try:
            while stream.gathered.reached is None:
                events = await self._ticket.news(self._keep_alive_seconds)
                await _send_chunks(send, stream.take(events))
                if not events:
                    await _send_more(send, _KEEP_ALIVE)
        except RefusalError as refusal:
            await _send_more(send, _event(refusal.body()))
        else:
            await _send_more(send, b"data: [DONE]\n\n")
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


async def _send_chunks(send: Send, chunks: Iterable[Chunk]) -> None:
    body = b"".join(_event(chunk) for chunk in chunks)
    if body:
        await _send_more(send, body)


async def _send_more(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


def _event(body: object) -> bytes:
    return b"data: " + msgspec.json.encode(body) + b"\n\n"


async def _gone(receive: Receive) -> None:
    """Return when the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        continue
