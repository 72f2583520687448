"""Runs a sweep: keeps the engine's batch full across questions, records everything as it comes.

While one question's last candidates finish, the next questions' are in the batch already. What is
on disk is never asked again: a sweep that was stopped, or whose program or engine died, goes on
with the samples that are missing. It blocks its caller; nothing here knows windows.
"""

from __future__ import annotations

import queue
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import msgspec

from engine.candidate import Candidate, StopReason
from engine.client import EngineClient
from engine.errors import BadRequestError, EngineError, WorkerDiedError
from engine.generation import LoadOptions, ModelReport
from engine.journal.errors import JournalError
from engine.journal.journal import Journal
from engine.lab.judging import Judge
from engine.lab.plan import arm_labels
from engine.lab.records import (
    Place,
    RunCard,
    SampleRecord,
    SweepRecord,
    SweepStatus,
    VerdictRecord,
)
from engine.lab.stretches import Stretches
from engine.lab.sweep_control import Control, SweepError, SweepProgress
from engine.lab.sweep_task import Task, missing_tasks
from engine.power.meter import PowerSample
from engine.power.sampler import PowerSampler
from engine.protocol import (
    Cancel,
    CancelLoad,
    CandidateFinished,
    Deliberate,
    DeliberationFailed,
    Event,
    LoadFailed,
    LoadModel,
    ModelLoaded,
    StepFinished,
    VerdictReached,
    WorkerDied,
    WorkerReady,
    WorkerSilent,
)
from engine.step import Step
from engine.tally import Tally
from engine.verdict import Outcome, StoppedWhy, Verdict
from engine.worker_command import worker_command

_BATCHES_AHEAD: Final = 2
_MOST_TRIES: Final = 3
"""How often a deliberation is begun again when the engine's process dies under it."""
_TICK_SECONDS: Final = 0.25
_LEAVE_SECONDS: Final = 3.0
"""How long the engine's answer is waited for after a stop: nothing is lost without it."""
_RETRIED: Final = frozenset(
    {
        "worker-died",
        "worker-hung",
        "worker",
        "remote-unreachable",
        "remote-busy",
        "remote-server",
        "remote-answer",
    }
)
_OF_THE_QUESTION: Final = frozenset({"prompt-too-long", "template", "remote-refused"})
"""Failures of a question that no engine will answer: it counts as wrong. After any other the sweep
stops, to be gone on with when that is mended, for the question was never really asked."""
_UNFINISHED: Final = "remote-answer"


@dataclass(slots=True)
class _State:
    done: int = 0
    began_done: int = 0
    verdicts: int = 0
    saved: int = 0
    """Samples of the plan that will not come: what was asked has its answer without them."""
    silent: bool = False
    """Whether the engine was last heard of for its silence."""
    running: dict[str, Task] = field(default_factory=dict)


class SweepRunner:
    """One run of a sweep, from where it stands to its end or a stop.

    Args:
        record: The sweep as the journal has it.
        journal: Where everything goes.
        judge: Says what is right.
        sampler: Reads power, started, or None.
        tell: Called with the progress about four times a second, on the caller's thread.
        card_of: Makes the run card's facts of what the engine and the models say.
        batches_ahead: Attempts handed to the engine, in batches: one runs, the others wait for
            the slots that come free. 0 asks one question after another.
    """

    def __init__(
        self,
        record: SweepRecord,
        journal: Journal,
        judge: Judge,
        sampler: PowerSampler | None = None,
        tell: Callable[[SweepProgress], None] = lambda _progress: None,
        card_of: Callable[[WorkerReady, list[ModelReport]], RunCard] | None = None,
        batches_ahead: int = _BATCHES_AHEAD,
    ) -> None:
        self._batches_ahead = batches_ahead
        self._record, self._plan = record, record.plan
        self._sweep_id = record.summary.sweep_id
        self._journal, self._judge = journal, judge
        self._sampler, self._tell, self._card_of = sampler, tell, card_of
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._client = EngineClient(self._events.put, worker_command(background=True))
        self._control = Control()
        stored = len(record.samples)
        self._state = _State(stored, stored, len(record.verdicts))
        came = Counter(sample.place for sample in record.samples)
        self._state.saved = sum(self._not_needed(v.place, came[v.place]) for v in record.verdicts)
        self._stretches = Stretches(sampler, record.stretches)
        self._started = 0.0
        self._told = 0.0
        self._idle_seconds = 0.0
        """Of pauses."""
        self._ready: WorkerReady | None = None
        self._death: WorkerDiedError | None = None
        """Of the engine's process, until one has the model again."""
        self._reports: list[ModelReport] = []

    @property
    def process_id(self) -> int | None:
        """The engine's process, or None while there is none."""
        return self._client.process_id

    def run(self, control: Control | None = None) -> SweepStatus:
        """Ask what is missing and return where the sweep stands then.

        Raises:
            SweepError: A model cannot be loaded, or the engine cannot be started or go on.
            JournalError: Something was not recorded.
        """
        self._control = control or self._control
        self._started = self._told = time.monotonic()
        if self._sampler is not None:
            self._sampler.subscribe(self._on_power)
        self._record_status(SweepStatus.RUNNING)
        status, why = SweepStatus.PAUSED, ""
        with (
            _afterwards(lambda: self._record_status(status, why)),
            _afterwards(self._client.close),
            _afterwards(self._end_stretch),
        ):
            try:
                self._ask_what_is_missing()
            except EngineError as error:
                raise SweepError(error.code, error.detail) from error
            status, why = self._standing()
        return status

    def _ask_what_is_missing(self) -> None:
        for model in dict.fromkeys(arm.model_path for arm in self._plan.arms):
            waiting = [deque(tasks) for tasks in missing_tasks(self._record, model).values()]
            if waiting and not self._control.stopped:
                report = self._load(model)
                if report is None:
                    return
                for tasks in waiting:
                    self._run_arm(tasks, self._batches_ahead * report.slots)

    def _standing(self) -> tuple[SweepStatus, str]:
        """Where the sweep stands when nothing more is asked, and what stopped it."""
        each = len(self._plan.questions.questions) * self._plan.repeats
        if self._state.verdicts == each * len(self._plan.arms):
            return SweepStatus.FINISHED, ""
        if self._control.why:
            return SweepStatus.STOPPED, self._control.why
        return SweepStatus.PAUSED, ""

    def _record_status(self, status: SweepStatus, why: str = "") -> None:
        self._journal.set_sweep_status(self._sweep_id, status, why).result()

    # --- one model ------------------------------------------------------------------------------

    def _run_arm(self, tasks: deque[Task], ahead: int) -> None:
        """Run one arm to its end; arms do not overlap, so that each one's cost is its own."""
        running = self._state.running
        leave_at: float | None = None
        while (tasks and not self._control.stopped) or running:
            while tasks and self._control.goes_on and self._has_room(ahead):
                self._send(tasks.popleft())
            if self._control.stopped and leave_at is None:
                self._cancel_all()
                leave_at = time.monotonic() + _LEAVE_SECONDS
            elif leave_at is not None and time.monotonic() >= leave_at:
                running.clear()
            elif not running:
                self._end_stretch()  # a pause costs the sweep nothing
            with suppress(queue.Empty):
                event = self._events.get(timeout=_TICK_SECONDS)
                self._state.silent = isinstance(event, WorkerSilent)
                self._take(event, tasks)
            self._report()
        self._end_stretch()

    def _load(self, model: str) -> ModelReport | None:
        """Load a model, or return None where the sweep was stopped before it was there."""
        attempts = max(a.budget.samples for a in self._plan.arms if a.model_path == model)
        slots = max(self._plan.load.slots, min(attempts, 64))
        options = _with_slots(self._plan.load, slots)
        self._client.send(LoadModel(model, options))
        leave_at: float | None = None
        while True:
            if self._control.stopped and leave_at is None:
                leave_at = time.monotonic() + _LEAVE_SECONDS
                self._client.send(CancelLoad())
            elif leave_at is not None and time.monotonic() >= leave_at:
                return None
            try:
                event = self._events.get(timeout=_TICK_SECONDS)
            except queue.Empty:
                continue
            if isinstance(event, WorkerReady):
                self._ready = event
            elif isinstance(event, ModelLoaded):
                self._reports.append(event.report)
                if self._card_of is not None and self._ready is not None:
                    card = self._card_of(self._ready, self._reports)
                    self._journal.set_sweep_card(self._sweep_id, card).result()
                return event.report
            elif isinstance(event, LoadFailed) and leave_at is not None:
                return None
            elif isinstance(event, LoadFailed):
                raise SweepError(event.code, event.detail)

    def _has_room(self, ahead: int) -> bool:
        running = self._state.running
        return not running or sum(task.missing for task in running.values()) < ahead

    def _send(self, task: Task) -> None:
        place = task.place
        self._stretches.begin(place.arm)
        task.begun += 1
        name = f"{place.arm}-{place.question}-{place.repeat}-{task.begun}"
        self._state.running[name] = task
        self._client.send(
            Deliberate(
                deliberation_id=name,
                messages=self._plan.messages_for(place.question),
                strategy=task.arm.strategy,
                budget=task.arm.budget,
                sampling=self._plan.sampling_for(place.arm, place.question, place.repeat),
                stop_early=not task.arm.replayed,
                greedy_single=False,
                earlier=task.earlier,
                options=task.arm.options,
                steps_before=task.steps_before,
                quiet=True,
            )
        )

    def _cancel_all(self) -> None:
        for name in self._state.running:
            self._client.send(Cancel(name))

    # --- events ---------------------------------------------------------------------------------

    def _take(self, event: Event, tasks: deque[Task]) -> None:
        running = self._state.running
        match event:
            case CandidateFinished() if event.deliberation_id in running:
                self._keep(running[event.deliberation_id], event.candidate)
            case StepFinished() if event.deliberation_id in running:
                self._keep_step(running[event.deliberation_id], event.step)
            case VerdictReached() if event.deliberation_id in running:
                task = running.pop(event.deliberation_id)
                if task.failed and event.failure not in _OF_THE_QUESTION:
                    detail = "a server failed an attempt again and again"
                    failure = DeliberationFailed(event.deliberation_id, _UNFINISHED, detail)
                    self._on_failed(task, failure, tasks)
                elif event.verdict.stopped is not StoppedWhy.CANCELLED:
                    self._conclude(task, event.verdict, event.total_seconds)
            case DeliberationFailed() if event.deliberation_id in running:
                self._on_failed(running.pop(event.deliberation_id), event, tasks)
            case WorkerDied():
                self._death = WorkerDiedError(event.exit_status, event.stderr_tail)
            case ModelLoaded():
                self._death = None
            case LoadFailed():
                raise SweepError(event.code, event.detail)

    def _keep(self, task: Task, candidate: Candidate) -> None:
        if not candidate.counts:
            task.failed |= candidate.stop is StopReason.FAILED
            return
        question = self._plan.questions.questions[task.place.question]
        said = self._judge.judge(question, candidate.answer)
        sample = SampleRecord(task.place, candidate, None, said.right, said.why)
        self._journal.add_sweep_sample(self._sweep_id, sample).result()
        task.earlier = (*task.earlier, candidate)
        task.tries = 0
        self._state.done += 1
        if not candidate.path:
            self._stretches.count(candidate.tokens)

    def _keep_step(self, task: Task, step: Step) -> None:
        task.steps.append(step)
        self._stretches.count(step.tokens)

    def _conclude(self, task: Task, verdict: Verdict, seconds: float) -> None:
        question = self._plan.questions.questions[task.place.question]
        chosen = next((c for c in task.earlier if c.index == verdict.chosen), None)
        said = self._judge.judge(question, chosen.answer if chosen else None)
        record = VerdictRecord(task.place, verdict, said.right, said.why, task.tokens, seconds)
        self._record_verdict(record, len(task.earlier))

    def _on_failed(self, task: Task, event: DeliberationFailed, tasks: deque[Task]) -> None:
        if event.code in _RETRIED and task.tries + 1 < _MOST_TRIES:
            task.tries += 1
            task.failed = False
            tasks.appendleft(task)
            return
        if event.code not in _OF_THE_QUESTION:
            raise self._sweep_error(event)
        known = self._plan.questions.questions[task.place.question].answer
        nothing = Verdict(Outcome.NOTHING, None, None, Tally(), StoppedWhy.NO_ROOM)
        right = None if known is None else False
        record = VerdictRecord(task.place, nothing, right, event.code, task.tokens, 0.0)
        self._record_verdict(record, len(task.earlier))

    def _record_verdict(self, record: VerdictRecord, samples: int) -> None:
        self._journal.add_sweep_verdict(self._sweep_id, record).result()
        self._state.verdicts += 1
        self._state.saved += self._not_needed(record.place, samples)

    def _not_needed(self, place: Place, samples: int) -> int:
        return max(0, self._plan.arms[place.arm].budget.attempts - samples)

    def _sweep_error(self, event: DeliberationFailed) -> SweepError:
        """Why it cannot go on; an engine without its model died too often to be given it again."""
        if event.code == BadRequestError.code and self._death is not None:
            return SweepError(self._death.code, self._death.detail)
        return SweepError(event.code, event.detail)

    # --- cost -----------------------------------------------------------------------------------

    def _on_power(self, sample: PowerSample) -> None:
        """On the sampler's thread."""
        known = [d.temperature_celsius for d in sample.devices if d.temperature_celsius is not None]
        limit = self._plan.limits.celsius
        if known and limit is not None and max(known) > limit:
            self._control.stop("temperature")

    def _report(self) -> None:
        """Watch limits, record costs and tell how far it is, a few times a second."""
        now = time.monotonic()
        if now - self._told < _TICK_SECONDS:
            return
        if not self._state.running:
            self._idle_seconds += now - self._told
        self._told = now
        arm = self._stretches.arm
        if arm is not None and self._stretches.long_enough:
            self._end_stretch()
            self._stretches.begin(arm)
        limit, joules = self._plan.limits.joules, self._stretches.joules_of_this_run
        if limit is not None and joules is not None and joules > limit:
            self._control.stop("energy")
        fresh = self._state.done - self._state.began_done
        seconds = now - self._started - self._idle_seconds
        wanted = self._plan.attempts - self._state.saved
        left = max(0, wanted - self._state.done) * seconds / fresh if fresh else None
        label = "" if arm is None else arm_labels(self._plan.arms)[arm]
        told, silent = self._stretches.joules, self._state.silent
        self._tell(SweepProgress(self._state.done, wanted, seconds, left, told, label, silent))

    def _end_stretch(self) -> None:
        stretch = self._stretches.end()
        if stretch is not None:
            self._journal.add_sweep_stretch(self._sweep_id, stretch).result()


@contextmanager
def _afterwards(work: Callable[[], None]) -> Iterator[None]:
    """Do something when a block is over. Where the block failed, its error is the one told."""
    try:
        yield
    except BaseException:
        with suppress(JournalError):
            work()
        raise
    work()


def _with_slots(options: LoadOptions, slots: int) -> LoadOptions:
    return msgspec.structs.replace(options, slots=slots)
