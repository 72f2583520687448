"""Sweeps on the real engine: full, stopped, killed again and again, and resumed."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import msgspec
import psutil
import pytest

from engine import client as client_module
from engine.answers.equivalence import EquivalenceChecker
from engine.client import EngineClient
from engine.generation import LoadOptions
from engine.journal.errors import (
    JournalDiskFullError,
    JournalMissingError,
    SweepUnknownError,
)
from engine.journal.journal import Journal
from engine.lab import sweep as sweep_module
from engine.lab import sweep_engines
from engine.lab.export import SweepFileError, curves_csv, from_json, samples_csv, to_json
from engine.lab.forecast import forecast_left
from engine.lab.judging import Judge
from engine.lab.plan import Limits, SweepPlan, make_plan
from engine.lab.questions import Question, QuestionSet
from engine.lab.records import Place, RunCard, SweepRecord, SweepStatus
from engine.lab.report import html_report
from engine.lab.results import results_of
from engine.lab.sweep import SweepRunner
from engine.lab.sweep_control import Control, SweepError, SweepProgress
from engine.lab.sweep_engines import ONE_BY_ONE
from engine.power.meter import DeviceReading, PowerSample, SensorWindow
from engine.power.sampler import PowerSampler
from engine.protocol import Cancel, Command, Event, StepFinished
from engine.silence import Patience
from engine.step import Step
from engine.tally import GroupingMethod
from models.builtin import SMALL, builtin_model_path, builtin_models

EASY = QuestionSet(
    "easy",
    "written by hand",
    tuple(
        Question(f"What is {first} plus {second}?", str(first + second))
        for first, second in [(2, 3), (4, 5), (10, 7), (6, 6), (8, 1), (3, 9), (12, 5), (7, 7)]
    ),
)


class Bench:
    """One journal with one sweep."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder / "journal.db")
        self.checker = EquivalenceChecker()

    def begin(self, plan: SweepPlan, sweep_id: str = "s1") -> None:
        self.journal.start_sweep(sweep_id, "a test", plan).result()

    def record(self, sweep_id: str = "s1") -> SweepRecord:
        return self.journal.sweep(sweep_id).result()

    def runner(self, sweep_id: str = "s1", **more: object) -> SweepRunner:
        return SweepRunner(self.record(sweep_id), self.journal, Judge(self.checker), **more)  # type: ignore[arg-type]

    def close(self) -> None:
        self.checker.close()
        self.journal.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def plan_of(strategies: list[str], budgets: list[int], path: Path | None = None) -> SweepPlan:
    return make_plan(EASY, [path or builtin_model_path()], strategies, budgets)


def with_threads(threads: int, plan: SweepPlan) -> SweepPlan:
    """Threads, and as many processes where the questions suffice."""
    return msgspec.structs.replace(plan, load=LoadOptions(threads=threads))


def script(folder: Path, lines: list[dict[str, object]], slots: int = 64) -> Path:
    path = folder / "model.script.json"
    path.write_text(json.dumps({"lines": lines, "slots": slots}))
    return path


SIXES = QuestionSet(
    "sixes", "written by hand", tuple(Question(f"What is {n} plus {6 - n}?", "6") for n in range(7))
)


def check_whole(record: SweepRecord) -> None:
    """Nothing is lost, nothing is there twice, every seed was used once."""
    plan = record.plan
    for number, arm in enumerate(plan.arms):
        for question in range(len(plan.questions.questions)):
            place = Place(number, question, 0)
            found = [s.candidate for s in record.samples if s.place == place]
            if arm.replayed:
                assert len(found) == arm.budget.attempts, place
            indexes = [candidate.index for candidate in found]
            assert len(set(indexes)) == len(indexes)
            assert len({candidate.seed for candidate in found}) == len(found)
    places = [verdict.place for verdict in record.verdicts]
    assert len(set(places)) == len(places) == len(plan.arms) * len(plan.questions.questions)


def test_a_sweep_stores_samples_once_and_replays_every_budget(bench: Bench) -> None:
    bench.begin(plan_of(["vote", "auto", "revise"], [1, 2, 4]))
    seen: list[SweepProgress] = []
    status = bench.runner(tell=seen.append, card_of=lambda ready, reports: RunCard(
        versions={"llama.cpp": ready.llama_build}, models={r.path: {} for r in reports}
    )).run()  # fmt: skip
    assert status is SweepStatus.FINISHED
    record = bench.record()
    check_whole(record)
    assert record.card.versions["llama.cpp"]
    assert sum(arm.replayed for arm in record.plan.arms) == 1
    assert seen
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    # what `auto` did not need is not waited for
    assert seen[-1].attempts <= seen[0].attempts == record.plan.attempts
    results = results_of(record)
    assert results.questions == len(EASY.questions)
    assert {curve.rule for curve in results.curves} == {
        "vote", "weighted", "settled", "coverage", "auto", "revise",
    }  # fmt: skip
    vote = next(curve for curve in results.curves if curve.rule == "vote")
    assert [point.budget for point in vote.points] == [1, 2, 4]
    assert vote.points[-1].accuracy.value >= 0.5
    assert vote.points[0].seconds is not None
    assert all(point.joules is None for point in vote.points)
    page = html_report(record, results)
    assert "<svg" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert curves_csv(results).count("\n") == 1 + sum(len(c.points) for c in results.curves)
    assert samples_csv(record).count("\n") == 1 + len(record.samples)
    assert from_json(to_json(record)) == record
    assert bench.runner().run() is SweepStatus.FINISHED
    assert bench.record().samples == record.samples


class Killer:
    """Kills a process of the engine at random moments, so many times in all."""

    def __init__(self, deaths: int) -> None:
        self.wanted, self.deaths = deaths, 0
        self.runner: SweepRunner | None = None
        self._rng = random.Random(50)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        while self.deaths < self.wanted and not self._done.is_set():
            self._done.wait(self._rng.uniform(0.0, 0.6))
            processes = self.runner.process_ids if self.runner else []
            if processes:
                try:
                    os.kill(self._rng.choice(processes), signal.SIGKILL)
                except ProcessLookupError:
                    continue
                self.deaths += 1

    def close(self) -> None:
        self._done.set()
        self._thread.join()


def test_fifty_deaths_of_the_engine_lose_and_repeat_nothing(bench: Bench) -> None:
    killer = Killer(50)
    number = 0
    while killer.deaths < killer.wanted:
        number += 1
        name = f"s{number}"
        plan = plan_of(["vote"], [64])
        bench.begin(with_threads(1 + number % 2, plan), name)
        finished = False
        while not finished:
            killer.runner = bench.runner(name)
            try:
                finished = killer.runner.run() is SweepStatus.FINISHED
            except SweepError:
                continue  # it died three times under the same work: a person would resume it
        check_whole(bench.record(name))
    killer.close()
    assert killer.deaths == 50


def test_an_engine_that_dies_too_often_ends_the_sweep_and_no_question_counts_as_wrong(
    bench: Bench, tmp_path: Path
) -> None:
    right: dict[str, object] = {"text": "Answer: 6"}
    model = script(tmp_path, [*[right] * 5, {"text": "Answer: 6", "abort": True}], slots=1)
    bench.begin(make_plan(SIXES, [model], ["vote"], [4]))
    with pytest.raises(SweepError) as failure:
        bench.runner(spread=ONE_BY_ONE).run()
    assert failure.value.code == "worker-died"
    record = bench.record()
    assert record.summary.status is SweepStatus.PAUSED
    assert len(record.samples) == 3 * 5
    assert [verdict.right for verdict in record.verdicts] == [True] * 3
    script(tmp_path, [right])
    assert bench.runner().run() is SweepStatus.FINISHED
    check_whole(bench.record())


def check_no_step_twice(record: SweepRecord, paths: int) -> None:
    """Every path of the only question has steps and a seed of its own."""
    check_whole(record)
    found = [sample.candidate.path for sample in record.samples]
    assert len(found) == paths
    assert len({step for path in found for step in path}) == sum(map(len, found))


ONE = QuestionSet("one", "written by hand", (Question("What is 3 plus 3?", "6"),))


def test_a_search_whose_engine_died_goes_on_with_steps_of_its_own(
    bench: Bench, tmp_path: Path
) -> None:
    dying: dict[str, object] = {"text": "It is.\n\nAnswer: 6", "abort": True}
    model = script(tmp_path, [{"text": "Answer: 6"}, dying, dying])
    bench.begin(make_plan(ONE, [model], ["search"], [3]))
    assert bench.runner().run() is SweepStatus.FINISHED
    check_no_step_twice(bench.record(), 3)


def test_a_search_that_was_stopped_goes_on_with_steps_of_its_own(
    bench: Bench, tmp_path: Path
) -> None:
    waiting: dict[str, object] = {"text": "It is.\n\nI think", "hold": True}
    model = script(tmp_path, [{"text": "Answer: 6"}, waiting])
    bench.begin(make_plan(ONE, [model], ["search"], [4]))
    control = Control()
    runner = bench.runner(tell=lambda progress: control.stop() if progress.done >= 2 else None)
    assert runner.run(control) is SweepStatus.PAUSED
    assert len(bench.record().samples) == 2
    script(tmp_path, [{"text": "Answer: 6"}])
    assert bench.runner().run() is SweepStatus.FINISHED
    check_no_step_twice(bench.record(), 4)


def test_a_key_to_the_answer_spares_comparing_what_was_said(bench: Bench, tmp_path: Path) -> None:
    model = script(tmp_path, [{"text": "Yes, so they say."}])  # of any two it says so as well
    questions = QuestionSet("two", "here", (Question("Is it?", "so"), Question("Is it so?")))
    bench.begin(make_plan(questions, [model], ["vote"], [2]))
    assert bench.runner().run() is SweepStatus.FINISHED
    methods = [verdict.verdict.tally.method for verdict in bench.record().verdicts]
    assert methods == [GroupingMethod.MEDOID, GroupingMethod.MODEL_JUDGED]


def failing_worker(code: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.engine.lab.failing_worker", code, "3 plus 3")


@pytest.mark.parametrize("code", ["decode", "bad-request", "engine"])
def test_a_failure_of_the_engine_ends_the_sweep_and_no_question_counts_as_wrong(
    code: str, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = script(tmp_path, [{"text": "Answer: 6"}])
    bench.begin(make_plan(SIXES, [model], ["vote"], [2]))
    with monkeypatch.context() as patch:
        patch.setattr("engine.lab.sweep_engines.worker_command", lambda **_: failing_worker(code))
        with pytest.raises(SweepError) as failure:
            bench.runner(spread=ONE_BY_ONE).run()
    assert (failure.value.code, failure.value.detail) == (code, "a test")
    record = bench.record()
    assert record.summary.status is SweepStatus.PAUSED
    assert [verdict.place.question for verdict in record.verdicts] == [0, 1, 2]
    assert bench.runner().run() is SweepStatus.FINISHED
    check_whole(bench.record())
    assert all(verdict.right for verdict in bench.record().verdicts)


@pytest.mark.parametrize("code", ["prompt-too-long", "template", "remote-refused"])
def test_a_question_that_cannot_be_asked_counts_as_wrong_and_the_others_are_asked(
    code: str, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.begin(make_plan(SIXES, [script(tmp_path, [{"text": "Answer: 6"}])], ["vote"], [1, 2]))
    monkeypatch.setattr("engine.lab.sweep_engines.worker_command", lambda **_: failing_worker(code))
    assert bench.runner().run() is SweepStatus.FINISHED
    record = bench.record()
    assert [v.right for v in record.verdicts] == [n != 3 for n in range(7)]
    assert record.verdicts[3].why == code
    vote = next(curve for curve in results_of(record).curves if curve.rule == "vote")
    assert [point.accuracy.value for point in vote.points] == pytest.approx([6 / 7, 6 / 7])


def full_disk(said: str) -> Future[None]:
    future: Future[None] = Future()
    future.set_exception(JournalDiskFullError(said))
    return future


def test_a_sweep_that_cannot_write_lets_its_engine_go_and_tells_the_first_error(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.begin(make_plan(SIXES, [script(tmp_path, [{"text": "Answer: 6"}])], ["vote"], [2]))
    monkeypatch.setattr(bench.journal, "add_sweep_sample", lambda *_: full_disk("the sample"))
    monkeypatch.setattr(bench.journal, "add_sweep_stretch", lambda *_: full_disk("the stretch"))
    runner = bench.runner()
    with pytest.raises(JournalDiskFullError, match="the sample"):
        runner.run()
    assert not runner.process_ids
    assert bench.record().summary.status is SweepStatus.PAUSED


@pytest.mark.skipif(os.name == "nt", reason="priorities have other names there")
def test_the_engine_of_a_sweep_gives_way_to_other_programs(bench: Bench) -> None:
    bench.begin(plan_of(["vote"], [8]))
    levels: set[int] = set()

    def look(_progress: SweepProgress) -> None:
        levels.update(os.getpriority(os.PRIO_PROCESS, each) for each in runner.process_ids)

    runner = bench.runner(tell=look)
    assert runner.run() is SweepStatus.FINISHED
    assert levels == {min(os.getpriority(os.PRIO_PROCESS, 0) + 10, 19)}


def test_a_stop_keeps_what_is_finished_and_resumes(bench: Bench) -> None:
    bench.begin(plan_of(["vote"], [64]))
    control = Control()

    def stop(progress: SweepProgress) -> None:
        if progress.done >= 8:
            control.stop()

    assert bench.runner(tell=stop).run(control) is SweepStatus.PAUSED
    before = bench.record().samples
    assert 8 <= len(before) < 512
    assert bench.record().summary.status is SweepStatus.PAUSED
    assert bench.runner().run() is SweepStatus.FINISHED
    record = bench.record()
    check_whole(record)
    kept = {(s.place, s.candidate.index): s.candidate for s in record.samples}
    assert all(kept[s.place, s.candidate.index] == s.candidate for s in before)


def test_a_trial_asks_a_little_under_each_arm_and_prices_the_rest(bench: Bench) -> None:
    many = tuple(Question(f"What is {n} plus 6?", str(n + 6)) for n in range(60))
    plan = plan_of(["vote", "revise"], [8])
    bench.begin(
        msgspec.structs.replace(
            plan,
            questions=msgspec.structs.replace(EASY, questions=many),
            load=LoadOptions(slots=16),
        )
    )
    assert forecast_left(bench.record(), bench.journal.paces().result()).seconds is None
    assert bench.runner().run(trial=True) is SweepStatus.PAUSED
    tried = bench.record()
    assert Counter(verdict.place.arm for verdict in tried.verdicts) == {0: 2, 1: 2}
    left = forecast_left(tried, bench.journal.paces().result())
    spent = sum(stretch.seconds for stretch in tried.stretches)
    assert left.seconds == pytest.approx(29 * spent)
    assert bench.runner().run() is SweepStatus.FINISHED
    whole = bench.record()
    assert set(tried.verdicts) <= set(whole.verdicts)
    assert forecast_left(whole, bench.journal.paces().result()).seconds == pytest.approx(0)


def test_a_stop_cancels_each_question_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.begin(plan_of(["vote"], [64]))
    control, send = Control(), EngineClient.send
    cancelled: list[str] = []

    def watch(client: EngineClient, command: Command) -> None:
        if isinstance(command, Cancel):
            cancelled.append(command.deliberation_id)
        send(client, command)

    monkeypatch.setattr(EngineClient, "send", watch)
    runner = bench.runner(tell=lambda progress: control.stop() if progress.done >= 8 else None)
    assert runner.run(control) is SweepStatus.PAUSED
    assert cancelled
    assert len(cancelled) == len(set(cancelled))


def test_the_silence_of_an_engine_is_told_until_it_speaks_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = Patience(look_seconds=0.05, silent_looks=10)
    monkeypatch.setattr(sweep_engines, "EngineClient", partial(EngineClient, patience=patience))
    bench.begin(with_threads(1, plan_of(["vote"], [64])))
    told: list[bool] = []
    engines: list[psutil.Process] = []

    def look(progress: SweepProgress) -> None:
        told.append(progress.silent)
        if progress.silent:
            engines[0].resume()
        elif progress.done >= 8 and not engines:
            engines.append(psutil.Process(runner.process_ids[0]))
            engines[0].suspend()

    runner = bench.runner(tell=look)
    assert runner.run() is SweepStatus.FINISHED
    assert True in told
    assert told[-1] is False
    check_whole(bench.record())


def test_a_stop_waits_for_no_engine_that_does_not_answer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_module, "LEAVE_SECONDS", 1.2)
    monkeypatch.setattr(client_module, "_DEAF_SECONDS", 1.0)
    bench.begin(plan_of(["vote", "revise"], [64]))
    control, engines = Control(), list[psutil.Process]()

    def hang(progress: SweepProgress) -> None:
        if progress.done >= 8 and not engines:
            engines.append(psutil.Process(runner.process_ids[0]))
            engines[0].suspend()
            control.stop()

    runner = bench.runner(tell=hang)
    assert runner.run(control) is SweepStatus.PAUSED
    assert not engines[0].is_running()


def test_a_pause_is_no_time_of_the_sweep(bench: Bench) -> None:
    bench.begin(plan_of(["vote"], [64]))
    control, idle = Control(), list[float]()
    runner = bench.runner(tell=lambda progress: watch(progress))

    def watch(progress: SweepProgress) -> None:
        if progress.done >= 8 and not idle:
            control.pause()
        if control.paused and not runner._state.running:
            idle.append(progress.seconds)
        if len(idle) == 4:
            control.go_on()

    assert runner.run(control) is SweepStatus.FINISHED
    assert idle[1:4] == pytest.approx([idle[1]] * 3)


def test_a_search_costs_each_step_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[Step] = []
    take = SweepRunner._take

    def watched(runner: SweepRunner, event: Event, tasks: deque[object]) -> None:
        steps.extend([event.step] if isinstance(event, StepFinished) else [])
        take(runner, event, tasks)  # type: ignore[arg-type]

    monkeypatch.setattr(SweepRunner, "_take", watched)
    numbers = ("3, 5, 7 and 9", "2, 3, 8 and 11")
    long = tuple(Question(f"Reach 24 from {some}.", "24") for some in numbers)
    hard = QuestionSet("numbers", "written by hand", long)
    bench.begin(make_plan(hard, [builtin_models()[SMALL]], ["search"], [16]))
    assert bench.runner().run() is SweepStatus.FINISHED
    record = bench.record()
    generated = sum(step.tokens for step in steps)
    assert sum(verdict.tokens for verdict in record.verdicts) == generated
    assert sum(stretch.tokens for stretch in record.stretches) == generated
    assert sum(sample.candidate.tokens for sample in record.samples) != generated


class Warm:
    """A meter that gets warmer with every look."""

    label, scope = "warm", "everything"
    window: SensorWindow = "instant"

    def __init__(self) -> None:
        self.looks = 0

    def read(self) -> PowerSample:
        self.looks += 1
        device = DeviceReading("d", 50.0, 50.0 * 0.05 * self.looks, 20.0 + self.looks)
        return PowerSample(time.monotonic(), (device,))

    def close(self) -> None:
        return


@pytest.mark.parametrize(
    ("limits", "why"), [(Limits(celsius=30.0), "temperature"), (Limits(joules=5.0), "energy")]
)
def test_a_limit_stops_it_and_says_which(limits: Limits, why: str, bench: Bench) -> None:
    plan = msgspec.structs.replace(plan_of(["vote"], [64]), limits=limits)
    bench.begin(plan)
    sampler = PowerSampler(Warm())
    sampler.start()
    try:
        assert bench.runner(sampler=sampler).run() is SweepStatus.STOPPED
    finally:
        sampler.close()
    record = bench.record()
    assert record.summary.why == why
    if why == "energy":
        assert record.stretches[-1].energy is not None


def test_a_sweep_that_its_energy_limit_stopped_may_take_as_much_again(bench: Bench) -> None:
    bench.begin(msgspec.structs.replace(plan_of(["vote"], [64]), limits=Limits(joules=5.0)))
    for number in range(1, 3):
        sampler = PowerSampler(Warm())
        sampler.start()
        before = len(bench.record().stretches)
        try:
            assert bench.runner(sampler=sampler).run() is SweepStatus.STOPPED
        finally:
            sampler.close()
        spent = [s.energy.joules for s in bench.record().stretches[before:] if s.energy is not None]
        assert sum(joules or 0.0 for joules in spent) > 5.0, number


def test_a_model_that_is_gone_is_said(bench: Bench, tmp_path: Path) -> None:
    bench.begin(plan_of(["vote"], [2], tmp_path / "gone.gguf"))
    with pytest.raises(SweepError):
        bench.runner().run()
    assert bench.record().summary.status is SweepStatus.PAUSED


def test_without_a_key_agreement_is_measured(bench: Bench, tmp_path: Path) -> None:
    questions = QuestionSet("open", "here", (Question("Which?"), Question("Where?")))
    lines: list[dict[str, object]] = [{"text": f"Answer: {word}"} for word in ("a", "a", "b", "a")]
    bench.begin(make_plan(questions, [script(tmp_path, lines)], ["vote"], [4]))
    bench.runner().run()
    results = results_of(bench.record())
    assert not results.judged
    assert not results.curves
    assert list(results.agreement.values()) == [0.75]


def test_a_person_corrects_the_judge(bench: Bench, tmp_path: Path) -> None:
    questions = QuestionSet("one", "here", (Question("How many?", "5"),))
    bench.begin(make_plan(questions, [script(tmp_path, [{"text": "Answer: 4"}])], ["vote"], [2]))
    bench.runner().run()
    before = results_of(bench.record())
    assert before.curves[0].points[-1].accuracy.value == 0.0
    key = bench.record().samples[0].group_key
    assert key is not None
    bench.journal.correct_sweep("s1", Place(0, 0, 0), key, right=True).result()
    record = bench.record()
    assert [s.right for s in record.samples] == [False, False]
    assert record.verdicts[0].counts_right is True
    assert results_of(record).curves[0].points[-1].accuracy.value == 1.0
    bench.journal.correct_sweep("s1", Place(0, 0, 0), key, right=None).result()
    assert results_of(bench.record()).curves[0].points[-1].accuracy.value == 0.0


def test_sweeps_are_listed_found_and_forgotten(bench: Bench) -> None:
    bench.begin(plan_of(["vote"], [2]), "abcd")
    bench.begin(plan_of(["vote"], [4]), "abxy")
    assert [s.sweep_id for s in bench.journal.sweeps().result()] == ["abxy", "abcd"]
    assert bench.record("abc").summary.sweep_id == "abcd"
    for wrong in ("ab", "", "zz", "%"):
        with pytest.raises(JournalMissingError):
            bench.record(wrong)
    bench.journal.delete_sweep("abcd").result()
    assert [s.sweep_id for s in bench.journal.sweeps().result()] == ["abxy"]


@pytest.mark.parametrize(
    ("strategies", "budgets"), [([], [1]), (["vote"], []), (["vote"], [0]), (["guess"], [1])]
)
def test_a_plan_that_makes_no_sense_is_refused(strategies: list[str], budgets: list[int]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        plan_of(strategies, budgets)


def test_a_foreign_sweep_is_read_with_care(bench: Bench) -> None:
    bench.begin(plan_of(["vote"], [2]))
    good = to_json(bench.record())
    for bad in (b"", b"{}", b"[" * 5000, good.replace(b"ponder-sweep-1", b"ponder-sweep-9")):
        with pytest.raises(SweepFileError):
            from_json(bad)


@pytest.mark.parametrize("changes", [{"budgets": (0, 1)}, {"budgets": (-2,)}, {"repeats": 0}])
def test_a_foreign_plan_that_nobody_can_run_is_refused(
    changes: dict[str, object], bench: Bench
) -> None:
    plan = plan_of(["vote"], [2])
    bench.begin(msgspec.structs.replace(plan, **changes))
    with pytest.raises(SweepFileError, match="below 1"):
        from_json(to_json(bench.record()))


def test_questions_that_nobody_here_can_judge_are_not_asked(bench: Bench, tmp_path: Path) -> None:
    asked = QuestionSet("one", "later", (Question("What?", "x", checker="of a later version"),))
    bench.begin(make_plan(asked, [script(tmp_path, [{"text": "Answer: x"}])], ["vote"], [1]))
    with pytest.raises(SweepError, match="of a later version") as failure:
        bench.runner().run()
    assert failure.value.code == "checker-unknown"


@pytest.mark.parametrize("name", ["%", "_", "__", "s%", ""])
def test_a_sweep_is_named_by_how_its_id_begins_and_by_nothing_else(name: str, bench: Bench) -> None:
    bench.begin(plan_of(["vote"], [2]))
    assert bench.journal.sweep("s").result().summary.sweep_id == "s1"
    with pytest.raises(SweepUnknownError):
        bench.journal.sweep(name).result()


def test_a_foreign_plan_without_an_arm_is_refused(bench: Bench) -> None:
    bench.begin(msgspec.structs.replace(plan_of(["vote"], [2]), arms=()))
    with pytest.raises(SweepFileError, match="asks nothing or nobody"):
        from_json(to_json(bench.record()))


def test_a_foreign_arm_without_an_attempt_is_refused(bench: Bench) -> None:
    plan = plan_of(["revise"], [2])
    arms = tuple(msgspec.structs.replace(arm, attempts=0) for arm in plan.arms)
    bench.begin(msgspec.structs.replace(plan, arms=arms))
    with pytest.raises(SweepFileError, match="below 1"):
        from_json(to_json(bench.record()))


def test_an_answer_is_no_formula_in_a_table(bench: Bench, tmp_path: Path) -> None:
    questions = QuestionSet("one", "here", (Question("What?", "x"),))
    text = "Answer: =HYPERLINK(1)"
    bench.begin(make_plan(questions, [script(tmp_path, [{"text": text}])], ["vote"], [1]))
    bench.runner().run()
    assert ",=HYPER" not in samples_csv(bench.record())
