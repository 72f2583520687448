"""Candidates and votes as programs read them: in a reply of the API and in the terminal's JSON."""

from __future__ import annotations

import msgspec

from engine.candidate import Candidate
from engine.tally import GroupingMethod, Tally


class Vote(msgspec.Struct, frozen=True):
    """One group of equal answers."""

    answer: str
    count: int
    weight: float


class CandidateReport(msgspec.Struct, frozen=True):
    """One attempt; `earlier` and `path` as in the engine's `Candidate`, `machine` null for this."""

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
    machine: str | None
    thought_cut: bool


def votes(tally: Tally) -> tuple[Vote, ...]:
    """The vote groups, most first; none where nothing could be voted on."""
    groups = () if tally.method is GroupingMethod.MEDOID else tally.groups
    return tuple(Vote(group.label, group.count, group.weight) for group in groups)


def settled(tally: Tally) -> float | None:
    """P(the leader keeps its majority), or None where nothing was voted on."""
    return tally.settled if votes(tally) else None


def candidate_report(candidate: Candidate) -> CandidateReport:
    """What programs are told of a finished candidate."""
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
        machine=candidate.machine or None,
        thought_cut=candidate.thought_cut,
    )
