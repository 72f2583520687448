"""The calendar part of the clock family: weekdays, dates, units of time. `clock.py` puts it to use.

There is no leap day: February has 28 days, and a question whose way passes its end says so.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from models.training.families import calendar_words as patterns
from models.training.families.clock_telling import (
    Draft,
    say_date,
    say_days,
    some_date,
    some_days,
)
from models.training.families.clock_working import (
    MONTH_DAYS,
    MONTHS,
    WEEKDAYS,
    Working,
    counted,
    two_units,
)

Date = tuple[int, int]
_END_OF_FEBRUARY: Final = 59
_YEAR: Final = sum(MONTH_DAYS)


@dataclass(frozen=True, slots=True)
class WeekdayShift:
    """A day of the week, Monday is 0, moved by days."""

    day: int
    moves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DateShift:
    """A date, January is 0, moved by days; asks for the date."""

    start: Date
    moves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date moved by days; asks for the days from there to the next `end`."""

    start: Date
    moves: tuple[int, ...]
    end: Date


@dataclass(frozen=True, slots=True)
class DateWeekday:
    """A date that falls on a known day of the week, moved by days; asks for the day of the week."""

    start: Date
    day: int
    moves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Conversion:
    """Amounts of units, largest first, in one unit, or one amount in two units."""

    amounts: tuple[tuple[int, str], ...]
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Doses:
    """How often something happens that happens every so many hours, for some days."""

    every: int
    days: int


CalendarFacts = WeekdayShift | DateShift | DateSpan | DateWeekday | Conversion | Doses
Composed = tuple[CalendarFacts, str, Working, str]


def _moved(date: Date, days: int) -> Date:
    """Return the date some days later, or earlier where negative."""
    left = (sum(MONTH_DAYS[: date[0]]) + date[1] - 1 + days) % _YEAR
    month = 0
    while left >= MONTH_DAYS[month]:
        left -= MONTH_DAYS[month]
        month += 1
    return month, left + 1


def _passes_february(start: Date, moves: Sequence[int]) -> bool:
    """Tell whether a way through the calendar goes over the end of February."""
    place = sum(MONTH_DAYS[: start[0]]) + start[1]
    for move in moves:
        low, high = sorted((place, place + move))
        if any(low <= _END_OF_FEBRUARY + year < high for year in (-_YEAR, 0, _YEAR)):
            return True
        place += move
    return False


def _note(draft: Draft, start: Date, moves: Sequence[int]) -> None:
    if _passes_february(start, moves):
        draft.sentences.append(draft.rng.choice(patterns.NO_LEAP))


def _forwards(working: Working, date: Date, days: int) -> Date:
    """Count on: over the last of the month, or through the rest of each month."""
    (month, day), rng = date, working.rng
    if day + days <= MONTH_DAYS[month] or rng.random() < 0.6:
        working.line(f"{MONTHS[month]} {day}+{days}={MONTHS[month]} {day + days}")
        day += days
        while day > MONTH_DAYS[month]:
            after = (month + 1) % 12
            left = day - MONTH_DAYS[month]
            working.line(f"{MONTHS[month]} {day}-{MONTH_DAYS[month]}={MONTHS[after]} {left}")
            month, day = after, left
        return month, day
    rest = MONTH_DAYS[month] - day
    working.line(f"{MONTHS[month]}: {MONTH_DAYS[month]}-{day}={rest}")
    while days > rest:
        working.line(f"{days}-{rest}={days - rest}")
        days -= rest
        month = (month + 1) % 12
        rest = MONTH_DAYS[month]
    working.line(f"{MONTHS[month]} {days}")
    return month, days


def _backwards(working: Working, date: Date, days: int) -> Date:
    """Count back: the months before are added to the day until it is large enough."""
    month, day = date
    while day <= days:
        before = (month - 1) % 12
        grown = day + MONTH_DAYS[before]
        working.line(f"{MONTHS[month]} {day}+{MONTH_DAYS[before]}={MONTHS[before]} {grown}")
        month, day = before, grown
    working.line(f"{MONTHS[month]} {day}-{days}={MONTHS[month]} {day - days}")
    return month, day - days


def _walk(working: Working, date: Date, moves: Sequence[int]) -> Date:
    for move in moves:
        date = _forwards(working, date, move) if move > 0 else _backwards(working, date, -move)
    return date


def _days_between(working: Working, start: Date, end: Date) -> int:
    """Count the days to the next `end`: month by month, or back from the end."""
    if start[0] == end[0] and start[1] < end[1]:
        working.line(f"{end[1]}-{start[1]}={end[1] - start[1]}")
        return end[1] - start[1]
    if working.rng.random() < 0.6:
        days = MONTH_DAYS[start[0]] - start[1]
        working.line(f"{MONTHS[start[0]]}: {MONTH_DAYS[start[0]]}-{start[1]}={days}")
        month = (start[0] + 1) % 12
        while month != end[0]:
            grown = days + MONTH_DAYS[month]
            working.line(f"{MONTHS[month]}: {days}+{MONTH_DAYS[month]}={grown}")
            days, month = grown, (month + 1) % 12
        working.line(f"{MONTHS[month]}: {days}+{end[1]}={days + end[1]}")
        return days + end[1]
    month, day = end
    while month != start[0]:
        before = (month - 1) % 12
        grown = day + MONTH_DAYS[before]
        working.line(f"{MONTHS[month]} {day}+{MONTH_DAYS[before]}={MONTHS[before]} {grown}")
        month, day = before, grown
    working.line(f"{day}-{start[1]}={day - start[1]}")
    return day - start[1]


def _date_text(date: Date) -> str:
    return f"{MONTHS[date[0]]} {date[1]}"


def _chain(draft: Draft, working: Working, moves: Sequence[int], **start: str) -> str:
    """Tell events that lie days apart, each measured from the one before; return the last one."""
    rng, dated = draft.rng, "t" in start
    events = rng.sample(patterns.EVENTS, len(moves) + 1)
    opening = rng.choice(patterns.CHAIN_DATE if dated else patterns.CHAIN_DAY)
    draft.past = draft.past and "{e}" in opening
    draft.say((opening,), e=events[0], **start)
    for place, move in enumerate(moves):
        text = say_days(rng, abs(move), working)
        texts = patterns.CHAIN_AFTER if move > 0 else patterns.CHAIN_BEFORE
        if not place and "{e}" not in opening:
            texts = patterns.CHAIN_FROM_TODAY
        draft.say(texts, d=text, e=events[place], f=events[place + 1])
        if place == 1:
            draft.distract()
    return events[-1]


def _moves(rng: random.Random, count: int, most: int) -> tuple[int, ...]:
    """Choose moves by days; the first goes forwards, for it may count from today."""
    signs = [1] + [rng.choice((1, 1, -1)) for _ in range(count - 1)]
    return tuple(sign * some_days(rng, rng.choice((6, most, most))) for sign in signs)


def weekday_moves(rng: random.Random, steps: int) -> Composed:
    """Compose a day of the week some days away, over several events from two steps."""
    draft, working, day = Draft(rng, steps), Working(rng), rng.randrange(7)
    if steps == 1 or (steps == 2 and rng.random() < 0.5):
        sign, most = rng.choice((1, 1, -1)), (20 if steps == 1 else 150)
        moves: tuple[int, ...] = (sign * some_days(rng, rng.choice((most // 3, most))),)
        texts = patterns.WEEKDAY_AFTER if sign > 0 else patterns.WEEKDAY_BEFORE
        text = say_days(rng, abs(moves[0]), working)
        event = rng.choice(patterns.EVENTS)
        draft.ask(texts, w=WEEKDAYS[day], d=text, e=event)
    else:
        moves = _moves(rng, steps, 40)
        last = _chain(draft, working, moves, w=WEEKDAYS[day])
        draft.ask(patterns.WEEKDAY_ASKS, f=last)
    end = day
    prefixes = [sum(moves[: k + 1]) for k in range(len(moves))]
    together = 0.7 if len(moves) > 3 else 0.4
    if len(moves) > 1 and min(prefixes) >= 0 and rng.random() < together:
        end = working.weekday(end, working.plain_sum(moves))
    else:
        for move in moves:
            end = working.weekday(end, move)
    return WeekdayShift(day, moves), draft.text(), working, WEEKDAYS[end]


def date_moves(rng: random.Random, steps: int) -> Composed:
    """Compose a date some days away, over several events from three steps."""
    draft, working, start = Draft(rng, steps), Working(rng), some_date(rng)
    text = say_date(rng, *start)
    if steps <= 2:
        sign, most = rng.choice((1, 1, -1)), (30 if steps == 1 else 100)
        moves: tuple[int, ...] = (sign * some_days(rng, rng.choice((most // 2, most))),)
        texts = patterns.DATE_AFTER if sign > 0 else patterns.DATE_BEFORE
        days = say_days(rng, abs(moves[0]), working)
        draft.ask(texts, t=text, d=days, e=rng.choice(patterns.EVENTS))
    else:
        moves = _moves(rng, steps - 1, 45)
        last = _chain(draft, working, moves, t=text)
        draft.ask(patterns.DATE_ASKS, f=last)
    _note(draft, start, moves)
    answer = _date_text(_walk(working, start, moves))
    return DateShift(start, moves), draft.text(), working, answer


def date_span(rng: random.Random, steps: int) -> Composed:
    """Compose the days between two dates, the first of them led to by events from three steps."""
    draft, working, start = Draft(rng, steps), Working(rng), some_date(rng)
    moves = () if steps <= 2 else _moves(rng, steps - 2, 30)
    most = {1: 45, 2: 150}.get(steps, 90)
    reached = _moved(start, sum(moves))
    length = rng.randint(3, rng.choice((most // 2, most)))
    end = _moved(reached, length)
    said = {"t": say_date(rng, *start), "u": say_date(rng, *end)}
    if not moves:
        draft.ask(patterns.DATE_SPAN, e=rng.choice(patterns.EVENTS), **said)
    else:
        last = _chain(draft, working, moves, t=said["t"])
        draft.say(patterns.SPAN_END, u=said["u"])
        draft.say(patterns.SPAN_ASKS, f=last)
    _note(draft, start, (*moves, length))
    answer = str(_days_between(working, _walk(working, start, moves), end))
    return DateSpan(start, moves, end), draft.text(), working, answer


def date_weekday(rng: random.Random, steps: int) -> Composed:
    """Compose the day of the week of a date, or of an event after several, from that of another."""
    draft, working, start = Draft(rng, steps), Working(rng), some_date(rng)
    day, length = rng.randrange(7), rng.randint(4, 40 if steps == 2 else 120)
    sign = rng.choice((1, 1, -1)) if steps > 2 else 1
    end = _moved(start, sign * length)
    first, last = (start, end) if sign > 0 else (end, start)
    said = {"t": say_date(rng, *start), "u": say_date(rng, *end), "w": WEEKDAYS[day]}
    if sign * (end[0] - start[0]) < 0:
        said["u"] += " of the next year" if sign > 0 else " of the year before"
    elif sign < 0:
        said["u"] += " of the same year"
    extra = () if steps < 4 else _moves(rng, steps - 3, 20)
    draft.say(patterns.KNOWN_DAY, e=rng.choice(patterns.EVENTS), **said)
    moves = (sign * length, *extra)
    if extra:
        events = rng.sample(patterns.EVENTS, len(extra) + 1)
        draft.say(("the {e} [is|was] on {u}",), e=events[0], **said)
        for place, move in enumerate(extra):
            texts = patterns.CHAIN_AFTER if move > 0 else patterns.CHAIN_BEFORE
            days = say_days(rng, abs(move), working)
            draft.say(texts, d=days, e=events[place], f=events[place + 1])
        draft.ask(patterns.WEEKDAY_ASKS, f=events[-1])
    else:
        draft.ask(patterns.KNOWN_ASKS, **said)
    _note(draft, start, moves)
    total = sign * _days_between(working, first, last)
    shifts = [total, *extra]
    reached = day
    for shift in shifts:
        reached = working.weekday(reached, shift)
    return DateWeekday(start, day, moves), draft.text(), working, WEEKDAYS[reached]


_FACTORS: Final = {
    ("week", "day"): 7,
    ("day", "hour"): 24,
    ("hour", "minute"): 60,
    ("minute", "second"): 60,
}
_UNITS: Final = ("week", "day", "hour", "minute", "second")
_MOST: Final = {"week": 12, "day": 10, "hour": 12, "minute": 20}


def conversion(rng: random.Random, steps: int) -> Composed:
    """Compose an amount of time to be written in other units; four steps at most."""
    if steps <= 2 and rng.random() < 0.45:
        return _split(rng, steps)
    draft, working = Draft(rng, steps), Working(rng)
    levels = 1 if steps == 1 or (steps == 2 and rng.random() < 0.6) else 2
    top = rng.randrange(0, len(_UNITS) - levels)
    units = _UNITS[top : top + levels + 1]
    given = steps - levels
    kept = {0, *rng.sample(range(1, levels + 1), given)}
    most = [_MOST[units[0]] if levels == 1 else 4]
    most += [_FACTORS[pair] - 1 for pair in pairwise(units)]
    amounts = tuple(
        (rng.randint(2 if k == 0 else 1, most[k]), unit)
        for k, unit in enumerate(units)
        if k in kept
    )
    total = amounts[0][0]
    left = {unit: n for n, unit in amounts[1:]}
    for pair in pairwise(units):
        total = working.product(total, _FACTORS[pair])
        if pair[1] in left:
            total = working.plain_sum((total, left[pair[1]]))
    texts = [counted(n, unit) for n, unit in amounts]
    joint = " and " if rng.random() < 0.7 else " "
    text = joint.join(texts) if len(texts) < 3 else f"{texts[0]}, {texts[1]} and {texts[2]}"
    draft.ask(patterns.COUNT_ASKS, x=text, y=f"{units[-1]}s")
    draft.distract()
    return Conversion(amounts, (units[-1],)), draft.text(), working, str(total)


def _split(rng: random.Random, steps: int) -> Composed:
    """Compose an amount of one unit to be written in that and a larger one."""
    draft, working = Draft(rng, steps), Working(rng)
    (large, small), factor = rng.choice(list(_FACTORS.items()))
    most = 4 if steps == 1 else 9
    count = rng.randint(1, most)
    rest = rng.randint(1, factor - 1)
    if steps == 1 and rng.random() < 0.4:
        count, rest = rng.randint(2, 9), 0
    number = count * factor + rest
    if steps == 1:
        working.line(f"{number}={count}*{factor}+{rest}")
    else:
        working.line(f"{count}*{factor}={count * factor}")
        working.line(f"{number}-{count * factor}={rest}")
    text = f"{number} {small}s"
    if not rest:
        working.lines = [f"{number}/{factor}={count}"]
        draft.ask(patterns.COUNT_ASKS, x=text, y=f"{large}s")
        exact = Conversion(((number, small),), (large,))
        return exact, draft.text(), working, str(count)
    draft.ask(patterns.SPLIT_ASKS, x=text, y=f"{large}s", z=f"{small}s")
    facts = Conversion(((number, small),), (large, small))
    return facts, draft.text(), working, two_units(count, rest, (large, small))


def doses(rng: random.Random, steps: int) -> Composed:
    """Compose how often something happens that happens every so many hours."""
    draft, working = Draft(rng, steps), Working(rng)
    every, days = rng.choice((2, 3, 4, 6, 8, 12)), rng.randint(2, 21)
    text = say_days(rng, days, working)
    draft.ask(patterns.DOSES, h=str(every), d=text)
    working.line(f"24/{every}={24 // every}")
    total = working.product(days, 24 // every)
    return Doses(every, days), draft.text(), working, str(total)
