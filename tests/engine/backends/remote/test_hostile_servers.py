"""Three hundred faults under a real worker: every question ends, and nothing is counted twice."""

from __future__ import annotations

import queue
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.backends.remote.description import (
    EndpointDescription,
    EngineDescription,
    write_description,
)
from engine.budget import Budget
from engine.client import EngineClient
from engine.generation import LoadOptions, Message, Sampling
from engine.protocol import (
    CandidateFinished,
    Deliberate,
    DeliberationFailed,
    Event,
    LoadFailed,
    LoadModel,
    ModelLoaded,
    VerdictReached,
)
from tests.engine.backends.remote.chat_server import FAULTS, ChatServer

_MANY = 300
_STRATEGIES = ("vote", "vote", "revise", "search", "aggregate", "auto")


class Engine:
    """A real worker over some servers."""

    def __init__(self, folder: Path, *servers: ChatServer, timeout_seconds: float = 0.5) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.client = EngineClient(self.events.put)
        path = folder / "some.engine.json"
        endpoints = tuple(EndpointDescription(server.address, slots=4) for server in servers)
        write_description(path, EngineDescription(endpoints, timeout_seconds=timeout_seconds))
        self.client.send(LoadModel(str(path), LoadOptions()))

    def until(self, *kinds: type[Event]) -> list[Event]:
        """Events up to the first of one of these kinds; a hang fails by the test's timeout."""
        events: list[Event] = []
        while not events or not isinstance(events[-1], kinds):
            events.append(self.events.get(timeout=60))
        return events


@pytest.fixture
def engine(tmp_path: Path, servers: list[ChatServer]) -> Iterator[Engine]:
    one = Engine(tmp_path, *servers)
    assert isinstance(one.until(ModelLoaded, LoadFailed)[-1], ModelLoaded)
    yield one
    one.client.close()


@pytest.mark.timeout(240)
def test_three_hundred_faults(engine: Engine, servers: list[ChatServer]) -> None:
    rng = random.Random(5)
    usual = [fault for fault in FAULTS if fault not in {"401", "404", "silent"}]
    for server in servers:
        server.elsewhere = servers[0].address
        server.answers = ("5", "5", "7")
        server.n = server is servers[0]
        server.fault_of = lambda: rng.choice(usual) if rng.random() < 0.5 else ""
    number = verdicts = failures = 0
    while sum(server.injected for server in servers) < _MANY:
        number += 1
        if number % 10 == 0:
            servers[number % 3].faults.append("silent")
        name = f"d{number}"
        engine.client.send(
            Deliberate(
                name,
                (Message("user", "How many apples?"),),
                _STRATEGIES[number % len(_STRATEGIES)],
                Budget(samples=6, rounds=1 + number % 2),
                Sampling(seed=number),
            )
        )
        events = engine.until(VerdictReached, DeliberationFailed)
        finished = [e.candidate.index for e in events if isinstance(e, CandidateFinished)]
        assert len(finished) == len(set(finished)), "a candidate was told twice"
        last = events[-1]
        if isinstance(last, DeliberationFailed):
            failures += 1
            assert last.code.startswith("remote-")
            assert last.detail
        else:
            assert isinstance(last, VerdictReached)
            verdicts += 1
            voted = [i for group in last.verdict.tally.groups for i in group.candidates]
            assert len(voted) == len(set(voted)), "a vote was counted twice"
            assert set(voted) <= set(finished)
            for event in events:
                if isinstance(event, CandidateFinished) and event.candidate.counts:
                    assert event.candidate.response.count("Answer:") == 1
    assert verdicts > failures


def test_a_refused_key_in_the_middle_is_a_clear_failure(
    engine: Engine, servers: list[ChatServer]
) -> None:
    for server in servers:
        server.key = "another"
    engine.client.send(
        Deliberate("d", (Message("user", "How many?"),), "vote", Budget(samples=8), Sampling())
    )
    last = engine.until(VerdictReached, DeliberationFailed)[-1]
    assert isinstance(last, DeliberationFailed)
    assert last.code == "remote-key"
