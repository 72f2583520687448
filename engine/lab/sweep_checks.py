"""Whether a sweep from a file fits together, so that it can be kept, counted and shown.

Types were checked when it was decoded; what one part of it says of another is checked here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from engine.budget import MAX_ATTEMPTS
from engine.candidate import Candidate
from engine.lab.plan import SweepPlan
from engine.lab.records import Place, Stretch, SweepRecord
from engine.number_range import in_range, is_measured, is_share
from engine.strategies import STRATEGIES
from engine.verdict import Outcome, Verdict

_MOST_REPEATS: Final = 10_000
_FEWEST_TIED: Final = 2


def check(sweep: SweepRecord) -> None:
    """Refuse what could not be counted or shown.

    Raises:
        ValueError: It holds numbers that cannot be, or parts of it contradict each other.
    """
    _check_plan(sweep.plan)
    _check_places(sweep)
    if sweep.summary.samples != len(sweep.samples):
        raise ValueError(f"it counts {sweep.summary.samples} samples and has {len(sweep.samples)}")
    _check_moment(sweep.summary.created_at)
    if not all(in_range(msgspec.to_builtins(part)) for part in _parts(sweep)):
        raise ValueError("a number is out of range")
    for sample in sweep.samples:
        _check_candidate(sample.candidate)
    _check_verdicts(sweep)
    for stretch in sweep.stretches:
        _check_stretch(stretch, len(sweep.plan.arms))


def _parts(sweep: SweepRecord) -> Iterator[object]:
    yield from (sweep.summary, sweep.plan)
    yield from (*sweep.samples, *sweep.verdicts, *sweep.stretches)


def _check_moment(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no moment") from None


def _check_plan(plan: SweepPlan) -> None:
    if not plan.arms or not plan.questions.questions:
        raise ValueError("its plan asks nothing or nobody")
    attempts = (*plan.budgets, *(arm.attempts for arm in plan.arms))
    if min(plan.repeats, *attempts) < 1:
        raise ValueError("its plan has a budget or a number of repeats below 1")
    if plan.repeats > _MOST_REPEATS or max(attempts) > MAX_ATTEMPTS:
        raise ValueError(
            f"its plan has more than {_MOST_REPEATS} repeats or {MAX_ATTEMPTS} attempts"
        )
    unknown = [arm.strategy for arm in plan.arms if arm.strategy not in STRATEGIES]
    if unknown:
        raise ValueError(f"{unknown[0][:40]!r} is no strategy")


def _check_places(sweep: SweepRecord) -> None:
    arms, questions = len(sweep.plan.arms), len(sweep.plan.questions.questions)
    verdicts = [verdict.place for verdict in sweep.verdicts]
    for place in (*(sample.place for sample in sweep.samples), *verdicts):
        inside = 0 <= place.arm < arms and 0 <= place.question < questions
        if not inside or not 0 <= place.repeat < sweep.plan.repeats:
            raise ValueError("it holds answers to questions that its plan does not ask")
    numbers = {(sample.place, sample.candidate.index) for sample in sweep.samples}
    if len(numbers) < len(sweep.samples) or len(set(verdicts)) < len(verdicts):
        raise ValueError("two samples or verdicts stand in the same place")


def _check_candidate(candidate: Candidate) -> None:
    times = (candidate.queued_seconds, candidate.first_token_seconds, candidate.finished_seconds)
    if not all(map(is_measured, times)) or candidate.seconds < 0:
        raise ValueError("a time is below zero")
    if not is_share(candidate.confidence) or not is_share(candidate.score):
        raise ValueError("a share is not between 0 and 1")


def _check_verdicts(sweep: SweepRecord) -> None:
    known: dict[Place, set[int]] = defaultdict(set)
    for sample in sweep.samples:
        known[sample.place].add(sample.candidate.index)
    for record in sweep.verdicts:
        if not is_measured(record.seconds):
            raise ValueError("a time is below zero")
        if not is_share(record.verdict.tally.settled):
            raise ValueError("a share is not between 0 and 1")
        groups = record.verdict.tally.groups
        if not all(group.candidates for group in groups):
            raise ValueError("a group of votes has none")
        if record.verdict.outcome is Outcome.TIE and len(groups) < _FEWEST_TIED:
            raise ValueError("a tie has fewer than two answers")
        if not known[record.place].issuperset(_named(record.verdict)):
            raise ValueError("a verdict speaks of samples that are not there")


def _named(verdict: Verdict) -> Iterator[int]:
    yield from verdict.tally.no_answer
    for group in verdict.tally.groups:
        yield from group.candidates
    if verdict.chosen is not None:
        yield verdict.chosen


def _check_stretch(stretch: Stretch, arms: int) -> None:
    if not 0 <= stretch.arm < arms:
        raise ValueError("it measured what its plan does not ask")
    joules = None if stretch.energy is None else stretch.energy.joules
    if not all(map(is_measured, (stretch.seconds, joules, *stretch.watts))):
        raise ValueError("a measurement is below zero")
