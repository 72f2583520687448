"""Measured numbers as people read them. What was not measured is "not available", never 0."""

from __future__ import annotations

NOT_AVAILABLE = "not available"


def format_seconds(seconds: float | None) -> str:
    """For example "0.41 s", "12.3 s", "3 min 20 s"."""
    if seconds is None:
        return NOT_AVAILABLE
    if seconds < 0.995:
        return f"{seconds:.2f} s"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def format_energy(joules: float | None) -> str:
    """For example "0.8 J", "840 J", "2.9 kJ"."""
    if joules is None:
        return NOT_AVAILABLE
    if joules < 9.95:
        return f"{joules:.1f} J"
    if joules < 999.5:
        return f"{joules:.0f} J"
    if joules < 999_500:
        return f"{joules / 1e3:.1f} kJ" if joules < 99_950 else f"{joules / 1e3:.0f} kJ"
    return f"{joules / 1e6:.1f} MJ"


def format_power(watts: float | None) -> str:
    """For example "38 W"."""
    return NOT_AVAILABLE if watts is None else f"{watts:.0f} W"


def format_rate(tokens_per_second: float | None) -> str:
    """For example "48 tok/s"."""
    if tokens_per_second is None:
        return NOT_AVAILABLE
    digits = 1 if tokens_per_second < 9.95 else 0
    return f"{tokens_per_second:.{digits}f} tok/s"


def format_count(number: int) -> str:
    """For example "1,240"."""
    return f"{number:,}"


def format_bytes(size_bytes: int) -> str:
    """For example "4.4 MB", "2.5 GB"."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= scale:
            return f"{size_bytes / scale:.1f} {unit}"
    return f"{size_bytes} B"
