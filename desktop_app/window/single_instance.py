"""One Ponder at a time: a second start raises the first and hands it its file.

The first one answers when it has taken the message, for a socket takes bytes for a program that
hangs, too.

It exists because two windows would fight over one journal and one GPU. It must not know what the
window does with the file.
"""

from __future__ import annotations

import hashlib
from enum import Enum, auto
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_CONNECT_MILLISECONDS = 500
_WRITE_MILLISECONDS = 2000
_MOST_BYTES = 64_000
_ANSWER_MILLISECONDS: Final = 10_000
"""The first one may just be opening its window."""
_TAKEN: Final = b"taken\n"


class RaiseWindow(msgspec.Struct, frozen=True):
    """What a second start asks of the first.

    Attributes:
        model_path: A model file to load, or None.
    """

    model_path: str | None = None


class Claim(Enum):
    """What came of a start."""

    FIRST = auto()
    """It is the first instance."""
    TOLD = auto()
    """The first instance has taken its message."""
    NO_ANSWER = auto()
    """There is a first instance, which does not answer."""


def server_name(data_folder: Path) -> str:
    """Name of the first instance's server: one for each data folder."""
    return "ponder-" + hashlib.sha256(str(data_folder).encode()).hexdigest()[:16]


class SingleInstance(QObject):
    """Is either the first instance, which listens, or tells the first and ends.

    Args:
        name: The server's name.
        answer_milliseconds: How long the first instance may take to answer.

    Attributes:
        raised: Another start asks for the window; the model file it names, or "".
    """

    raised = Signal(str)

    def __init__(
        self,
        name: str,
        parent: QObject | None = None,
        answer_milliseconds: int = _ANSWER_MILLISECONDS,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._answer_milliseconds = answer_milliseconds
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def claim(self, message: RaiseWindow) -> Claim:
        """Become the first instance, or pass the message to it."""
        told = self._tell_first(message)
        if told is not None:
            return told
        if self._server.listen(self._name):
            return Claim.FIRST
        # A socket file left by a killed process keeps the name; nobody answered above.
        QLocalServer.removeServer(self._name)
        if self._server.listen(self._name):
            return Claim.FIRST
        return self._tell_first(message) or Claim.FIRST

    def close(self) -> None:
        """Stop listening. Idempotent."""
        self._server.close()

    def _tell_first(self, message: RaiseWindow) -> Claim | None:
        """Pass the message on; None where there is nobody."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_CONNECT_MILLISECONDS):
            return None
        socket.write(msgspec.json.encode(message) + b"\n")
        socket.waitForBytesWritten(_WRITE_MILLISECONDS)
        answered = socket.bytesAvailable() or socket.waitForReadyRead(self._answer_milliseconds)
        gone = socket.state() is not QLocalSocket.LocalSocketState.ConnectedState
        socket.disconnectFromServer()
        if answered:
            return Claim.TOLD
        return None if gone else Claim.NO_ANSWER

    @Slot()
    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            caller = _Caller(socket, self)
            caller.said.connect(self.raised)
            caller.listen()


class _Caller(QObject):
    """One connection of another start. A QObject, so that Qt cuts its slots when it goes.

    Attributes:
        said: The model file the caller names, or "".
    """

    said = Signal(str)

    def __init__(self, socket: QLocalSocket, parent: QObject) -> None:
        super().__init__(parent)
        self._socket = socket
        self._received = b""
        socket.setParent(self)

    def listen(self) -> None:
        """Take what came already and what will come."""
        self._socket.readyRead.connect(self._on_bytes)
        self._socket.disconnected.connect(self.deleteLater)
        self._on_bytes()

    @Slot()
    def _on_bytes(self) -> None:
        self._received += bytes(self._socket.readAll().data())
        *lines, self._received = self._received.split(b"\n")
        for line in lines:
            self._take(line)
        if len(self._received) > _MOST_BYTES:
            self._socket.abort()

    def _take(self, line: bytes) -> None:
        try:
            message = msgspec.json.decode(line, type=RaiseWindow)
        except ValueError:  # no message, or no UTF-8
            return
        self._socket.write(_TAKEN)
        self._socket.flush()
        self.said.emit(message.model_path or "")
