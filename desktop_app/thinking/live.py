"""One deliberation as the panel shows it, live or from the journal. Plain Python, no Qt.

It applies the engine's events and knows what a person asks of them: whose colour, who is fastest,
how far. `revision` grows with every change, so that nothing is painted twice. It must not know how
anything looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from engine.budget import Budget
from engine.candidate import Candidate
from engine.feedback import Feedback
from engine.journal.records import DeliberationRecord, Status
from engine.options import StrategyChoice
from engine.protocol import (
    BudgetChanged,
    CandidateFinished,
    CandidateStarted,
    DeliberationFailed,
    DeliberationStarted,
    Noticed,
    Progressed,
    StepFinished,
    StrategyChosen,
    TallyChanged,
    VerdictReached,
)
from engine.session import EnergyMeasured, SessionEvent
from engine.step import Step, generated_tokens
from engine.tally import GroupingMethod, Tally, VoteGroup, tally_votes
from engine.verdict import Verdict

INTERRUPTED = "interrupted"
"""The failure code of a deliberation that ended with the program."""


SELF_ASSESSED = "self-assessed"
"""The notice that the model scores its answers without having been trained to."""


class Standing(Enum):
    """What a candidate means for the vote."""

    WAITING = auto()
    """No token yet."""
    RUNNING = auto()
    VOTED = auto()
    NO_ANSWER = auto()
    NOT_COUNTED = auto()
    """Cut short by us, or failed: it says nothing."""


@dataclass(slots=True)
class LiveCandidate:
    """A candidate while it streams, and after. Its times count from the question.

    Attributes:
        finished: Its final form, whose times count from its own run; None while it runs.
        run_began: When its run began: later than 0 where it was thought about longer.
        given: Whether its text is only what it goes on from, which the engine tells again.
    """

    index: int
    round: int = 0
    run_began: float = 0.0
    queued_seconds: float = 0.0
    thought: str = ""
    response: str = ""
    tokens: int = 0
    first_token_seconds: float | None = None
    finished: Candidate | None = None
    given: bool = False

    @property
    def ended_seconds(self) -> float | None:
        """When it ended, or None while it runs."""
        return None if self.finished is None else self.run_began + self.finished.finished_seconds

    @property
    def answer(self) -> str | None:
        """The extracted answer, once finished."""
        done = self.finished
        return done.answer.text if done is not None and done.answer is not None else None

    def tokens_per_second(self, now_seconds: float) -> float | None:
        """Decode speed so far, or None before there are two tokens."""
        if self.finished is not None:
            return self.finished.tokens_per_second
        if self.first_token_seconds is None or self.tokens < 2:
            return None
        span = now_seconds - self.first_token_seconds
        return (self.tokens - 1) / span if span > 0 else None


@dataclass(slots=True)
class DeliberationView:
    """Everything the panel draws.

    Attributes:
        elapsed_seconds: Since the start, as far as the last event or the clock told; all runs
            together.
        earlier_seconds: What earlier runs took; times of the present one count from there.
        prompt_tokens: Tokens of the question read and in all, while it is being read.
        fastest: The quickest candidate that answered, once there are two.
        promoted: The candidate the person made the answer instead of the verdict's.
        feedback: What the person said of it, as recorded.
        steps: Finished steps of a search, by index.
        choice: What `auto` decided, or None.
        verified: Whether scores are a trained verifier's, or None where that is not known any more.
        started_at: `time.monotonic()` of the start, if it was seen.
        revision: Grows with every change.
        read_only: Whether it belongs to another program, so that nobody here chooses in it.
    """

    deliberation_id: str
    strategy: str
    budget: Budget
    candidates: dict[int, LiveCandidate] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    verdict: Verdict | None = None
    failed_code: str = ""
    failed_detail: str = ""
    elapsed_seconds: float = 0.0
    earlier_seconds: float = 0.0
    joules_by_candidate: dict[int, float] = field(default_factory=dict)
    prompt_tokens: tuple[int, int] | None = None
    fastest: int | None = None
    promoted: int | None = None
    feedback: Feedback = field(default_factory=Feedback)
    steps: list[Step] = field(default_factory=list)
    choice: StrategyChoice | None = None
    verified: bool | None = None
    started_at: float | None = None
    revision: int = 0
    read_only: bool = False
    _colours: dict[str, int] = field(default_factory=dict)
    _groups_of: dict[int, int] = field(default_factory=dict)

    @classmethod
    def from_record(cls, record: DeliberationRecord) -> DeliberationView:
        """Return the view of a stored deliberation."""
        view = cls(record.deliberation_id, record.strategy, record.budget)
        for draft in record.drafts:
            view.candidates[draft.index] = LiveCandidate(
                draft.index, thought=draft.thought, response=draft.response, tokens=draft.tokens
            )
        for candidate in record.candidates:
            view._finish(candidate)
        view.joules_by_candidate = dict(record.joules_by_candidate)
        view.promoted = record.promoted
        view.feedback = record.feedback
        view.steps = list(record.steps)
        view.choice = record.choice
        view.failed_code, view.failed_detail = record.error_code, record.error_detail
        if record.verdict is not None:
            view._set_verdict(record.verdict)
        else:
            view._set_tally(tally_votes(record.candidates))
            if not view.failed_code and record.status is not Status.FINISHED:
                view.failed_code = INTERRUPTED
        ends = [c.finished_seconds for c in record.candidates]
        view.elapsed_seconds = record.total_seconds or max(ends, default=0.0)
        return view

    @property
    def running(self) -> bool:
        """Whether it still thinks."""
        return self.verdict is None and not self.failed_code

    @property
    def way(self) -> str:
        """How the budget is spent: the strategy, or what `auto` chose."""
        if self.choice is None or self.choice.strategy == "stop":
            return self.strategy
        return self.choice.strategy

    @property
    def chosen(self) -> int | None:
        """The candidate that is shown: the person's choice before the verdict's."""
        if self.promoted is not None:
            return self.promoted
        return self.verdict.chosen if self.verdict is not None else None

    @property
    def first_token_seconds(self) -> float | None:
        """When the first token of all was there."""
        known = [c.first_token_seconds for c in self.candidates.values()]
        return min((value for value in known if value is not None), default=None)

    @property
    def tokens(self) -> int:
        """Generated tokens of all candidates and steps; what several paths share counts once."""
        shown = self.candidates.values()
        finished = (candidate.finished for candidate in shown if candidate.finished is not None)
        in_flight = sum(candidate.tokens for candidate in shown if candidate.finished is None)
        return generated_tokens(finished, self.steps) + in_flight

    @property
    def counted(self) -> int:
        """Candidates that ended by themselves: the votes and those without an answer."""
        return self.tally.votes + len(self.tally.no_answer)

    @property
    def under_way(self) -> int:
        """Candidates that have not ended; none once the deliberation is over."""
        if not self.running:
            return 0
        return sum(1 for candidate in self.candidates.values() if candidate.finished is None)

    def can_prefer(self, index: int) -> bool:
        """Whether a candidate can be preferred: it ended by itself and says something."""
        candidate = self.candidates.get(index)
        done = candidate.finished if candidate is not None else None
        able = done is not None and done.counts and bool(done.response)
        return able and not self.running and not self.read_only

    def group_number(self, key: str) -> int:
        """A group's place: of first appearance while it thinks, and by its votes at the end."""
        return self._colours.setdefault(key, len(self._colours))

    def label(self, group: VoteGroup) -> str:
        """A group's answer as the chosen candidate writes it, or else as its first member does."""
        chosen = self.verdict.chosen if self.verdict is not None else None
        live = self.candidates.get(chosen) if chosen in group.candidates else None
        spoken = live.finished.answer if live is not None and live.finished is not None else None
        return spoken.text if spoken is not None else group.label

    def group_of(self, index: int) -> int | None:
        """The number of the group a candidate was counted in, or None."""
        return self._groups_of.get(index)

    def tally_group_of(self, index: int) -> VoteGroup | None:
        """The vote group a candidate was counted in, or None."""
        return next((group for group in self.tally.groups if index in group.candidates), None)

    def standing(self, index: int) -> Standing:
        """What a candidate means for the vote now."""
        candidate = self.candidates[index]
        done = candidate.finished
        if index in self._groups_of:
            return Standing.VOTED
        if done is None:
            return Standing.RUNNING if candidate.tokens else Standing.WAITING
        if not done.counts or self.tally.method is GroupingMethod.MEDOID:
            return Standing.NOT_COUNTED
        # An answer that is not in the tally yet is counted with the next `TallyChanged`.
        return Standing.NO_ANSWER if done.answer is None else Standing.RUNNING

    def apply(self, event: SessionEvent) -> None:
        """Take one event; those of other deliberations are ignored."""
        if getattr(event, "deliberation_id", None) != self.deliberation_id:
            return
        self.revision += 1
        if self._follow_strategy(event):
            return
        match event:
            case CandidateStarted():
                self._start(event)
            case Progressed():
                self._progress(event)
            case CandidateFinished():
                self._finish(event.candidate)
            case TallyChanged():
                self._set_tally(event.tally)
            case EnergyMeasured():
                known = self.joules_by_candidate  # those of earlier runs stay
                self.joules_by_candidate = {**known, **event.joules_by_candidate}
            case VerdictReached():
                self.elapsed_seconds = self.earlier_seconds + event.total_seconds
                self._set_verdict(event.verdict)
            case DeliberationFailed():
                self.failed_code, self.failed_detail = event.code, event.detail
            case _:
                self.revision -= 1

    def _start(self, event: CandidateStarted) -> None:
        """A candidate began, or began anew; what it goes on from stays until it is told."""
        began = self.earlier_seconds
        fresh = LiveCandidate(event.index, event.round, began, began + event.queued_seconds)
        known = self.candidates.get(event.index)
        if known is not None and known.given:
            fresh.thought, fresh.response, fresh.given = known.thought, known.response, True
        self.candidates[event.index] = fresh
        self._reach(event.queued_seconds)

    def tick(self, now: float) -> None:
        """Let time pass of which no event tells, a second at a time.

        Args:
            now: `time.monotonic()`.
        """
        if self.started_at is None or not self.running:
            return
        passed = self.earlier_seconds + now - self.started_at
        if passed >= self.elapsed_seconds + 1:
            self.elapsed_seconds = passed
            self.revision += 1

    def _follow_strategy(self, event: SessionEvent) -> bool:
        """Take what a strategy tells of its way; says whether the event was that."""
        match event:
            case StepFinished():
                self.steps.append(event.step)
                self._reach(event.step.finished_seconds)
            case StrategyChosen():
                self.choice = event.choice
            case BudgetChanged():
                self.budget = event.budget
            case DeliberationStarted():
                self.verified = True
            case Noticed() if event.notice.code == SELF_ASSESSED:
                self.verified = False
            case _:
                return False
        return True

    def _progress(self, event: Progressed) -> None:
        self._reach(event.elapsed_seconds)
        if event.prompt_tokens_total is not None:
            self.prompt_tokens = (event.prompt_tokens_done or 0, event.prompt_tokens_total)
        elif event.deltas:
            self.prompt_tokens = None
        for delta in event.deltas:
            fresh = LiveCandidate(delta.index, run_began=self.earlier_seconds)
            candidate = self.candidates.setdefault(delta.index, fresh)
            if candidate.given:
                candidate.thought = candidate.response = ""
                candidate.given = False
            candidate.thought += delta.thought
            candidate.response += delta.response
            candidate.tokens = delta.tokens
            candidate.first_token_seconds = _later(candidate.run_began, delta.first_token_seconds)

    def _reach(self, seconds: float) -> None:
        """The present run has come so far."""
        self.elapsed_seconds = max(self.elapsed_seconds, self.earlier_seconds + seconds)

    def _finish(self, done: Candidate) -> None:
        began = self.earlier_seconds
        self.candidates[done.index] = LiveCandidate(
            index=done.index,
            round=done.round,
            run_began=began,
            queued_seconds=began + done.queued_seconds,
            thought=done.thought,
            response=done.response,
            tokens=done.tokens,
            first_token_seconds=_later(began, done.first_token_seconds),
            finished=done,
        )
        self._reach(done.finished_seconds)
        answered = [c.finished for c in self.candidates.values() if c.finished and c.answer]
        if len(answered) > 1:
            self.fastest = min(answered, key=lambda candidate: candidate.seconds).index

    def _set_verdict(self, verdict: Verdict) -> None:
        """From now on the leader has the first group's colour, whichever came first."""
        self.verdict = verdict
        self._colours = {group.key: place for place, group in enumerate(verdict.tally.groups)}
        self._set_tally(verdict.tally)

    def _set_tally(self, tally: Tally) -> None:
        self.tally = tally
        for group in sorted(tally.groups, key=self._arrival):
            self.group_number(group.key)
        self._groups_of = {
            index: self.group_number(group.key)
            for group in tally.groups
            for index in group.candidates
        }

    def _arrival(self, group: VoteGroup) -> float:
        """When a group first appeared, the same live and restored."""
        members = (self.candidates.get(index) for index in group.candidates)
        ends = [c.finished.finished_seconds for c in members if c is not None and c.finished]
        return min(ends, default=float("inf"))


def _later(began: float, seconds: float | None) -> float | None:
    return None if seconds is None else began + seconds
