"""The real client and the real worker process over a script."""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from engine.budget import Budget
from engine.client import EngineClient
from engine.errors import BadRequestError, WorkerDiedError, WorkerStartError
from engine.generation import LoadOptions, Message, Sampling
from engine.protocol import (
    AnswerNow,
    Cancel,
    CandidateFinished,
    CommandRefused,
    Deliberate,
    DeliberationFailed,
    Event,
    ExtendBudget,
    LoadFailed,
    LoadModel,
    MeasureMemory,
    MemoryMeasured,
    ModelLoaded,
    Progressed,
    VerdictReached,
    WorkerDied,
    WorkerReady,
)
from engine.silence import USUAL_PATIENCE, Patience
from engine.verdict import StoppedWhy

E = TypeVar("E", bound=Event)


class Talk:
    """A client and the events it has received."""

    def __init__(
        self,
        on_event: Callable[[Event], None] | None = None,
        command: Sequence[str] | None = None,
        patience: Patience = USUAL_PATIENCE,
    ) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.seen: list[Event] = []
        self.put = self._events.put
        self.client = EngineClient(on_event or self.put, command, patience)

    def wait(self, kind: type[E], condition: Callable[[E], bool] = lambda _e: True) -> E:
        """Return the next event of a kind, or fail after 60 s."""
        while True:
            event = self._events.get(timeout=60)
            self.seen.append(event)
            if isinstance(event, kind) and condition(event):
                return event

    def load(self, path: Path, lines: list[dict[str, object]]) -> Path:
        script = path / "talk.script.json"
        script.write_text(json.dumps({"lines": lines}))
        self.client.send(LoadModel(str(script)))
        self.wait(ModelLoaded)
        return script

    def ask(self, samples: int = 2, name: str = "d", text: str = "How many?") -> None:
        self.client.send(
            Deliberate(
                name,
                (Message("user", text),),
                "vote",
                Budget(samples=samples),
                Sampling(seed=1),
            )
        )


@pytest.fixture
def talk() -> Iterator[Talk]:
    talk = Talk()
    yield talk
    talk.client.close()
    assert talk.client.process_id is None


FOUR: list[dict[str, object]] = [{"text": "Answer: 4"}]
HOLD: list[dict[str, object]] = [{"text": "Answer: 4"}, {"text": "so far", "hold": True}]


def test_one_question_goes_through_the_worker(talk: Talk, tmp_path: Path) -> None:
    talk.load(tmp_path, FOUR)
    talk.ask()
    verdict = talk.wait(VerdictReached).verdict
    assert verdict.answer == "4"
    assert isinstance(talk.seen[0], WorkerReady)


def test_a_killed_worker_fails_the_deliberation_and_comes_back(talk: Talk, tmp_path: Path) -> None:
    talk.load(tmp_path, HOLD)
    talk.ask()
    talk.wait(CandidateFinished)
    talk.wait(Progressed)
    assert talk.client.process_id is not None
    os.kill(talk.client.process_id, signal.SIGKILL)
    assert talk.wait(WorkerDied).exit_status == -signal.SIGKILL
    assert talk.wait(DeliberationFailed).code == "worker-died"
    talk.wait(ModelLoaded)
    talk.ask(samples=1, name="again")
    assert talk.wait(VerdictReached).verdict.answer == "4"


@pytest.mark.parametrize("news", [WorkerDied, DeliberationFailed])
def test_a_question_asked_at_the_news_of_a_death_finds_the_model(
    news: type[Event], tmp_path: Path
) -> None:
    def ask_at_once(event: Event) -> None:
        hasty.put(event)
        if isinstance(event, news):
            hasty.ask(samples=1, name="again")

    hasty = Talk(ask_at_once)
    hasty.load(tmp_path, HOLD)
    hasty.ask()
    hasty.wait(CandidateFinished)
    assert hasty.client.process_id is not None
    os.kill(hasty.client.process_id, signal.SIGKILL)
    assert hasty.wait(WorkerDied).exit_status == -signal.SIGKILL
    assert hasty.wait(DeliberationFailed).deliberation_id == "d"
    hasty.wait(ModelLoaded)
    assert hasty.wait(VerdictReached).verdict.answer == "4"
    failed = [event for event in hasty.seen if isinstance(event, DeliberationFailed)]
    assert [event.deliberation_id for event in failed] == ["d"]
    hasty.client.close()


def test_the_last_of_two_models_is_the_one_that_comes_back(talk: Talk, tmp_path: Path) -> None:
    scripts = [tmp_path / f"{name}.script.json" for name in ("first", "second")]
    for script in scripts:
        script.write_text(json.dumps({"lines": FOUR}))
        talk.client.send(LoadModel(str(script)))
    for _ in scripts:
        talk.wait(ModelLoaded)
    assert talk.client.process_id is not None
    os.kill(talk.client.process_id, signal.SIGKILL)
    assert talk.wait(ModelLoaded).report.name == "second"


def test_a_native_abort_ends_the_worker_only_and_tells_its_last_lines(
    talk: Talk, tmp_path: Path
) -> None:
    talk.load(tmp_path, [{"text": "Answer: 4", "abort": True}])
    talk.ask(samples=1)
    died = talk.wait(WorkerDied)
    assert died.exit_status == -signal.SIGABRT
    assert "Aborted" in died.stderr_tail
    failed = talk.wait(DeliberationFailed)
    assert failed.detail == "ended by SIGABRT: Fatal Python error: Aborted"


def test_live_control_reaches_a_running_deliberation(talk: Talk, tmp_path: Path) -> None:
    talk.load(tmp_path, HOLD)
    talk.ask(samples=2)
    talk.wait(CandidateFinished)
    talk.client.send(ExtendBudget("d", Budget(samples=3)))
    talk.wait(CandidateFinished)
    talk.client.send(AnswerNow("d"))
    reached = talk.wait(VerdictReached)
    assert reached.verdict.stopped is StoppedWhy.ANSWERED_NOW
    talk.ask(samples=2, name="other")
    talk.client.send(Cancel("other"))
    assert talk.wait(VerdictReached).verdict.stopped is StoppedWhy.CANCELLED


def test_asking_without_a_model_is_refused(talk: Talk) -> None:
    talk.ask()
    assert talk.wait(DeliberationFailed).code == "bad-request"


def test_control_of_an_unknown_deliberation_is_refused(talk: Talk, tmp_path: Path) -> None:
    talk.load(tmp_path, FOUR)
    talk.client.send(Cancel("nothing"))
    assert talk.wait(CommandRefused).command == "Cancel"


@pytest.mark.parametrize("content", [None, b"", b"{", b'{"lines": 3}'])
def test_a_bad_script_is_a_load_failure(talk: Talk, tmp_path: Path, content: bytes | None) -> None:
    script = tmp_path / "bad.script.json"
    if content is not None:
        script.write_bytes(content)
    talk.client.send(LoadModel(str(script)))
    assert talk.wait(LoadFailed).code == "model-file"


def test_the_worker_ends_when_its_client_is_gone(tmp_path: Path) -> None:
    talk = Talk()
    talk.load(tmp_path, HOLD)
    talk.ask()
    talk.wait(CandidateFinished)
    process = talk.client._process
    assert process is not None
    process.close_input()
    assert talk.wait(WorkerDied).exit_status == 0
    talk.client.close()


def test_a_worker_that_cannot_start_is_an_error() -> None:
    client = EngineClient(lambda _event: None, ("/nonexistent/worker",))
    with pytest.raises(WorkerStartError):
        client.send(LoadModel("x"))
    client.close()


def test_a_worker_that_speaks_nonsense_is_ended() -> None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    client = EngineClient(events.put, (sys.executable, "-c", "print('hello', flush=True); input()"))
    client.send(LoadModel("x"))
    died = events.get(timeout=60)
    assert isinstance(died, WorkerDied)
    assert "unreadable event" in died.stderr_tail
    failed = events.get(timeout=60)
    assert isinstance(failed, LoadFailed)
    client.close()


def test_the_worker_tells_what_memory_is_free(talk: Talk) -> None:
    talk.client.send(MeasureMemory())
    measured = talk.wait(MemoryMeasured)
    assert 0 < measured.free_bytes <= measured.total_bytes
    for device in measured.devices:
        assert 0 <= device.free_bytes <= device.total_bytes


def test_text_that_is_none_is_refused_and_the_next_command_is_heard(tmp_path: Path) -> None:
    talk = Talk()
    try:
        with pytest.raises(BadRequestError):
            talk.client.send(LoadModel("/models/caf\udce9.gguf", LoadOptions()))
        gone = str(tmp_path / "none.gguf")
        talk.client.send(LoadModel(gone, LoadOptions()))
        assert talk.wait(LoadFailed).path == gone
    finally:
        talk.client.close()


def test_a_question_for_a_model_that_was_given_up_fails_with_its_workers(
    talk: Talk, tmp_path: Path
) -> None:
    script = talk.load(tmp_path, FOUR)
    while True:
        os.kill(talk.client.process_id or 0, signal.SIGKILL)
        if talk.wait(WorkerDied).given_up:
            break
        talk.wait(ModelLoaded)
    with pytest.raises(WorkerDiedError):
        talk.ask()
    talk.client.send(LoadModel(str(script)))
    talk.ask()
    assert talk.wait(VerdictReached).verdict.answer == "4"
