"""Workers that are really stopped: nobody waits for them, and they can be ended."""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from engine import client as client_module
from engine import worker as worker_module
from engine.budget import Budget
from engine.errors import BadRequestError
from engine.generation import Message, Sampling
from engine.protocol import (
    Cancel,
    CancelLoad,
    CandidateFinished,
    CommandRefused,
    Deliberate,
    DeliberationFailed,
    Event,
    LoadFailed,
    LoadModel,
    ModelLoaded,
    Shutdown,
    StillWorking,
    UnloadModel,
    VerdictReached,
    WorkerDied,
    WorkerReady,
    WorkerSilent,
    encode_line,
)
from engine.silence import Awaited, Patience, SilenceWatch
from engine.worker import Worker
from engine.worker_command import worker_command
from tests.engine.test_client import FOUR, HOLD, Talk

LONG = "What is it? " * 25_000
"""More than a pipe holds."""
QUICK = Patience(look_seconds=0.02, silent_looks=10, hung_looks=20, stop_looks=5)


@pytest.fixture
def talk() -> Iterator[Talk]:
    talk = Talk()
    yield talk
    talk.client.close()


@pytest.fixture
def hasty() -> Iterator[Talk]:
    talk = Talk(patience=QUICK)
    yield talk
    talk.client.close()


def worker_of(talk: Talk) -> psutil.Process:
    assert talk.client.process_id is not None
    return psutil.Process(talk.client.process_id)


def at_once(work: Callable[[], None], seconds: float = 5.0) -> None:
    """Fail if something takes long, instead of waiting for it."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive()


def test_nobody_waits_for_a_worker_that_does_not_read(talk: Talk, tmp_path: Path) -> None:
    talk.load(tmp_path, FOUR)
    worker = worker_of(talk)
    worker.suspend()
    for number in range(3):
        at_once(lambda name=str(number): talk.ask(1, name, LONG))  # type: ignore[misc]
    worker.resume()
    assert [talk.wait(VerdictReached).deliberation_id for _ in range(3)] == ["0", "1", "2"]


def test_a_stopped_worker_is_closed_in_the_middle_of_a_write(talk: Talk, tmp_path: Path) -> None:
    talk.load(tmp_path, FOUR)
    worker = worker_of(talk)
    worker.suspend()
    at_once(lambda: talk.ask(1, "d", LONG))
    at_once(lambda: talk.client.close(0.2))
    assert not worker.is_running()
    assert talk.client.process_id is None


def test_a_stopped_worker_that_was_told_to_end_is_ended(hasty: Talk, tmp_path: Path) -> None:
    hasty.load(tmp_path, HOLD)
    hasty.ask()
    hasty.wait(CandidateFinished)
    worker_of(hasty).suspend()
    hasty.client.send(Cancel("d"))
    hasty.wait(WorkerSilent)
    assert hasty.wait(WorkerDied).hung
    failed = hasty.wait(DeliberationFailed)
    assert (failed.deliberation_id, failed.code) == ("d", "worker-hung")
    hasty.wait(ModelLoaded)
    hasty.ask(samples=1, name="again")
    assert hasty.wait(VerdictReached).verdict.answer == "4"


def test_silence_is_told_and_may_end(tmp_path: Path) -> None:
    talk = Talk(patience=Patience(look_seconds=0.02, silent_looks=10, hung_looks=10_000))
    talk.load(tmp_path, HOLD)
    talk.ask()
    talk.wait(CandidateFinished)
    worker = worker_of(talk)
    worker.suspend()
    talk.wait(WorkerSilent)
    worker.resume()
    talk.client.send(Cancel("d"))
    talk.wait(VerdictReached)
    assert not any(isinstance(event, WorkerDied) for event in talk.seen)
    talk.client.close()


def test_a_load_that_does_not_end_when_cancelled_gives_way_to_the_next(
    hasty: Talk, tmp_path: Path
) -> None:
    first, second = (tmp_path / f"{name}.script.json" for name in ("first", "second"))
    for script in (first, second):
        script.write_text(json.dumps({"lines": FOUR}))
    hasty.client.start()
    hasty.wait(WorkerReady)
    worker_of(hasty).suspend()
    hasty.client.send(LoadModel(str(first)))
    hasty.client.send(CancelLoad())
    hasty.client.send(LoadModel(str(second)))
    assert hasty.wait(WorkerDied).hung
    assert hasty.wait(ModelLoaded).report.name == "second"
    worker_of(hasty).suspend()
    hasty.client.send(LoadModel(str(first)))
    hasty.client.send(CancelLoad())
    failed = hasty.wait(LoadFailed)
    assert (failed.path, failed.code) == (str(first), "worker-hung")


def test_a_stopped_worker_that_shall_free_its_model_is_ended(hasty: Talk, tmp_path: Path) -> None:
    hasty.load(tmp_path, FOUR)
    worker = worker_of(hasty)
    worker.suspend()
    hasty.client.send(UnloadModel())
    assert hasty.wait(WorkerDied).hung
    assert not worker.is_running()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_what_cannot_be_got_rid_of_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "_GONE_SECONDS", 0.2)
    holds_the_pipe = 'sleep 1000 & exec "$@"'
    command = ("/bin/sh", "-c", holds_the_pipe, "sh", *worker_command())
    talk = Talk(command=command, patience=QUICK)
    talk.load(tmp_path, HOLD)
    talk.ask()
    talk.wait(CandidateFinished)
    (left_behind,) = worker_of(talk).children()
    worker_of(talk).suspend()
    talk.client.send(Cancel("d"))
    assert talk.wait(DeliberationFailed).code == "worker-hung"
    talk.wait(ModelLoaded)
    left_behind.kill()
    for child in worker_of(talk).children():
        child.kill()
    talk.client.close()


def test_a_worker_says_that_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "STILL_WORKING_SECONDS", 0.01)
    script = tmp_path / "s.script.json"
    script.write_text(json.dumps({"lines": [{"text": "on", "hold": True}]}))
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    worker = Worker(events.put)
    thread = threading.Thread(target=worker.run)
    thread.start()
    worker.receive(LoadModel(str(script)))
    question = (Message("user", "How many?"),)
    worker.receive(Deliberate("d", question, "vote", Budget(samples=1), quiet=True))
    while not isinstance(events.get(timeout=20), StillWorking):
        continue
    worker.receive(Shutdown())
    thread.join()


def test_who_gives_signs_of_life_is_never_given_up() -> None:
    told: list[str] = []
    patience = Patience(3600.0, silent_looks=3, hung_looks=6, stop_looks=2, lost_looks=9)
    watch = SilenceWatch(patience, lambda: told.append("silent"), lambda: told.append("hung"))

    def look(times: int) -> list[str]:
        told.clear()
        for _ in range(times):
            act = watch._look()
            if act is not None:
                act()
        return list(told)

    watch.wait_for(Awaited.NEWS)
    assert look(5) == ["silent"]
    watch.wait_for(Awaited.END)
    assert look(1) == []  # long enough silent, but the end was asked for just now
    assert look(1) == ["hung"]
    watch.wait_for(Awaited.END)
    for _ in range(9):
        watch.heard()
        assert look(2) == []
    watch.wait_for(Awaited.NEWS)
    watch.heard()
    assert look(8) == ["silent"]
    assert look(1) == ["hung"]  # unasked, at last
    assert look(20) == []
    watch.close()


def test_what_no_worker_would_understand_is_not_sent(talk: Talk, tmp_path: Path) -> None:
    talk.load(tmp_path, FOUR)
    question = (Message("user", "How many?"),)
    budget = Budget(samples=1)
    with pytest.raises(BadRequestError):
        talk.client.send(Deliberate("d", question, "vote", budget, Sampling(float("nan"))))
    talk.ask(samples=1)
    assert talk.wait(VerdictReached).verdict.answer == "4"


def test_a_worker_that_did_not_understand_leaves_nobody_waiting() -> None:
    refused = encode_line(CommandRefused("unknown", "bad-request", "Expected `float`")).decode()
    code = f"input(); print({refused.strip()!r}, flush=True); input()"
    talk = Talk(command=(sys.executable, "-c", code))
    talk.ask()
    assert "unreadable command: Expected `float`" in talk.wait(WorkerDied).stderr_tail
    assert talk.wait(DeliberationFailed).code == "worker-died"
    talk.client.close()
