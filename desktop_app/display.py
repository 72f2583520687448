"""Whether a window can be shown: asked before Qt, which ends the process where it cannot."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_X11: Final = re.compile(
    r"(?:tcp/|unix/|unix(?=:))?(?P<host>[^:/\[\]]*|\[[0-9a-fA-F:.]+\]):(?P<number>\d{1,5})(?:\.\d+)?"
)
_X11_SOCKET: Final = "/tmp/.X11-unix/X{}"
_X11_PORT: Final = 6000
_PATIENCE_SECONDS: Final = 2.0


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a window can be shown.

    A display that is named must answer, for the name outlives it. A name of an unknown form is
    taken at its word.

    Args:
        environment: Environment variables.
        platform: `sys.platform`.
    """
    if platform in {"win32", "darwin"}:
        return True
    wanted = environment.get("QT_QPA_PLATFORM", "")
    if wanted and not wanted.startswith(("xcb", "wayland")):
        return True
    wayland, x11 = environment.get("WAYLAND_DISPLAY", ""), environment.get("DISPLAY", "")
    if wayland and _answers(str(Path(environment.get("XDG_RUNTIME_DIR", "")) / wayland)):
        return True
    return bool(x11) and _x11_answers(x11)


def _x11_answers(name: str) -> bool:
    """Whether there is an X server.

    Source: X(7), "Display names"; libxcb looks at these places, the abstract one first.
    """
    found = _X11.fullmatch(name)
    if found is None:
        return True
    place = _X11_SOCKET.format(found["number"])
    host = found["host"].strip("[]")
    local = not host and (_answers(f"\0{place}") or _answers(place))
    return local or _answers((host or "localhost", _X11_PORT + int(found["number"])))


def _answers(address: str | tuple[str, int]) -> bool:
    """Whether something accepts a connection: at a socket's path, or a host and a port."""
    try:
        if isinstance(address, tuple):
            socket.create_connection(address, _PATIENCE_SECONDS).close()
            return True
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(_PATIENCE_SECONDS)
            asked.connect(address)
    except (OSError, OverflowError, ValueError):
        return False
    return True
