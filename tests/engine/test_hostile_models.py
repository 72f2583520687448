"""Damaged model files through the real worker: every one is answered, and the engine lives on."""

from __future__ import annotations

import queue
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.budget import Budget
from engine.client import EngineClient
from engine.generation import LoadOptions, Message, Sampling
from engine.protocol import (
    Deliberate,
    Event,
    LoadFailed,
    LoadModel,
    ModelLoaded,
    VerdictReached,
)
from tests.bench.generated_model import CHAT_TEMPLATE, TINY, generate_model

_MUTANTS = 240
_HEADER_BYTES = 12_000
_OPTIONS = LoadOptions(slots=2, context_tokens=256, threads=1)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return generate_model(tmp_path_factory.mktemp("whole") / "tiny.gguf", TINY).read_bytes()


class Engine:
    """A client whose loads are waited for."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.client = EngineClient(self.events.put)

    def load(self, path: Path) -> ModelLoaded | LoadFailed:
        self.client.send(LoadModel(str(path), _OPTIONS))
        while True:
            event = self.events.get(timeout=60)
            if isinstance(event, ModelLoaded | LoadFailed):
                return event

    def ask(self) -> None:
        """Ask something and wait for the verdict."""
        question, budget = (Message("user", "abc"),), Budget(2, tokens_per_candidate=4)
        self.client.send(Deliberate("d", question, "vote", budget, Sampling(seed=1)))
        while not isinstance(event := self.events.get(timeout=60), VerdictReached):
            pass
        assert event.deliberation_id == "d"


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.client.close()


def mutants(whole: bytes, count: int) -> Iterator[bytes]:
    """Cut files, flipped bytes, and huge numbers written over the header."""
    chance = random.Random(3)
    for number in range(count):
        damaged = bytearray(whole)
        match number % 4:
            case 0:
                del damaged[chance.randrange(4, len(whole)) :]
            case 1:
                for _ in range(chance.randint(1, 8)):
                    damaged[chance.randrange(4, _HEADER_BYTES)] = chance.randrange(256)
            case 2:
                spot = chance.randrange(4, _HEADER_BYTES)
                damaged[spot : spot + 8] = b"\xff" * 8
            case _:
                spot = chance.randrange(4, _HEADER_BYTES)
                damaged[spot : spot + 4] = (2**31 - chance.randint(1, 9)).to_bytes(4, "little")
        yield bytes(damaged)


@pytest.mark.timeout(300)
def test_every_damaged_file_is_answered_and_the_engine_lives_on(
    engine: Engine, whole: bytes, tmp_path: Path
) -> None:
    outcomes: Counter[str] = Counter()
    for number, damaged in enumerate(mutants(whole, _MUTANTS)):
        path = tmp_path / f"{number % 4}.gguf"
        path.write_bytes(damaged)
        answer = engine.load(path)
        outcomes["loaded" if isinstance(answer, ModelLoaded) else answer.code] += 1
    assert sum(outcomes.values()) == _MUTANTS
    assert outcomes["model-file"] > _MUTANTS / 4, outcomes
    path.write_bytes(whole)
    assert isinstance(engine.load(path), ModelLoaded)
    engine.ask()


@pytest.mark.parametrize(
    "hostile",
    ["{{ " + "1" * 5000 + " }}", "{% set x = 1.5 | round(999999999, 'ceil') %}"],
    ids=["long number", "endless operation"],
)
def test_a_hostile_template_is_replaced_and_the_engine_answers(
    engine: Engine, tmp_path: Path, hostile: str
) -> None:
    shape = replace(TINY, chat_template=CHAT_TEMPLATE + hostile)
    answer = engine.load(generate_model(tmp_path / "hostile.gguf", shape))
    assert isinstance(answer, ModelLoaded)
    assert answer.report.template == "fallback"
    engine.ask()


@pytest.mark.parametrize("content", [None, b"", b"GGUF", b"not a model at all" * 50])
def test_what_is_no_model_is_told_apart(
    engine: Engine, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "x.gguf"
    if content is not None:
        path.write_bytes(content)
    answer = engine.load(path)
    assert isinstance(answer, LoadFailed)
    assert answer.code == "model-file"
    assert answer.detail
    assert isinstance(folder := engine.load(tmp_path), LoadFailed)
    assert folder.code == "model-file"
