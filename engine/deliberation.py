"""The deliberation: one question, one strategy, one backend, and the only loop between them.

It asks the strategy, hands attempts to the backend, turns the backend's events into candidates,
keeps the tally and tells what happened. It owns no thread and no process; the worker drives it
through `begin`, `handle` and `tick`, and several can share a backend.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import msgspec

from engine.answers.groups import AnswerGroups
from engine.attempt import LiveAttempt, LiveStep
from engine.backends.base import (
    Appended,
    Backend,
    BackendEvent,
    Ended,
    Generated,
    GenerationRequest,
    PromptRead,
    Restarted,
    Scored,
)
from engine.budget import MAX_ATTEMPTS, Budget
from engine.candidate import Beginning, Candidate, StopReason
from engine.documents.attached import without_files
from engine.errors import BadRequestError, EngineError, RemoteRefusedError
from engine.generation import GREEDY, Message, Notice, Sampling
from engine.options import StrategyChoice
from engine.own_thinking import OwnThinking
from engine.prompting import messages_for
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
    StepFinished,
    StrategyChosen,
    TallyChanged,
    VerdictReached,
)
from engine.response_grouping import ResponseGrouping
from engine.scoring import can_verify, score_request
from engine.search_paths import SearchPaths
from engine.step import Step
from engine.strategies import strategy_named
from engine.strategies.base import Attempt, Progress
from engine.tally import Tally, tally_votes
from engine.verdict import StoppedWhy, decide

_SEED_BITS = 31
_FIRST_STEP_SEED = 1_000_000
_SEEDS_OF_A_STEP = MAX_ATTEMPTS + 1
"""More than it and all that can be written beside it, which may be cut short and named nowhere."""
_SEEDS_OF_A_CANDIDATE = 1 << 20
"""More than the steps of one run: who kept only the candidates knows only some of its steps."""

_STOP_OF = {
    StoppedWhy.CANCELLED: StopReason.CANCELLED,
    StoppedWhy.TIME_UP: StopReason.TIME_UP,
}


@dataclass(frozen=True, slots=True)
class _Unscored:
    """What waits for its score.

    Attributes:
        attempt: What the strategy asked for.
        candidate: The candidate it has become, or None for an open step.
        step: The step it is, or None for a whole attempt.
        request_id: The request that wrote it.
        mean_logprob: Of the tokens of a step, or None where it is not known.
    """

    attempt: Attempt
    candidate: Candidate | None
    step: Step | None
    request_id: int
    mean_logprob: float | None = None


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
            self._strategy = strategy_named(command.strategy, command.options)
        except ValueError as error:
            raise BadRequestError(str(error)) from error
        self._counting = self._strategy
        """Makes the votes and the verdict."""
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
        wish = command.options.own_thinking
        self._own_thinking = wish if backend.report.takes(wish) else OwnThinking.AUTO
        self._started_at = clock()
        self._live: dict[int, LiveAttempt | LiveStep] = {}
        self._scoring: dict[int, _Unscored] = {}
        self._paths = SearchPaths(backend.report.step_end, command.steps_before)
        self._chosen: StrategyChoice | None = None
        self._finished: list[Candidate] = [
            candidate for candidate in command.earlier if candidate.counts
        ]
        self._next_index = 1 + max((c.index for c in command.earlier), default=-1)
        self._step_seeds = _seeds_before(command.steps_before, self._next_index)
        self._tally = Tally()
        self._tally_changed = False
        self._stopping: StoppedWhy | None = None
        self._grouping: ResponseGrouping | None = None
        self._error: EngineError | None = None
        """Why an attempt failed; the deliberation fails of it when nothing else came."""
        self._prompt: PromptRead | None = None
        self._prompt_read: int | None = None
        self._prompt_changed = False
        self._told_at = float("-inf")

    # --- what the worker calls ------------------------------------------------------------------

    def begin(self) -> None:
        """Tell that it started, and start the first attempts."""
        self._emit(DeliberationStarted(self.deliberation_id, self._seed))
        if self._strategy.wants_scores and not can_verify(self._backend.report):
            self._emit(Noticed(Notice("self-assessed"), self.deliberation_id))
        wish = self._command.options.own_thinking
        if self._own_thinking is not wish:
            self._emit(Noticed(Notice("own-thinking", wish), self.deliberation_id))
        for candidate in self._finished:
            self._count(candidate)
        self._recount()
        self._advance()

    def owns(self, request_id: int) -> bool:
        """Whether a backend event belongs here."""
        return (
            request_id in self._live
            or request_id in self._scoring
            or (self._grouping is not None and self._grouping.owns(request_id))
        )

    def handle(self, event: BackendEvent) -> None:
        """Take one event of one of our requests."""
        if isinstance(event, Notice):
            self._emit(Noticed(event, self.deliberation_id))
        elif isinstance(event, Scored):
            self._take(self._scoring.pop(event.request_id), event.chance)
            self._go_on()
        elif self._grouping is not None and self._grouping.owns(event.request_id):
            if not isinstance(event, PromptRead | Appended):
                self._grouping.handle(event)
                self._judge_on()
        elif isinstance(event, PromptRead):
            self._on_prompt(event)
        elif isinstance(event, Restarted):
            live = self._live[event.request_id]
            live.begin_anew()
            self._tell_start(live)
        elif isinstance(event, Generated):
            closing = self._live[event.request_id].take(event, self._now())
            if closing is not None and self._backend.append(event.request_id, closing):
                self._live[event.request_id].close_thought()
        elif isinstance(event, Appended):
            self._live[event.request_id].close_thought()
        else:
            self._end_attempt(event)

    def tick(self) -> None:
        """Watch the clock and send what has gathered; called after every step."""
        seconds = self._budget.seconds
        running = self._stopping is None or self._is_judging
        if seconds is not None and self._now() >= seconds and running:
            self._stop(StoppedWhy.TIME_UP)
        if self.done or self._command.quiet:
            return
        if self._clock() - self._told_at >= PROGRESS_SECONDS:
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
        self._backend.cancel((*self._live, *self._scoring))
        self._backend.forget(self._paths.abandon())
        self._live.clear()
        self._scoring.clear()
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
                in_flight=self._in_flight,
                tally=self._tally,
                stop_early=self._command.stop_early,
                steps=self._paths.steps,
                chosen=self._chosen,
            )
        )
        if decision.chosen is not None and decision.chosen != self._chosen:
            self._tell_choice(decision.chosen)
        if decision.start:
            self._start(decision.start)
            self._backend.forget(self._paths.superseded(self._in_flight))
        if decision.stop is not None:
            self._stop(decision.stop)
        elif not self._live and not self._scoring:
            self._stop(StoppedWhy.BUDGET_SPENT)

    @property
    def _in_flight(self) -> tuple[Attempt, ...]:
        """Attempts that are written or wait for their score."""
        writing = [live.attempt for live in self._live.values()]
        return (*writing, *(scoring.attempt for scoring in self._scoring.values()))

    def _tell_choice(self, choice: StrategyChoice) -> None:
        self._chosen = choice
        if not self._command.quiet:
            self._flush()  # the votes that it was decided on are told before it
        self._emit(StrategyChosen(self.deliberation_id, choice))
        counting = self._strategy.after(choice)
        if counting.name != self._counting.name:
            self._counting = counting
            self._recount()

    def _start(self, attempts: tuple[Attempt, ...]) -> None:
        requests = []
        now = self._now()
        sampling = self._sampling
        if self._budget.attempts == 1 and self._command.greedy_single:
            sampling = msgspec.structs.replace(sampling, temperature=0.0)
        for attempt in attempts:
            request_id = next(self._request_ids)
            beginning = self._beginning_of(attempt)
            live = self._live[request_id] = self._live_attempt(attempt, now)
            requests.append(
                GenerationRequest(
                    request_id=request_id,
                    messages=messages_for(
                        attempt, self._command.messages, self._finished, self._backend.report
                    ),
                    sampling=msgspec.structs.replace(sampling, seed=live.seed),
                    max_tokens=self._tokens_left(attempt),
                    stop_texts=self._stop_texts(attempt),
                    continuation=beginning.text if beginning is not None else "",
                    keep=attempt.one_step,
                    fork_of=self._request_of(attempt),
                    more_thought=self._budget.more_thought,
                    watched=not self._command.quiet,
                    own_thinking=self._own_thinking,
                    json_reply=self._command.json_reply,
                )
            )
        try:
            self._backend.submit(requests)
        except EngineError as error:
            for request in requests:
                self._live.pop(request.request_id, None)
            self._cannot_start(attempts, error)
            return
        for request in requests:
            self._tell_start(self._live[request.request_id])

    def _stop_texts(self, attempt: Attempt) -> tuple[str, ...]:
        asked = self._command.stop_texts
        return (*asked, self._paths.step_end) if attempt.one_step else asked

    def _tell_start(self, live: LiveAttempt | LiveStep) -> None:
        if isinstance(live, LiveAttempt):
            self._emit(
                CandidateStarted(
                    self.deliberation_id,
                    live.index,
                    live.attempt.round,
                    live.seed,
                    live.queued_seconds,
                    live.attempt.earlier,
                )
            )

    def _cannot_start(self, attempts: tuple[Attempt, ...], error: EngineError) -> None:
        """Conclude from what exists where only showing earlier attempts asks too much."""
        follow_up = all(attempt.earlier or attempt.parent is not None for attempt in attempts)
        if not follow_up or not self._finished:
            self.fail(error)
            return
        self._emit(Noticed(Notice("no-room", error.detail), self.deliberation_id))
        self._stop(StoppedWhy.NO_ROOM)

    def _live_attempt(self, attempt: Attempt, now: float) -> LiveAttempt | LiveStep:
        """Seeds of candidates follow the deliberation's; those of steps lie far from them."""
        if attempt.one_step or attempt.parent is not None:
            self._step_seeds += 1
            seed = (self._seed + self._step_seeds) % 2**_SEED_BITS
            return LiveStep(attempt, seed, now)
        index = self._next_index
        self._next_index += 1
        return LiveAttempt(
            index,
            attempt,
            (self._seed + index) % 2**_SEED_BITS,
            thought_opening=self._backend.report.thought_opening_when(self._own_thinking),
            thought_cap=self._budget.thought_tokens,
            queued_seconds=now,
            beginning=self._beginning_of(attempt),
        )

    def _beginning_of(self, attempt: Attempt) -> Beginning | None:
        """What an attempt goes on from; one that is shown others begins its own text."""
        alone = not attempt.earlier and not attempt.one_step and attempt.parent is None
        return self._command.beginning if alone else None

    def _request_of(self, attempt: Attempt) -> int | None:
        return None if attempt.parent is None else self._paths.request_of(attempt.parent)

    def _tokens_left(self, attempt: Attempt) -> int | None:
        most = self._budget.tokens_per_candidate
        return None if most is None else max(1, most - self._paths.tokens(attempt.parent))

    def _on_prompt(self, event: PromptRead) -> None:
        self._prompt, self._prompt_changed = event, True
        if self._prompt_read is None:
            self._prompt_read = event.tokens_total - event.tokens_kept

    def _end_attempt(self, event: Ended) -> None:
        live = self._live.pop(event.request_id)
        stop = event.stop
        if event.error is not None and (
            self._error is None or not isinstance(event.error, RemoteRefusedError)
        ):
            self._error = event.error  # a refusal of one attempt explains no other's failure
        if stop is StopReason.CANCELLED and self._stopping is not None:
            stop = _STOP_OF.get(self._stopping, StopReason.NOT_NEEDED)
        if isinstance(live, LiveStep):
            self._end_step(live, event)
        else:
            candidate = live.finish(
                event, stop, self._question, self._now(), is_json=self._wants_json
            )
            self._tell_last_text(live)
            self._score(
                _Unscored(live.attempt, candidate, None, event.request_id), candidate.response
            )
        self._go_on()

    def _tell_last_text(self, live: LiveAttempt) -> None:
        """Tell what an attempt that has ended wrote since it was told of last."""
        delta = live.take_delta()
        if delta is not None and not self._command.quiet:
            self._emit(Progressed(self.deliberation_id, self._now(), (delta,)))

    def _go_on(self) -> None:
        """Something ended: ask the strategy again, or conclude once everything has ended."""
        if self._stopping is None:
            self._advance()
        elif not self._live and not self._scoring:
            self._conclude()

    # --- steps and scores -----------------------------------------------------------------------

    def _end_step(self, live: LiveStep, event: Ended) -> None:
        """One step of a search has ended: its path is open, or it has become a candidate."""
        if event.stop is StopReason.CANCELLED:
            self._backend.forget((event.request_id,))
            return
        attempt, now = live.attempt, self._now()
        before = self._paths.path(attempt.parent)
        step = Step(
            index=-1,
            parent=attempt.parent,
            depth=len(before),
            branch=attempt.branch,
            text=live.text,
            tokens=event.tokens,
            score=None,
            candidate=None,
            queued_seconds=live.queued_seconds,
            first_token_seconds=live.first_token_seconds,
            finished_seconds=now,
        )
        response = self._paths.text(attempt.parent, live.text)
        candidate = None
        if not attempt.one_step or event.stop_text != self._paths.step_end:
            candidate = self._candidate_of(live, before[0] if before else step, response, event)
            step = msgspec.structs.replace(step, candidate=candidate.index)
            self._backend.forget((event.request_id,))
        waiting = _Unscored(attempt, candidate, step, event.request_id, event.mean_logprob)
        self._score(waiting, response)

    def _candidate_of(self, live: LiveStep, first: Step, response: str, event: Ended) -> Candidate:
        """What a path has become whose last step ended the response; it began with its first."""
        index = self._next_index
        self._next_index += 1
        now, queued = self._now(), first.queued_seconds
        whole = LiveAttempt(
            index,
            live.attempt,
            live.seed,
            thought_opening=self._backend.report.thought_opening_when(self._own_thinking),
            thought_cap=None,
            queued_seconds=queued,
        )
        parent = live.attempt.parent
        tokens = event.tokens + self._paths.tokens(parent)
        likely = self._paths.mean_logprob(parent, event.tokens, event.mean_logprob)
        whole.take(Generated(event.request_id, response, tokens), first.first_token_seconds or now)
        self._emit(CandidateStarted(self.deliberation_id, index, 0, live.seed, queued))
        self._tell_last_text(whole)
        ended = replace(event, tokens=tokens, mean_logprob=likely)
        return whole.finish(ended, event.stop, self._question, now, is_json=self._wants_json)

    def _score(self, unscored: _Unscored, response: str) -> None:
        """Ask how likely a response is right, if that is wanted and still makes sense."""
        wanted = self._strategy.wants_scores and self._stopping is None and response.strip()
        candidate = unscored.candidate
        if not wanted or (candidate is not None and not candidate.counts):
            self._take(unscored, None)
            return
        request = score_request(
            next(self._request_ids),
            self._backend.report,
            self._command.messages,
            response,
            whole=candidate is not None,
            own_thinking=self._own_thinking,
        )
        try:
            self._backend.submit([request])
        except EngineError:
            self._take(unscored, None)  # too long to ask about
        else:
            self._scoring[request.request_id] = unscored

    def _take(self, scored: _Unscored, score: float | None) -> None:
        """A step or a candidate is finished, with its score if it has one."""
        step, candidate = scored.step, scored.candidate
        path: tuple[int, ...] = ()
        if step is not None:
            step = msgspec.structs.replace(step, index=self._paths.next_index, score=score)
            path = (*(one.index for one in self._paths.path(step.parent)), step.index)
            self._paths.add(step, scored.request_id, scored.mean_logprob)
            self._emit(StepFinished(self.deliberation_id, step))
        if candidate is None:
            return
        candidate = msgspec.structs.replace(candidate, score=score, path=path)
        self._emit(CandidateFinished(self.deliberation_id, candidate))
        self._finished.append(candidate)
        if candidate.counts:
            self._count(candidate)
            self._recount()

    # --- votes ----------------------------------------------------------------------------------

    def _count(self, candidate: Candidate) -> None:
        if candidate.answer is not None:
            self._groups.add(candidate.answer)

    def _recount(self) -> None:
        voters = self._counting.voters(self._finished)
        self._tally = tally_votes(
            voters, self._groups.group_of, self._counting.weights(voters), self._groups.method
        )
        self._tally_changed = True

    @property
    def _is_judging(self) -> bool:
        """Whether candidates are compared by the model, after the last of them has ended."""
        return self._grouping is not None and not self._grouping.done

    def _stop(self, why: StoppedWhy) -> None:
        if self.done:
            return
        if self._stopping is not None and why is not StoppedWhy.CANCELLED:
            if self._grouping is not None and self._is_judging:
                self._grouping.abandon()
                self._judge_on()
            return
        self._stopping = why
        if self._grouping is not None:
            self._grouping.abandon()
        if self._live or self._scoring:
            self._backend.cancel((*self._live, *self._scoring))
        else:
            self._conclude()

    @property
    def _wants_json(self) -> bool:
        return self._command.json_reply is not None

    @property
    def _question(self) -> str:
        """What was asked, without the files that it was asked about."""
        content = self._command.messages[-1].content
        return without_files(content)[0] or content

    # --- the end --------------------------------------------------------------------------------

    def _conclude(self) -> None:
        """Every attempt has ended: judge an open question if need be, then tell the verdict."""
        self._backend.forget(self._paths.abandon())
        nothing = not any(candidate.counts for candidate in self._finished)
        if self._error is not None and nothing and self._stopping is not StoppedWhy.CANCELLED:
            self.fail(self._error)
            return
        if self._grouping is None and self._stopping is not StoppedWhy.CANCELLED:
            voters = self._counting.voters(self._finished)
            spoken = [c for c in voters if c.counts and c.response]
            if len(spoken) > 1 and not self._tally.groups:
                self._grouping = ResponseGrouping(
                    self._question,
                    spoken,
                    self._submit_judge,
                    self._backend.cancel,
                    may_ask=self._command.compares
                    and not self._wants_json
                    and self._stopping
                    in {StoppedWhy.BUDGET_SPENT, StoppedWhy.SETTLED, StoppedWhy.ANSWERED_NOW},
                )
        self._judge_on()

    def _submit_judge(self, messages: tuple[Message, ...], max_tokens: int) -> int:
        """Ask for a word or two, without a thought before it where the model can do without."""
        request_id = next(self._request_ids)
        sampling = msgspec.structs.replace(GREEDY, seed=self._seed)
        off = self._backend.report.takes(OwnThinking.OFF)
        request = GenerationRequest(
            request_id,
            messages,
            sampling,
            max_tokens,
            own_thinking=OwnThinking.OFF if off else self._own_thinking,
        )
        self._backend.submit([request])
        return request_id

    def _judge_on(self) -> None:
        if self._grouping is not None:
            if not self._grouping.done:
                return
            self._tally = self._grouping.tally()
            self._tally_changed = True
        self._tell_verdict()

    def _tell_verdict(self) -> None:
        why = self._stopping or StoppedWhy.BUDGET_SPENT
        spent = sum(1 for candidate in self._finished if candidate.counts)
        saved = max(0, self._budget.attempts - spent) if why is StoppedWhy.SETTLED else 0
        best = self._counting.picks_best
        verdict = decide(self._finished, self._tally, why, saved, best=best)
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
                self._error.code if self._error is not None else "",
                self._prompt_read,
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


def _seeds_before(steps: int, candidates: int) -> int:
    """Return how far from the deliberation's seed those of its steps begin.

    Every run begins beyond all that an earlier one of the same question drew from, if anything of
    that one was kept: the same seed would write the same step again, and it would vote twice.

    Args:
        steps: Those of earlier runs, as far as they are known.
        candidates: Those of earlier runs.
    """
    return _FIRST_STEP_SEED + _SEEDS_OF_A_STEP * steps + _SEEDS_OF_A_CANDIDATE * candidates


def _effective_sampling(command: Deliberate) -> Sampling:
    """Draw a seed if none was given."""
    sampling = command.sampling
    if sampling.seed is None:
        sampling = msgspec.structs.replace(sampling, seed=secrets.randbits(_SEED_BITS))
    return sampling
