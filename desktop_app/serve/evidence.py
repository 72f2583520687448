"""The evidence for an answer, as a reply carries it under `ponder`.

What was not measured is null, never 0.
"""

from __future__ import annotations

import msgspec

from desktop_app.serve.account import Account
from desktop_app.serve.desk import Ticket
from desktop_app.serve.question import Question
from engine.budget import Budget
from engine.candidate import Candidate
from engine.generation import Notice
from engine.options import StrategyChoice
from engine.own_thinking import OwnThinking
from engine.power.meter import EnergyReport
from engine.step import Step
from engine.tally import Tally


class Vote(msgspec.Struct, frozen=True):
    """One group of equal answers."""

    answer: str
    count: int
    weight: float


class CandidateReport(msgspec.Struct, frozen=True):
    """One attempt; `earlier`, `path` and `machine` as in the engine's `Candidate`."""

    index: int
    text: str
    thought: str
    answer: str | None
    rule: str | None
    tokens: int
    seconds: float
    seed: int
    stop: str
    confidence: float | None
    score: float | None
    round: int
    earlier: tuple[int, ...]
    path: tuple[int, ...]
    machine: str


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


def ponder_report(question: Question, ticket: Ticket, account: Account) -> PonderReport:
    """How the answer came about."""
    assert account.reached is not None
    verdict = account.reached.verdict
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
        settled=tally.settled if tally.groups else None,
        grouping=tally.method,
        votes=votes(tally),
        no_answer=len(tally.no_answer),
        candidates=tuple(_candidate(candidate) for candidate in account.in_order),
        steps=tuple(account.steps),
        choice=account.choice,
        timing=_timing(ticket, account, account.reached.total_seconds),
        energy=_energy(account.energy),
        notices=tuple(account.notices),
        ignored=question.ignored,
    )


def votes(tally: Tally) -> tuple[Vote, ...]:
    """The vote groups, most first."""
    return tuple(Vote(group.label, group.count, group.weight) for group in tally.groups)


def _candidate(candidate: Candidate) -> CandidateReport:
    return CandidateReport(
        index=candidate.index,
        text=candidate.response,
        thought=candidate.thought,
        answer=candidate.answer.text if candidate.answer else None,
        rule=candidate.answer.rule if candidate.answer else None,
        tokens=candidate.tokens,
        seconds=candidate.seconds,
        seed=candidate.seed,
        stop=candidate.stop,
        confidence=candidate.confidence,
        score=candidate.score,
        round=candidate.round,
        earlier=candidate.earlier,
        path=candidate.path,
        machine=candidate.machine,
    )


def _timing(ticket: Ticket, account: Account, total_seconds: float) -> Timing:
    firsts = [c.first_token_seconds for c in account.in_order if c.first_token_seconds is not None]
    return Timing(
        queued_seconds=ticket.queued_seconds,
        first_token_seconds=min(firsts) if firsts else None,
        total_seconds=total_seconds,
        tokens=account.tokens,
        tokens_per_second=account.tokens / total_seconds if total_seconds > 0 else None,
    )


def _energy(report: EnergyReport | None) -> Energy:
    if report is None:
        return Energy(None, "not available", None, alone=True)
    return Energy(report.joules, report.method, report.label or None, not report.shared)
