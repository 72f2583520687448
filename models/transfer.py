"""Bytes over HTTP: ranges, redirects that must be safe, and refusals with our own names.

A token is shown to the host it was meant for and to no other; a redirect never leaves encryption.
Proxies and certificates follow the usual environment variables. It must not write files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import httpx2
import socksio

from models.errors import (
    HubAnswerError,
    HubBusyError,
    HubError,
    HubGatedError,
    HubNotFoundError,
    HubOfflineError,
    HubTokenError,
)

PLAIN_HEADERS: Final = {"User-Agent": "ponder", "Accept-Encoding": "identity"}
_MOST_REDIRECTS: Final = 8
_LONGEST_WAIT_SECONDS: Final = 3600.0
_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")
_NOT_FOUND: Final = ("RepoNotFound", "RevisionNotFound", "EntryNotFound")
"""Codes of the hub; it says 401 of what is not there, too."""
_BLOCK_BYTES: Final = 256 * 1024
_MOST_BLOCKS: Final = 128


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file's bytes lie.

    Attributes:
        url: Its address.
        headers: What is shown to its host alone; kept out of texts, for it may hold a token.
        what: What an error calls it.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    what: str = "the file"


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes that are on their way.

    Attributes:
        first: Place in the file of the first of them.
        total_bytes: Length of the whole file, or None where the server does not say.
        etag: The server's name for this very content, or "".
        chunks: The bytes, as they come. Raises `HubOfflineError` when the connection breaks.
    """

    first: int
    total_bytes: int | None
    etag: str
    chunks: Iterator[bytes]


class Transfer:
    """Opens files; to be closed.

    Args:
        timeout_seconds: How long to wait for a connection, and for the next bytes.

    Raises:
        HubOfflineError: The environment's network settings cannot be used.
    """

    def __init__(self, timeout_seconds: float = 30.0) -> None:
        with environment_errors():
            self._client = httpx2.Client(
                timeout=timeout_seconds, follow_redirects=False, headers=PLAIN_HEADERS
            )

    def close(self) -> None:
        """Close all connections. Idempotent."""
        self._client.close()

    @contextmanager
    def open(
        self, address: Address, first: int = 0, last: int | None = None, etag: str = ""
    ) -> Iterator[Answer]:
        """Ask for bytes `first` to `last`, both included, to the end where that is None.

        A server may answer from another place than the one asked for; `Answer.first` says so.

        Args:
            address: Where.
            first: Place of the first byte.
            last: Place of the last byte.
            etag: Only from this very content; else the whole of what is there now is sent.

        Raises:
            HubError: The server refuses, cannot be reached, or answers without sense.
        """
        headers = dict(address.headers)
        if first or last is not None:
            headers["Range"] = f"bytes={first}-{'' if last is None else last}"
            if etag:
                headers["If-Range"] = etag
        try:
            request = self._client.build_request("GET", address.url, headers=headers)
            response = send_safely(self._client.send, request)
        except httpx2.TransportError as error:
            raise HubOfflineError(type(error).__name__) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise HubAnswerError(type(error).__name__) from error
        try:
            yield _answer(response, first, address.what)
        finally:
            response.close()

    def read(self, address: Address, most_bytes: int) -> bytes:
        """Return a file's beginning.

        Raises:
            HubError: It was not sent.
        """
        content = bytearray()
        with self.open(address) as answer:
            for chunk in answer.chunks:
                content += chunk
                if len(content) >= most_bytes:
                    break
        return bytes(content[:most_bytes])


class RemoteSource:
    """A file on the hub as a source of bytes, read in blocks that are kept.

    Args:
        transfer: Opens it.
        address: Where it lies.
        size_bytes: Its length.
    """

    def __init__(self, transfer: Transfer, address: Address, size_bytes: int) -> None:
        self._transfer, self._address = transfer, address
        self._size_bytes = size_bytes
        self._blocks: dict[int, bytes] = {}
        self.fetched_bytes = 0

    @property
    def size_bytes(self) -> int:
        """Size of the whole file."""
        return self._size_bytes

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes; fewer only at the end.

        Raises:
            HubError: They were not sent.
        """
        end = min(offset + count, self._size_bytes)
        numbers = range(offset // _BLOCK_BYTES, -(-end // _BLOCK_BYTES)) if end > offset else ()
        missing = [number for number in numbers if number not in self._blocks]
        if missing:
            self._fetch(missing[0], missing[-1])
        joined = b"".join(self._blocks[number] for number in numbers)
        start = offset - (numbers[0] * _BLOCK_BYTES if numbers else 0)
        return joined[start : start + max(0, end - offset)]

    def _fetch(self, first_block: int, last_block: int) -> None:
        if len(self._blocks) + last_block - first_block >= _MOST_BLOCKS:
            raise HubAnswerError("the header is too long")
        first = first_block * _BLOCK_BYTES
        end = min((last_block + 1) * _BLOCK_BYTES, self._size_bytes)
        content = bytearray()
        with self._transfer.open(self._address, first, end - 1) as answer:
            if answer.first != first:
                raise HubAnswerError("the server does not send parts of files")
            for chunk in answer.chunks:
                content += chunk
                if len(content) >= end - first:
                    break
        if len(content) < end - first:
            raise HubOfflineError("the connection was cut")
        self.fetched_bytes += end - first
        for number in range(first_block, last_block + 1):
            start = (number - first_block) * _BLOCK_BYTES
            self._blocks[number] = bytes(content[start : start + _BLOCK_BYTES])


@contextmanager
def environment_errors() -> Iterator[None]:
    """Tell of a client that cannot be made, without the password that a proxy's address may hold.

    Raises:
        HubOfflineError: The environment names a proxy or certificates of no use.
    """
    try:
        yield
    except (httpx2.InvalidURL, ValueError, ImportError, OSError) as error:
        detail = "the proxy or certificates that the environment names cannot be used"
        raise HubOfflineError(detail) from error


def send_safely(send: Callable[..., httpx2.Response], request: httpx2.Request) -> httpx2.Response:
    """Send a request and follow where it is redirected, without reading on the way.

    Args:
        send: A client's, which does not follow by itself.
        request: The first.

    Raises:
        HubAnswerError: A redirect leaves encryption, or there are too many.
        httpx2.TransportError: A server or a proxy is not reached, or makes no sense.
    """
    for _ in range(_MOST_REDIRECTS):
        try:
            response = send(request, stream=True)
        except socksio.SOCKSError as error:
            raise httpx2.ProxyError("the proxy does not speak SOCKS 5") from error
        following = response.next_request
        if following is None:
            return response
        response.close()
        if request.url.scheme == "https" and following.url.scheme != "https":
            raise HubAnswerError("a redirect leaves the encrypted connection")
        if following.url.host != request.url.host or following.url.port != request.url.port:
            following.headers.pop("Authorization", None)
        request = following
    raise HubAnswerError("redirected again and again")


def is_packed(response: httpx2.Response) -> bool:
    """Whether the bytes were compressed, which `PLAIN_HEADERS` ask not to do."""
    return response.headers.get("Content-Encoding", "identity") != "identity"


def refusal(status: int, headers: Mapping[str, str], what: str) -> HubError:
    """Return the error for a status that is no success."""
    detail, code = f"{what}: HTTP {status}", headers.get("X-Error-Code")
    if code in _NOT_FOUND or status in {404, 410}:
        return HubNotFoundError(detail)
    if status in {401, 403}:
        return HubGatedError(detail) if code == "GatedRepo" else HubTokenError(detail)
    if status in {408, 425, 429} or status >= 500:
        return HubBusyError(detail, _retry_after(headers))
    return HubAnswerError(detail)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds; the header's other form, a date, is left to the usual back-off."""
    given = headers.get("Retry-After", "")
    return min(float(given), _LONGEST_WAIT_SECONDS) if given.isdecimal() else None


def _answer(response: httpx2.Response, first: int, what: str) -> Answer:
    headers = response.headers
    etag = headers.get("ETag", "")
    if is_packed(response):
        raise HubAnswerError("the bytes are packed, which was not asked for")
    if response.status_code == HTTPStatus.PARTIAL_CONTENT:
        match = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", ""))
        if match is None or int(match[1]) != first:
            raise HubAnswerError("not the part that was asked for")
        return Answer(first, int(match[3]), etag, _chunks(response))
    if response.status_code == HTTPStatus.OK:
        length = headers.get("Content-Length", "")
        total = int(length) if length.isdecimal() and len(length) < 19 else None
        return Answer(0, total, etag, _chunks(response))
    if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise HubAnswerError("the file ends before the part that was asked for")
    raise refusal(response.status_code, headers, what)


def _chunks(response: httpx2.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_raw()
    except (httpx2.TransportError, httpx2.StreamError) as error:
        raise HubOfflineError(type(error).__name__) from error
