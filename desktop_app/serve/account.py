"""What is known of one deliberation while it runs and at its end, gathered from its events."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.candidate import Candidate, StopReason
from engine.generation import Notice
from engine.options import StrategyChoice
from engine.power.meter import EnergyReport
from engine.protocol import (
    CandidateFinished,
    CandidateStarted,
    Noticed,
    StepFinished,
    StrategyChosen,
    TallyChanged,
    VerdictReached,
)
from engine.session import EnergyMeasured, SessionEvent
from engine.step import Step, generated_tokens
from engine.tally import GroupingMethod, Tally, VoteGroup
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


@dataclass(slots=True)
class Account:
    """One deliberation."""

    candidates: dict[int, Candidate] = field(default_factory=dict)
    started: set[int] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    choice: StrategyChoice | None = None
    energy: EnergyReport | None = None
    reached: VerdictReached | None = None

    def take(self, event: SessionEvent) -> None:
        """Take one event of it."""
        match event:
            case CandidateStarted():
                self.started.add(event.index)
            case CandidateFinished():
                self.candidates[event.candidate.index] = event.candidate
            case StepFinished():
                self.steps.append(event.step)
            case StrategyChosen():
                self.choice = event.choice
            case Noticed():
                self.notices.append(event.notice)
            case TallyChanged():
                self.tally = event.tally
            case EnergyMeasured():
                self.energy = event.report
            case VerdictReached():
                self.reached = event

    @property
    def in_order(self) -> list[Candidate]:
        """Finished candidates, those that were cut short among them."""
        return [self.candidates[index] for index in sorted(self.candidates)]

    @property
    def tokens(self) -> int:
        """Generated tokens of all candidates and steps; what several share counts once."""
        return generated_tokens(self.in_order, self.steps)

    def top_answers(self, most: int) -> list[TopAnswer]:
        """Return the distinct answers, the verdict's first; at least one, at most so many."""
        if self.reached is None:
            return [TopAnswer(None)]
        verdict = self.reached.verdict
        voted = verdict.tally.method is not GroupingMethod.MEDOID
        groups = list(verdict.tally.groups) if voted else []
        total = sum(group.weight for group in groups)
        answers = [self._answer(group, total) for group in groups]
        if verdict.chosen is None and answers:
            tied = len(verdict.tally.leading)
            answers[:tied] = sorted(answers[:tied], key=_unsureness)
        elif verdict.chosen is not None:
            mine = next((i for i, g in enumerate(groups) if verdict.chosen in g.candidates), None)
            first = TopAnswer(self.candidates.get(verdict.chosen))
            if mine is not None:
                known = answers.pop(mine)
                first = TopAnswer(first.candidate, known.label, known.count, known.share)
            answers.insert(0, first)
        return answers[:most] or [TopAnswer(self._longest())]

    def _answer(self, group: VoteGroup, total: float) -> TopAnswer:
        members = [self.candidates[index] for index in group.candidates if index in self.candidates]
        assert self.reached is not None
        judged = self.reached.verdict.tally.method is GroupingMethod.MODEL_JUDGED
        return TopAnswer(
            representative(members) if members else None,
            None if judged else group.label,
            group.count,
            group.weight / total if total else None,
        )

    def _longest(self) -> Candidate | None:
        """Where none ended by itself: the one that came furthest before it was cut short."""
        cut = [c for c in self.in_order if c.response and c.stop is not StopReason.FAILED]
        return max(cut, key=lambda candidate: candidate.tokens, default=None)


def _unsureness(answer: TopAnswer) -> float:
    confidence = answer.candidate.confidence if answer.candidate else None
    return -(confidence or 0.0)
