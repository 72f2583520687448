"""The price of a notch: what earlier deliberations of this model really took on this machine.

No formula with guessed constants: the median of measured deliberations with the same number of
attempts, a straight line between two measured numbers, and beyond the ends a value in proportion,
at most `MOST_STRETCH` times away. In proportion is cautious: attempts side by side cost less than
one after another.

An attempt counts when it was worked on, also when the vote settled before its end: the price of a
notch is what such deliberations really took, early stops included. What shared the machine with
others took longer than it would have alone, and is left out. So is what was broken off and gone on
with later, or by another model, and what went on from an attempt that was cut, a part of an answer.

Reading a long question is a price of its own, in proportion to its tokens: it is taken out of what
was measured, and put in again for the question that is priced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import Final

import msgspec

from engine.journal.sqlite import Database
from engine.own_thinking import OwnThinking

_LATEST: Final = 200
MOST_STRETCH: Final = 8.0
"""How many times more or fewer attempts than measured a prediction may reach."""
LONG_QUESTION: Final = 256
"""Tokens from which on the time of reading is told apart from that of answering."""


class Measured(msgspec.Struct, frozen=True):
    """What one finished deliberation took.

    Attributes:
        attempts: Candidates that were worked on.
        seconds: From start to verdict.
        joules: Energy, or None when not available.
        prompt_read: Tokens of its prompt that were not in the cache, or None when not known.
        first_token_seconds: When the first token of any attempt was there, or None.
    """

    attempts: int
    seconds: float
    joules: float | None
    prompt_read: int | None = None
    first_token_seconds: float | None = None

    @property
    def reading_seconds(self) -> float:
        """Time until a long prompt was read; that of a short one is no price of its own."""
        if self.prompt_read is None or self.prompt_read < LONG_QUESTION:
            return 0.0
        return min(self.first_token_seconds or 0.0, self.seconds)

    @property
    def answering_part(self) -> float:
        """Which part of its time and energy went into answering, 0 to 1."""
        return 1.0 - self.reading_seconds / self.seconds if self.seconds > 0 else 1.0


class Prediction(msgspec.Struct, frozen=True):
    """An expected price, or None where too little was measured.

    Attributes:
        seconds: Expected wall-clock time.
        joules: Expected energy.
        from_answers: How many measured deliberations the model knows; 0 when none.
        reading_known: Whether the time to read the question is in it, where that is long.
    """

    seconds: float | None
    joules: float | None
    from_answers: int
    reading_known: bool = True


class Speed(msgspec.Struct, frozen=True):
    """What a model did here with one number of attempts.

    Attributes:
        attempts: Candidates that were worked on.
        answers: Finished deliberations that say so.
        tokens_per_second: Median over them, all candidates together.
        joules: Median energy of an answer, or None when not available.
    """

    attempts: int
    answers: int
    tokens_per_second: float
    joules: float | None


class CostModel:
    """Predicts from measured deliberations of one model, strategy and wish of its own thinking.

    Args:
        measured: Latest deliberations, in any order.
    """

    def __init__(self, measured: Sequence[Measured]) -> None:
        self._count = len(measured)
        answering = [(m.attempts, m.seconds, m.joules, m.answering_part) for m in measured]
        self._seconds = _medians([(count, took * part) for count, took, _, part in answering])
        self._joules = _medians(
            [(count, energy * part) for count, _, energy, part in answering if energy is not None]
        )
        read = sum(m.prompt_read or 0 for m in measured if m.reading_seconds)
        took = sum(m.reading_seconds for m in measured)
        self._reading = took / read if read else None
        """Seconds a token."""

    def predict(self, attempts: int, question_tokens: int = 0) -> Prediction:
        """Return the expected price of a number of attempts.

        Args:
            attempts: Candidates.
            question_tokens: About how long the question is.
        """
        seconds, joules = _at(self._seconds, attempts), _at(self._joules, attempts)
        if question_tokens < LONG_QUESTION:
            return Prediction(seconds, joules, self._count)
        if self._reading is None or not seconds:
            return Prediction(seconds, joules, self._count, reading_known=False)
        whole = seconds + self._reading * question_tokens
        energy = None if joules is None else joules * whole / seconds
        return Prediction(whole, energy, self._count)


def _medians(points: Sequence[tuple[int, float | None]]) -> list[tuple[int, float]]:
    """(attempts, median) for each number of attempts measured, ascending."""
    by_attempts: dict[int, list[float]] = defaultdict(list)
    for attempts, value in points:
        if value is not None and attempts > 0:
            by_attempts[attempts].append(value)
    return sorted((attempts, median(values)) for attempts, values in by_attempts.items())


def _at(known: Sequence[tuple[int, float]], attempts: int) -> float | None:
    """Interpolate; beyond the ends scale in proportion, at most `MOST_STRETCH` times."""
    if not known:
        return None
    exact = dict(known).get(attempts)
    if exact is not None:
        return exact
    below = [point for point in known if point[0] < attempts]
    above = [point for point in known if point[0] > attempts]
    if below and above:
        (x0, y0), (x1, y1) = below[-1], above[0]
        return y0 + (y1 - y0) * (attempts - x0) / (x1 - x0)
    nearest, value = below[-1] if below else above[0]
    stretch = attempts / nearest
    if not 1 / MOST_STRETCH <= stretch <= MOST_STRETCH:
        return None
    return value * stretch


def measured(
    db: Database, model_path: str, strategy: str, own_thinking: OwnThinking = OwnThinking.AUTO
) -> list[Measured]:
    """The latest finished deliberations of a model and strategy under a wish of its own thinking.

    Without its thought an answer takes a small part of the time.
    """
    rows = db.query(
        """select d.total_seconds as seconds, json_extract(d.energy, '$.joules') as joules,
            d.prompt_read, (select min(json_extract(c.record, '$.first_token_seconds'))
                from candidates c where c.deliberation_id = d.id) as first_token_seconds,
            (select count(*) from candidates c where c.deliberation_id = d.id
                and c.tokens > 0 and c.stop != 'failed') as attempts
        from deliberations d
        where d.model_path = ? and d.strategy = ? and d.status = 'finished'
            and json_extract(d.verdict, '$.stopped') in ('settled', 'budget-spent')
            and not d.mixed
            and not coalesce(json_extract(d.energy, '$.shared'), 0)
            and coalesce(json_extract(d.options, '$.own_thinking'), ?) = ?
            and not exists (select 1 from candidates c where c.deliberation_id = d.id
                and json_extract(c.record, '$.begun_tokens') > 0)
        order by d.started_at desc limit ?""",
        (model_path, strategy, OwnThinking.AUTO.value, own_thinking.value, _LATEST),
    )
    return [msgspec.convert(row, Measured) for row in rows if row["attempts"]]


def speeds(db: Database, model_path: str) -> list[Speed]:
    """What a model's latest finished votes show, by number of attempts."""
    rows = db.query(
        """select d.total_seconds as seconds, json_extract(d.energy, '$.joules') as joules,
            count(c.rowid) as attempts, sum(c.tokens) as tokens
        from deliberations d join candidates c on c.deliberation_id = d.id
        where d.model_path = ? and d.strategy = 'vote' and d.status = 'finished'
            and d.total_seconds > 0 and c.tokens > 0 and c.stop != 'failed' and not d.mixed
            and coalesce(json_extract(c.record, '$.begun_tokens'), 0) = 0
            and not coalesce(json_extract(d.energy, '$.shared'), 0)
        group by d.id order by d.started_at desc limit ?""",
        (model_path, _LATEST),
    )
    by_attempts: dict[int, list[tuple[float, float | None]]] = defaultdict(list)
    for row in rows:
        speed = row["tokens"] / row["seconds"]
        by_attempts[row["attempts"]].append((speed, row["joules"]))
    found = []
    for attempts, values in sorted(by_attempts.items()):
        joules = [energy for _, energy in values if energy is not None]
        found.append(
            Speed(
                attempts,
                len(values),
                median(speed for speed, _ in values),
                median(joules) if joules else None,
            )
        )
    return found
