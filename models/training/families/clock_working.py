"""The working of the clock family: canonical answers and short lines of hours and minutes.

In a line `h:mm` is hours and minutes, of the day or of a duration; a bare number is minutes or a
count. Every time of day is worked in 24-hour writing and is turned back only at the end.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

DAY: Final = 24 * 60
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


def hm(minutes: int) -> str:
    """Write minutes as `h:mm`: the 24-hour form of a time, and the short form of a duration."""
    return f"{minutes // 60}:{minutes % 60:02d}"


def twelve(minutes: int) -> str:
    """Write a time of day as `h:mm am` or `h:mm pm`."""
    hour = minutes // 60
    return f"{hour % 12 or 12}:{minutes % 60:02d} {'am' if hour < 12 else 'pm'}"


def counted(number: int, unit: str) -> str:
    """Write a number with its unit, given in the singular."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def two_units(large: int, small: int, units: tuple[str, str]) -> str:
    """Write an amount of two units, leaving out the one that is nought."""
    parts = [counted(n, unit) for n, unit in zip((large, small), units, strict=True) if n]
    return " ".join(parts) or counted(0, units[1])


def duration(minutes: int) -> str:
    """Write a duration as an answer: `2 hours 35 minutes`, `1 hour`, `45 minutes`."""
    return two_units(minutes // 60, minutes % 60, ("hour", "minute"))


class Working:
    """The lines written so far."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lines: list[str] = []

    def line(self, text: str) -> None:
        """Add a line."""
        self.lines.append(text)

    def _add(self, a: int, b: int) -> int:
        hours, minutes = a // 60 + b // 60, a % 60 + b % 60
        carried = f"={hm(a + b)}" if minutes >= 60 else ""
        self.line(f"{hm(a)}+{hm(b)}={hours}:{minutes:02d}{carried}")
        return a + b

    def _subtract(self, a: int, b: int) -> int:
        borrowed = f"{a // 60 - 1}:{a % 60 + 60}-{hm(b)}=" if a % 60 < b % 60 else ""
        self.line(f"{hm(a)}-{hm(b)}={borrowed}{hm(a - b)}")
        return a - b

    def add(self, a: int, b: int, *, split: bool = False) -> int:
        """Add two durations in one line, or the hours and the minutes of the second apart."""
        if not split or b < 60 or b % 60 == 0:
            return self._add(a, b)
        parts = [b - b % 60, b % 60]
        self.rng.shuffle(parts)
        return self._add(self._add(a, parts[0]), parts[1])

    def subtract(self, a: int, b: int, *, split: bool = False) -> int:
        """Take a shorter duration from a longer one, in one line or in two."""
        if not split or b < 60 or b % 60 == 0:
            return self._subtract(a, b)
        parts = [b - b % 60, b % 60]
        self.rng.shuffle(parts)
        return self._subtract(self._subtract(a, parts[0]), parts[1])

    def later(self, time: int, minutes: int, *, split: bool = False) -> int:
        """Move a time of day forwards, past midnight where that is so."""
        time = self.add(time, minutes, split=split)
        while time >= DAY:
            time = self._subtract(time, DAY)
        return time

    def earlier(self, time: int, minutes: int, *, split: bool = False) -> int:
        """Move a time of day backwards."""
        while time < minutes:
            time = self._add(time, DAY)
        time = self.subtract(time, minutes, split=split)
        return time if time < DAY else self._subtract(time, DAY)

    def between(self, start: int, end: int, *, direct: bool = False) -> int:
        """Work out the duration from one time of day to the next: back, or over the full hour."""
        if end <= start:
            end = self._add(end, DAY)
        full = -(-start // 60) * 60
        if direct or start == full or full >= end or self.rng.random() < 0.6:
            return self._subtract(end, start)
        self.line(f"{hm(full)}-{hm(start)}={hm(full - start)}")
        return self._add(self._subtract(end, full), full - start)

    def plain_sum(self, numbers: Sequence[int]) -> int:
        """Add whole numbers one after the other; a negative one is taken away."""
        total = numbers[0]
        for number in numbers[1:]:
            self.line(f"{total}{number:+d}={total + number}")
            total += number
        return total

    def total(self, durations: Sequence[int]) -> int:
        """Add durations one after the other: as minutes where all are short."""
        if max(durations) < 60 and self.rng.random() < 0.5:
            total = self.plain_sum(durations)
            if total >= 60:
                self.to_hours(total)
            return total
        total = durations[0]
        for more in durations[1:]:
            total = self._add(total, more)
        return total

    def to_hours(self, minutes: int) -> None:
        """Turn minutes, at least an hour of them, into hours and minutes."""
        rest = minutes % 60
        parts = f"{minutes - rest}+{rest}=" if rest else ""
        self.line(f"{minutes}={parts}{hm(minutes)}")

    def to_minutes(self, minutes: int) -> None:
        """Turn hours and minutes into minutes."""
        rest = f"+{minutes % 60}" if minutes % 60 else ""
        self.line(f"{hm(minutes)}={minutes // 60}*60{rest}={minutes}")

    def times(self, minutes: int, count: int) -> int:
        """Repeat a duration."""
        hours, rest = minutes // 60 * count, minutes % 60 * count
        carried = f"={hm(minutes * count)}" if rest >= 60 else ""
        self.line(f"{hm(minutes)}*{count}={hours}:{rest:02d}{carried}")
        return minutes * count

    def product(self, a: int, b: int) -> int:
        """Multiply whole numbers, in tens and ones where both have two digits."""
        tens, ones = b - b % 10, b % 10
        parts = f"{a}*{tens}+{a}*{ones}={a * tens}+{a * ones}=" if a > 12 and tens and ones else ""
        self.line(f"{a}*{b}={parts}{a * b}")
        return a * b

    def weekday(self, day: int, shift: int) -> int:
        """Move a day of the week, whole weeks left out first."""
        sign, rest = (1 if shift >= 0 else -1), abs(shift)
        if rest > 77 and self.rng.random() < 0.6:
            tens = rest // 70 * 70
            self.line(f"{rest}-{tens}={rest - tens}")
            rest -= tens
        if rest >= 7:
            self.line(f"{rest}={rest // 7}*7+{rest % 7}")
            rest %= 7
        passed = [WEEKDAYS[(day + sign * k) % 7] for k in range(1, rest + 1)]
        mark = "+" if sign > 0 else "-"
        self.line(f"{WEEKDAYS[day]}{mark}{rest}: {', '.join(passed) or WEEKDAYS[day]}")
        return (day + sign * rest) % 7
