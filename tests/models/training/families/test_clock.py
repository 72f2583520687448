"""Clock and calendar problems: right by `datetime`, true line by line, repeatable and varied."""

from __future__ import annotations

import random
import re
from datetime import date, datetime, timedelta
from functools import cache

import pytest

from models.training import words
from models.training.families.calendar_sums import (
    Conversion,
    DateShift,
    DateSpan,
    DateWeekday,
    Doses,
    WeekdayShift,
)
from models.training.families.clock import (
    FEWEST_STEPS,
    MOST_STEPS,
    Facts,
    Opening,
    Shift,
    Span,
    Total,
    compose_clock,
    make_clock,
)
from models.training.problem import Problem

_MONTHS = tuple(date(2001, month, 1).strftime("%B") for month in range(1, 13))
_WEEKDAYS = tuple(date(2001, 1, day).strftime("%A") for day in range(1, 8))
_SECONDS = {"week": 604800, "day": 86400, "hour": 3600, "minute": 60, "second": 1}
_NOON = datetime(2026, 6, 1)  # noqa: DTZ001 - clock faces have no zone
_HALF_DAY = re.compile(r"^(?:(\d+):(\d\d) ([ap]m)=(\d+:\d\d)|(\d+:\d\d)=(\d+):(\d\d) ([ap]m))$")
_AMOUNT = re.compile(r"(?:\d+:\d+|\d+)")


@cache
def _composed() -> tuple[tuple[Facts, Problem], ...]:
    rng = random.Random(11)
    return tuple(
        compose_clock(rng, FEWEST_STEPS + index % (MOST_STEPS - FEWEST_STEPS + 1))
        for index in range(3000)
    )


def _at(minutes: int) -> datetime:
    return _NOON + timedelta(minutes=minutes)


def _clock_text(time: datetime, *, twelve: bool) -> str:
    if twelve:
        return time.strftime("%I:%M %p").lstrip("0").lower()
    text = time.strftime("%H:%M")
    return text.removeprefix("0")


def _parts(large: int, small: int, units: tuple[str, str]) -> str:
    numbers = zip((large, small), units, strict=True)
    return " ".join(f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in numbers if n)


def _length(span: timedelta, *, as_minutes: bool = False) -> str:
    minutes = span // timedelta(minutes=1)
    return str(minutes) if as_minutes else _parts(*divmod(minutes, 60), ("hour", "minute"))


def _date(month_and_day: tuple[int, int], year: int = 2026) -> date:
    return date(year, month_and_day[0] + 1, month_and_day[1])


def _time_answer(facts: Shift | Span | Total | Opening) -> str:
    match facts:
        case Shift(start, moves, twelve):
            return _clock_text(_at(start + sum(moves)), twelve=twelve)
        case Span(start, moves, end, as_minutes):
            wait = (_at(end) - _at(start + sum(moves))) % timedelta(days=1)
            return _length(wait, as_minutes=as_minutes)
        case Total(durations, counts, as_minutes):
            pairs = zip(durations, counts, strict=True)
            span = sum((timedelta(minutes=m) * n for m, n in pairs), timedelta())
            return _length(span, as_minutes=as_minutes)
        case Opening(hours):
            parts = ((_at(u) - _at(t) - timedelta(minutes=p)) * n for t, u, p, n in hours)
            return _length(sum(parts, timedelta()))


def _calendar_answer(facts: WeekdayShift | DateShift | DateSpan | DateWeekday) -> str:
    days = timedelta(days=sum(facts.moves))
    match facts:
        case WeekdayShift(day):
            return (date(2001, 1, day + 1) + days).strftime("%A")
        case DateWeekday(start, day):
            offset = day - _date(start).weekday()
            return (_date(start) + days + timedelta(days=offset)).strftime("%A")
        case DateShift(start):
            end = _date(start) + days
            return f"{end:%B} {end.day}"
        case DateSpan(start, _, end_date):
            reached = _date(start) + days
            end = _date(end_date, reached.year)
            if end < reached:
                end = _date(end_date, reached.year + 1)
            return str((end - reached).days)


def _solve(facts: Facts) -> str:
    if isinstance(facts, Shift | Span | Total | Opening):
        return _time_answer(facts)
    if isinstance(facts, Doses):
        return str(timedelta(days=facts.days) // timedelta(hours=facts.every))
    if isinstance(facts, Conversion):
        seconds = sum(n * _SECONDS[unit] for n, unit in facts.amounts)
        large, rest = divmod(seconds, _SECONDS[facts.units[0]])
        if len(facts.units) == 1:
            assert rest == 0
            return str(large)
        pair = (facts.units[0], facts.units[1])
        return _parts(large, rest // _SECONDS[pair[1]], pair)
    return _calendar_answer(facts)


def _value(side: str) -> int:
    """Work out one side of a line, with `h:mm` as minutes."""

    def minutes(match: re.Match[str]) -> str:
        hours, _, rest = match[0].rpartition(":")
        return str(int(hours or 0) * 60 + int(rest))

    text = _AMOUNT.sub(minutes, side)
    total = 0
    for sign, term in re.findall(r"([+-]?)([\d*/]+)", text):
        first, *others = re.split(r"([*/])", term)
        product = int(first)
        for mark, factor in zip(others[::2], others[1::2], strict=True):
            if mark == "*":
                product *= int(factor)
            else:
                assert product % int(factor) == 0
                product //= int(factor)
        total += -product if sign == "-" else product
    return total


def _assert_true(line: str) -> None:
    if half_day := _HALF_DAY.match(line):
        hour, minute, half, full, full2, hour2, minute2, half2 = half_day.groups()
        hours = int(hour or hour2) % 12 + 12 * ((half or half2) == "pm")
        assert (full or full2) == f"{hours}:{minute or minute2}"
        return
    if weekday := re.match(r"^(\w+day)([+-])(\d): (.*)$", line):
        first, sign, count, passed = weekday.groups()
        names, place = passed.split(", "), _WEEKDAYS.index(first)
        steps = range(1, int(count) + 1) if int(count) else range(1)
        assert names == [_WEEKDAYS[(place + int(f"{sign}{k}")) % 7] for k in steps]
        return
    text = re.sub("|".join(f"{month}:? ?" for month in _MONTHS), "", line)
    if re.fullmatch(r"[\d:+*/=-]+", text):
        assert len({_value(side) for side in text.split("=")}) == 1, line
    else:
        assert re.match(r"^(?:noon|midnight|(?:a quarter|half) (?:past|to) |\d+ o'clock)", line)


def _masked(question: str) -> str:
    names = {*words.NAMES, *_WEEKDAYS, *_MONTHS}
    text = re.sub(r"[A-Za-z]+", lambda m: "#" if m[0] in names else m[0], question)
    return re.sub(r"\d+", "#", text)


def test_every_answer_agrees_with_the_calendar_of_python() -> None:
    for facts, problem in _composed():
        assert problem.answer == _solve(facts), problem


def test_every_line_of_working_is_true() -> None:
    for _, problem in _composed():
        for line in problem.chain:
            assert line
            _assert_true(line)


def test_the_same_seed_gives_the_same_problem() -> None:
    for steps in range(FEWEST_STEPS, MOST_STEPS + 1):
        assert make_clock(random.Random(steps), steps) == make_clock(random.Random(steps), steps)


def test_every_kind_is_composed_and_keeps_its_steps() -> None:
    kinds = {type(facts) for facts, _ in _composed()}
    assert len(kinds) == 10
    for index, (_, problem) in enumerate(_composed()):
        assert problem.family == "clock"
        assert problem.steps == 1 + index % MOST_STEPS


def test_wordings_differ() -> None:
    assert len({_masked(problem.question) for _, problem in _composed()}) >= 300
    assert len({_masked(p.question) for _, p in _composed() if p.steps == 1}) >= 150


def test_nothing_is_left_unfilled_and_the_working_stays_short() -> None:
    for _, problem in _composed():
        assert not re.search(r"[{}\[\]|]|\.\.|  ", problem.question), problem.question
        assert len(re.findall(r"\d+|[A-Za-z]+|[^\s\w]", problem.response)) <= 150, problem


def test_a_way_past_the_end_of_february_says_that_there_is_no_leap_day() -> None:
    for facts, problem in _composed():
        if not isinstance(facts, DateShift | DateWeekday):
            continue
        text, places = problem.question.lower(), [_date(facts.start)]
        for move in facts.moves:
            places.append(places[-1] + timedelta(days=move))
        for march in (date(2025, 3, 1), date(2026, 3, 1), date(2027, 3, 1)):
            if min(places) < march <= max(places):
                assert "leap" in text or "february has 28 days" in text, problem


@pytest.mark.parametrize("steps", [FEWEST_STEPS - 1, MOST_STEPS + 1])
def test_other_numbers_of_steps_are_refused(steps: int) -> None:
    with pytest.raises(ValueError, match="steps"):
        make_clock(random.Random(0), steps)
