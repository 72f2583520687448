"""Whether a deliberation from a file fits together, so that the window can show it.

Types were checked when it was decoded; what one part of it says of another is checked here.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from engine.candidate import Candidate
from engine.journal.errors import JournalImportError
from engine.journal.records import DeliberationRecord
from engine.number_range import in_range, is_measured, is_share
from engine.step import Step
from engine.strategies import STRATEGIES
from engine.verdict import Outcome


def check(record: DeliberationRecord) -> None:
    """Refuse what could not be shown.

    Raises:
        JournalImportError: It speaks of what is not there, or counts what cannot be.
    """
    if record.strategy not in STRATEGIES:
        raise JournalImportError(f"{record.strategy[:40]!r} is no strategy")
    candidates = {candidate.index for candidate in record.candidates}
    if len(candidates) != len(record.candidates):
        raise JournalImportError("two candidates have the same number")
    if not candidates.issuperset(_named(record)):
        raise JournalImportError("a deliberation speaks of candidates that are not there")
    if any(candidate.index in candidate.earlier for candidate in record.candidates):
        raise JournalImportError("a candidate was made from itself")
    _check_steps(record)
    _check_votes(record)
    if not in_range(msgspec.to_builtins(record)):
        raise JournalImportError("a number is out of range")
    if not all(map(is_measured, _measurements(record))):
        raise JournalImportError("a measurement is below zero")
    if not all(map(is_share, _shares(record))):
        raise JournalImportError("a share is not between 0 and 1")


def _check_votes(record: DeliberationRecord) -> None:
    if record.verdict is None:
        return
    groups = record.verdict.tally.groups
    if any(not group.candidates for group in groups):
        raise JournalImportError("a vote group has no votes")
    if record.verdict.outcome is Outcome.TIE and len(groups) < 2:
        raise JournalImportError("a tie of fewer than two answers")


def _check_steps(record: DeliberationRecord) -> None:
    steps = {step.index for step in record.steps}
    if len(steps) != len(record.steps):
        raise JournalImportError("two steps have the same number")
    behind = [step.parent for step in record.steps if step.parent is not None]
    walked = [index for candidate in record.candidates for index in candidate.path]
    if not steps.issuperset(behind + walked):
        raise JournalImportError("a search speaks of steps that are not there")
    if any(step.parent is not None and step.parent >= step.index for step in record.steps):
        raise JournalImportError("a step follows itself")


def _named(record: DeliberationRecord) -> Iterator[int]:
    """Every candidate that something else speaks of."""
    yield from record.joules_by_candidate
    said = record.feedback
    chosen = [record.promoted, said.thumb_candidate, said.preferred]
    if record.verdict is not None:
        tally = record.verdict.tally
        chosen.append(record.verdict.chosen)
        yield from tally.no_answer
        for group in tally.groups:
            yield from group.candidates
    chosen += [step.candidate for step in record.steps]
    yield from (index for index in chosen if index is not None)
    for candidate in record.candidates:
        yield from candidate.earlier


def _measurements(record: DeliberationRecord) -> Iterator[float | None]:
    yield record.total_seconds
    yield from record.joules_by_candidate.values()
    if record.energy is not None:
        yield record.energy.joules
    timed: list[Candidate | Step] = [*record.candidates, *record.steps]
    for each in timed:
        yield from (each.queued_seconds, each.first_token_seconds, each.finished_seconds)
    if record.verdict is not None:
        yield from (group.weight for group in record.verdict.tally.groups)


def _shares(record: DeliberationRecord) -> Iterator[float | None]:
    yield from (candidate.confidence for candidate in record.candidates)
    yield from (candidate.score for candidate in record.candidates)
    yield from (step.score for step in record.steps)
    if record.verdict is not None:
        yield record.verdict.tally.settled
