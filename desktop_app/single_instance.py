"""One Ponder at a time: a second start raises the first and hands it its file.

It exists because two windows would fight over one journal and one GPU. It must not know what the
window does with the file.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_CONNECT_MILLISECONDS = 500
_WRITE_MILLISECONDS = 2000
_MOST_BYTES = 64_000


class RaiseWindow(msgspec.Struct, frozen=True):
    """What a second start asks of the first.

    Attributes:
        model_path: A model file to load, or None.
    """

    model_path: str | None = None


def server_name(data_folder: Path) -> str:
    """Name of the first instance's server: one for each data folder."""
    return "ponder-" + hashlib.sha256(str(data_folder).encode()).hexdigest()[:16]


class SingleInstance(QObject):
    """Is either the first instance, which listens, or tells the first and ends.

    Args:
        name: The server's name.

    Attributes:
        raised: Another start asks for the window; the model file it names, or "".
    """

    raised = Signal(str)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        self._received: dict[QLocalSocket, bytes] = {}

    def claim(self, message: RaiseWindow) -> bool:
        """Become the first instance, or pass the message to it.

        Returns:
            Whether this is the first instance.
        """
        if self._tell_first(message):
            return False
        if self._server.listen(self._name):
            return True
        # A socket file left by a killed process keeps the name; nobody answered above.
        QLocalServer.removeServer(self._name)
        return self._server.listen(self._name) or not self._tell_first(message)

    def close(self) -> None:
        """Stop listening. Idempotent."""
        self._server.close()

    def _tell_first(self, message: RaiseWindow) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_CONNECT_MILLISECONDS):
            return False
        socket.write(msgspec.json.encode(message) + b"\n")
        told = socket.waitForBytesWritten(_WRITE_MILLISECONDS)
        socket.disconnectFromServer()
        return told

    @Slot()
    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._received[socket] = b""
            socket.readyRead.connect(lambda socket=socket: self._on_bytes(socket))
            socket.disconnected.connect(lambda socket=socket: self._on_end(socket))
            self._on_bytes(socket)

    def _on_bytes(self, socket: QLocalSocket) -> None:
        if socket not in self._received:
            return
        self._received[socket] += bytes(socket.readAll().data())
        line, newline, _rest = self._received[socket].partition(b"\n")
        if newline:
            self._received[socket] = b""
            self._take(line)
        elif len(line) > _MOST_BYTES:
            socket.abort()

    def _on_end(self, socket: QLocalSocket) -> None:
        self._received.pop(socket, None)
        socket.deleteLater()

    def _take(self, line: bytes) -> None:
        try:
            message = msgspec.json.decode(line, type=RaiseWindow)
        except msgspec.DecodeError:
            return
        self.raised.emit(message.model_path or "")
