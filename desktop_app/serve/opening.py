"""How the API is served, and its opening, which imports the packages that it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop_app.serve.desk import AT_ONCE, QUEUE, DeskState
from engine.session import Session

if TYPE_CHECKING:
    from desktop_app.serve.server import ApiServer

HOST: Final = "127.0.0.1"
PORT: Final = 8321
KEEP_ALIVE_SECONDS: Final = 10.0
"""A stream that has nothing to say says at least a comment so often."""
PATIENCE_SECONDS: Final = 60.0
"""In which a request arrives whole, or something that was sent is read."""
_PACKAGES: Final = {"fastapi", "starlette", "uvicorn"}


class ServeError(Exception):
    """The API cannot be served.

    Attributes:
        code: Its place among the error texts.
        detail: What happened, technically.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How the API is served.

    Attributes:
        host: Address to listen on.
        port: Port; 0 takes a free one.
        token: What clients must know, or None.
        at_once: Questions that are thought about side by side.
        queue: Questions that may wait.
        keep_alive_seconds: The longest silence of a stream.
        patience_seconds: In which a request arrives whole, or something that was sent is read.
    """

    host: str = HOST
    port: int = PORT
    token: str | None = None
    at_once: int = AT_ONCE
    queue: int = QUEUE
    keep_alive_seconds: float = KEEP_ALIVE_SECONDS
    patience_seconds: float = PATIENCE_SECONDS


def open_api(
    session: Session,
    options: ServeOptions,
    watch: Callable[[DeskState], None] = lambda _state: None,
) -> ApiServer:
    """Take the address and return the server, which is still to be started.

    Args:
        session: The engine; it stays its owner's, who may load a model later.
        options: How.
        watch: Told what the API thinks about, on the server's thread.

    Raises:
        ServeError: Packages are missing, or the address cannot be used.
    """
    try:
        from desktop_app.serve.server import ApiServer
    except ModuleNotFoundError as error:
        if error.name in _PACKAGES:
            raise ServeError("serve-extra") from None
        raise
    return ApiServer(session, options, watch)
