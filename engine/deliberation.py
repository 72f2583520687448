"""The deliberation: one question, one strategy, one backend, and the only loop between them.

It asks the strategy, hands attempts to the backend, turns the backend's events into candidates,
keeps the tally and tells what happened. It owns no thread and no process; the worker drives it
through `begin`, `handle` and `tick`, and several can share a backend.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator

import msgspec

from engine.answers.groups import AnswerGroups
from engine.attempt import LiveAttempt
from engine.backends.base import (
    Backend,
    BackendEvent,
    Ended,
    Generated,
    GenerationRequest,
    PromptRead,
)
from engine.budget import Budget
from engine.candidate import Candidate, StopReason
from engine.errors import BadRequestError, EngineError
from engine.generation import GREEDY, Message, Notice, Sampling
from engine.judgement import Judgement
from engine.protocol import (
    PROGRESS_SECONDS,
    BudgetChanged,
    CandidateFinished,
    CandidateStarted,
    Deliberate,
    DeliberationFailed,
    DeliberationStarted,
    Event,
    Noticed,
    Progressed,
    TallyChanged,
    VerdictReached,
)
from engine.strategies import strategy_named
from engine.strategies.base import Attempt, Progress
from engine.strategies.revise import revision_prompt
from engine.tally import GroupingMethod, Tally, tally_votes
from engine.verdict import StoppedWhy, decide

_SEED_BITS = 31

_STOP_OF = {
    StoppedWhy.CANCELLED: StopReason.CANCELLED,
    StoppedWhy.TIME_UP: StopReason.TIME_UP,
}


class Deliberation:
    """Runs one `Deliberate` command to its verdict.

    Args:
        command: What to think about, and how.
        backend: Where attempts run; shared with others.
        groups: Tells which answers are equal.
        request_ids: Gives ids that are unique in the backend.
        emit: Receives every event.
        clock: Monotonic seconds.

    Raises:
        BadRequestError: The strategy is unknown or there is no question.
    """

    def __init__(
        self,
        command: Deliberate,
        backend: Backend,
        groups: AnswerGroups,
        request_ids: Iterator[int],
        emit: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not command.messages or command.messages[-1].role != "user":
            raise BadRequestError("the last message must be a question")
        try:
            self._strategy = strategy_named(command.strategy)
        except ValueError as error:
            raise BadRequestError(str(error)) from error
        self.deliberation_id = command.deliberation_id
        self.done = False
        self._command = command
        self._backend = backend
        self._groups = groups
        self._request_ids = request_ids
        self._emit = emit
        self._clock = clock
        self._budget = command.budget
        self._sampling = _effective_sampling(command)
        self._seed = self._sampling.seed or 0
        self._started_at = clock()
        self._live: dict[int, LiveAttempt] = {}
        self._finished: list[Candidate] = [
            candidate for candidate in command.earlier if candidate.counts
        ]
        self._next_index = 1 + max((c.index for c in command.earlier), default=-1)
        self._tally = Tally()
        self._tally_changed = False
        self._stopping: StoppedWhy | None = None
        self._judgement: Judgement | None = None
        self._prompt: PromptRead | None = None
        self._prompt_changed = False
        self._told_at = float("-inf")

    # --- what the worker calls ------------------------------------------------------------------

    def begin(self) -> None:
        """Tell that it started, and start the first attempts."""
        self._emit(DeliberationStarted(self.deliberation_id, self._seed))
        for candidate in self._finished:
            self._count(candidate)
        self._recount()
        self._advance()

    def owns(self, request_id: int) -> bool:
        """Whether a backend event belongs here."""
        return request_id in self._live or (
            self._judgement is not None and self._judgement.owns(request_id)
        )

    def handle(self, event: BackendEvent) -> None:
        """Take one event of one of our requests."""
        if isinstance(event, Notice):
            self._emit(Noticed(event, self.deliberation_id))
        elif self._judgement is not None and self._judgement.owns(event.request_id):
            if not isinstance(event, PromptRead):
                self._judgement.handle(event)
                self._judge_on()
        elif isinstance(event, PromptRead):
            self._prompt = event
            self._prompt_changed = True
        elif isinstance(event, Generated):
            closing = self._live[event.request_id].take(event, self._now())
            if closing is not None:
                self._backend.append(event.request_id, closing)
        else:
            self._end_attempt(event)

    def tick(self) -> None:
        """Watch the clock and send what has gathered; called after every step."""
        seconds = self._budget.seconds
        if seconds is not None and self._now() >= seconds and self._stopping is None:
            self._stop(StoppedWhy.TIME_UP)
        if not self.done and self._clock() - self._told_at >= PROGRESS_SECONDS:
            self._flush()

    def extend(self, budget: Budget) -> None:
        """Replace the budget while running."""
        if self._stopping is not None:
            return
        self._budget = budget
        self._emit(BudgetChanged(self.deliberation_id, budget))
        self._advance()

    def answer_now(self) -> None:
        """Reach the verdict from what exists."""
        self._stop(StoppedWhy.ANSWERED_NOW)

    def cancel(self) -> None:
        """End; finished candidates stay."""
        self._stop(StoppedWhy.CANCELLED)

    def fail(self, error: EngineError) -> None:
        """End without a verdict because the engine cannot go on."""
        self._flush()
        self._backend.cancel(tuple(self._live))
        self._live.clear()
        self.done = True
        self._emit(DeliberationFailed(self.deliberation_id, error.code, error.detail))

    # --- the loop -------------------------------------------------------------------------------

    def _now(self) -> float:
        return self._clock() - self._started_at

    def _advance(self) -> None:
        """Ask the strategy what to do next and do it."""
        if self._stopping is not None:
            return
        decision = self._strategy.decide(
            Progress(
                budget=self._budget,
                finished=tuple(self._finished),
                in_flight=tuple(live.attempt for live in self._live.values()),
                tally=self._tally,
                stop_early=self._command.stop_early,
            )
        )
        if decision.start:
            self._start(decision.start)
        if decision.stop is not None:
            self._stop(decision.stop)
        elif not self._live:
            self._stop(StoppedWhy.BUDGET_SPENT)

    def _start(self, attempts: tuple[Attempt, ...]) -> None:
        requests = []
        now = self._now()
        sampling = self._sampling
        if self._budget.attempts == 1 and self._command.greedy_single:
            sampling = msgspec.structs.replace(sampling, temperature=0.0)
        for attempt in attempts:
            index = self._next_index
            self._next_index += 1
            request_id = next(self._request_ids)
            seed = (self._seed + index) % 2**_SEED_BITS
            self._live[request_id] = LiveAttempt(
                index,
                attempt,
                seed,
                thought_opening=self._backend.report.thought_opening,
                thought_cap=self._budget.thought_tokens,
                queued_seconds=now,
            )
            requests.append(
                GenerationRequest(
                    request_id=request_id,
                    messages=self._messages_for(attempt),
                    sampling=msgspec.structs.replace(sampling, seed=seed),
                    max_tokens=self._budget.tokens_per_candidate,
                )
            )
            self._emit(
                CandidateStarted(
                    self.deliberation_id, index, attempt.round, seed, now, attempt.earlier
                )
            )
        try:
            self._backend.submit(requests)
        except EngineError as error:
            for request in requests:
                self._live.pop(request.request_id, None)
            self.fail(error)

    def _messages_for(self, attempt: Attempt) -> tuple[Message, ...]:
        messages = self._command.messages
        if not attempt.earlier:
            return messages
        by_index = {candidate.index: candidate for candidate in self._finished}
        shown = [by_index[index].response for index in attempt.earlier if index in by_index]
        question = Message("user", revision_prompt(messages[-1].content, shown))
        return (*messages[:-1], question)

    def _end_attempt(self, event: Ended) -> None:
        live = self._live.pop(event.request_id)
        stop = event.stop
        if stop is StopReason.CANCELLED and self._stopping is not None:
            stop = _STOP_OF.get(self._stopping, StopReason.NOT_NEEDED)
        question = self._command.messages[-1].content
        candidate = live.finish(event, stop, question, self._now())
        delta = live.take_delta()
        if delta is not None:
            self._emit(Progressed(self.deliberation_id, self._now(), (delta,)))
        self._emit(CandidateFinished(self.deliberation_id, candidate))
        self._finished.append(candidate)
        if candidate.counts:
            self._count(candidate)
            self._recount()
        if self._stopping is None:
            self._advance()
        elif not self._live:
            self._conclude()

    def _count(self, candidate: Candidate) -> None:
        if candidate.answer is not None:
            self._groups.add(candidate.answer)

    def _recount(self) -> None:
        self._tally = tally_votes(self._finished, self._groups.group_of, method=self._groups.method)
        self._tally_changed = True

    def _stop(self, why: StoppedWhy) -> None:
        if self.done or (self._stopping is not None and why is not StoppedWhy.CANCELLED):
            return
        self._stopping = why
        if self._judgement is not None:
            self._judgement.abandon()
        if self._live:
            self._backend.cancel(tuple(self._live))
        else:
            self._conclude()

    # --- the end --------------------------------------------------------------------------------

    def _conclude(self) -> None:
        """Every attempt has ended: judge an open question if need be, then tell the verdict."""
        if self._judgement is None and self._stopping is not StoppedWhy.CANCELLED:
            spoken = [c for c in self._finished if c.counts and c.response]
            if len(spoken) > 1 and not self._tally.groups:
                self._judgement = Judgement(
                    self._command.messages[-1].content,
                    spoken,
                    self._submit_judge,
                    self._backend.cancel,
                    may_ask=self._stopping
                    in {StoppedWhy.BUDGET_SPENT, StoppedWhy.SETTLED, StoppedWhy.ANSWERED_NOW},
                )
        self._judge_on()

    def _submit_judge(self, messages: tuple[Message, ...], max_tokens: int) -> int:
        request_id = next(self._request_ids)
        sampling = msgspec.structs.replace(GREEDY, seed=self._seed)
        self._backend.submit([GenerationRequest(request_id, messages, sampling, max_tokens)])
        return request_id

    def _judge_on(self) -> None:
        if self._judgement is not None:
            if not self._judgement.done:
                return
            self._tally = self._judgement.tally()
            self._tally_changed = True
        self._tell_verdict()

    def _tell_verdict(self) -> None:
        why = self._stopping or StoppedWhy.BUDGET_SPENT
        spent = sum(1 for candidate in self._finished if candidate.counts)
        saved = max(0, self._budget.attempts - spent) if why is StoppedWhy.SETTLED else 0
        verdict = decide(self._finished, self._tally, why, saved)
        if self._groups.notice is not None:
            self._emit(Noticed(self._groups.notice, self.deliberation_id))
        self._flush()
        self.done = True
        self._emit(
            VerdictReached(
                self.deliberation_id,
                verdict,
                self._now(),
                self._prompt.tokens_total if self._prompt else None,
                self._prompt.tokens_kept if self._prompt else None,
            )
        )

    def _flush(self) -> None:
        """Send gathered text and votes."""
        deltas = tuple(
            delta for live in self._live.values() if (delta := live.take_delta()) is not None
        )
        reading = self._prompt if self._prompt_changed else None
        if deltas or reading is not None:
            self._emit(
                Progressed(
                    self.deliberation_id,
                    self._now(),
                    deltas,
                    reading.tokens_done if reading else None,
                    reading.tokens_total if reading else None,
                )
            )
        if self._tally_changed:
            self._emit(TallyChanged(self.deliberation_id, self._tally))
        self._tally_changed = self._prompt_changed = False
        self._told_at = self._clock()

    @property
    def grouping(self) -> GroupingMethod:
        """How equal answers are told at present."""
        return self._tally.method


def _effective_sampling(command: Deliberate) -> Sampling:
    """Draw a seed if none was given."""
    sampling = command.sampling
    if sampling.seed is None:
        sampling = msgspec.structs.replace(sampling, seed=secrets.randbits(_SEED_BITS))
    return sampling
