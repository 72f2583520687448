"""Servers on loopback, and a backend over them that is driven like the worker drives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.backends.base import (
    BackendEvent,
    Ended,
    Generated,
    GenerationRequest,
    PromptRead,
    Restarted,
    Scored,
)
from engine.backends.remote.backend import RemoteBackend
from engine.backends.remote.description import (
    EndpointDescription,
    EngineDescription,
    write_description,
)
from engine.generation import LoadOptions, Message, Notice, Sampling
from tests.engine.backends.remote.chat_server import ChatServer

QUESTION = (Message("user", "How many apples?"),)


@dataclass
class Run:
    """Everything a backend told.

    Attributes:
        texts: What each request wrote, as a reader sees it.
        ends: The end of each.
    """

    events: list[BackendEvent] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    ends: dict[int, Ended] = field(default_factory=dict)
    scores: dict[int, float | None] = field(default_factory=dict)
    restarts: list[int] = field(default_factory=list)
    read: list[PromptRead] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def take(self, events: Sequence[BackendEvent]) -> None:
        self.events += events
        for event in events:
            match event:
                case Generated():
                    assert event.request_id not in self.ends, "text after its end"
                    self.texts[event.request_id] = self.texts.get(event.request_id, "") + event.text
                case Restarted():
                    assert event.request_id not in self.ends
                    self.restarts.append(event.request_id)
                    self.texts[event.request_id] = ""
                case Ended():
                    assert event.request_id not in self.ends, "ended twice"
                    self.ends[event.request_id] = event
                case Scored():
                    assert event.request_id not in self.scores, "scored twice"
                    self.scores[event.request_id] = event.chance
                case PromptRead():
                    self.read.append(event)
                case Notice():
                    self.notices.append(event)


def ask(number: int, **more: object) -> GenerationRequest:
    """One request."""
    fields = {"messages": QUESTION, "sampling": Sampling(seed=number), **more}
    return GenerationRequest(request_id=number, **fields)  # type: ignore[arg-type]


def finish(backend: RemoteBackend, run: Run | None = None) -> Run:
    """Step to the end of everything; a hang fails by the test's timeout."""
    run = run or Run()
    while backend.busy:
        run.take(backend.step())
    run.take(backend.step())
    return run


def until(backend: RemoteBackend, run: Run, condition: Callable[[], bool]) -> None:
    """Step until something holds."""
    while not condition():
        run.take(backend.step())


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """One server."""
    with ChatServer() as one:
        yield one


@pytest.fixture
def servers() -> Iterator[list[ChatServer]]:
    """Three servers."""
    with ChatServer() as one, ChatServer() as two, ChatServer() as three:
        yield [one, two, three]


Load = Callable[..., RemoteBackend]


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Load an engine over servers."""
    loaded: list[RemoteBackend] = []

    def load_over(
        *servers: ChatServer,
        slots: int | None = 4,
        timeout_seconds: float = 20.0,
        key: str | None = None,
    ) -> RemoteBackend:
        path = tmp_path / "engine.engine.json"
        endpoints = tuple(
            EndpointDescription(server.address, name=f"s{number}", slots=slots)
            for number, server in enumerate(servers)
        )
        description = EngineDescription(endpoints, timeout_seconds=timeout_seconds)
        write_description(path, description)
        backend = RemoteBackend.load(
            path, LoadOptions(), key_of=lambda _address: key, first_wait_seconds=0.01
        )
        loaded.append(backend)
        return backend

    yield load_over
    for backend in loaded:
        backend.close()
