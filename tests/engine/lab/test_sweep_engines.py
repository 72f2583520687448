"""A sweep's engine in several processes: when, with what, and when one of them is in trouble."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from concurrent.futures import Future
from pathlib import Path

import msgspec
import psutil
import pytest

from engine.backends.llama.backend import LlamaBackend
from engine.client import EngineClient
from engine.errors import WorkerStartError
from engine.generation import LoadOptions, ModelReport
from engine.lab import sweep_engines
from engine.lab.records import RunCard, SweepStatus, VerdictRecord
from engine.lab.sweep_control import Control, SweepError, SweepProgress
from engine.lab.sweep_engines import processes_for, shares_of
from engine.worker_command import worker_command
from models.builtin import BASE, SMALL, builtin_model_path, builtin_models
from tests.desktop_app.remote_reports import HERE, remote_report
from tests.engine.lab.test_sweep import (
    EASY,
    Bench,
    bench,
    check_whole,
    plan_of,
    script,
    with_threads,
)

__all__ = ["bench"]


@pytest.fixture(scope="module")
def small() -> ModelReport:
    backend = LlamaBackend.load(builtin_model_path(), LoadOptions(slots=64, threads=2))
    try:
        return backend.report
    finally:
        backend.close()


@pytest.mark.parametrize(
    ("changes", "threads", "questions", "room", "processes"),
    [
        ({}, 7, 500, 99, 7),
        ({}, 1, 500, 99, 1),
        ({}, 64, 500, 99, 16),
        ({"slots": 16}, 7, 500, 99, 4),
        ({"slots": 1}, 7, 500, 99, 1),
        ({}, 7, 12, 99, 3),
        ({}, 7, 1, 99, 1),
        ({}, 7, 500, 2, 2),
        ({}, 7, 500, 0, 1),
        ({"layers_on_gpu": 4}, 7, 500, 99, 1),
        ({"size_bytes": 400_000_000}, 7, 500, 99, 1),
    ],
)
def test_small_models_on_processors_get_several(
    small: ModelReport, changes: dict[str, int], threads: int, questions: int, room: int,
    processes: int,
) -> None:  # fmt: skip
    report = msgspec.structs.replace(small, **changes)
    assert processes_for(report, threads, questions, room) == processes


def test_an_engine_elsewhere_is_one() -> None:
    report = msgspec.structs.replace(remote_report(HERE), slots=64)
    assert processes_for(report, 8, 500, 99) == 1


@pytest.mark.parametrize(("attempts", "slots"), [(0, 16), (8, 16), (32, 32), (100, 64)])
def test_threads_and_slots_are_shared_but_a_question_keeps_its_own(
    small: ModelReport, attempts: int, slots: int
) -> None:
    shares = shares_of(LoadOptions(context_tokens=700), small, 7, 4, attempts)
    assert [share.threads for share in shares] == [2, 2, 2, 1]
    assert {(share.context_tokens, share.slots) for share in shares} == {(700, slots)}


def card_of(_ready: object, reports: list[ModelReport]) -> RunCard:
    facts = {r.path: {"of": f"{r.processes} {r.threads} {r.slots}"} for r in reports}
    return RunCard(models=facts)


def test_two_processes_share_a_sweep(bench: Bench) -> None:
    bench.begin(with_threads(2, plan_of(["vote"], [64])))
    busy: Counter[int] = Counter()

    def look(_progress: SweepProgress) -> None:
        for process_id in runner.process_ids:
            busy[process_id] = int(psutil.Process(process_id).cpu_times().user * 1000)

    runner = bench.runner(tell=look, card_of=card_of)
    assert runner.run() is SweepStatus.FINISHED
    check_whole(bench.record())
    assert bench.record().card.models[str(builtin_model_path())] == {"of": "2 2 64"}
    assert len(busy) == 2
    assert min(busy.values()) > max(busy.values()) / 4
    assert not runner.process_ids


def test_what_has_a_history_of_its_own_keeps_its_slots(bench: Bench) -> None:
    bench.begin(with_threads(2, plan_of(["vote", "auto"], [64])))
    assert bench.runner(card_of=card_of).run() is SweepStatus.FINISHED
    check_whole(bench.record())
    assert bench.record().card.models[str(builtin_model_path())] == {"of": "2 2 128"}


@pytest.mark.parametrize(
    "other", [(sys.executable, "-c", "raise SystemExit(3)"), ("/no/such/program",)]
)
def test_one_process_does_where_no_other_can_be_had(
    other: tuple[str, ...], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = worker_command(background=True)
    commands = iter([usual, usual, other])
    monkeypatch.setattr(sweep_engines, "worker_command", lambda **_: next(commands, usual))
    bench.begin(with_threads(2, plan_of(["vote"], [4])))
    runner = bench.runner(card_of=card_of)
    assert runner.run() is SweepStatus.FINISHED
    check_whole(bench.record())
    assert bench.record().card.models[str(builtin_model_path())] == {"of": "1 2 64"}


def test_a_stop_ends_the_load_of_both(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    control, shares = Control(), sweep_engines.shares_of

    def stop(*arguments: object) -> list[LoadOptions]:
        control.stop()
        return shares(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sweep_engines, "shares_of", stop)
    bench.begin(with_threads(2, plan_of(["vote"], [64])))
    runner = bench.runner()
    assert runner.run(control) is SweepStatus.PAUSED
    assert not runner.process_ids
    assert not bench.record().samples


def test_the_next_model_has_as_many_as_suit_it(bench: Bench, tmp_path: Path) -> None:
    other = tmp_path / "copy.gguf"
    other.write_bytes(builtin_model_path().read_bytes())
    both = [*plan_of(["vote"], [4]).arms, *plan_of(["vote"], [4], other).arms]
    plan = msgspec.structs.replace(plan_of(["vote"], [4]), arms=tuple(both))
    bench.begin(with_threads(2, plan))
    assert bench.runner(card_of=card_of).run() is SweepStatus.FINISHED
    check_whole(bench.record())
    facts = bench.record().card.models
    assert [facts[str(path)]["of"] for path in (builtin_model_path(), other)] == ["2 2 64"] * 2


def test_all_cores_work_where_nobody_says_how_many(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_engines, "usable_cores", lambda: 2)
    bench.begin(plan_of(["vote"], [4]))
    assert bench.runner(card_of=card_of).run() is SweepStatus.FINISHED
    assert bench.record().card.models[str(builtin_model_path())] == {"of": "2 2 64"}


def test_a_model_that_a_dead_process_takes_up_again_is_not_taken_for_the_next_one(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = script(tmp_path, [{"text": "Answer: 6"}], slots=16)
    small, scripted = plan_of(["vote"], [8]), plan_of(["vote"], [8], other)
    plan = msgspec.structs.replace(small, arms=(*small.arms, *scripted.arms))
    bench.begin(with_threads(2, plan))
    add = bench.journal.add_sweep_verdict
    killed: list[int] = []

    def kill_at_the_last(sweep_id: str, verdict: VerdictRecord) -> Future[None]:
        done = add(sweep_id, verdict)
        done.result()
        if len(bench.record().verdicts) == len(EASY.questions):
            killed.append(runner.process_ids[0])
            os.kill(killed[0], signal.SIGKILL)
            psutil.Process(killed[0]).wait()
        return done

    monkeypatch.setattr(bench.journal, "add_sweep_verdict", kill_at_the_last)
    runner = bench.runner(card_of=card_of)
    assert runner.run() is SweepStatus.FINISHED
    assert killed
    check_whole(bench.record())
    assert bench.record().card.models[str(other)] == {"of": "1 1 16"}


def test_where_no_thread_can_be_had_the_sweep_ends_with_a_clear_error(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.begin(plan_of(["vote"], [4]))
    runner = bench.runner()
    start = threading.Thread.start
    refused: list[str] = []

    def no_more(thread: threading.Thread) -> None:
        if thread.name.startswith("worker-"):
            refused.append(thread.name)
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_more)
        with pytest.raises(SweepError) as failure:
            runner.run()
    assert (failure.value.code, refused) == ("worker-start", ["worker-stderr"])
    assert not runner.process_ids
    assert bench.runner().run() is SweepStatus.FINISHED


@pytest.mark.parametrize("name", ["worker-commands", "worker-silence", "worker-events"])
def test_a_worker_that_lacks_a_thread_does_not_stay(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start
    client = EngineClient(lambda _event: None)
    before = set(psutil.Process().children())

    def not_this_one(thread: threading.Thread) -> None:
        if thread.name == name:
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", not_this_one)
        with pytest.raises(WorkerStartError):
            client.start()
    assert set(psutil.Process().children()) == before
    assert client.process_id is None
    client.close()


def test_processes_are_closed_even_without_threads_for_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.begin(with_threads(2, plan_of(["vote"], [4])))
    start = threading.Thread.start

    def no_closing(thread: threading.Thread) -> None:
        if thread.name == "sweep-close":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", no_closing)
    runner = bench.runner(card_of=card_of)
    assert runner.run() is SweepStatus.FINISHED
    assert not runner.process_ids
    assert bench.record().card.models[str(builtin_model_path())] == {"of": "2 2 64"}


def test_one_process_does_where_another_gets_fewer_slots(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = sweep_engines.shares_of

    def uneven(*arguments: object) -> list[LoadOptions]:
        first, *others = shares(*arguments)  # type: ignore[arg-type]
        return [first, *(msgspec.structs.replace(other, slots=3) for other in others)]

    monkeypatch.setattr(sweep_engines, "shares_of", uneven)
    bench.begin(with_threads(2, plan_of(["vote"], [4])))
    assert bench.runner(card_of=card_of).run() is SweepStatus.FINISHED
    assert bench.record().card.models[str(builtin_model_path())] == {"of": "1 2 64"}


def test_what_is_gone_on_with_keeps_the_card_of_the_models_before(bench: Bench) -> None:
    first, second = (builtin_models()[name] for name in (SMALL, BASE))
    small, base = plan_of(["vote"], [2], first), plan_of(["vote"], [2], second)
    bench.begin(msgspec.structs.replace(small, arms=(*small.arms, *base.arms)))
    control = Control()
    each = 2 * len(EASY.questions)
    stop = bench.runner(
        card_of=card_of, tell=lambda progress: control.stop() if progress.done >= each else None
    )
    stop.run(control)
    assert bench.runner(card_of=card_of).run() is SweepStatus.FINISHED
    assert set(bench.record().card.models) == {str(first), str(second)}
