"""Measured numbers as people read them. What was not measured is "not available", never 0.

It must not know Qt; the window tells it once which marks the person's language uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

NOT_AVAILABLE = "not available"


@dataclass(slots=True)
class _Marks:
    decimal: str = "."
    group: str = ","


_marks = _Marks()


def use_number_marks(decimal: str, group: str) -> None:
    """Choose the decimal mark and the mark between thousands."""
    _marks.decimal, _marks.group = decimal, group


def format_number(number: float, digits: int = 0) -> str:
    """For example "1,240" or "1,240.5", with the marks in use."""
    plain = f"{number:,.{digits}f}"
    whole, _, rest = plain.partition(".")
    whole = whole.replace(",", _marks.group)
    return f"{whole}{_marks.decimal}{rest}" if rest else whole


def format_seconds(seconds: float | None) -> str:
    """For example "0.41 s", "12.3 s", "3 min 20 s"."""
    if seconds is None:
        return NOT_AVAILABLE
    if seconds < 0.995:
        return f"{format_number(seconds, 2)} s"
    if seconds < 99.95:
        return f"{format_number(seconds, 1)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{format_number(hours)} h {minutes} min" if minutes else f"{format_number(hours)} h"


def format_about_seconds(seconds: float | None) -> str:
    """An expected time, no finer than it can be known: "0.4 s", "17 s", "3 min 20 s"."""
    if seconds is None:
        return NOT_AVAILABLE
    if seconds >= 99.5:
        return format_seconds(max(seconds, 100.0))
    return f"{format_number(seconds, 1 if seconds < 9.95 else 0)} s"


def format_energy(joules: float | None) -> str:
    """For example "0.8 J", "840 J", "2.9 kJ"."""
    if joules is None:
        return NOT_AVAILABLE
    if joules < 9.95:
        return f"{format_number(joules, 1)} J"
    if joules < 999.5:
        return f"{format_number(joules)} J"
    if joules < 999_500:
        return f"{format_number(joules / 1e3, 1 if joules < 99_950 else 0)} kJ"
    return f"{format_number(joules / 1e6, 1)} MJ"


def format_power(watts: float | None) -> str:
    """For example "4.2 W", "38 W"."""
    if watts is None:
        return NOT_AVAILABLE
    return f"{format_number(watts, 1 if abs(watts) < 9.95 else 0)} W"


def format_rate(tokens_per_second: float | None) -> str:
    """For example "9.8 tok/s", "48 tok/s"."""
    if tokens_per_second is None:
        return NOT_AVAILABLE
    digits = 1 if tokens_per_second < 9.95 else 0
    return f"{format_number(tokens_per_second, digits)} tok/s"


def format_percent(share: float | None) -> str:
    """For example "97 %"; certainty is never rounded up to."""
    if share is None:
        return NOT_AVAILABLE
    return f"{floor(share * 100 + 1e-9)} %"


def format_ratio(ratio: float | None) -> str:
    """For example "8.2×"."""
    return NOT_AVAILABLE if ratio is None else f"{format_number(ratio, 1)}×"


def format_count(number: int) -> str:
    """For example "1,240"."""
    return format_number(number)


def counted(number: int, noun: str) -> str:
    """For example "1 sample", "1,240 samples"; English, for what is not translated."""
    return f"{format_count(number)} {noun}{'' if number == 1 else 's'}"


def format_bytes(size_bytes: int) -> str:
    """For example "4.4 MB", "2.5 GB"."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= scale:
            return f"{format_number(size_bytes / scale, 1)} {unit}"
    return f"{size_bytes} B"
