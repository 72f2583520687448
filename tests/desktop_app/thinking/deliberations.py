"""Deliberations for the tests of the evidence: real values, told as the engine tells them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from desktop_app.thinking.live import DeliberationView
from engine.budget import Budget
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.generation import LoadOptions, Sampling
from engine.journal.records import DeliberationRecord, Status
from engine.power.meter import DeviceReading, EnergyReport, PowerSample
from engine.protocol import (
    CandidateDelta,
    CandidateFinished,
    CandidateStarted,
    Progressed,
    TallyChanged,
    VerdictReached,
)
from engine.session import SessionEvent
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide

NAME = "deliberation"


def candidate(
    index: int,
    answer: str | None,
    *,
    finished_seconds: float | None = None,
    first_token_seconds: float = 0.5,
    stop: StopReason = StopReason.FINISHED,
    response: str = "So it is that.",
    thought: str = "",
) -> Candidate:
    """One finished candidate; later indexes finish later."""
    return Candidate(
        index=index,
        round=0,
        seed=100 + index,
        thought=thought,
        response=response,
        answer=ExtractedAnswer(answer, answer, "boxed") if answer is not None else None,
        tokens=41,
        thought_tokens=0,
        queued_seconds=0.0,
        first_token_seconds=first_token_seconds,
        finished_seconds=2.5 + index if finished_seconds is None else finished_seconds,
        stop=stop,
    )


def answers(*texts: str | None) -> list[Candidate]:
    """Candidates that answer so, in order."""
    return [candidate(index, text) for index, text in enumerate(texts)]


def events(
    candidates: Sequence[Candidate],
    *,
    ended: bool = True,
    stopped: StoppedWhy = StoppedWhy.BUDGET_SPENT,
    saved: int = 0,
) -> list[SessionEvent]:
    """A deliberation from its first candidate to its verdict."""
    told: list[SessionEvent] = [
        CandidateStarted(NAME, c.index, c.round, c.seed, c.queued_seconds) for c in candidates
    ]
    told.append(
        Progressed(
            NAME,
            1.0,
            tuple(CandidateDelta(c.index, c.thought, "So", 1, 0.5) for c in candidates),
        )
    )
    done: list[Candidate] = []
    for c in sorted(candidates, key=lambda c: c.finished_seconds):
        done.append(c)
        told.append(CandidateFinished(NAME, c))
        told.append(TallyChanged(NAME, tally_votes(done)))
    if ended:
        verdict = decide(done, tally_votes(done), stopped, saved)
        told.append(VerdictReached(NAME, verdict, max(c.finished_seconds for c in done)))
    return told


def view_of(
    candidates: Sequence[Candidate], *, attempts: int | None = None, ended: bool = True
) -> DeliberationView:
    """The view after all events."""
    view = DeliberationView(NAME, "vote", Budget(attempts or len(candidates)))
    for event in events(candidates, ended=ended):
        view.apply(event)
    return view


def running_view(count: int, words: int = 4) -> DeliberationView:
    """Candidates that all still stream."""
    view = DeliberationView(NAME, "vote", Budget(count))
    for index in range(count):
        view.apply(CandidateStarted(NAME, index, 0, index, 0.0))
    deltas = tuple(CandidateDelta(index, "", "word " * words, words, 0.3) for index in range(count))
    view.apply(Progressed(NAME, 1.0, deltas))
    return view


def record_of(
    candidates: Sequence[Candidate], status: Status = Status.FINISHED
) -> DeliberationRecord:
    """The same as the journal keeps it."""
    tally = tally_votes(sorted(candidates, key=lambda c: c.finished_seconds))
    ended = status is Status.FINISHED
    return DeliberationRecord(
        deliberation_id=NAME,
        message_id=None,
        strategy="vote",
        budget=Budget(len(candidates)),
        sampling=Sampling(),
        seed=100,
        model_path="model.gguf",
        load_options=LoadOptions(),
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        status=status,
        verdict=decide(candidates, tally, StoppedWhy.BUDGET_SPENT) if ended else None,
        total_seconds=9.0 if ended else None,
        candidates=tuple(candidates),
    )


def power_samples(watts: Sequence[float | None], start_seconds: float = 100.0) -> list[PowerSample]:
    """Readings every 50 ms."""
    return [
        PowerSample(start_seconds + number * 0.05, (DeviceReading("GPU", power_watts=value),))
        for number, value in enumerate(watts)
    ]


REPORT = EnergyReport(
    joules=2900.0,
    method="counter",
    label="NVML",
    window="instant",
    idle_watts=38.0,
    mean_watts=236.0,
    peak_watts=312.0,
    peak_to_idle=8.2,
)
