"""What llama.cpp says while it works: the last lines, and the facts that only its log tells.

llama.cpp reports which device each layer went to, and why it refused a file, nowhere else. Its
log holds no prompts or answers.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections import deque
from typing import Final

from engine.backends.llama.native import low

_KEPT_LINES: Final = 400
_DEBUG, _WARNING, _ERROR, _CONTINUED = 1, 3, 4, 5
"""`ggml_log_level` of ggml.h."""
_LAYER: Final = re.compile(r"layer\s+(\d+) assigned to device (\S+?),")
_EXPECTED: Final = (
    "possible training context overflow",  # the cells of all candidates, not of one
    "failed to find a memory slot",  # the scheduler's way to see that cells ran out
    "removing memory module entries",  # an interrupted step
    "failed to decode, ret = 2",
)
_MEMORY: Final = re.compile(
    r"unable to allocate|failed to allocate|out of memory|cannot allocate|bad_alloc|alloc failed"
    r"|cudaMalloc|insufficient memory|ErrorOutOfDeviceMemory",
    re.IGNORECASE,
)


class NativeLog:
    """Listens to llama.cpp from `install` on; one for the whole process."""

    def __init__(self) -> None:
        self._lines: deque[tuple[int, str]] = deque(maxlen=_KEPT_LINES)
        self._layers: dict[int, str] = {}
        self._partial = ""
        self._level = 0
        # llama.cpp keeps the pointer, so the object must live as long as the process
        self._callback = low.llama_log_callback(self._receive)

    def install(self) -> None:
        """Become llama.cpp's only log; the binding's own prints from C to stderr."""
        low.llama_log_set(self._callback, ctypes.c_void_p(0))

    def forget(self) -> None:
        """Start a new load's record."""
        self._lines.clear()
        self._layers.clear()
        self._partial = ""

    @property
    def layer_devices(self) -> dict[int, str]:
        """Which device each layer of the last load went to."""
        return dict(self._layers)

    @property
    def tells_of_memory(self) -> bool:
        """Whether something since `forget` failed for want of memory."""
        return any(
            level in {_WARNING, _ERROR} and _MEMORY.search(line) for level, line in self._lines
        )

    def failure(self) -> str:
        """The last error lines since `forget`, else the last lines of any kind."""
        errors = [line for level, line in self._lines if level == _ERROR]
        last = errors or [line for _, line in self._lines]
        return "; ".join(last[-3:])

    def _receive(self, level: int, text: bytes, _data: object) -> None:
        if level != _CONTINUED:
            self._level = level
        self._partial += text.decode(errors="replace")
        *lines, self._partial = self._partial.split("\n")
        for line in filter(None, map(str.strip, lines)):
            if self._level == _DEBUG:
                match = _LAYER.search(line)
                if match:
                    self._layers[int(match[1])] = match[2]
                continue
            self._lines.append((self._level, line))
            expected = any(phrase in line for phrase in _EXPECTED)
            if self._level in {_WARNING, _ERROR} and not expected and sys.stderr is not None:
                sys.stderr.write(f"llama.cpp: {line}\n")


NATIVE_LOG: Final = NativeLog()
"""The process's record; llama.cpp knows only one listener."""
