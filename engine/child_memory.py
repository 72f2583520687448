"""Bounds the memory of a child process that works on what anybody may have written."""

from __future__ import annotations

from typing import Final

_MOST_BYTES: Final = 2 * 1024**3


def limit_memory() -> None:
    """Bound the address space where the system can; what asks for more then fails alone."""
    try:
        import resource
    except ImportError:  # Windows
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    except (ValueError, OSError):
        return
