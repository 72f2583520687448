"""What a second server buys: candidates per second of a pool of two against one of them."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from engine.backends.base import Ended, GenerationRequest
from engine.backends.remote.backend import RemoteBackend
from engine.backends.remote.description import (
    EndpointDescription,
    EngineDescription,
    write_description,
)
from engine.generation import LoadOptions, Message, Sampling
from tests.engine.backends.remote.llama_server import llama_server

_QUESTION = (Message("user", "Tom has 3 apples and buys 4 more. How many apples does Tom have?"),)


@dataclass(frozen=True, slots=True)
class Pools:
    """Candidates per second.

    Attributes:
        one: Of one server.
        two: Of both.
        shares: Candidates that each of the two wrote.
    """

    one: float
    two: float
    shares: tuple[int, int]


def measure(model: Path, candidates: int, tokens: int, repeats: int) -> Pools:
    """Ask one server and both in turn, one thread each, and take the best of each."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        addresses = [stack.enter_context(llama_server(model, threads=1)) for _ in range(2)]
        speeds = []
        shares = (0, 0)
        for _ in range(repeats):
            one, _ = _speed(Path(folder), addresses[:1], candidates, tokens)
            two, shares = _speed(Path(folder), addresses, candidates, tokens)
            speeds.append((one, two))
    one, two = map(max, zip(*speeds, strict=True))
    return Pools(one, two, shares)


def _speed(
    folder: Path, addresses: list[str], candidates: int, tokens: int
) -> tuple[float, tuple[int, int]]:
    path = folder / f"{len(addresses)}.engine.json"
    endpoints = tuple(EndpointDescription(a, name=str(n)) for n, a in enumerate(addresses))
    write_description(path, EngineDescription(endpoints))
    backend = RemoteBackend.load(path, LoadOptions())
    ends: list[Ended] = []
    try:
        started = time.monotonic()
        backend.submit(
            [
                GenerationRequest(number, _QUESTION, Sampling(seed=number), max_tokens=tokens)
                for number in range(candidates)
            ]
        )
        while backend.busy:
            ends += [event for event in backend.step() if isinstance(event, Ended)]
        seconds = time.monotonic() - started
    finally:
        backend.close()
    machines = [end.machine for end in ends]
    return candidates / seconds, (machines.count("0"), machines.count("1"))
