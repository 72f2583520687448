"""Runs a sweep: keeps the engine's batch full across questions, records everything as it comes.

While one question's last candidates finish, the next questions' are in the batch already. What is
on disk is never asked again: a sweep that was stopped, or whose program or engine died, goes on
with the samples that are missing. It blocks its caller; nothing here knows windows.
"""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import msgspec

from engine.candidate import Candidate, StopReason
from engine.errors import BadRequestError, EngineError
from engine.generation import ModelReport
from engine.journal.errors import JournalError
from engine.journal.journal import Journal
from engine.lab.forecast import FEWEST_SAMPLES
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
from engine.lab.sweep_engines import (
    LEAVE_SECONDS,
    TICK_SECONDS,
    USUAL_SPREAD,
    Spread,
    SweepEngines,
)
from engine.lab.sweep_task import Task, missing_tasks
from engine.power.meter import PowerSample
from engine.power.sampler import PowerSampler
from engine.power.trace import idle_watts, power_trace
from engine.protocol import (
    CandidateFinished,
    Deliberate,
    DeliberationFailed,
    Event,
    LoadFailed,
    StepFinished,
    VerdictReached,
    WorkerReady,
)
from engine.step import Step
from engine.tally import Tally
from engine.verdict import Outcome, StoppedWhy, Verdict

_MOST_SLOTS: Final = 64
"""Of those that a plan is given for its attempts."""
_FEWEST_TRIED: Final = 2
"""Questions of a trial."""
_MOST_TRIES: Final = 3
"""How often a deliberation is begun again when the engine's process dies under it."""
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
        spread: How much is under way at once.
    """

    def __init__(
        self,
        record: SweepRecord,
        journal: Journal,
        judge: Judge,
        sampler: PowerSampler | None = None,
        tell: Callable[[SweepProgress], None] = lambda _progress: None,
        card_of: Callable[[WorkerReady, list[ModelReport]], RunCard] | None = None,
        spread: Spread = USUAL_SPREAD,
    ) -> None:
        self._batches_ahead = spread.batches_ahead
        self._record, self._plan = record, record.plan
        self._sweep_id = record.summary.sweep_id
        self._journal, self._judge = journal, judge
        self._sampler, self._tell, self._card_of = sampler, tell, card_of
        self._engines = SweepEngines(spread.most_processes)
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
        self._reports: list[ModelReport] = []

    @property
    def process_ids(self) -> list[int]:
        """The engine's processes that run now."""
        return self._engines.process_ids

    def run(
        self, control: Control | None = None, *, trial: bool = False, idle_seconds: float = 0.0
    ) -> SweepStatus:
        """Ask what is missing and return where the sweep stands then.

        Args:
            control: Pauses and stops it.
            trial: Ask each arm no more than fills the slots once, which tells what the rest takes.
            idle_seconds: How long the machine is watched before it works, for the idle baseline.

        Raises:
            SweepError: A model cannot be loaded, the engine cannot be started or go on, or the
                questions need a checker that is not here.
            JournalError: Something was not recorded.
        """
        unknown = self._judge.unknown_checker(self._plan.questions.questions)
        if unknown is not None:
            raise SweepError("checker-unknown", repr(unknown[:80]))
        self._control = control or self._control
        self._started = self._told = time.monotonic()
        if self._sampler is not None:
            self._sampler.subscribe(self._on_power)
        self._record_status(SweepStatus.RUNNING)
        status, why = SweepStatus.PAUSED, ""
        with (
            _afterwards(lambda: self._record_status(status, why)),
            _afterwards(self._engines.close),
            _afterwards(self._end_stretch),
        ):
            try:
                self._watch_idle(idle_seconds)
                self._ask_what_is_missing(trial=trial)
            except EngineError as error:
                raise SweepError(error.code, error.detail) from error
            status, why = self._standing()
        return status

    def _ask_what_is_missing(self, *, trial: bool) -> None:
        for model in dict.fromkeys(arm.model_path for arm in self._plan.arms):
            waiting = [deque(tasks) for tasks in missing_tasks(self._record, model).values()]
            if waiting and not self._control.stopped:
                report = self._load(model, max(map(len, waiting)))
                if report is None:
                    return
                for tasks in waiting:
                    slots = report.slots // report.processes
                    asked = _first_of(tasks, report.slots) if trial else tasks
                    self._run_arm(asked, self._batches_ahead * slots)

    def _watch_idle(self, seconds: float) -> None:
        """Let the machine rest a moment and see what it draws then, where a sensor tells."""
        if self._sampler is None or seconds <= 0:
            return
        began = now = time.monotonic()
        while now < began + seconds and not self._control.stopped:
            time.sleep(TICK_SECONDS)
            now = time.monotonic()
            if not power_trace(self._sampler.samples_between(began, now)):
                return  # it tells no power, or not yet: nobody waits for that
            self._report()
        self._stretches.idle_watts = idle_watts(self._sampler.samples_between(began, now))

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
        """Run one arm to its end; arms do not overlap, so that each one's cost is its own.

        Args:
            tasks: What is missing of it.
            ahead: Attempts that wait for each process of the engine.
        """
        running = self._state.running
        leave_at: float | None = None
        while (tasks and not self._control.stopped) or running:
            while tasks and self._control.goes_on and self._has_room(ahead):
                self._send(tasks.popleft())
            if self._control.stopped and leave_at is None:
                self._cancel_all()
                leave_at = time.monotonic() + LEAVE_SECONDS
            elif leave_at is not None and time.monotonic() >= leave_at:
                running.clear()
            elif not running:
                self._end_stretch()  # a pause costs the sweep nothing
            if (event := self._engines.next_event()) is not None:
                self._take(event, tasks)
            self._report()
        self._end_stretch()

    def _load(self, model: str, questions: int) -> ModelReport | None:
        """Load a model, or return None where the sweep was stopped before it was there."""
        arms = [arm for arm in self._plan.arms if arm.model_path == model]
        slots = max(self._plan.load.slots, min(max(a.budget.samples for a in arms), _MOST_SLOTS))
        together = max((a.budget.samples for a in arms if not a.replayed), default=0)
        report = self._engines.load(
            model,
            msgspec.structs.replace(self._plan.load, slots=slots),
            questions,
            together,
            self._control,
        )
        if report is None:
            return None
        self._reports.append(report)
        if self._card_of is not None and self._engines.ready is not None:
            card = self._card_of(self._engines.ready, self._reports)
            before = self._record.card.models
            card = msgspec.structs.replace(card, models={**before, **card.models})
            self._journal.set_sweep_card(self._sweep_id, card).result()
        return report

    @property
    def _waiting(self) -> dict[str, int]:
        """Attempts to be made of what is running."""
        return {name: task.missing for name, task in self._state.running.items()}

    def _has_room(self, ahead: int) -> bool:
        return self._engines.least_waiting(self._waiting) < max(1, ahead)

    def _send(self, task: Task) -> None:
        place = task.place
        self._stretches.begin(place.arm)
        task.begun += 1
        name = f"{place.arm}-{place.question}-{place.repeat}-{task.begun}"
        waiting = self._waiting
        self._state.running[name] = task
        self._engines.send(
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
                compares=self._plan.questions.questions[place.question].answer is None,
            ),
            waiting,
        )

    def _cancel_all(self) -> None:
        for name in self._state.running:
            self._engines.cancel(name)

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
            case LoadFailed() if not self._control.stopped:
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
        death = self._engines.death_under(event.deliberation_id)
        if event.code == BadRequestError.code and death is not None:
            return SweepError(death.code, death.detail)
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
        if now - self._told < TICK_SECONDS:
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
        told, silent = self._stretches.joules, self._engines.silent
        self._tell(SweepProgress(self._state.done, wanted, seconds, left, told, label, silent))

    def _end_stretch(self) -> None:
        stretch = self._stretches.end()
        if stretch is not None:
            self._journal.add_sweep_stretch(self._sweep_id, stretch).result()


def _first_of(tasks: deque[Task], slots: int) -> deque[Task]:
    """As many as fill the slots, and as a forecast rests on; one question alone may be odd."""
    filling = math.ceil(max(slots, FEWEST_SAMPLES) / tasks[0].arm.budget.attempts)
    return deque(islice(tasks, max(_FEWEST_TRIED, filling)))


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
