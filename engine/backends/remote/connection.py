"""Requests to one server: certificates checked, nothing followed elsewhere, keys never told.

Every foreign error becomes one of ours here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final, TypeVar

import httpx2
import msgspec
import socksio

from engine.backends.remote.description import EndpointDescription, is_this_machine
from engine.backends.remote.wire import Answer, ChatRequest, Refusal, answers_of, decoded
from engine.errors import (
    RemoteAnswerError,
    RemoteBusyError,
    RemoteError,
    RemoteKeyError,
    RemoteNotFoundError,
    RemoteRefusedError,
    RemoteServerError,
    RemoteUnreachableError,
)

T = TypeVar("T")

_CONNECT_SECONDS: Final = 10.0
_MOST_BODY_BYTES: Final = 4 << 20
_MOST_TRIES: Final = 4
_LONGEST_WAIT_SECONDS: Final = 30.0
_BEGINNING: Final = b"data:"
"""Before this, a stream has only said that it is there."""
_KEPT_CONNECTIONS: Final = 32
_LIMITS: Final = httpx2.Limits(max_connections=None, max_keepalive_connections=_KEPT_CONNECTIONS)
_OF_THE_KEY: Final = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}
)
"""No other question will be answered either, until the key or its account is mended."""
_PASSING: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
"""Nothing is wrong with the question: it may be answered a moment later."""


class RefusedError(RemoteRefusedError):
    """A refusal with its words, which may repeat the prompt: for looking at, not for telling."""

    def __init__(self, detail: str, words: str) -> None:
        super().__init__(detail)
        self.words = words


class Connection:
    """Talks to one server. Used on one event loop.

    Args:
        endpoint: Where.
        key: What is shown to it, or None.
        timeout_seconds: How long it may say nothing to anybody; what waits in its queue is silent
            as long as it works for others.
        first_wait_seconds: Before the second try of what was too much or failed; doubled each time.
    """

    def __init__(
        self,
        endpoint: EndpointDescription,
        key: str | None,
        timeout_seconds: float,
        first_wait_seconds: float = 0.5,
    ) -> None:
        self.label = endpoint.label
        self._address = endpoint.address
        self._key = key
        self._first_wait = first_wait_seconds
        self._timeout = timeout_seconds
        self._heard_at = 0.0
        """When it last said something, on the loop's clock."""
        self._client: httpx2.AsyncClient | None = None

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()

    async def get(self, url: str) -> bytes:
        """Return what lies at a path of the API, or at another place of the same server.

        Raises:
            RemoteError: It was not sent.
        """
        async with self._sent(self._request("GET", url)) as response:
            return await self._body(response)

    async def post(self, url: str, body: msgspec.Struct) -> bytes:
        """Return what is answered at a path, as in `get`.

        Raises:
            RemoteError: It was not sent.
        """
        request = self._request("POST", url, msgspec.json.encode(body))
        async with self._sent(request) as response:
            return await self._body(response)

    async def ask(self, body: ChatRequest, tries: int = _MOST_TRIES) -> Answer:
        """Return a whole answer.

        Args:
            body: What is asked.
            tries: How often, where it is too much or fails.

        Raises:
            RemoteError: There is none.
        """
        async with self._tried(body, tries) as response:
            return decoded(await self._body(response), self.label)

    @asynccontextmanager
    async def stream(self, body: ChatRequest) -> AsyncIterator[AsyncIterator[Answer]]:
        """Ask for a stream; it ends when the context is left.

        Raises:
            RemoteError: It did not begin. Its pieces raise too.
        """
        async with self._tried(body) as response:
            yield self._pieces(response)

    async def _pieces(self, response: httpx2.Response) -> AsyncIterator[Answer]:
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            yield decoded(await self._body(response), self.label)
            return
        try:
            async for answer in answers_of(self._blocks(response), self.label):
                yield answer
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise RemoteAnswerError(f"{self.label}: {type(error).__name__}") from error

    async def _blocks(self, response: httpx2.Response) -> AsyncIterator[bytes]:
        """What it sends.

        Raises:
            RemoteUnreachableError: It is silent for too long.
        """
        blocks = aiter(response.aiter_raw())
        begun = False
        while True:
            try:
                if begun:
                    async with asyncio.timeout(self._timeout):
                        block = await anext(blocks, None)
                else:
                    block = await self._in_its_turn(anext(blocks, None))
            except TimeoutError as error:
                raise RemoteUnreachableError(f"{self.label}: silent for too long") from error
            if block is None:
                return
            self._heard_at = asyncio.get_running_loop().time()
            begun = begun or _BEGINNING in block
            yield block

    async def _in_its_turn(self, coming: Awaitable[T]) -> T:
        """Wait for something while the server may work for others first.

        Raises:
            TimeoutError: It said nothing to anybody for too long.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        task = asyncio.ensure_future(_result_of(coming))
        try:
            while not task.done():
                left = max(began, self._heard_at) + self._timeout - loop.time()
                if left <= 0:
                    raise TimeoutError
                await asyncio.wait({task}, timeout=left)
            result = task.result()
            self._heard_at = loop.time()
            return result
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    @asynccontextmanager
    async def _tried(
        self, body: ChatRequest, tries: int = _MOST_TRIES
    ) -> AsyncIterator[httpx2.Response]:
        """Send; what is too much or fails is sent again after a while, and nothing else is."""
        content = msgspec.json.encode(body)
        wait = self._first_wait
        for left in reversed(range(tries)):
            request = self._request("POST", "chat/completions", content)
            try:
                response = await self._send(request)
            except _AgainError as again:
                if not left:
                    raise again.error from None
                seconds = wait if again.seconds is None else again.seconds
                await asyncio.sleep(min(seconds, _LONGEST_WAIT_SECONDS))
                wait *= 2
                continue
            try:
                yield response
            finally:
                await response.aclose()
            return

    @asynccontextmanager
    async def _sent(self, request: httpx2.Request) -> AsyncIterator[httpx2.Response]:
        try:
            response = await self._send(request)
        except _AgainError as again:
            raise again.error from None
        try:
            yield response
        finally:
            await response.aclose()

    def _opened(self) -> httpx2.AsyncClient:
        """The client, made when it is first needed: what hinders one server hinders no other.

        Raises:
            RemoteKeyError: The key cannot be sent.
            RemoteUnreachableError: The environment names a proxy or certificates of no use.
        """
        if self._client is not None:
            return self._client
        headers = {"User-Agent": "ponder", "Accept-Encoding": "identity"}
        if self._key:
            if not (self._key.isascii() and self._key.isprintable()):
                raise RemoteKeyError(f"{self.label}: the key holds a sign that no key has")
            headers["Authorization"] = f"Bearer {self._key}"
        connect = min(_CONNECT_SECONDS, self._timeout)
        try:
            # no proxy of the environment stands between this machine and itself
            here = is_this_machine(self._address)
            self._client = httpx2.AsyncClient(
                headers=headers,
                timeout=httpx2.Timeout(self._timeout, connect=connect, read=None, pool=None),
                limits=_LIMITS,
                follow_redirects=False,
                transport=httpx2.AsyncHTTPTransport(limits=_LIMITS) if here else None,
            )
        except (httpx2.InvalidURL, ValueError, ImportError, OSError) as error:
            detail = f"{self.label}: the proxy or certificates that the environment names"
            raise RemoteUnreachableError(f"{detail} cannot be used") from error
        return self._client

    def _request(self, method: str, url: str, content: bytes | None = None) -> httpx2.Request:
        """A request for a path of the API, or for another place of the same server.

        Raises:
            RemoteError: It cannot be made.
        """
        headers = None if content is None else {"Content-Type": "application/json"}
        client = self._opened()
        try:
            place = httpx2.URL(self._address + "/").join(url)
            return client.build_request(method, place, content=content, headers=headers)
        except (httpx2.InvalidURL, ValueError) as error:
            raise RemoteUnreachableError(f"{self.label}: its address is none") from error

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = await self._answered(request)
        except (httpx2.TimeoutException, TimeoutError) as error:
            raise RemoteUnreachableError(f"{self.label}: no answer in time") from error
        except httpx2.ConnectError as error:
            raise RemoteUnreachableError(f"{self.label}: {_reason(error)}") from error
        except (httpx2.ProxyError, socksio.SOCKSError) as error:
            raise RemoteUnreachableError(f"{self.label}: the proxy refuses") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise RemoteUnreachableError(f"{self.label}: {type(error).__name__}") from error
        if response.is_success:
            return response
        try:
            raise await self._refusal(response)
        finally:
            await response.aclose()

    async def _answered(self, request: httpx2.Request) -> httpx2.Response:
        """Send; once more where a kept connection was closed while the request was on its way."""
        left = _KEPT_CONNECTIONS
        while True:
            watch = request.extensions["trace"] = _Watch()
            try:
                return await self._in_its_turn(self._opened().send(request, stream=True))
            except (httpx2.NetworkError, httpx2.RemoteProtocolError):
                if watch.connected or not left:
                    raise
                left -= 1

    async def _refusal(self, response: httpx2.Response) -> Exception:
        status = response.status_code
        detail = f"{self.label}: HTTP {status}"
        if 300 <= status < 400:
            return RemoteAnswerError(f"{detail}, it sends elsewhere; give the address itself")
        if status in _OF_THE_KEY:
            return RemoteKeyError(detail)
        if status == HTTPStatus.NOT_FOUND:
            return RemoteNotFoundError(detail)
        if status in _PASSING:
            return _AgainError(
                RemoteBusyError(detail), _seconds(response.headers.get("retry-after"))
            )
        if status >= 500:
            return _AgainError(RemoteServerError(detail), None)
        try:
            words = msgspec.json.decode(await self._body(response), type=Refusal).text
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, RemoteError):
            words = ""
        return RefusedError(detail, words)

    async def _body(self, response: httpx2.Response) -> bytes:
        parts = bytearray()
        try:
            async for block in self._blocks(response):
                parts += block
                if len(parts) > _MOST_BODY_BYTES:
                    raise RemoteAnswerError(f"{self.label}: an answer without end")
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise RemoteAnswerError(f"{self.label}: {type(error).__name__}") from error
        return bytes(parts)


async def _result_of(coming: Awaitable[T]) -> T:
    return await coming


class _Watch:
    """Looks at how a request is sent.

    Attributes:
        connected: Whether a connection was made for it; else it went over a kept one.
    """

    connected = False

    async def __call__(self, step: str, _info: object) -> None:
        self.connected = self.connected or ".connect_" in step  # over a proxy, too


class _AgainError(Exception):
    """Worth another try."""

    def __init__(self, error: RemoteError, seconds: float | None) -> None:
        super().__init__(error.detail)
        self.error, self.seconds = error, seconds


def _seconds(text: str | None) -> float | None:
    """A server's wish how long to wait; dates are not looked at."""
    return float(text) if text and text.isascii() and text.isdigit() else None


def _reason(error: httpx2.ConnectError) -> str:
    """Whether it was the certificate or the connection, without foreign words."""
    return "its certificate is not trusted" if "CERTIFICATE" in str(error) else "no connection"
