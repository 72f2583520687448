"""The session: engine, journal and meter joined, with real processes really killed."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import pytest

from engine.budget import Budget
from engine.conversation_length import LONGEST_CONVERSATION
from engine.generation import LoadOptions, Message, Sampling
from engine.journal.journal import Journal
from engine.journal.records import Status, new_id
from engine.power.meter import DeviceReading, PowerSample, SensorWindow
from engine.protocol import (
    CandidateFinished,
    DeliberationFailed,
    DeliberationStarted,
    ModelLoaded,
    Progressed,
    VerdictReached,
    WorkerDied,
)
from engine.session import (
    AskRequest,
    EnergyMeasured,
    JournalTrouble,
    PowerSampled,
    Session,
    SessionEvent,
)
from tests.bench.generated_model import TINY, generate_model

E = TypeVar("E", bound=SessionEvent)
_OPTIONS = LoadOptions(slots=4, context_tokens=256, threads=1)


class Steady:
    """A meter that draws one joule for every reading."""

    label = "steady"
    window: SensorWindow = "instant"
    scope = "test"

    def __init__(self) -> None:
        self.readings = 0

    def read(self) -> PowerSample:
        self.readings += 1
        device = DeviceReading("steady", power_watts=20.0, energy_joules=float(self.readings))
        return PowerSample(time.monotonic(), (device,))

    def close(self) -> None:
        return


class Engine:
    """A session over a journal, its events queued."""

    def __init__(self, folder: Path, meter: Steady | None = None) -> None:
        self.journal = Journal(folder / "journal.db")
        self.events: queue.SimpleQueue[SessionEvent] = queue.SimpleQueue()
        self.session = Session(self.journal, meter)
        self.session.subscribe(self.events.put)

    def wait(self, kind: type[E]) -> E:
        while True:
            event = self.events.get(timeout=60)
            if isinstance(event, kind):
                return event

    def ask(self, samples: int = 2, tokens: int = 24) -> str:
        name = new_id()
        budget = Budget(samples=samples, tokens_per_candidate=tokens)
        self.session.ask(
            AskRequest(name, (Message("user", "abc"),), "vote", budget, Sampling(seed=1))
        )
        return name


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(tmp_path)
    yield engine
    engine.session.close()
    engine.journal.close()


def test_what_is_asked_before_its_model_is_there_is_told_of_it(
    engine: Engine, tmp_path: Path
) -> None:
    model = generate_model(tmp_path / "tiny.gguf", TINY)
    engine.session.load(model, _OPTIONS)
    names = [engine.ask()]
    engine.wait(VerdictReached)
    assert engine.session.worker_process_id is not None
    os.kill(engine.session.worker_process_id, signal.SIGKILL)
    engine.wait(WorkerDied)
    names.append(engine.ask())
    engine.wait(VerdictReached)
    sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    for name in names:
        record = engine.journal.deliberation(name).result()
        while record is not None and record.model_sha256 is None:  # worked out beside the thinking
            record = engine.journal.deliberation(name).result()
        assert record is not None
        assert (record.model_path, record.model_sha256) == (str(model), sha256)


def test_no_finished_candidate_is_lost_when_the_worker_is_killed(
    engine: Engine, tmp_path: Path
) -> None:
    model = generate_model(tmp_path / "tiny.gguf", TINY)
    engine.session.load(model, _OPTIONS)
    engine.wait(ModelLoaded)
    chance = random.Random(2)
    for _ in range(2):
        name = engine.ask(samples=64, tokens=200)
        told = set()
        for _ in range(chance.randint(1, 12)):
            told.add(engine.wait(CandidateFinished).candidate.index)
        assert engine.session.worker_process_id is not None
        os.kill(engine.session.worker_process_id, signal.SIGKILL)
        while not isinstance(event := engine.events.get(timeout=60), DeliberationFailed):
            assert not isinstance(event, VerdictReached)
            if isinstance(event, CandidateFinished):
                told.add(event.candidate.index)
        assert event.code == "worker-died"
        record = engine.journal.deliberation(name).result()
        assert record is not None
        assert record.status is Status.FAILED
        assert {candidate.index for candidate in record.candidates} == told
        engine.wait(ModelLoaded)
    models = engine.journal.models().result()
    assert models[0].path == str(model)


def test_a_verdict_is_recorded_with_seed_budget_and_candidates(
    engine: Engine, tmp_path: Path
) -> None:
    script = tmp_path / "s.script.json"
    script.write_text(json.dumps({"lines": [{"text": "Answer: 4"}]}))
    engine.session.load(script, _OPTIONS)
    engine.wait(ModelLoaded)
    name = engine.ask()
    reached = engine.wait(VerdictReached)
    record = engine.journal.deliberation(name).result()
    assert record is not None
    assert (record.verdict, record.seed) == (reached.verdict, 1)
    assert len(record.candidates) == 2
    assert record.energy is None


def test_a_deliberation_is_tied_to_the_very_file_it_ran_on(engine: Engine, tmp_path: Path) -> None:
    script = tmp_path / "s.script.json"
    hashes = []
    for answer in ("4", "5"):
        script.write_text(json.dumps({"lines": [{"text": f"Answer: {answer}"}]}))
        hashes.append(hashlib.sha256(script.read_bytes()).hexdigest())
        engine.session.load(script, _OPTIONS)
        engine.wait(ModelLoaded)
        for _ in range(2):
            name = engine.ask()
            engine.wait(VerdictReached)
            while (record := engine.journal.deliberation(name).result()) is not None:
                if record.model_sha256 is not None:
                    break
            assert record is not None
            assert record.model_sha256 == hashes[-1]
    assert hashes[0] != hashes[1]
    assert engine.journal.models().result()[0].sha256 == hashes[1]


def test_energy_comes_with_the_verdict_and_is_shared_out(tmp_path: Path) -> None:
    engine = Engine(tmp_path, Steady())
    try:
        script = tmp_path / "s.script.json"
        lines = [{"text": "Answer: 4"}, {"text": "hold", "hold": True}]
        script.write_text(json.dumps({"lines": lines}))
        engine.session.load(script, _OPTIONS)
        engine.wait(ModelLoaded)
        for _ in range(3):
            engine.wait(PowerSampled)
        name = engine.ask()
        engine.wait(CandidateFinished)
        for _ in range(6):
            engine.wait(PowerSampled)
        engine.session.answer_now(name)
        measured = engine.wait(EnergyMeasured)
        engine.wait(VerdictReached)
    finally:
        engine.session.close()
    report = measured.report
    assert report.method == "counter"
    assert report.joules is not None
    assert report.joules >= 4
    assert (report.label, report.window) == ("steady", "instant")
    assert report.idle_watts is None, "an idle baseline from less than five seconds"
    assert sum(measured.joules_by_candidate.values()) == pytest.approx(report.joules)
    record = engine.journal.deliberation(name).result()
    engine.journal.close()
    assert record is not None
    assert record.energy == report
    assert record.joules_by_candidate == measured.joules_by_candidate


def test_what_takes_longer_than_readings_are_remembered_has_its_energy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.power.sampler.KEPT_SECONDS", 0.4)
    monkeypatch.setattr("engine.session.PART_SECONDS", 0.2)
    engine = Engine(tmp_path, Steady())
    try:
        script = tmp_path / "s.script.json"
        script.write_text(json.dumps({"lines": [{"text": "hold", "hold": True}]}))
        engine.session.load(script, _OPTIONS)
        name = engine.ask()
        engine.wait(DeliberationStarted)
        began = engine.wait(PowerSampled).sample.at_seconds
        readings = 1
        while engine.wait(PowerSampled).sample.at_seconds - began < 1.6:
            readings += 1
        engine.session.answer_now(name)
        report = engine.wait(EnergyMeasured).report
    finally:
        engine.session.close()
        engine.journal.close()
    assert report.method == "counter"
    assert report.joules is not None
    assert report.joules >= readings
    assert report.mean_watts is not None


def test_the_energy_of_questions_side_by_side_is_told_as_shared_and_prices_nothing(
    tmp_path: Path,
) -> None:
    engine = Engine(tmp_path, Steady())
    try:
        script = tmp_path / "s.script.json"
        script.write_text(json.dumps({"lines": [{"text": "hold", "hold": True}]}))
        engine.session.load(script, _OPTIONS)
        names = [engine.ask(), engine.ask()]
        for _ in names:
            engine.wait(DeliberationStarted)
        for name in names:
            engine.session.answer_now(name)
        measured = [engine.wait(EnergyMeasured) for _ in names]
        alone = engine.ask()
        engine.wait(DeliberationStarted)
        engine.session.answer_now(alone)
        measured.append(engine.wait(EnergyMeasured))
        engine.wait(VerdictReached)
    finally:
        engine.session.close()
    assert [one.report.shared for one in measured] == [True, True, False]
    assert measured[0].joules_by_candidate == measured[1].joules_by_candidate == {}
    records = [engine.journal.deliberation(name).result() for name in (*names, alone)]
    engine.journal.close()
    assert [r.energy.shared for r in records if r and r.energy] == [True, True, False]


def test_what_is_asked_while_other_work_goes_on_shares_its_energy(tmp_path: Path) -> None:
    engine = Engine(tmp_path, Steady())
    try:
        script = tmp_path / "s.script.json"
        script.write_text(json.dumps({"lines": [{"text": "hold", "hold": True}]}))
        engine.session.load(script, _OPTIONS)
        measured = []
        for begun_before in (True, False):
            name = engine.ask()
            engine.wait(DeliberationStarted)
            engine.session.set_busy_elsewhere(busy=begun_before)  # begins, and ends, meanwhile
            engine.session.answer_now(name)
            measured.append(engine.wait(EnergyMeasured))
            engine.wait(VerdictReached)
        name = engine.ask()
        engine.wait(DeliberationStarted)
        engine.session.answer_now(name)
        measured.append(engine.wait(EnergyMeasured))
        engine.wait(VerdictReached)
    finally:
        engine.session.close()
    engine.journal.close()
    assert [one.report.shared for one in measured] == [True, True, False]


@pytest.mark.expects_log
def test_a_write_that_fails_in_a_way_nobody_thought_of_is_told(
    engine: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    engine.session.load(generate_model(tmp_path / "tiny.gguf", TINY), _OPTIONS)
    engine.wait(ModelLoaded)

    def fails(*_: object) -> Future[None]:
        future: Future[None] = Future()
        future.set_exception(TypeError("a secret answer"))
        return future

    monkeypatch.setattr(engine.journal, "add_candidate", fails)
    engine.ask()
    assert engine.wait(JournalTrouble) == JournalTrouble("journal-bug", "TypeError")
    assert "not recorded: TypeError" in caplog.text
    assert "secret" not in caplog.text


def test_text_in_flight_is_on_disk_after_a_second(engine: Engine, tmp_path: Path) -> None:
    script = tmp_path / "s.script.json"
    script.write_text(json.dumps({"lines": [{"text": "so far so good", "hold": True}]}))
    engine.session.load(script, _OPTIONS)
    engine.wait(ModelLoaded)
    name = engine.ask(samples=1)
    while not engine.wait(Progressed).deltas:
        pass
    record = engine.journal.deliberation(name).result()
    assert record is not None
    assert record.drafts
    assert record.drafts[0].response.startswith("so")


def test_what_no_model_can_read_never_reaches_the_engine(engine: Engine) -> None:
    huge = Message("user", "a" * (LONGEST_CONVERSATION + 1))
    engine.session.ask(AskRequest("d", (huge,), "vote", Budget()))
    failed = engine.wait(DeliberationFailed)
    assert (failed.code, failed.deliberation_id) == ("prompt-too-long", "d")
    assert engine.session.worker_process_id is None
    record = engine.journal.deliberation("d").result()
    assert record is not None
    assert record.status is Status.FAILED
