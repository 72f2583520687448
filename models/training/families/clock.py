"""Clock and calendar arithmetic: times of day, durations, opening hours and time zones.

Days of the week, dates and conversions are in `calendar_sums.py`. Every problem is composed from
facts, a small record that says what was asked, so that answers can be checked in another way.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from models.training.families import calendar_sums
from models.training.families import clock_repeats_words as repeats
from models.training.families import clock_words as patterns
from models.training.families.calendar_sums import CalendarFacts
from models.training.families.clock_telling import (
    Draft,
    Manner,
    in_minutes,
    read_duration,
    say_duration,
    some_duration,
    some_time,
)
from models.training.families.clock_working import DAY, Working, duration
from models.training.problem import Problem

FEWEST_STEPS, MOST_STEPS = 1, 6
_LONG, _MANY = "long", "many minutes"


@dataclass(frozen=True, slots=True)
class Shift:
    """A time of day, minutes after midnight, moved by minutes; asks for the time it leads to."""

    start: int
    moves: tuple[int, ...]
    twelve: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A time of day moved by minutes; asks how long it then is until `end`."""

    start: int
    moves: tuple[int, ...]
    end: int
    as_minutes: bool


@dataclass(frozen=True, slots=True)
class Total:
    """Durations in minutes, each as often as `counts` says; asks for all of them together."""

    durations: tuple[int, ...]
    counts: tuple[int, ...]
    as_minutes: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """Opening hours as (from, to, break, days); asks how long that is in all."""

    hours: tuple[tuple[int, int, int, int], ...]


Facts = Shift | Span | Total | Opening | CalendarFacts
Composed = tuple[Facts, str, Working, str]


def make_clock(rng: random.Random, steps: int) -> Problem:
    """Compose one problem that takes a person this many operations."""
    return compose_clock(rng, steps)[1]


def compose_clock(rng: random.Random, steps: int) -> tuple[Facts, Problem]:
    """Compose one problem and say what was asked."""
    if not FEWEST_STEPS <= steps <= MOST_STEPS:
        raise ValueError(f"steps must be {FEWEST_STEPS} to {MOST_STEPS}, not {steps}")
    makers, weights = zip(*_MAKERS[steps], strict=True)
    maker: Callable[[random.Random, int], Composed] = rng.choices(makers, weights)[0]
    facts, question, working, answer = maker(rng, steps)
    return facts, Problem("clock", question, tuple(working.lines), answer, steps)


def _move(working: Working, time: int, moves: Sequence[int]) -> int:
    """Work out a time moved by durations, one by one or all of them together."""
    rng = working.rng
    same_sign = all(move > 0 for move in moves) or all(move < 0 for move in moves)
    if len(moves) > 1 and same_sign and rng.random() < 0.35:
        total = working.total([abs(move) for move in moves])
        moves = (total if moves[0] > 0 else -total,)
    for move in moves:
        split = len(moves) <= 2 and rng.random() < 0.3
        step = working.later if move > 0 else working.earlier
        time = step(time, abs(move), split=split)
    return time


def _answer_in(working: Working, minutes: int, *, as_minutes: bool) -> str:
    """Return a duration, worked out as hours and minutes, as it was asked for."""
    if not as_minutes:
        return duration(minutes)
    if minutes >= 60:
        working.to_minutes(minutes)
    return str(minutes)


def _one_shift(rng: random.Random, steps: int) -> Composed:
    draft, manner, working = Draft(rng, steps), Manner(rng), Working(rng)
    start, forward = some_time(rng), rng.random() < 0.55
    minutes = some_duration(rng, rng.choice("smml"))
    said = {"t": manner.say(start), "d": say_duration(rng, minutes)}
    if rng.random() < 0.25:
        draft.ask(patterns.END_BARE if forward else patterns.BEGIN_BARE, **said)
    else:
        told = rng.choice(patterns.END_ONE if forward else patterns.BEGIN_ONE)
        draft.say((told[0],), **said)
        draft.ask((patterns.END_ASKS if forward else patterns.BEGIN_ASKS)[told[1]], **said)
    manner.read(working, start, said["t"])
    read_duration(working, minutes, said["d"])
    move = minutes if forward else -minutes
    answer = manner.answer(working, _move(working, start, (move,)))
    return Shift(start, (move,), manner.twelve), draft.text(), working, answer


def _tell_legs(draft: Draft, scene: patterns.Scene, count: int) -> list[tuple[int, str]]:
    """Tell some legs of a scene, in their order; return each duration as it is and as it reads."""
    rng, told = draft.rng, []
    for place in sorted(rng.sample(range(len(scene.legs)), count)):
        size, texts = scene.legs[place]
        minutes = some_duration(rng, size)
        text = say_duration(rng, minutes)
        tell = draft.go_on if place else draft.say
        tell(texts, d=text)
        told.append((minutes, text))
    return told


def _scene_shift(rng: random.Random, steps: int) -> Composed:
    draft, manner, working = Draft(rng, steps), Manner(rng), Working(rng)
    sign = 1 if rng.random() < 0.6 else -1
    scene = rng.choice(patterns.FORWARD if sign > 0 else patterns.BACKWARD)
    start = some_time(rng)
    said = manner.say(start)
    draft.say(scene.starts, t=said)
    draft.distract()
    legs = _tell_legs(draft, scene, steps)
    draft.ask(scene.ends)
    manner.read(working, start, said)
    for minutes, text in legs:
        read_duration(working, minutes, text)
    moves = tuple(sign * minutes for minutes, _ in legs)
    answer = manner.answer(working, _move(working, start, moves))
    return Shift(start, moves, manner.twelve), draft.text(), working, answer


def _zone(rng: random.Random, steps: int) -> Composed:
    draft, manner, working = Draft(rng, steps), Manner(rng), Working(rng)
    here, there = rng.sample(sorted(patterns.CITIES), 2)
    while patterns.CITIES[here] == patterns.CITIES[there]:
        there = rng.choice(sorted(patterns.CITIES))
    ahead = patterns.CITIES[there] - patterns.CITIES[here]
    start, away = some_time(rng), say_duration(rng, abs(ahead))
    word = "ahead" if ahead > 0 else "behind"
    said = {
        "t": manner.say(start), "c": here, "k": there, "y": f"{away} {word}",
        "z": f"{away} {word}" + (" of" if ahead > 0 else ""),
    }  # fmt: skip
    manner.read(working, start, said["t"])
    moves: tuple[int, ...] = ()
    if steps == 1:
        draft.ask(patterns.ZONE_ONE, **said)
    else:
        draft.say(patterns.FLIGHT.starts, **said)
        draft.distract()
        legs = _tell_legs(draft, patterns.FLIGHT, steps - 1)
        draft.say(patterns.ZONE_LAST, **said)
        draft.ask(patterns.ZONE_ASKS, **said)
        for minutes, text in legs:
            read_duration(working, minutes, text)
        moves = tuple(minutes for minutes, _ in legs)
    read_duration(working, abs(ahead), away)
    arrival = _move(working, start, moves)
    answer = manner.answer(working, _move(working, arrival, (ahead,)))
    return Shift(start, (*moves, ahead), manner.twelve), draft.text(), working, answer


def _one_span(rng: random.Random, steps: int) -> Composed:
    draft, manner, working = Draft(rng, steps), Manner(rng), Working(rng)
    start, length = some_time(rng), some_duration(rng, rng.choice("smmll"))
    end = (start + length) % DAY
    as_minutes = length < 300 and rng.random() < (0.25 if steps == 1 else 0.7)
    many = as_minutes and rng.random() < 0.3
    said = {"t": manner.say(start), "u": manner.say(end)}
    texts: Sequence[str] = patterns.SPAN_MANY if many else patterns.SPAN_ONE
    draft.ask(texts, q=_MANY if as_minutes else _LONG, **said)
    manner.read(working, start, said["t"])
    manner.read(working, end, said["u"])
    answer = _answer_in(working, working.between(start, end), as_minutes=as_minutes)
    return Span(start, (), end, as_minutes), draft.text(), working, answer


def _scene_span(rng: random.Random, steps: int) -> Composed:
    draft, manner, working = Draft(rng, steps), Manner(rng), Working(rng)
    scene, start = rng.choice(patterns.FORWARD), some_time(rng)
    said = manner.say(start)
    draft.say(scene.starts, t=said)
    draft.distract()
    legs = _tell_legs(draft, scene, steps - 1)
    moves = tuple(minutes for minutes, _ in legs)
    left = some_duration(rng, rng.choice("ssm"))
    end = (start + sum(moves) + left) % DAY
    as_minutes = left < 240 and rng.random() < 0.35
    end_said = manner.say(end)
    draft.say(scene.deadlines, u=end_said)
    draft.ask(scene.waits, q=_MANY if as_minutes else _LONG)
    manner.read(working, start, said)
    for minutes, text in legs:
        read_duration(working, minutes, text)
    reached = _move(working, start, moves)
    manner.read(working, end, end_said)
    answer = _answer_in(
        working, working.between(reached, end, direct=steps > 4), as_minutes=as_minutes
    )
    return Span(start, moves, end, as_minutes), draft.text(), working, answer


def _total(rng: random.Random, steps: int) -> Composed:
    draft, working = Draft(rng, steps), Working(rng)
    durations = [some_duration(rng, rng.choice("ssm")) for _ in range(steps + 1)]
    texts = [say_duration(rng, minutes) for minutes in durations]
    for position, pattern in enumerate(rng.sample(patterns.SUM_LEGS, len(durations))):
        draft.go_on((pattern,), d=texts[position])
    draft.distract()
    as_minutes = rng.random() < 0.35
    draft.ask(patterns.SUM_ASKS, q=_MANY if as_minutes else _LONG)
    if as_minutes:
        for minutes, text in zip(durations, texts, strict=True):
            if minutes >= 60 and not in_minutes(text):
                working.to_minutes(minutes)
        answer = str(working.plain_sum(durations))
    else:
        for minutes, text in zip(durations, texts, strict=True):
            read_duration(working, minutes, text)
        answer = duration(working.total(durations))
    facts = Total(tuple(durations), (1,) * len(durations), as_minutes)
    return facts, draft.text(), working, answer


def _repeated(working: Working, minutes: int, count: int, *, flat: bool) -> int:
    """Work out a duration a number of times: in minutes where `flat`, else in hours and minutes."""
    return working.product(minutes, count) if flat else working.times(minutes, count)


def _series(rng: random.Random, steps: int) -> Composed:
    """Compose things that repeat: with breaks from three steps, with a start at two or four."""
    draft, manner, working = Draft(rng, steps), Manner(rng), Working(rng)
    start = some_time(rng) if steps in (2, 4) else None
    gaps = steps > 2
    count, each = rng.randint(2, 8), some_duration(rng, rng.choice("ssm"))
    gap, flat = rng.randrange(5, 35, 5), each < 60
    pattern, plural = rng.choice(repeats.SERIES)
    each_said, gap_said = say_duration(rng, each), say_duration(rng, gap)
    draft.say((pattern,), n=str(count), d=each_said)
    if gaps:
        draft.say(repeats.SERIES_GAP, g=gap_said, x=plural)
    said = "" if start is None else manner.say(start)
    if start is not None:
        draft.say(repeats.SERIES_START, t=said)
    draft.distract()
    as_minutes = start is None and rng.random() < 0.3
    if start is None:
        draft.ask(patterns.SUM_ASKS, q=_MANY if as_minutes else _LONG)
    else:
        draft.ask(repeats.SERIES_ENDS)
    if not flat:
        read_duration(working, each, each_said)
    total = _repeated(working, each, count, flat=flat)
    if gaps:
        pause = gap if count == 2 else _repeated(working, gap, count - 1, flat=flat)
        total = working.plain_sum((total, pause)) if flat else working.add(total, pause)
    counts = (count, count - 1) if gaps else (count,)
    if start is None:
        if flat and not as_minutes and total >= 60:
            working.to_hours(total)
        answer = str(total) if flat else _answer_in(working, total, as_minutes=as_minutes)
        answer = answer if as_minutes else duration(total)
        return Total((each, gap)[: len(counts)], counts, as_minutes), draft.text(), working, answer
    if flat and total >= 60:
        working.to_hours(total)
    manner.read(working, start, said)
    answer = manner.answer(working, working.later(start, total))
    moves = (each,) * count + (gap,) * (count - 1 if gaps else 0)
    return Shift(start, moves, manner.twelve), draft.text(), working, answer


def _turn(rng: random.Random, steps: int) -> Composed:
    """Compose the time of a later one of things that come at equal distances."""
    draft, manner, working = Draft(rng, steps), Manner(rng), Working(rng)
    start, number = some_time(rng), rng.randint(3, len(repeats.ORDINALS))
    every = rng.choice((10, 12, 15, 20, 25, 30, 40, 45, 60, 90, 120, 240))
    text, said = say_duration(rng, every), manner.say(start)
    text = text.removeprefix("an ").removeprefix("a ")
    ordinal = repeats.ORDINALS[number - 1]
    if rng.random() < 0.4:
        ordinal = {3: "3rd"}.get(number, f"{number}th")
    draft.ask(repeats.TURNS, d=text, t=said, o=ordinal)
    draft.distract()
    if every >= 60:
        read_duration(working, every, text)
    working.line(f"{number}-1={number - 1}")
    total = _repeated(working, every, number - 1, flat=every < 60)
    if total >= 60 > every:
        working.to_hours(total)
    manner.read(working, start, said)
    answer = manner.answer(working, working.later(start, total))
    return Shift(start, (every,) * (number - 1), manner.twelve), draft.text(), working, answer


def _opening(rng: random.Random, steps: int) -> Composed:
    """Compose opening hours: two or three steps for one row of days, more for two."""
    draft, manner, working = Draft(rng, steps), Manner(rng), Working(rng)
    business, pause = rng.choice(repeats.BUSINESSES), 0
    day_sets = [rng.choice(tuple(repeats.DAY_SETS.items()))]
    if steps >= 4:
        day_sets.append((1, repeats.WEEKEND[1]) if steps == 4 else (2, repeats.WEEKEND[2]))
    hours, total = [], 0
    for position, (days, names) in enumerate(day_sets):
        start = rng.randint(7, 11) * 60 + rng.choice((0, 0, 0, 15, 30, 45))
        end = start + rng.randint(4, 10) * 60 + rng.choice((0, 0, 15, 30, 45))
        said = {"t": manner.say(start), "u": manner.say(end), "e": rng.choice(names)}
        draft.say(repeats.OPEN_MORE if position else repeats.OPEN, b=business, **said)
        manner.read(working, start, said["t"])
        manner.read(working, end, said["u"])
        length = working.between(start, end, direct=steps > 3)
        pause = 0
        if steps in (3, 6) and not position:
            pause = rng.choice((30, 45, 60, 90, 120))
            text = say_duration(rng, pause)
            draft.say(repeats.OPEN_BREAK, d=text)
            read_duration(working, pause, text)
            length = working.subtract(length, pause)
        week = working.times(length, days) if days > 1 else length
        total = working.add(total, week) if position else week
        hours.append((start, end, pause, days))
    draft.distract()
    draft.ask(repeats.OPEN_ASKS)
    return Opening(tuple(hours)), draft.text(), working, duration(total)


_Weighted = tuple[tuple[Callable[[random.Random, int], Composed], float], ...]
_LONG_ONES: Final[_Weighted] = (
    (_scene_shift, 4), (_scene_span, 3), (_total, 1.5), (calendar_sums.weekday_moves, 2),
    (calendar_sums.date_moves, 2), (calendar_sums.date_span, 2), (calendar_sums.date_weekday, 2),
)  # fmt: skip
_MAKERS: Final[dict[int, _Weighted]] = {
    1: (
        (_one_shift, 6), (_zone, 1), (_one_span, 3), (_total, 1), (calendar_sums.conversion, 3),
        (calendar_sums.weekday_moves, 3), (calendar_sums.date_moves, 2),
        (calendar_sums.date_span, 2),
    ),
    2: (
        (_scene_shift, 4), (_zone, 1), (_one_span, 1), (_scene_span, 3), (_total, 1), (_series, 1),
        (_opening, 0.7), (calendar_sums.conversion, 3), (calendar_sums.doses, 1),
        (calendar_sums.weekday_moves, 2), (calendar_sums.date_moves, 2),
        (calendar_sums.date_span, 2), (calendar_sums.date_weekday, 1),
    ),
    3: (
        *_LONG_ONES, (_zone, 1), (_series, 1), (_turn, 1.5), (_opening, 1),
        (calendar_sums.conversion, 1.5),
    ),
    4: (*_LONG_ONES, (_zone, 1), (_series, 1.5), (_opening, 1.5), (calendar_sums.conversion, 1)),
    5: (*_LONG_ONES, (_zone, 1), (_opening, 1.5)),
    6: (*_LONG_ONES, (_zone, 1), (_opening, 1.5)),
}  # fmt: skip
