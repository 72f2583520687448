"""A small real SOCKS 5 proxy on loopback, which knows some names of its own.

with closing(SocksServer({"hub.example": hub_port})) as proxy:
    ... with ALL_PROXY set to proxy.address ...
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

_VERSION: Final = 5
_LOGIN: Final = 2
_NAME: Final = 3
"""The kind of address that is a name; any other is one of 4 bytes here."""


class SocksServer:
    """Passes connections on to ports of this machine.

    Args:
        names: The port that each name leads to; another name leads to the port that is asked for.
        login: User and password that it wants, or None.
        speaks: What it answers instead of SOCKS, before it closes; None where it is a proxy.

    Attributes:
        asked: (name or address, port) of every connection, in order.
    """

    def __init__(
        self,
        names: Mapping[str, int],
        login: tuple[str, str] | None = None,
        speaks: bytes | None = None,
    ) -> None:
        self.asked: list[tuple[str, int]] = []
        self._names, self._login, self._speaks = names, login, speaks
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._opened: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        user = "{}:{}@".format(*login) if login is not None else ""
        self.address = f"socks5://{user}127.0.0.1:{self._listening.getsockname()[1]}"
        self._run(self._accept)

    def close(self) -> None:
        """End it and every connection."""
        for opened in (self._listening, *self._opened):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        for thread in self._threads:
            thread.join()

    def _run(self, work: object, *args: object) -> None:
        assert callable(work)
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listening.accept()
                self._opened.append(client)
                self._run(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError, EOFError):
            if self._speaks is not None:
                client.recv(64)
                client.sendall(self._speaks)
            elif self._greeted(client):
                self._connect(client)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def _greeted(self, client: socket.socket) -> bool:
        """Agree on how a client says who it is, and hear that."""
        _version, count = _take(client, 2)
        wanted = 0 if self._login is None else _LOGIN
        offered = wanted in _take(client, count)
        client.sendall(bytes((_VERSION, wanted if offered else 0xFF)))
        if self._login is None or not offered:
            return offered
        _take(client, 1)
        said = tuple(_take(client, _take(client, 1)[0]).decode() for _ in self._login)
        client.sendall(bytes((1, said != self._login)))
        return said == self._login

    def _connect(self, client: socket.socket) -> None:
        *_, kind = _take(client, 4)
        if kind == _NAME:
            host = _take(client, _take(client, 1)[0]).decode()
        else:
            host = socket.inet_ntoa(_take(client, 4))
        (port,) = struct.unpack("!H", _take(client, 2))
        self.asked.append((host, port))
        server = socket.create_connection(("127.0.0.1", self._names.get(host, port)))
        self._opened.append(server)
        client.sendall(bytes((_VERSION, 0, 0, 1)) + bytes(6))
        self._run(_pass_on, server, client)
        _pass_on(client, server)


def _take(client: socket.socket, count: int) -> bytes:
    """Receive exactly so many bytes."""
    taken = b""
    while len(taken) < count:
        more = client.recv(count - len(taken))
        if not more:
            raise EOFError
        taken += more
    return taken


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes, to its end."""
    with suppress(OSError):
        while more := source.recv(65_536):
            target.sendall(more)
        target.shutdown(socket.SHUT_WR)
