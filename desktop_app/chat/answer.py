"""One deliberation as the window follows it: events in, what the transcript shows out.

It exists so that what is shown of an answer is decided in one place, live and from the journal
alike. It must not know widgets; texts are translated through Qt's application object.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from desktop_app.chat.answer_words import (
    all_cut,
    breaks_off_note,
    chosen_note,
    counted_note,
    energy_method,
    error_body,
    notice_notes,
    text_without_winner,
)
from desktop_app.chat.going_on import Cut
from desktop_app.chat.transcript_figures import spent_on
from desktop_app.chat.turn import Evidence, Role, TurnState, TurnView, VoteShare
from desktop_app.engines import model_title
from desktop_app.error_text import error_text
from desktop_app.spending import Spending
from desktop_app.thinking.live import INTERRUPTED, DeliberationView, LiveCandidate
from desktop_app.words.endpoint_text import ran_elsewhere
from desktop_app.words.translation import translated
from engine.budget import Budget
from engine.candidate import Candidate, StopReason
from engine.errors import PromptTooLongError
from engine.generation import JsonReply, Notice
from engine.journal.records import DeliberationRecord, Status
from engine.own_thinking import OwnThinking
from engine.power.meter import EnergyReport
from engine.power.trace import joined_report
from engine.protocol import (
    CandidateStarted,
    DeliberationFailed,
    DeliberationStarted,
    Noticed,
    Progressed,
    TallyChanged,
    VerdictReached,
)
from engine.session import EnergyMeasured, SessionEvent
from engine.tally import GroupingMethod, Tally
from engine.verdict import Outcome, Verdict, representative

_AT_A_LIMIT = {StopReason.TOKEN_BUDGET, StopReason.CONTEXT_FULL}


@dataclass(slots=True)
class Answer:
    """What is known of one deliberation.

    Attributes:
        view: Its candidates, votes and budget, as the panel shows them.
        message_id: The assistant message it answers in.
        state: How far it is, in the transcript's words.
        seconds: From the question to the verdict, all runs of "think longer" together.
        energy: What it cost, all runs together, once measured.
        notices: What worked differently than asked.
        streamed: Index of the candidate whose text the transcript follows.
        prompt_tokens: Tokens of the rendered question, once known.
        before: The answer as it was before it was to be thought about longer.
        model_path: The model that gave it, or "" before it began.
        own_thinking: What is wished of the model's own thinking.
        greedy: Whether its first candidate takes the likeliest tokens.
        json_reply: What its replies must be, or None where they are free.
        begun: The answer that it goes on from, or None.
        asked_for: Whether the question was given to the engine, which may not have read it yet.
    """

    view: DeliberationView
    message_id: str
    state: TurnState = TurnState.WAITING
    seconds: float | None = None
    energy: EnergyReport | None = None
    notices: list[Notice] = field(default_factory=list)
    streamed: int | None = None
    prompt_tokens: int | None = None
    before: Answer | None = None
    model_path: str = ""
    own_thinking: OwnThinking = OwnThinking.AUTO
    greedy: bool = False
    json_reply: JsonReply | None = None
    begun: Cut | None = None
    asked_for: bool = False
    _measured: EnergyReport | None = None
    """What the run that is about to end cost."""

    @classmethod
    def fresh(
        cls,
        deliberation_id: str,
        message_id: str,
        strategy: str,
        budget: Budget,
    ) -> Answer:
        """Return an answer nothing has happened to."""
        return cls(DeliberationView(deliberation_id, strategy, budget), message_id)

    @classmethod
    def asked(
        cls, deliberation_id: str, message_id: str, spending: Spending, begun: Cut | None = None
    ) -> Answer:
        """Return an answer that is about to be thought about; `begun` is what it goes on from."""
        answer = cls.fresh(deliberation_id, message_id, spending.strategy, spending.budget)
        answer.own_thinking = spending.options.own_thinking
        drawn = begun is not None or spending.budget.attempts > 1
        answer.greedy = not drawn or spending.sampling.temperature == 0
        answer.begun = begun
        answer.json_reply = begun.json_reply if begun is not None else None
        answer._show_beginning()
        return answer

    @classmethod
    def recorded(cls, record: DeliberationRecord, message_id: str) -> Answer:
        """Return a deliberation as the journal knows it."""
        view = DeliberationView.from_record(record)
        states = {Status.FINISHED: TurnState.FINISHED, Status.FAILED: TurnState.FAILED}
        if record.status in {Status.RUNNING, Status.INTERRUPTED}:
            view.failed_code = INTERRUPTED
        unfinished = min((draft.index for draft in record.drafts), default=None)
        first = min((candidate.index for candidate in record.candidates), default=unfinished)
        answer = cls(
            view=view,
            message_id=message_id,
            state=states.get(record.status, TurnState.INTERRUPTED),
            seconds=record.total_seconds,
            energy=record.energy,
            streamed=first,
            model_path=record.model_path,
            own_thinking=record.options.own_thinking,
            greedy=_was_greedy(record),
            json_reply=record.json_reply,
        )
        answer._follow_leader()
        return answer

    # --- what is asked of it --------------------------------------------------------------------

    @property
    def deliberation_id(self) -> str:
        """Which deliberation this is."""
        return self.view.deliberation_id

    @property
    def running(self) -> bool:
        """Whether the engine works on it or will."""
        return self.state in {TurnState.WAITING, TurnState.STREAMING}

    @property
    def finished(self) -> tuple[Candidate, ...]:
        """Finished candidates in order of index."""
        live = self.view.candidates
        return tuple(done for index in sorted(live) if (done := live[index].finished) is not None)

    @property
    def shown(self) -> Candidate | None:
        """The finished candidate whose response is the answer, or None."""
        chosen = None if self.state is not TurnState.FINISHED else self.view.chosen
        if self.view.promoted is not None:
            chosen = self.view.promoted
        return self.candidate(chosen) if chosen is not None else None

    @property
    def ran_elsewhere(self) -> bool:
        """Whether other machines worked on it, which no sensor here measured."""
        return ran_elsewhere(self.finished)

    @property
    def cut(self) -> Cut | None:
        """What can be gone on from where the answer was cut, or None."""
        live = self._cut_candidate()
        if live is None or not (live.thought or live.response).strip():
            return None
        done = live.finished
        tokens = done.begun_tokens + done.tokens if done is not None else live.tokens
        context_tokens = 0
        if done is not None and done.stop is StopReason.CONTEXT_FULL and self.prompt_tokens:
            context_tokens = self.prompt_tokens + done.tokens  # what it went on from was prompt
        thought_tokens = done.whole_thought_tokens if done is not None else 0
        return Cut(
            thought=live.thought,
            response=live.response,
            written=done.written if done is not None else "",
            tokens=tokens,
            thought_tokens=thought_tokens if live.response else tokens,
            context_tokens=context_tokens,
            model_path=self.model_path,
            strategy=self.view.strategy,
            own_thinking=self.own_thinking,
            greedy=self.greedy and live.index == 0,
            json_reply=self.json_reply,
        )

    def _cut_candidate(self) -> LiveCandidate | None:
        """The candidate that is read in the answer's place, if it did not end by itself."""
        if self.running:
            return None
        shown, decided = self.shown, self._decided
        index = shown.index if shown is not None else self.streamed
        if shown is None and decided is not None:
            if decided.outcome is Outcome.TIE:
                return None
            if decided.outcome is Outcome.NO_ANSWER:
                cut = [done for done in self.finished if done.stop in _AT_A_LIMIT]
                index = representative(cut).index if cut else None
        live = self.view.candidates.get(index) if index is not None else None
        done = live.finished if live is not None else None
        return None if done is not None and done.stop is StopReason.FINISHED else live

    @property
    def given(self) -> bool:
        """Whether only the text that it goes on from is there yet."""
        return any(live.given for live in self.view.candidates.values())

    @property
    def rateable(self) -> bool:
        """Whether there is an answer a person can judge."""
        return self.state is TurnState.FINISHED and self.shown is not None

    @property
    def sent(self) -> bool:
        """Whether the engine has the question; an answer that waits may not be that far."""
        return self.view.started_at is not None or not self.running

    @property
    def steps_so_far(self) -> int:
        """Steps that a search has written while there is no answer to follow yet."""
        return len(self.view.steps) if self.state is TurnState.WAITING else 0

    def candidate(self, index: int) -> Candidate | None:
        """A finished candidate, or None."""
        live = self.view.candidates.get(index)
        return live.finished if live is not None else None

    def begin_again(self, budget: Budget) -> None:
        """Prepare for another run that builds on the finished candidates."""
        self.before = replace(self)
        if self.state is not TurnState.FINISHED and self.finished:
            self.seconds, self.energy = self.seconds or 0.0, None  # a part of it is not known
        done = {i: c for i, c in self.view.candidates.items() if c.finished is not None}
        self.view = replace(
            self.view,
            budget=budget,
            verdict=None,
            promoted=None,
            earlier_seconds=self.view.elapsed_seconds,
            failed_code="",
            failed_detail="",
            started_at=None,
            candidates=done,
        )
        self.state, self.asked_for = TurnState.WAITING, False
        self._show_beginning()

    @property
    def goes_on_from(self) -> Cut | None:
        """What its next candidate goes on from, or None once one has come of it."""
        return None if any(candidate.counts for candidate in self.finished) else self.begun

    @property
    def went_on(self) -> bool:
        """Whether a candidate went on from an answer that was cut, and took only what is new."""
        return any(candidate.begun_tokens for candidate in self.finished)

    def _show_beginning(self) -> None:
        """Let the text that it goes on from stand there before the first of the new."""
        begun = self.goes_on_from
        if begun is not None:
            index = 1 + max(self.view.candidates, default=-1)
            self.view.candidates[index] = LiveCandidate(
                index, thought=begun.thought, response=begun.response, given=True
            )
            self.streamed = index

    def take_back(self) -> None:
        """The run that was prepared is not wanted any more: be as before, or not sent at all."""
        before = self.before
        if before is None:
            self.fail_unsent()
            return
        self.view, self.state, self.before = before.view, before.state, None
        self.streamed = before.streamed
        self.seconds, self.energy = before.seconds, before.energy

    def fail_unsent(self) -> None:
        """The engine never had the question."""
        live = self.view.candidates
        self.view.candidates = {index: one for index, one in live.items() if not one.given}
        self.fail("not-sent")

    def fail(self, code: str) -> None:
        """End without a verdict; `code` is in the table of error texts."""
        self.view.failed_code = code
        self.view.revision += 1
        self.state = TurnState.FAILED

    # --- events ---------------------------------------------------------------------------------

    def apply(self, event: SessionEvent) -> None:
        """Take one event of this deliberation."""
        self.view.apply(event)
        match event:
            case DeliberationStarted():
                self.before = None
                self.view.started_at = time.monotonic()
            case CandidateStarted() if self.streamed is None:
                self.streamed = event.index
            case Progressed():
                self.prompt_tokens = event.prompt_tokens_total or self.prompt_tokens
                self.state = TurnState.STREAMING if event.deltas else self.state
            case TallyChanged():
                self._follow_leader()
            case Noticed():
                self.notices.append(event.notice)
            case EnergyMeasured():
                self._measured = event.report
            case VerdictReached():
                self._add_run(event.total_seconds)
                self.prompt_tokens = event.prompt_tokens or self.prompt_tokens
                self.state = TurnState.FINISHED
            case DeliberationFailed():
                self.state = TurnState.FAILED

    def _follow_leader(self) -> None:
        """Let the transcript follow the group that leads, without moving within it."""
        leader = self.view.tally.leader
        if leader is not None and self.streamed not in leader.candidates:
            self.streamed = leader.candidates[0]

    def _add_run(self, seconds: float) -> None:
        """Add what a run took, and what was measured meanwhile, to what earlier ones took."""
        measured, self._measured = self._measured, None
        if self.seconds is None:
            self.energy, self.seconds = measured, seconds
        else:
            self.energy = joined_report(self.energy, self.seconds, measured, seconds)
            self.seconds += seconds

    # --- what is shown --------------------------------------------------------------------------

    @property
    def said(self) -> str:
        """What the model said as its answer, Markdown; "" where no response is the answer."""
        shown = self.shown
        if shown is not None:
            return shown.response
        if self._decided is not None and self._decided.outcome in {Outcome.TIE, Outcome.NO_ANSWER}:
            return ""
        return self._streamed_text()[1]

    def text(self) -> str:
        """What is read in the answer's place now: what the model said, or why it said nothing."""
        said = self.said
        if self._decided is not None and not said.strip():
            return text_without_winner(
                self._decided,
                self.finished,
                self.view.budget.tokens_per_candidate,
                was_thinking=self.cut is not None,
            )
        return said

    @property
    def _decided(self) -> Verdict | None:
        return self.view.verdict if self.state is TurnState.FINISHED else None

    def turn(
        self,
        version: int = 1,
        makers: tuple[str, ...] = (),
        name_of: Callable[[Path], str] = model_title,
    ) -> TurnView:
        """The answer as the transcript shows it.

        Args:
            version: Which one of several it is.
            makers: What gave each of them, where there are several.
            name_of: What people call the model of a path.
        """
        shown = self.shown
        thought, thought_tokens = self._streamed_text()[0], 0
        if shown is not None:
            thought, thought_tokens = shown.thought, shown.whole_thought_tokens
        elif self.view.verdict is not None:
            cut = self.cut
            thought, thought_tokens = (cut.thought, cut.thought_tokens) if cut else ("", 0)
        failed = self.state is TurnState.FAILED
        error = translated(error_text(self.view.failed_code)) if failed else None
        return TurnView(
            message_id=self.message_id,
            role=Role.ASSISTANT,
            text=self.text(),
            thought=thought,
            thought_tokens=thought_tokens,
            state=self.state,
            evidence=self.evidence(name_of, one_of_several=len(makers) > 1),
            so_far=self.so_far,
            version=version,
            versions=max(1, len(makers)),
            makers=makers,
            error_title=error.title if error else "",
            error_text=error_body(error, self.view.failed_detail) if error else "",
            settings_help=failed and self.view.failed_code == PromptTooLongError.code,
            rateable=self.rateable,
            thumb=self.view.feedback.thumb_on(shown.index) if shown is not None else None,
            sent=self.sent,
            asked_for=self.asked_for,
            steps=self.steps_so_far,
            wants_tokens=self._all_cut and (len(self.finished) > 1 or not self.said.strip()),
        )

    @property
    def _all_cut(self) -> bool:
        """Whether the limit of tokens cut every candidate."""
        return self._decided is not None and all_cut(self.finished)

    def model_name(self, name_of: Callable[[Path], str] = model_title) -> str:
        """What people call the model that gave it, or "" before it began."""
        return name_of(Path(self.model_path)) if self.model_path else ""

    def maker(self, name_of: Callable[[Path], str] = model_title) -> str:
        """What gives it: model, strategy and budget."""
        way = spent_on(self.view.strategy, self.view.budget.attempts)
        return ", ".join(filter(None, (self.model_name(name_of), way)))

    def evidence(
        self, name_of: Callable[[Path], str] = model_title, *, one_of_several: bool = False
    ) -> Evidence | None:
        """How the answer came about, or None before its end."""
        verdict = self.view.verdict
        if verdict is None or self.state is not TurnState.FINISHED:
            return None
        counted = [candidate for candidate in self.finished if candidate.counts]
        groups = self._shares(verdict.tally)
        return Evidence(
            candidates=len(counted),
            votes=verdict.tally.votes,
            groups=groups,
            no_answer=len(verdict.tally.no_answer),
            settled=verdict.tally.settled if len(counted) > 1 and groups else None,
            seconds=self.seconds,
            joules=self.energy.joules if self.energy else None,
            energy_method=energy_method(self.energy),
            shared=bool(self.energy and self.energy.shared),
            elsewhere=self.ran_elsewhere,
            saved_attempts=verdict.saved_attempts,
            stopped=verdict.stopped,
            outcome=verdict.outcome,
            weighed=verdict.tally.is_weighed,
            cut=sum(
                done.stop is StopReason.TOKEN_BUDGET and not done.cut_in_thought for done in counted
            ),
            full=sum(candidate.stop is StopReason.CONTEXT_FULL for candidate in counted),
            notes=self._notes(verdict),
            strategy=self.view.strategy,
            thoughts_cut=tuple(done.thought_cut_tokens for done in counted if done.thought_cut),
            attempts=self.view.budget.attempts,
            model=self.model_name(name_of),
            one_of_several=one_of_several,
        )

    @property
    def so_far(self) -> Evidence | None:
        """How it stands while it is being thought about; None where one candidate is all."""
        view = self.view
        if self.state is not TurnState.STREAMING or view.budget.attempts < 2:
            return None
        if view.tally.method is GroupingMethod.MEDOID:  # of an earlier run, which was no vote
            ended = sum(candidate.counts for candidate in self.finished)
            return Evidence(
                ended, 0, under_way=view.under_way, attempts=view.budget.attempts,
                seconds=float(int(view.elapsed_seconds)),
            )  # fmt: skip
        return Evidence(
            candidates=view.counted,
            votes=view.tally.votes,
            groups=self._shares(view.tally),
            no_answer=len(view.tally.no_answer),
            seconds=float(int(view.elapsed_seconds)),  # parts of a second would only flicker
            weighed=view.tally.is_weighed,
            under_way=view.under_way,
            attempts=view.budget.attempts,
        )

    def _shares(self, tally: Tally) -> tuple[VoteShare, ...]:
        return tuple(
            VoteShare(
                self.view.label(group),
                group.count,
                self._speaker(group.candidates),
                self.view.group_number(group.key),
                group.weight,
            )
            for group in tally.groups
        )

    def _speaker(self, indexes: tuple[int, ...]) -> int | None:
        members = [done for index in indexes if (done := self.candidate(index)) is not None]
        return representative(members).index if members else None

    def _notes(self, verdict: Verdict) -> tuple[str, ...]:
        stop = self.shown.stop if self.shown is not None else None
        return (
            *chosen_note(self.view.promoted),
            *breaks_off_note(stop, all_alike=self._all_cut and len(self.finished) > 1),
            *counted_note(verdict.tally.method),
            *notice_notes(self.notices),
        )

    def _streamed_text(self) -> tuple[str, str]:
        """(thought, response) of the candidate the transcript follows."""
        index = self.streamed
        if index is None:
            return "", ""
        live = self.view.candidates.get(index)
        return (live.thought, live.response) if live is not None else ("", "")


def _was_greedy(record: DeliberationRecord) -> bool:
    """Whether the first candidate took the likeliest tokens; one that went on says so itself."""
    begun = any(candidate.begun_tokens for candidate in record.candidates)
    alone = record.budget.attempts == 1 and not begun
    return alone or record.sampling.temperature == 0
