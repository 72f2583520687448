"""The verdict: what a deliberation concluded, how it was chosen and why it stopped."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from engine.candidate import Candidate
from engine.tally import ROUNDING, GroupingMethod, Tally, VoteGroup


class StoppedWhy(StrEnum):
    """Why no further attempt was made."""

    SETTLED = "settled"
    BUDGET_SPENT = "budget-spent"
    ENOUGH_FINISHED = "enough-finished"
    """The first few that finished decide."""
    NO_ROOM = "no-room"
    """The next attempts could not be shown the earlier ones: they do not fit the context."""
    TIME_UP = "time-up"
    ANSWERED_NOW = "answered-now"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What kind of result the vote gave."""

    MAJORITY = "majority"
    """More than half of the votes."""
    PLURALITY = "plurality"
    """The most votes, or what breaks a tie, but not more than half."""
    TIE = "tie"
    """No majority: two groups lead with the same weight. Nobody won."""
    BEST = "best"
    """The candidate with the highest score, whatever the others say."""
    SINGLE = "single"
    """One candidate was asked for."""
    MEDOID = "medoid"
    """No vote was possible; the response most like the others was taken."""
    NO_ANSWER = "no-answer"
    """Candidates finished, none answered."""
    NOTHING = "nothing"
    """No candidate finished."""


class Verdict(msgspec.Struct, frozen=True):
    """The result of one deliberation.

    Attributes:
        outcome: What kind of result it is.
        answer: The winning answer's text, or None without a winner.
        chosen: Index of the candidate whose response is shown, or None. In a tie it is None.
        tally: The votes at the end.
        stopped: Why it ended.
        saved_attempts: Attempts of the budget that were not spent, when it settled early.
    """

    outcome: Outcome
    answer: str | None
    chosen: int | None
    tally: Tally
    stopped: StoppedWhy
    saved_attempts: int = 0


def representative(candidates: Sequence[Candidate]) -> Candidate:
    """The member that speaks for a group: most confident, then shortest, then first.

    Args:
        candidates: At least one candidate.
    """
    return min(
        candidates,
        key=lambda candidate: (-(candidate.confidence or 0.0), candidate.tokens, candidate.index),
    )


def decide(
    candidates: Sequence[Candidate],
    tally: Tally,
    stopped: StoppedWhy,
    saved_attempts: int = 0,
    *,
    best: bool = False,
) -> Verdict:
    """Turn finished candidates and their tally into a verdict.

    Args:
        candidates: All candidates so far, in any order.
        tally: Their votes.
        stopped: Why the deliberation ends.
        saved_attempts: Attempts that were not spent.
        best: Whether the candidate with the highest score wins, instead of the vote.
    """
    scored = [c for c in candidates if c.counts and c.answer and c.score is not None]
    if best and len(scored) > 1:
        winner = max(scored, key=lambda candidate: (candidate.score, -candidate.index))
        answer = winner.answer.text if winner.answer else None
        return Verdict(Outcome.BEST, answer, winner.index, tally, stopped, saved_attempts)
    by_index = {candidate.index: candidate for candidate in candidates}
    if tally.method is GroupingMethod.MEDOID and tally.groups:
        chosen = by_index[tally.groups[0].candidates[0]]
        return Verdict(Outcome.MEDOID, None, chosen.index, tally, stopped, saved_attempts)
    leader = tally.leader
    if leader is not None:
        chosen = representative([by_index[index] for index in leader.candidates])
        judged = tally.method is GroupingMethod.MODEL_JUDGED
        answer = None if judged else leader.label
        outcome = Outcome.MAJORITY if _has_majority(tally, leader) else Outcome.PLURALITY
        if len(by_index) == 1:
            outcome = Outcome.SINGLE
        return Verdict(outcome, answer, chosen.index, tally, stopped, saved_attempts)
    if tally.is_tie:
        return Verdict(Outcome.TIE, None, None, tally, stopped, saved_attempts)
    return _without_votes(candidates, tally, stopped, saved_attempts)


def _has_majority(tally: Tally, leader: VoteGroup) -> bool:
    """Whether a group has more than half; what only breaks a tie is no part of a vote."""
    if not tally.is_weighed:
        return leader.count > tally.votes / 2
    return leader.weight > sum(group.weight for group in tally.groups) / 2 + ROUNDING


def _without_votes(
    candidates: Sequence[Candidate], tally: Tally, stopped: StoppedWhy, saved_attempts: int
) -> Verdict:
    """The verdict where no candidate has an answer that could be a vote."""
    finished = [candidate for candidate in candidates if candidate.counts]
    if not finished:
        return Verdict(Outcome.NOTHING, None, None, tally, stopped, saved_attempts)
    spoken = [candidate for candidate in finished if candidate.response.strip()]
    shown = representative(spoken).index if spoken else None
    if len(finished) == 1 and spoken:
        return Verdict(Outcome.SINGLE, None, shown, tally, stopped, saved_attempts)
    return Verdict(Outcome.NO_ANSWER, None, shown, tally, stopped, saved_attempts)
