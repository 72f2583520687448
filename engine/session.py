"""The session: client, power meter and journal joined, as the window, terminal and API use them.

It adds what the worker cannot know: what a deliberation cost in joules, seen from outside so that
the idle baseline and a dead worker are seen too, and the record of everything on disk. It never
imports Qt; callbacks arrive on background threads.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.backends.remote.description import ENGINE_SUFFIX
from engine.budget import Budget
from engine.candidate import Beginning, Candidate
from engine.client import EngineClient
from engine.conversation_length import excess_of
from engine.errors import BadRequestError, PromptTooLongError, WorkerError
from engine.fingerprint import Fingerprint, modified_ns
from engine.generation import JsonReply, LoadOptions, Message, ModelReport, Sampling
from engine.journal.errors import JournalBugError, JournalError
from engine.journal.records import DeliberationRecord, DraftRecord, ModelRecord
from engine.options import StrategyOptions
from engine.power.meter import EnergyReport, PowerMeter, PowerSample
from engine.power.sampler import KEPT_SECONDS, PowerSampler
from engine.power.trace import energy_report, joined_report
from engine.protocol import (
    AnswerNow,
    BudgetChanged,
    Cancel,
    CancelLoad,
    CandidateFinished,
    CandidateStarted,
    Command,
    Deliberate,
    DeliberationFailed,
    DeliberationStarted,
    Event,
    ExtendBudget,
    LoadFailed,
    LoadModel,
    MeasureMemory,
    ModelLoaded,
    ModelUnloaded,
    Progressed,
    StepFinished,
    StrategyChosen,
    UnloadModel,
    VerdictReached,
    WorkerDied,
)
from engine.verdict import Verdict

if TYPE_CHECKING:  # sqlite_utils takes 150 ms to import, which the window's start need not wait for
    from engine.journal.journal import Journal

_log = logging.getLogger(__name__)

DRAFT_SECONDS = 1.0
"""Text in flight is written to the journal this often."""
PART_SECONDS = KEPT_SECONDS / 2
"""What runs longer is measured in parts of this length, before its first readings are forgotten."""


class PowerSampled(msgspec.Struct, frozen=True):
    """The power meter was read."""

    sample: PowerSample


class EnergyMeasured(msgspec.Struct, frozen=True):
    """What a finished deliberation cost; comes just before its `VerdictReached`.

    Attributes:
        deliberation_id: Which one.
        report: The measurement.
        joules_by_candidate: `report.joules` shared out by generated tokens; an attribution, not
            a measurement. Empty when not available, or when others' energy is in it.
    """

    deliberation_id: str
    report: EnergyReport
    joules_by_candidate: dict[int, float]


class JournalTrouble(msgspec.Struct, frozen=True):
    """Something could not be recorded. `code` is a `JournalError` code."""

    code: str
    detail: str


SessionEvent = Event | PowerSampled | EnergyMeasured | JournalTrouble


class AskRequest(msgspec.Struct, frozen=True):
    """One question to think about.

    Attributes:
        deliberation_id: New, or that of a finished deliberation to think longer.
        messages: The conversation; the last message is the question.
        strategy: A strategy's name.
        budget: What it may spend.
        sampling: How candidates are drawn.
        stop_early: Whether a settled vote ends it.
        greedy_single: Whether a single attempt is greedy.
        message_id: The assistant message that will hold the verdict, or None.
        earlier: Finished candidates to build on.
        options: What the strategy is told beside the budget.
        steps_before: How many steps a search has written in earlier turns.
        stop_texts: Texts that end a candidate and are not part of it.
        beginning: What an attempt wrote that was cut, to be gone on with.
        json_reply: What each candidate's reply must be, or None where it is free.
    """

    deliberation_id: str
    messages: tuple[Message, ...]
    strategy: str
    budget: Budget
    sampling: Sampling = Sampling()
    stop_early: bool = True
    greedy_single: bool = True
    message_id: str | None = None
    earlier: tuple[Candidate, ...] = ()
    options: StrategyOptions = StrategyOptions()
    steps_before: int = 0
    stop_texts: tuple[str, ...] = ()
    beginning: Beginning | None = None
    json_reply: JsonReply | None = None


@dataclass(slots=True)
class _Running:
    """What is remembered of a deliberation while it runs."""

    started_at: float
    busy_until: float
    tokens: dict[int, int] = field(default_factory=dict)
    drafts: dict[int, DraftRecord] = field(default_factory=dict)
    drafted_at: float = 0.0
    shared: bool = False
    """Whether others were thought about meanwhile."""
    measured: EnergyReport | None = None
    """What its parts cost that are measured already."""
    measured_until: float = field(init=False)

    def __post_init__(self) -> None:
        self.measured_until = self.started_at


class Session:
    """One engine with its record and its meter.

    Args:
        journal: Where to record, or None to record nothing.
        meter: What measures power, or None.
    """

    def __init__(self, journal: Journal | None = None, meter: PowerMeter | None = None) -> None:
        self._journal = journal
        self._lock = threading.RLock()
        self._listeners: list[Callable[[SessionEvent], None]] = []
        self._running: dict[str, _Running] = {}
        self._busy_until = float("-inf")
        self._busy_elsewhere = False
        """Whether other work of this program keeps the machine busy, such as a sweep."""
        self._model: ModelReport | None = None
        self._fingerprint: Fingerprint | None = None
        self._path = ""
        """What the worker will have loaded when it comes to what is asked now."""
        self._unidentified: list[tuple[str, str]] = []
        """Deliberations that were asked for before their model was there, behind its path."""
        self._options = LoadOptions()
        self._sampler = PowerSampler(meter) if meter is not None else None
        if self._sampler is not None:
            self._sampler.subscribe(self._on_sample)
            self._sampler.start()
        self._client = EngineClient(self._on_event)

    # --- what callers ask -----------------------------------------------------------------------

    @property
    def model(self) -> ModelReport | None:
        """What is loaded."""
        return self._model

    @property
    def sampler(self) -> PowerSampler | None:
        """The power sampler, or None without a sensor."""
        return self._sampler

    @property
    def worker_process_id(self) -> int | None:
        """The engine process's id, or None while there is none."""
        return self._client.process_id

    def subscribe(self, listener: Callable[[SessionEvent], None]) -> Callable[[], None]:
        """Call `listener` with every event, on background threads, until the result is called."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def start(self) -> None:
        """Start the engine process ahead of the first command; `WorkerReady` follows.

        Raises:
            WorkerStartError: It cannot be started.
        """
        self._client.start()

    def load(self, path: Path, options: LoadOptions | None = None) -> None:
        """Load a model file; `ModelLoaded` or `LoadFailed` follows."""
        self._options = options or LoadOptions()
        with self._lock:
            self._path = str(path)
        self._send(LoadModel(str(path), self._options))

    def cancel_load(self) -> None:
        """Stop a load in progress."""
        self._send(CancelLoad())

    def unload(self) -> None:
        """Free the model."""
        with self._lock:
            self._path = ""
        self._send(UnloadModel())

    def measure_memory(self) -> None:
        """Ask what memory is free; `MemoryMeasured` follows."""
        self._send(MeasureMemory())

    def ask(self, request: AskRequest) -> None:
        """Start a deliberation; `VerdictReached` or `DeliberationFailed` follows."""
        with self._lock:
            path = self._path
            known = self._model is not None and self._model.path == path
            fingerprint = self._fingerprint if known else None
            if path and not known:
                self._unidentified.append((path, request.deliberation_id))
        self._record(
            lambda journal: journal.start_deliberation(
                DeliberationRecord(
                    deliberation_id=request.deliberation_id,
                    message_id=request.message_id,
                    strategy=request.strategy,
                    budget=request.budget,
                    sampling=request.sampling,
                    seed=request.sampling.seed,
                    model_path=path,
                    load_options=self._options,
                    started_at=_now(),
                    options=request.options,
                    json_reply=request.json_reply,
                )
            )
        )
        if fingerprint is not None:
            fingerprint.give_to(request.deliberation_id)
        excess = excess_of(request.messages)
        if excess is not None:
            code = PromptTooLongError.code
            self._on_event(DeliberationFailed(request.deliberation_id, code, excess))
            return
        self._send(
            Deliberate(
                deliberation_id=request.deliberation_id,
                messages=request.messages,
                strategy=request.strategy,
                budget=request.budget,
                sampling=request.sampling,
                stop_early=request.stop_early,
                greedy_single=request.greedy_single,
                earlier=request.earlier,
                options=request.options,
                steps_before=request.steps_before,
                stop_texts=request.stop_texts,
                beginning=request.beginning,
                json_reply=request.json_reply,
            )
        )

    def extend(self, deliberation_id: str, budget: Budget) -> None:
        """Replace a running deliberation's budget."""
        self._send(ExtendBudget(deliberation_id, budget))

    def answer_now(self, deliberation_id: str) -> None:
        """Reach a verdict from what exists."""
        self._send(AnswerNow(deliberation_id))

    def cancel(self, deliberation_id: str) -> None:
        """End a deliberation; finished candidates stay."""
        self._send(Cancel(deliberation_id))

    def power_samples(self, since_seconds: float) -> Sequence[PowerSample]:
        """Readings since a `time.monotonic()` moment; empty without a sensor."""
        if self._sampler is None:
            return ()
        return self._sampler.samples_between(since_seconds, time.monotonic())

    def close(self) -> None:
        """End the worker and the meter. The journal stays open; it is its owner's."""
        self._client.close()
        self._forget_model()
        if self._sampler is not None:
            self._sampler.close()

    def _send(self, command: Command) -> None:
        try:
            self._client.send(command)
        except (WorkerError, BadRequestError) as error:
            match command:
                case LoadModel():
                    self._on_event(LoadFailed(command.path, error.code, error.detail))
                case Deliberate():
                    self._on_event(
                        DeliberationFailed(command.deliberation_id, error.code, error.detail)
                    )

    def set_busy_elsewhere(self, *, busy: bool) -> None:
        """Say whether other work of this program keeps the machine busy, beginning or ending now.

        What is thought about meanwhile shares its time and energy, and prices nothing.
        """
        with self._lock:
            self._busy_elsewhere = busy
            self._busy_until = time.monotonic()
            if busy:
                for running in tuple(self._running.values()):
                    running.shared = True

    # --- what the worker tells ------------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        self._follow_model(event)
        match event:
            case DeliberationStarted():
                self._begin(event.deliberation_id)
                self._record(lambda j: j.set_seed(event.deliberation_id, event.seed))
            case BudgetChanged():
                self._record(lambda j: j.set_budget(event.deliberation_id, event.budget))
            case CandidateStarted():
                self._begin_draft(event)
            case Progressed():
                self._draft(event)
            case CandidateFinished():
                self._keep(event)
            case StepFinished():
                self._record(lambda j: j.add_step(event.deliberation_id, event.step))
            case StrategyChosen():
                self._record(lambda j: j.set_choice(event.deliberation_id, event.choice))
            case VerdictReached():
                self._finish(event)
            case DeliberationFailed():
                self._running.pop(event.deliberation_id, None)
                self._busy_until = time.monotonic()
                self._record(
                    lambda j: j.fail_deliberation(event.deliberation_id, event.code, event.detail)
                )
        self._tell(event)

    def _follow_model(self, event: Event) -> None:
        match event:
            case ModelLoaded():
                self._busy_until = time.monotonic()
                self._forget_model()
                self._remember_model(event.report, crashed=False)
                self._identify(event.report)
            case LoadFailed():
                self._forget_model()
                self._take_unidentified(event.path)
            case ModelUnloaded():
                self._forget_model()
            case WorkerDied():
                if self._model is not None:
                    self._remember_model(self._model, crashed=True)
                self._forget_model()

    def _forget_model(self) -> None:
        self._model = None
        if self._fingerprint is not None:
            self._fingerprint.cancel()
            self._fingerprint = None

    def _identify(self, report: ModelReport) -> None:
        """Tie what is recorded from now on to the very file that was loaded, if it is a model."""
        path, journal = report.path, self._journal
        fingerprint: Fingerprint | None = None
        if journal is not None and not path.endswith(ENGINE_SUFFIX):
            fingerprint = Fingerprint(
                Path(path),
                journal.model_hash(path),
                lambda sha256, ids: self._record(lambda j: j.set_model_hash(path, sha256, ids)),
            )
        with self._lock:
            self._model, self._fingerprint = report, fingerprint
            waited = self._take_unidentified(path)
        if fingerprint is not None:
            for deliberation_id in waited:
                fingerprint.give_to(deliberation_id)

    def _take_unidentified(self, path: str) -> list[str]:
        with self._lock:
            taken = [name for one, name in self._unidentified if one == path]
            self._unidentified = [pair for pair in self._unidentified if pair[0] != path]
        return taken

    def _remember_model(self, report: ModelReport, *, crashed: bool) -> None:
        record = ModelRecord(
            path=report.path,
            name=report.name,
            size_bytes=report.size_bytes,
            architecture=report.architecture,
            quantization=report.quantization,
            last_used_at=_now(),
            crashed=crashed,
            modified_ns=modified_ns(Path(report.path)),
        )
        self._record(lambda journal: journal.remember_model(record))

    def _begin(self, deliberation_id: str) -> None:
        """Measure from now on; whoever is in the making at the same time shares the machine."""
        with self._lock:
            began = time.monotonic()
            busy = self._busy_elsewhere or bool(self._running)
            self._running[deliberation_id] = _Running(began, began if busy else self._busy_until)
            if busy:
                for running in self._running.values():
                    running.shared = True

    def _begin_draft(self, event: CandidateStarted) -> None:
        """What it had written on a machine that was lost is void."""
        running = self._running.get(event.deliberation_id)
        if running is not None:
            running.drafts.pop(event.index, None)

    def _draft(self, event: Progressed) -> None:
        running = self._running.get(event.deliberation_id)
        if running is None:
            return
        for delta in event.deltas:
            known = running.drafts.get(delta.index)
            running.drafts[delta.index] = DraftRecord(
                index=delta.index,
                thought=(known.thought if known else "") + delta.thought,
                response=(known.response if known else "") + delta.response,
                tokens=delta.tokens,
            )
        now = time.monotonic()
        if running.drafts and now - running.drafted_at >= DRAFT_SECONDS:
            running.drafted_at = now
            drafts = tuple(running.drafts.values())
            self._record(lambda j: j.save_draft(event.deliberation_id, drafts))

    def _keep(self, event: CandidateFinished) -> None:
        running = self._running.get(event.deliberation_id)
        if running is not None:
            running.drafts.pop(event.candidate.index, None)
            running.tokens[event.candidate.index] = event.candidate.tokens
        self._record(lambda j: j.add_candidate(event.deliberation_id, event.candidate))

    def _finish(self, event: VerdictReached) -> None:
        running = self._running.pop(event.deliberation_id, None)
        end = self._busy_until = time.monotonic()
        report: EnergyReport | None = None
        shares: dict[int, float] = {}
        if running is not None:
            report = self._measure(running, end)
            if report is not None:
                shares = {} if report.shared else _share_out(report.joules, running.tokens)
                self._tell(EnergyMeasured(event.deliberation_id, report, shares))
        if shares:
            self._record(lambda j: j.set_candidate_energy(event.deliberation_id, shares))
        verdict: Verdict = event.verdict
        self._record(
            lambda j: j.finish_deliberation(
                event.deliberation_id, verdict, event.total_seconds, report, event.prompt_read
            )
        )

    def _measure(self, running: _Running, end_seconds: float) -> EnergyReport | None:
        """What it cost; without a meter only that others were in the making, if they were."""
        if self._sampler is None:
            return EnergyReport(None, "not available", shared=True) if running.shared else None
        with self._lock:
            report = running.measured
            if report is None or running.measured_until < end_seconds:
                report = self._measure_part(self._sampler, running, end_seconds)
        return msgspec.structs.replace(report, shared=running.shared)

    def _measure_part(
        self, sampler: PowerSampler, running: _Running, end_seconds: float
    ) -> EnergyReport:
        """Add what it cost since it was measured last; called under the lock."""
        began, before = running.measured_until, running.measured
        busy_until = running.busy_until if before is None else began
        part = energy_report(sampler, began, end_seconds, busy_until)
        whole = joined_report(before, began - running.started_at, part, end_seconds - began)
        report = part if before is None or whole is None else whole
        running.measured, running.measured_until = report, end_seconds
        return report

    def _on_sample(self, sample: PowerSample) -> None:
        if self._sampler is not None:
            with self._lock:
                for running in list(self._running.values()):
                    if sample.at_seconds - running.measured_until >= PART_SECONDS:
                        self._measure_part(self._sampler, running, sample.at_seconds)
        self._tell(PowerSampled(sample))

    # --- plumbing -------------------------------------------------------------------------------

    def _tell(self, event: SessionEvent) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(event)

    def _record(self, write: Callable[[Journal], Future[None]]) -> None:
        """Write to the journal without waiting; a failure becomes `JournalTrouble`."""
        if self._journal is None:
            return
        try:
            future = write(self._journal)
        except JournalError as error:
            self._tell(JournalTrouble(error.code, error.detail))
            return
        future.add_done_callback(self._check_written)

    def _check_written(self, future: Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        if isinstance(error, JournalError):
            self._tell(JournalTrouble(error.code, error.detail))
        elif error is not None:  # raised here, nobody would hear of it
            where = "".join(traceback.format_tb(error.__traceback__))
            _log.error("not recorded: %s\n%s", type(error).__name__, where)
            self._tell(JournalTrouble(JournalBugError.code, type(error).__name__))


def _share_out(joules: float | None, tokens: dict[int, int]) -> dict[int, float]:
    """Attribute an energy to candidates by their generated tokens."""
    total = sum(tokens.values())
    if joules is None or total == 0:
        return {}
    return {index: joules * count / total for index, count in tokens.items()}


def _now() -> datetime:
    return datetime.now(UTC)
