"""What is known of one deliberation while it runs and at its end, gathered from its events."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.candidate import Candidate
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
from engine.tally import Tally


@dataclass(slots=True)
class Gathered:
    """One deliberation.

    Attributes:
        candidates: Finished ones by index, those that were cut short among them.
        started: Indexes of candidates that were begun.
        steps: Steps of a search, as they were written.
        notices: What works differently than asked.
        tally: The votes so far.
        choice: What `auto` chose last, or None.
        energy: What it cost, or None before its end and without a sensor.
        reached: Its verdict, or None before its end.
    """

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
    def end(self) -> VerdictReached:
        """Its verdict; to be asked for after its end."""
        assert self.reached is not None
        return self.reached

    @property
    def chosen(self) -> Candidate | None:
        """The candidate whose response is the answer; to be asked for after its end."""
        chosen = self.end.verdict.chosen
        return None if chosen is None else self.candidates.get(chosen)

    @property
    def first_token_seconds(self) -> float | None:
        """From the question to the first token of any candidate, or None without one."""
        firsts = (candidate.first_token_seconds for candidate in self.candidates.values())
        return min((first for first in firsts if first is not None), default=None)

    @property
    def tokens_per_second(self) -> float | None:
        """Of all candidates together; to be asked for after its end."""
        seconds = self.end.total_seconds
        return self.tokens / seconds if seconds > 0 else None

    @property
    def in_order(self) -> list[Candidate]:
        """Finished candidates, those that were cut short among them."""
        return [self.candidates[index] for index in sorted(self.candidates)]

    @property
    def tokens(self) -> int:
        """Generated tokens of all candidates and steps; what several share counts once."""
        return generated_tokens(self.in_order, self.steps)
