"""A tiny random model, run by the real llama.cpp."""

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
)
from engine.backends.llama.backend import LlamaBackend
from engine.candidate import StopReason
from engine.generation import GREEDY, LoadOptions, Message, Sampling, UnifiedCache
from tests.bench.generated_model import TINY, generate_model


@dataclass
class Run:
    """What a backend said until it was done."""

    texts: dict[int, str] = field(default_factory=dict)
    tokens: dict[int, int] = field(default_factory=dict)
    ends: dict[int, Ended] = field(default_factory=dict)
    read: list[PromptRead] = field(default_factory=list)
    steps: int = 0
    most_live: int = 0

    def take(self, events: Sequence[BackendEvent]) -> None:
        self.steps += 1
        live = set()
        for event in events:
            if isinstance(event, Generated):
                assert event.request_id not in self.ends
                live.add(event.request_id)
                key = event.request_id
                self.texts[key] = self.texts.get(key, "") + event.text
                self.tokens[key] = self.tokens.get(key, 0) + event.tokens
            elif isinstance(event, Ended):
                assert event.request_id not in self.ends
                self.ends[event.request_id] = event
            elif isinstance(event, PromptRead):
                self.read.append(event)
        self.most_live = max(self.most_live, len(live))

    @property
    def stops(self) -> set[StopReason]:
        return {end.stop for end in self.ends.values()}


def finish(backend: LlamaBackend, run: Run | None = None, most_steps: int = 5000) -> Run:
    """Step until nothing is left."""
    run = run or Run()
    for _ in range(most_steps):
        if not backend.busy:
            return run
        run.take(backend.step())
    raise AssertionError("the backend does not come to an end")


def ask(
    number: int,
    text: str = "tom has 12 pens and 3 boxes",
    sampling: Sampling = GREEDY,
    max_tokens: int | None = 24,
    earlier: tuple[Message, ...] = (),
) -> GenerationRequest:
    """One request."""
    return GenerationRequest(number, (*earlier, Message("user", text)), sampling, max_tokens)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of two layers."""
    return generate_model(tmp_path_factory.mktemp("models") / "tiny.gguf", TINY)


@pytest.fixture
def layout() -> UnifiedCache:
    """The cache's layout; modules that care override it."""
    return "auto"


@pytest.fixture
def load(tiny_model: Path, layout: UnifiedCache) -> Iterator[Callable[..., LlamaBackend]]:
    """Loads the tiny model with options, or another file."""
    loaded: list[LlamaBackend] = []

    def load_with(path: Path = tiny_model, **options: object) -> LlamaBackend:
        values = {"slots": 4, "threads": 1, "unified_cache": layout, **options}
        backend = LlamaBackend.load(path, LoadOptions(**values))  # type: ignore[arg-type]
        loaded.append(backend)
        return backend

    yield load_with
    for backend in loaded:
        backend.close()
