"""Questions on their way to the engine: one is thought about, the others wait.

It exists so that the order of asking, changing the budget and ending is one small state machine,
apart from what is seen. A question is sent when it is on disk and a model is ready. It must not
know conversations, widgets or the journal.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from desktop_app.chat.answer import Answer
from desktop_app.chat.contracts import Thinker
from desktop_app.chat.open_conversation import PendingQuestion
from desktop_app.deliveries import Deliveries
from desktop_app.spending import with_attempts
from engine.candidate import Beginning
from engine.generation import Message
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
from engine.session import AskRequest, EnergyMeasured, SessionEvent

DeliberationEvent = (
    DeliberationStarted
    | CandidateStarted
    | Progressed
    | CandidateFinished
    | StepFinished
    | StrategyChosen
    | TallyChanged
    | BudgetChanged
    | Noticed
    | VerdictReached
    | DeliberationFailed
    | EnergyMeasured
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What an event did.

    Attributes:
        question: The question it belongs to.
        event: The event.
        redrawn: Whether more changed than text at the end of the answer.
        ended: Whether the question has its verdict, or will have none.
    """

    question: PendingQuestion
    event: DeliberationEvent
    redrawn: bool
    ended: bool


class QuestionQueue:
    """Sends one question at a time.

    Args:
        thinker: The engine.
        deliveries: Waits for a question to be on disk.
        ready: Whether a model is ready.
        context: What the model is told for a question.
        beginning: What the model goes on from, or None.
        changed: Called when another question runs, waits or ends.
        sent: Called when the engine was given a question.
    """

    def __init__(
        self,
        thinker: Thinker,
        deliveries: Deliveries,
        ready: Callable[[], bool],
        context: Callable[[PendingQuestion], tuple[Message, ...]],
        beginning: Callable[[PendingQuestion], Beginning | None],
        changed: Callable[[], None],
        sent: Callable[[PendingQuestion], None],
    ) -> None:
        self._thinker = thinker
        self._deliveries = deliveries
        self._ready = ready
        self._context = context
        self._beginning = beginning
        self._changed = changed
        self._tell_sent = sent
        self._waiting: deque[PendingQuestion] = deque()
        self._running: PendingQuestion | None = None
        self._sent = False
        self._end_with: Callable[[str], None] | None = None
        self._when_idle: Callable[[], None] | None = None

    @property
    def running(self) -> PendingQuestion | None:
        """The question that is thought about."""
        return self._running

    @property
    def ending(self) -> bool:
        """Whether the running question's end was asked for."""
        return self._end_with is not None

    @property
    def busy(self) -> bool:
        """Whether anything is thought about or waits to be."""
        return self._running is not None or bool(self._waiting)

    @property
    def waiting(self) -> int:
        """How many questions wait."""
        return len(self._waiting)

    def runs_in(self, conversation_id: str | None) -> bool:
        """Whether a conversation's question is thought about."""
        return self._running is not None and self._running.conversation_id == conversation_id

    def waits_in(self, conversation_id: str | None) -> bool:
        """Whether a conversation's question waits."""
        return any(question.conversation_id == conversation_id for question in self._waiting)

    @property
    def waiting_in(self) -> frozenset[str]:
        """The conversations whose questions wait."""
        return frozenset(question.conversation_id for question in self._waiting)

    # --- what is asked --------------------------------------------------------------------------

    def add(self, question: PendingQuestion) -> None:
        """Send a question as soon as it can be."""
        self._waiting.append(question)
        self.send_next()

    def send_next(self) -> None:
        """Take up the next question if the engine is free and a model is ready."""
        if self._running is None and self._waiting and self._ready():
            question = self._running = self._waiting.popleft()
            self._deliveries.deliver(
                question.recorded,
                lambda _done: self._send(question),
                lambda _error: self._send(question),
            )
        self._changed()

    def give_budget(self, conversation_id: str | None, attempts: int) -> None:
        """Change the budget of a conversation's question, running or waiting."""
        questions = [q for q in self._waiting if q.conversation_id == conversation_id]
        if self._running is not None and self.runs_in(conversation_id) and not self.ending:
            questions = [self._running]
        for question in questions:
            view = question.answer.view
            changed = with_attempts(view.budget, view.strategy, attempts)
            there = sum(candidate.counts for candidate in question.earlier)
            if changed == view.budget or (there and changed.attempts <= there):
                continue  # a slider does not take back that more was asked for
            if question is self._running and self._sent:
                self._thinker.extend(view.deliberation_id, changed)
            else:
                view.budget = changed

    def answer_now(self) -> None:
        """Reach the running question's verdict from what exists."""
        self._end_by(self._thinker.answer_now)

    def cancel(self) -> None:
        """End the running question."""
        self._end_by(self._thinker.cancel)

    def withdraw(
        self, conversation_id: str, which: Callable[[PendingQuestion], bool] = lambda _: True
    ) -> list[PendingQuestion]:
        """Take back a conversation's questions that were not sent, and return them."""
        waiting = [q for q in self._waiting if q.conversation_id == conversation_id]
        withdrawn = [question for question in waiting if which(question)]
        for question in withdrawn:
            self._waiting.remove(question)
            question.answer.take_back()
        if withdrawn:
            self._changed()
        return withdrawn

    def withdraw_all(self) -> None:
        """Take back every question that was not sent."""
        for conversation_id in {question.conversation_id for question in self._waiting}:
            self.withdraw(conversation_id)

    def when_idle(self, action: Callable[[], None]) -> None:
        """End the running question, then act before the next one is sent."""
        if self._running is None:
            action()
            return
        self._when_idle = action
        self.cancel()

    # --- what the engine tells ------------------------------------------------------------------

    def apply(self, event: SessionEvent) -> Applied | None:
        """Take an event; None when it does not belong to the running question."""
        running = self._running
        if running is None or not isinstance(event, DeliberationEvent):
            return None
        answer = running.answer
        if event.deliberation_id != answer.deliberation_id:
            return None
        before = _seen(answer)
        answer.apply(event)
        after = _seen(answer)
        ended = isinstance(event, VerdictReached | DeliberationFailed)
        anew = isinstance(event, CandidateStarted) and event.index == answer.streamed
        redrawn = ended or anew or before != after
        return Applied(running, event, redrawn, ended)

    def finish(self) -> None:
        """The running question has ended: do what waited for that, then send the next."""
        self._running = None
        self._end_with = None
        self._sent = False
        action, self._when_idle = self._when_idle, None
        if action is not None:
            action()
        self.send_next()

    # --- inside ---------------------------------------------------------------------------------

    def _send(self, question: PendingQuestion) -> None:
        """Send a question that is on disk by now."""
        if self._running is not question:
            return
        if self._end_with is None and not self._ready():  # the model went meanwhile
            self._running = None
            self._waiting.appendleft(question)
            self._changed()
            return
        spending, view = question.spending, question.answer.view
        beginning = self._beginning(question)
        self._thinker.ask(
            AskRequest(
                deliberation_id=view.deliberation_id,
                messages=self._context(question),
                strategy=spending.strategy,
                budget=view.budget,
                sampling=spending.sampling,
                stop_early=spending.stop_early,
                options=spending.options,
                steps_before=len(view.steps),
                message_id=question.answer.message_id,
                earlier=question.earlier,
                greedy_single=beginning is None,
                beginning=beginning,
                json_reply=question.answer.json_reply,
            )
        )
        self._sent = question.answer.asked_for = True
        self._tell_sent(question)
        if self._end_with is not None:
            self._end_with(view.deliberation_id)

    def _end_by(self, command: Callable[[str], None]) -> None:
        """End what runs; if it is just being written down, as soon as it is sent."""
        if self._running is None:
            return
        self._end_with = command
        if self._sent:
            command(self._running.answer.deliberation_id)
        self._changed()


def _seen(answer: Answer) -> tuple[object, ...]:
    """What is seen of an answer beside its text."""
    return answer.streamed, answer.state, answer.sent, answer.steps_so_far, answer.given
