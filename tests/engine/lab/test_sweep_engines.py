"""A sweep's engine in several processes: when, with what, and when one of them is in trouble."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import msgspec
import psutil
import pytest

from engine.backends.llama.backend import LlamaBackend
from engine.generation import LoadOptions, ModelReport
from engine.lab import sweep_engines
from engine.lab.records import RunCard, SweepStatus
from engine.lab.sweep_control import Control, SweepProgress
from engine.lab.sweep_engines import processes_for, share_of
from engine.worker_command import worker_command
from models.builtin import builtin_model_path
from tests.desktop_app.remote_reports import HERE, remote_report
from tests.engine.lab.test_sweep import Bench, bench, check_whole, plan_of, with_threads

__all__ = ["bench"]

GIB = 2**30


@pytest.fixture(scope="module")
def small() -> ModelReport:
    backend = LlamaBackend.load(builtin_model_path(), LoadOptions(slots=64, threads=2))
    try:
        return backend.report
    finally:
        backend.close()


@pytest.mark.parametrize(
    ("changes", "threads", "questions", "free", "processes"),
    [
        ({}, 7, 500, 16 * GIB, 7),
        ({}, 1, 500, 16 * GIB, 1),
        ({}, 64, 500, 16 * GIB, 16),
        ({"slots": 16}, 7, 500, 16 * GIB, 4),
        ({"slots": 1}, 7, 500, 16 * GIB, 1),
        ({}, 7, 12, 16 * GIB, 3),
        ({}, 7, 1, 16 * GIB, 1),
        ({}, 7, 500, GIB, 2),
        ({}, 7, 500, 2**20, 1),
        ({}, 7, 500, 0, 1),
        ({"layers_on_gpu": 4}, 7, 500, 16 * GIB, 1),
        ({"size_bytes": 400_000_000}, 7, 500, 16 * GIB, 1),
    ],
)
def test_small_models_on_processors_get_several(
    small: ModelReport, changes: dict[str, int], threads: int, questions: int, free: int,
    processes: int,
) -> None:  # fmt: skip
    report = msgspec.structs.replace(small, **changes)
    assert processes_for(report, threads, questions, free) == processes


def test_an_engine_elsewhere_is_one() -> None:
    report = msgspec.structs.replace(remote_report(HERE), slots=64)
    assert processes_for(report, 8, 500, 16 * GIB) == 1


@pytest.mark.parametrize(("attempts", "slots"), [(0, 16), (8, 16), (32, 32), (100, 64)])
def test_threads_and_slots_are_shared_but_a_question_keeps_its_own(
    small: ModelReport, attempts: int, slots: int
) -> None:
    shared = share_of(LoadOptions(context_tokens=700), small, 7, 4, attempts)
    assert shared == LoadOptions(context_tokens=700, slots=slots, threads=1)


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
    commands = iter([worker_command(background=True)])
    monkeypatch.setattr(sweep_engines, "worker_command", lambda **_: next(commands, other))
    bench.begin(with_threads(2, plan_of(["vote"], [4])))
    runner = bench.runner(card_of=card_of)
    assert runner.run() is SweepStatus.FINISHED
    check_whole(bench.record())
    assert bench.record().card.models[str(builtin_model_path())] == {"of": "1 2 64"}


def test_a_stop_ends_the_load_of_both(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    control, load = Control(), sweep_engines.share_of

    def stop(*arguments: object) -> LoadOptions:
        control.stop()
        return load(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sweep_engines, "share_of", stop)
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
