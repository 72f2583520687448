"""How people write times, durations, days and dates, and a question put together from them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from models.training import words
from models.training.families import clock_words, phrasing
from models.training.families.clock_working import (
    MONTH_DAYS,
    MONTHS,
    WEEKDAYS,
    Working,
    counted,
    hm,
    twelve,
)


def some_time(rng: random.Random) -> int:
    """Choose a time of day: mostly by day, mostly in steps of five minutes."""
    hour = rng.randint(6, 22) if rng.random() < 0.85 else rng.randint(0, 23)
    return hour * 60 + some_minute(rng)


def some_minute(rng: random.Random) -> int:
    """Choose the minute of an hour."""
    step = rng.choices((1, 5, 15, 60), (25, 50, 15, 10))[0]
    return rng.randrange(0, 60, step)


def some_duration(rng: random.Random, size: str) -> int:
    """Choose a duration: `s` short, `m` up to two hours, `l` hours."""
    low, high = {"s": (5, 50), "m": (20, 150), "l": (60, 420)}[size]
    step = rng.choices((1, 5, 15), (25, 50, 25))[0]
    return rng.randrange(-(-low // step) * step, high + 1, step)


def some_days(rng: random.Random, most: int) -> int:
    """Choose a number of days, at times whole weeks."""
    if most >= 14 and rng.random() < 0.2:
        return 7 * rng.randint(1, most // 7)
    return rng.randint(2, most)


def say_duration(rng: random.Random, minutes: int) -> str:
    """Write a duration the way people do."""
    hours, rest = divmod(minutes, 60)
    known = clock_words.DURATIONS.get(minutes, ())
    if known and rng.random() < 0.45:
        return rng.choice(known)
    if not hours or (rest and minutes <= 240 and rng.random() < 0.12):
        unit = "min" if rng.random() < 0.06 else "minute" if minutes == 1 else "minutes"
        return f"{phrasing.spell(rng, minutes)} {unit}"
    if rest and rng.random() < 0.1:
        return rng.choice((f"{hours} h {rest} min", f"{hours}h {rest}min", f"{hours} h {rest} m"))
    whole = "1 hour" if hours == 1 else f"{phrasing.spell(rng, hours)} hours"
    if not rest:
        return whole
    joint = " and " if rng.random() < 0.65 else " "
    return f"{whole}{joint}{counted(rest, 'minute')}"


def in_minutes(text: str) -> bool:
    """Tell whether a duration was written without hours."""
    return re.search(r"hour|\d ?h", text) is None


def read_duration(working: Working, minutes: int, text: str) -> None:
    """Write the line that turns a duration given in minutes into hours, where one is needed."""
    if minutes >= 60 and in_minutes(text):
        working.to_hours(minutes)


class Manner:
    """How one question writes its times of day."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.twelve = rng.random() < 0.5
        self._padded = rng.random() < 0.12
        self._mark = rng.choices((" am", "am", " a.m.", " AM"), (80, 9, 5, 6))[0]

    def say(self, minutes: int) -> str:
        """Write a time of day as part of a question."""
        if not self.twelve:
            return hm(minutes).zfill(5) if self._padded else hm(minutes)
        if self.rng.random() < 0.08:
            return self._spoken(minutes)
        clock, half = twelve(minutes).split(" ")
        if clock.endswith(":00") and self.rng.random() < 0.5:
            clock = clock[:-3]
        letter = half[0].upper() if "A" in self._mark else half[0]
        return clock + self._mark.replace("a", letter).replace("A", letter)

    def _spoken(self, minutes: int) -> str:
        if minutes in (0, 720):
            return "noon" if minutes else "midnight"
        hour, rest = divmod(minutes, 60)
        part = "at night"
        for begin, end, name in ((4, 12, "morning"), (12, 18, "afternoon"), (18, 22, "evening")):
            if begin <= hour < end:
                part = f"in the {name}"
        near = (hour + (rest == 45)) % 12 or 12
        past = {0: "{} o'clock", 15: "a quarter past {}", 30: "half past {}", 45: "a quarter to {}"}
        if rest not in past or (rest == 45 and hour in (3, 11, 17, 21, 23)):
            return twelve(minutes)
        return f"{past[rest].format(near)} {part}"

    def read(self, working: Working, minutes: int, text: str) -> None:
        """Write the line that brings a time into 24-hour writing, where one is needed."""
        if self.twelve:
            spoken = text if " past " in text or " to " in text or "o'clock" in text else ""
            spoken = text if text in ("noon", "midnight") else spoken
            working.line(f"{spoken or twelve(minutes)}={hm(minutes)}")

    def answer(self, working: Working, minutes: int) -> str:
        """Return a time of day as an answer, with the line that leads to its manner."""
        if not self.twelve:
            return hm(minutes)
        working.line(f"{hm(minutes)}={twelve(minutes)}")
        return twelve(minutes)


def say_days(rng: random.Random, days: int, working: Working | None = None) -> str:
    """Write a number of days, at times in weeks; then `working` gets the line that undoes it."""
    weeks, rest = divmod(days, 7)
    if weeks and rng.random() < (0.12 if rest else 0.6):
        text = "a week" if weeks == 1 else f"{phrasing.spell(rng, weeks)} weeks"
        if days == 14 and rng.random() < 0.15:
            text = "a fortnight"
        if rest:
            text += f" and {counted(rest, 'day')}"
        if working is not None and days != 7:
            more = f"+{rest}" if rest else ""
            working.line(f"{weeks}*7{more}={days}")
        return text
    return "1 day" if days == 1 else f"{phrasing.spell(rng, days)} days"


def say_date(rng: random.Random, month: int, day: int) -> str:
    """Write a date; months count from nought."""
    ending = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    name = MONTHS[month]
    forms = (
        f"{name} {day}",
        f"{day} {name}",
        f"{name} {day}{ending}",
        f"the {day}{ending} of {name}",
    )
    return rng.choices(forms, (65, 15, 12, 8))[0]


def some_date(rng: random.Random) -> tuple[int, int]:
    """Choose a date as month, from nought, and day."""
    month = rng.randrange(12)
    return month, rng.randint(1, MONTH_DAYS[month])


class Draft:
    """The sentences of one question so far, in one tense and about one person."""

    def __init__(self, rng: random.Random, steps: int) -> None:
        self.rng, self.steps = rng, steps
        self.past = rng.random() < 0.4
        person, other = rng.sample(sorted(set(words.NAMES)), 2)
        self.fields = {
            "S": person,
            "s": rng.choice(("he", "she")),
            "P": other,
            "w": rng.choice(WEEKDAYS),
            "i": rng.choice(clock_words.SHOWS),
        }
        self.sentences: list[str] = []
        self._linked = rng.choice((0.0, 0.2, 0.5))

    def write(self, pattern: str, **given: str) -> str:
        """Fill one pattern."""
        text = phrasing.render(pattern, {**self.fields, **given}, past=self.past)
        return text.replace(".m..", ".m.")

    def say(self, patterns: Sequence[str], **given: str) -> None:
        """Add a sentence of its own."""
        self.sentences.append(phrasing.sentence(self.write(self.rng.choice(patterns), **given)))

    def go_on(self, patterns: Sequence[str], **given: str) -> None:
        """Add a sentence, at times joined to the last one or with a word of time in front."""
        rng, text = self.rng, self.write(self.rng.choice(patterns), **given)
        if self.sentences and rng.random() < self._linked:
            last = self.sentences[-1]
            if rng.random() < 0.5 and len(last) < 90 and not last.endswith("m."):
                joint = rng.choice((", then ", " and then ", " and ", ", and ", "; "))
                self.sentences[-1] = phrasing.sentence(last.removesuffix(".") + joint + text)
                return
            text = rng.choice(clock_words.LINKS) + text
        self.sentences.append(phrasing.sentence(text))

    def distract(self) -> None:
        """Add, at times and only to hard questions, a fact that does not matter."""
        if self.steps > 2 and self.rng.random() < 0.3:
            text = self.write(self.rng.choice(clock_words.CHAT), n=str(self.rng.randint(2, 90)))
            self.sentences.append(phrasing.sentence(text))

    def ask(self, patterns: Sequence[str], **given: str) -> None:
        """Add the closing question, or put it first."""
        if self.sentences and self.rng.random() < 0.08:
            text = self.write(self.rng.choice(patterns), **given)
            self.sentences.insert(0, phrasing.sentence(text))
        else:
            self.say(patterns, **given)

    def text(self) -> str:
        """Return the question, at times written carelessly."""
        text, roll = " ".join(self.sentences), self.rng.random()
        if roll < 0.03:
            return text.lower()
        return text.rstrip(".?") if roll < 0.06 else text
