"""The evidence for an answer, as a reply carries it under `ponder`.

What was not measured is null, never 0.
"""

from __future__ import annotations

import msgspec

from desktop_app.gathered import Gathered
from desktop_app.result_json import (
    CandidateReport,
    Vote,
    candidate_report,
    settled,
    votes,
)
from desktop_app.serve.desk import Ticket
from desktop_app.serve.question import Question
from engine.budget import Budget
from engine.generation import Notice
from engine.options import StrategyChoice
from engine.own_thinking import OwnThinking
from engine.power.meter import EnergyReport
from engine.step import Step


class Timing(msgspec.Struct, frozen=True):
    """Seconds; `queued` is the wait before the engine began."""

    queued_seconds: float
    first_token_seconds: float | None
    total_seconds: float
    tokens: int
    tokens_per_second: float | None


class Energy(msgspec.Struct, frozen=True):
    """What it cost, measured for the whole machine.

    Attributes:
        joules: From start to end, or null without a sensor.
        method: How it was measured.
        sensor: Which sensor, or null.
        alone: Whether nothing else was thought about meanwhile; if false, others are in it.
    """

    joules: float | None
    method: str
    sensor: str | None
    alone: bool


class PonderReport(msgspec.Struct, frozen=True):
    """The evidence. `outcome` says what kind of result it is; `answer` is null without a winner."""

    deliberation_id: str
    outcome: str
    answer: str | None
    strategy: str
    budget: Budget
    own_thinking: OwnThinking
    stopped: str
    saved_attempts: int
    settled: float | None
    grouping: str
    votes: tuple[Vote, ...]
    no_answer: int
    candidates: tuple[CandidateReport, ...]
    steps: tuple[Step, ...]
    choice: StrategyChoice | None
    timing: Timing
    energy: Energy
    notices: tuple[Notice, ...]
    ignored: tuple[str, ...]


def ponder_report(question: Question, ticket: Ticket, gathered: Gathered) -> PonderReport:
    """How the answer came about."""
    verdict = gathered.end.verdict
    tally = verdict.tally
    return PonderReport(
        deliberation_id=question.ask.deliberation_id,
        outcome=verdict.outcome,
        answer=verdict.answer,
        strategy=question.ask.strategy,
        budget=question.ask.budget,
        own_thinking=question.ask.options.own_thinking,
        stopped=verdict.stopped,
        saved_attempts=verdict.saved_attempts,
        settled=settled(tally),
        grouping=tally.method,
        votes=votes(tally),
        no_answer=len(tally.no_answer),
        candidates=tuple(candidate_report(candidate) for candidate in gathered.in_order),
        steps=tuple(gathered.steps),
        choice=gathered.choice,
        timing=_timing(ticket, gathered),
        energy=_energy(gathered.energy),
        notices=tuple(gathered.notices),
        ignored=question.ignored,
    )


def _timing(ticket: Ticket, gathered: Gathered) -> Timing:
    return Timing(
        queued_seconds=ticket.queued_seconds,
        first_token_seconds=gathered.first_token_seconds,
        total_seconds=gathered.end.total_seconds,
        tokens=gathered.tokens,
        tokens_per_second=gathered.tokens_per_second,
    )


def _energy(report: EnergyReport | None) -> Energy:
    if report is None:
        return Energy(None, "not available", None, alone=True)
    return Energy(report.joules, report.method, report.label or None, not report.shared)
