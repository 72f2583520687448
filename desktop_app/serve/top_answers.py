"""Which answers a reply gives: the verdict's first, then those that others voted for."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.gathered import Gathered
from engine.candidate import Candidate, StopReason
from engine.tally import GroupingMethod, VoteGroup
from engine.verdict import representative


@dataclass(frozen=True, slots=True)
class TopAnswer:
    """One of the answers that a reply gives.

    Attributes:
        candidate: Whose response speaks for it, or None where nothing was written.
        label: The answer itself, or None where it could not be told.
        count: Candidates that gave it, or None without a vote.
        share: Of the weight of all votes, 0 to 1, or None without a vote.
    """

    candidate: Candidate | None
    label: str | None = None
    count: int | None = None
    share: float | None = None


def top_answers(gathered: Gathered, most: int) -> list[TopAnswer]:
    """Return the distinct answers, the verdict's first; at least one, at most so many."""
    if gathered.reached is None:
        return [TopAnswer(None)]
    verdict = gathered.reached.verdict
    voted = verdict.tally.method is not GroupingMethod.MEDOID
    groups = list(verdict.tally.groups) if voted else []
    total = sum(group.weight for group in groups)
    answers = [_answer(gathered, group, total) for group in groups]
    if verdict.chosen is None and answers:
        tied = len(verdict.tally.leading)
        answers[:tied] = sorted(answers[:tied], key=_unsureness)
    elif verdict.chosen is not None:
        mine = next((i for i, g in enumerate(groups) if verdict.chosen in g.candidates), None)
        first = TopAnswer(gathered.chosen)
        if mine is not None:
            known = answers.pop(mine)
            first = TopAnswer(first.candidate, known.label, known.count, known.share)
        answers.insert(0, first)
    return answers[:most] or [TopAnswer(_longest(gathered))]


def _answer(gathered: Gathered, group: VoteGroup, total: float) -> TopAnswer:
    known = gathered.candidates
    members = [known[index] for index in group.candidates if index in known]
    judged = gathered.end.verdict.tally.method is GroupingMethod.MODEL_JUDGED
    return TopAnswer(
        representative(members) if members else None,
        None if judged else group.label,
        group.count,
        group.weight / total if total else None,
    )


def _longest(gathered: Gathered) -> Candidate | None:
    """Where none ended by itself: the one that came furthest before it was cut short."""
    written = [c for c in gathered.in_order if c.response or c.thought]
    cut = [candidate for candidate in written if candidate.stop is not StopReason.FAILED]
    return max(cut, key=lambda one: (bool(one.response), one.tokens), default=None)


def _unsureness(answer: TopAnswer) -> float:
    confidence = answer.candidate.confidence if answer.candidate else None
    return -(confidence or 0.0)
