"""Which model is loaded: states, checks, cancelling, news of loads nobody waits for any more."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from desktop_app.deliveries import Deliveries
from desktop_app.library.model_control import ModelControl, ModelPhase
from engine.generation import LoadOptions, ModelReport, Notice
from engine.journal.records import ModelRecord
from engine.protocol import LoadFailed, ModelLoaded, ModelLoading, ModelUnloaded, WorkerDied
from models.errors import GgufError

A, B, DAMAGED = Path("/m/a.gguf"), Path("/m/b.gguf"), Path("/m/damaged.gguf")
SLOW = Path("/m/slow.gguf")
"""Its check goes on until a test ends it."""
REPORT = ModelReport(
    path=str(A), name="A", family="", architecture="llama", quantization="Q8_0", parameters=1,
    size_bytes=1, layers=1, layers_on_gpu=0, devices=(), gpu_build=False, context_tokens=64,
    train_context_tokens=64, slots=1, unified_cache=True, can_fork=True, threads=1,
    template="model", thought_opening="", load_seconds=0.1,
)  # fmt: skip


@dataclass
class Engine:
    """Writes down what it is told."""

    told: list[str] = field(default_factory=list)

    def load(self, path: Path, options: LoadOptions | None = None) -> None:
        self.told.append(f"load {path.name} {options.slots if options else None}")

    def cancel_load(self) -> None:
        self.told.append("cancel")

    def unload(self) -> None:
        self.told.append("unload")


@dataclass
class Memory:
    """Remembers models in a list."""

    records: list[ModelRecord] = field(default_factory=list)

    def models(self) -> Future[list[ModelRecord]]:
        done: Future[list[ModelRecord]] = Future()
        done.set_result(list(self.records))
        return done

    def remember_model(self, model: ModelRecord) -> Future[None]:
        self.records.append(model)
        done: Future[None] = Future()
        done.set_result(None)
        return done


def at_once(action: Callable[[], None]) -> None:
    """Nothing is thought about: go ahead."""
    action()


@dataclass
class Bench:
    """A control with what it talks to, and what it said."""

    control: ModelControl
    engine: Engine
    memory: Memory
    slow: Future[None]
    options: LoadOptions = field(default_factory=lambda: LoadOptions(slots=7))
    failed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    noticed: list[Notice] = field(default_factory=list)

    def load(self, path: Path) -> None:
        """Ask for a file and let its check end."""
        self.control.load(path)
        QCoreApplication.sendPostedEvents()

    def hold(self, path: Path) -> None:
        """Load a file to its end."""
        self.load(path)
        self.control.on_event(ModelLoaded(replace(REPORT, path=str(path))))

    def end_check(self) -> None:
        """Let the slow check pass."""
        self.slow.set_result(None)
        QCoreApplication.sendPostedEvents()


def checked(path: Path) -> Future[None]:
    done: Future[None] = Future()
    if path == DAMAGED:
        done.set_exception(GgufError("version", "is 9"))
    else:
        done.set_result(None)
    return done


@pytest.fixture
def bench(qapp: object) -> Bench:
    assert qapp
    engine, memory = Engine(), Memory()
    deliveries = Deliveries(lambda error: pytest.fail(str(error)))
    slow: Future[None] = Future()
    control = ModelControl(
        engine,
        memory,
        deliveries,
        lambda: made.options,
        lambda path: slow if path == SLOW else checked(path),
    )
    made = Bench(control, engine, memory, slow)
    control.load_failed.connect(lambda code, _detail, _path: made.failed.append(code))
    control.load_failed.connect(lambda _code, _detail, path: made.refused.append(path))
    control.load_begun.connect(made.begun.append)
    control.noticed.connect(made.noticed.append)
    return made


def test_a_load_goes_from_progress_to_ready(bench: Bench) -> None:
    control = bench.control
    bench.load(A)
    assert bench.engine.told == ["load a.gguf 7"]
    control.on_event(ModelLoading(str(A), 0.4))
    assert (control.state.phase, control.state.fraction) == (ModelPhase.LOADING, 0.4)
    control.on_event(ModelLoaded(REPORT, (Notice("no-fork"),)))
    assert control.state.phase is ModelPhase.READY
    assert control.report == REPORT
    assert [notice.code for notice in bench.noticed] == ["no-fork"]


def test_another_choice_while_loading_cancels_the_first_and_ignores_its_news(bench: Bench) -> None:
    control = bench.control
    bench.load(A)
    bench.load(B)
    assert bench.engine.told == ["load a.gguf 7", "cancel", "load b.gguf 7"]
    control.on_event(ModelLoading(str(A), 0.9))
    control.on_event(LoadFailed(str(A), "load-cancelled", ""))
    assert (control.state.phase, control.state.path, control.state.fraction) == (
        ModelPhase.LOADING, B, 0.0,
    )  # fmt: skip
    control.on_event(ModelLoaded(replace(REPORT, path=str(B))))
    assert control.state.path == B


def test_a_cancelled_load_is_no_error(bench: Bench) -> None:
    control = bench.control
    bench.load(A)
    control.cancel()
    control.on_event(LoadFailed(str(A), "load-cancelled", ""))
    assert control.state.phase is ModelPhase.NO_MODEL
    assert bench.failed == []
    control.cancel()
    assert bench.engine.told.count("cancel") == 1


def test_a_load_that_ended_the_engine_is_remembered(bench: Bench, qtbot: QtBot) -> None:
    control = bench.control
    bench.load(A)
    control.on_event(WorkerDied(-6, "out of memory"))
    control.on_event(LoadFailed(str(A), "worker-died", "exit status -6"))
    assert bench.failed == ["worker-died"]
    qtbot.waitUntil(lambda: control.crashed_last_time(A))
    assert not control.crashed_last_time(B)


def test_ejecting_and_the_death_of_the_worker_free_the_model(bench: Bench) -> None:
    control = bench.control
    control.eject(at_once)
    assert bench.engine.told == []
    bench.load(A)
    control.on_event(ModelLoaded(REPORT))
    control.eject(at_once)
    assert bench.engine.told[-1] == "unload"
    control.on_event(ModelUnloaded())
    assert control.state.phase is ModelPhase.NO_MODEL
    bench.load(A)
    control.on_event(ModelLoaded(REPORT))
    control.on_event(WorkerDied(-9, ""))
    assert control.state.phase is ModelPhase.NO_MODEL
    assert control.state.error_code == "worker-died"


def test_a_damaged_file_never_reaches_the_engine(bench: Bench) -> None:
    bench.load(DAMAGED)
    assert bench.engine.told == []
    assert bench.failed == ["gguf"]
    assert bench.control.state.phase is ModelPhase.NO_MODEL


def test_cancelling_while_the_file_is_checked_loads_nothing(bench: Bench) -> None:
    bench.control.load(A)
    bench.control.cancel()
    QCoreApplication.sendPostedEvents()
    assert bench.engine.told == []
    assert bench.control.state.phase is ModelPhase.NO_MODEL
    assert bench.failed == []


def test_another_choice_while_the_first_is_checked_loads_only_the_second(bench: Bench) -> None:
    bench.control.load(A)
    bench.load(B)
    assert bench.engine.told == ["load b.gguf 7"]


def test_what_is_loaded_stays_while_another_file_is_checked(bench: Bench) -> None:
    control = bench.control
    bench.hold(A)
    bench.load(SLOW)
    state = control.state
    assert (state.phase, state.path, state.report) == (ModelPhase.READY, A, REPORT)
    assert state.checking == SLOW
    assert not state.takes_questions
    assert bench.engine.told == ["load a.gguf 7"]
    bench.end_check()
    assert (control.state.phase, control.state.path) == (ModelPhase.LOADING, SLOW)
    assert bench.begun == [str(A), str(SLOW)]
    assert bench.engine.told[-1] == "load slow.gguf 7"


def test_a_refused_file_takes_nothing_away(bench: Bench) -> None:
    control = bench.control
    bench.hold(A)
    before = control.state
    bench.load(DAMAGED)
    assert control.state == before
    assert control.state.takes_questions
    assert (bench.failed, bench.refused) == (["gguf"], [str(DAMAGED)])
    assert bench.begun == [str(A)]
    control.eject(at_once)
    assert bench.engine.told == ["load a.gguf 7", "unload"]


def test_nothing_is_told_to_be_ready_on_the_way_to_an_eject(bench: Bench) -> None:
    bench.hold(A)
    bench.control.load(SLOW)  # who asks now waits for its check
    ready: list[bool] = []
    bench.control.state_changed.connect(lambda: ready.append(bench.control.state.takes_questions))
    waiting: list[Callable[[], None]] = []
    bench.control.eject(waiting.append)
    bench.end_check()
    assert bench.engine.told == ["load a.gguf 7"]
    waiting[0]()
    assert bench.engine.told == ["load a.gguf 7", "unload"]
    assert ready == [False]


def test_what_was_loaded_with_other_options_is_outdated(bench: Bench) -> None:
    bench.load(A)
    bench.options = LoadOptions(slots=3)
    assert not bench.control.is_outdated  # it is not there yet
    bench.control.on_event(ModelLoaded(REPORT))
    assert bench.control.is_outdated
    bench.hold(A)
    assert bench.engine.told[-1] == "load a.gguf 3"
    assert not bench.control.is_outdated
    bench.options = LoadOptions(slots=4)
    bench.load(DAMAGED)
    assert bench.control.is_outdated


def test_cancelling_a_check_leaves_what_is_loaded(bench: Bench) -> None:
    control = bench.control
    bench.hold(A)
    before = control.state
    bench.load(SLOW)
    control.cancel()
    assert control.state == before
    bench.end_check()
    assert control.state == before
    assert bench.engine.told == ["load a.gguf 7"]
    assert bench.failed == []


def test_a_load_goes_on_while_another_file_is_checked(bench: Bench) -> None:
    control = bench.control
    bench.load(A)
    bench.load(DAMAGED)
    control.on_event(ModelLoading(str(A), 0.4))
    assert (control.state.phase, control.state.path) == (ModelPhase.LOADING, A)
    bench.load(SLOW)
    control.on_event(ModelLoaded(REPORT))
    assert (control.state.phase, control.state.checking) == (ModelPhase.READY, SLOW)
    assert bench.engine.told == ["load a.gguf 7"]


def test_what_the_model_does_is_ended_only_after_the_check(bench: Bench) -> None:
    control = bench.control
    waiting: list[Callable[[], None]] = []
    bench.hold(A)
    control.load(DAMAGED, waiting.append)
    QCoreApplication.sendPostedEvents()
    control.load(SLOW, waiting.append)
    assert waiting == []
    bench.end_check()
    assert len(waiting) == 1
    assert control.state.checking == SLOW
    waiting[0]()
    assert bench.engine.told == ["load a.gguf 7", "load slow.gguf 7"]


def test_a_load_that_was_cancelled_after_its_check_does_not_begin(bench: Bench) -> None:
    control = bench.control
    waiting: list[Callable[[], None]] = []
    bench.hold(A)
    control.load(B, waiting.append)
    QCoreApplication.sendPostedEvents()
    control.cancel()
    waiting[0]()
    assert control.state.takes_questions
    assert bench.engine.told == ["load a.gguf 7"]


def test_a_worker_that_dies_during_a_check_holds_nothing_any_more(bench: Bench) -> None:
    control = bench.control
    bench.hold(A)
    bench.load(SLOW)
    control.on_event(WorkerDied(-9, ""))
    assert (control.state.phase, control.state.path) == (ModelPhase.LOADING, SLOW)
    assert control.report is None
    control.cancel()
    assert control.state.phase is ModelPhase.NO_MODEL


def test_reloading_during_a_check_keeps_the_file_that_is_to_come(bench: Bench) -> None:
    bench.hold(A)
    bench.load(SLOW)
    bench.control.reload()
    bench.end_check()
    assert bench.engine.told == ["load a.gguf 7", "load slow.gguf 7"]
