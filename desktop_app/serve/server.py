"""The server: an address, the API on it, and a clean end. For the terminal and for the window."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import uvicorn

from desktop_app.serve.access import is_loopback
from desktop_app.serve.app import build_app
from desktop_app.serve.desk import Desk, DeskState
from desktop_app.serve.guest import Guest, GuestLimits
from desktop_app.serve.opening import ServeError, ServeOptions
from engine.session import Session

_GRACE_SECONDS: Final = 2
_BACKLOG: Final = 256
_SPARE_CONNECTIONS: Final = 64
"""For clients that are told that the queue is full, and for those that keep one open."""


class ApiServer:
    """Serves the API over a session that somebody else owns.

    Args:
        session: The engine; it may load its model later.
        options: How.
        watch: Told what the API thinks about, on the server's thread.

    Attributes:
        address: Where clients find it: what they call their base URL.

    Raises:
        ServeError: The address cannot be used, or may not be without a token.
    """

    def __init__(
        self,
        session: Session,
        options: ServeOptions,
        watch: Callable[[DeskState], None] = lambda _state: None,
    ) -> None:
        if options.token is None and not is_loopback(options.host):
            raise ServeError("serve-open", options.host)
        self._socket = _bound(options.host, options.port)
        host, port = self._socket.getsockname()[:2]
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
        self._desk = Desk(session, options.at_once, options.queue, watch)
        app = build_app(self._desk, options.token, options.keep_alive_seconds)
        limits = GuestLimits(most_connections(options), options.patience_seconds)
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=partial(Guest, limits=limits),  # type: ignore[arg-type]  # what makes one will do
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=_BACKLOG,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        self._server = _Server(config, self._desk)
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Serve until `ask_to_stop`."""
        try:
            asyncio.run(self._server.serve([self._socket]))
        finally:
            self._socket.close()

    def start(self) -> None:
        """Serve on a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="api-server", daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Have it end soon, from any thread or a signal."""
        self._server.should_exit = True

    def close(self) -> None:
        """End it and wait for its end. Idempotent."""
        self.ask_to_stop()
        if self._thread is not None:
            self._thread.join()
        self._socket.close()


def most_connections(options: ServeOptions) -> int:
    """How many connections there may be: those of all questions and some, if files allow it."""
    wanted = options.at_once + options.queue + _SPARE_CONNECTIONS
    try:
        import resource
    except ModuleNotFoundError:  # on Windows, which has no such limit
        return wanted
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if files == resource.RLIM_INFINITY else min(wanted, files // 2)


class _Server(uvicorn.Server):
    """Opens and closes the desk with the doors, and leaves signals to its owner."""

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self._desk = desk

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._desk.open()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._desk.close()
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()  # of a client that does not read what it is sent
        await asyncio.sleep(0)


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket that has the address.

    Raises:
        ServeError: The system refuses it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        bound = socket.socket(family, kind, protocol)
    except (OSError, OverflowError, UnicodeError) as error:
        raise ServeError("serve-address", f"{host}:{port}: {error}") from error
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)  # now, or another program could still take the same port
    except (OSError, OverflowError) as error:
        bound.close()
        raise ServeError("serve-address", f"{host}:{port}: {error}") from error
    return bound
