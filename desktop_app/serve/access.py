"""Who may use the API: this computer alone, or whoever has the token.

Without a token, web pages are kept out too: a page of another site can have a browser send requests
to this computer, under a name of its own (DNS rebinding) or its own origin.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from desktop_app.serve.connection import json_response
from desktop_app.serve.refusals import RefusalError

_HOST_AND_PORT: Final = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+)(?::[0-9]{0,5})?")
HEALTH: Final = "/health"
"""Tells whether a model is ready and nothing else, so it needs no token."""


def is_loopback(host: str) -> bool:
    """Whether a host, as it is written, is this computer alone."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """Lets in who may use the API.

    Args:
        app: What is guarded.
        token: Who knows it may come from anywhere; None lets in this computer alone.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token.encode() if token else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        await json_response(refusal.body(), refusal.status, refusal.headers)(scope, receive, send)

    def _refusal(self, scope: Scope) -> RefusalError | None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if self._token is None:
            origins = [value for name, value in scope["headers"] if name == b"origin"]
            return _stranger(headers.get(b"host", b""), origins)
        if scope["path"] == HEALTH:
            return None
        scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() == b"bearer" and hmac.compare_digest(given.strip(), self._token):
            return None
        return RefusalError(401, "the token is missing or wrong", "invalid_api_key")


def _stranger(host: bytes, origins: list[bytes]) -> RefusalError | None:
    if not _is_here(host):
        return RefusalError(403, "the host must be this computer, as 127.0.0.1", "host_not_allowed")
    for origin in origins:
        scheme, _, address = origin.partition(b"://")
        if scheme not in {b"http", b"https"} or not _is_here(address):
            return RefusalError(403, "pages of other sites may not ask", "origin_not_allowed")
    return None


def _is_here(address: bytes) -> bool:
    """Whether a host and port, and nothing else, mean this computer."""
    found = _HOST_AND_PORT.fullmatch(address)
    return found is not None and is_loopback(found[1].decode())
