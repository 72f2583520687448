"""The place of this process among the others that want the processor."""

from __future__ import annotations

import os
import sys
from typing import Final

_NICER: Final = 10
_BELOW_NORMAL: Final = 0x4000
"""BELOW_NORMAL_PRIORITY_CLASS of the Windows API, SetPriorityClass."""


def give_way() -> None:
    """Let this process have the processor only where other programs leave it time."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(_NICER)
