"""Waiting times: a second turn's first token against a cold prompt, and cancelling."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from engine.backends.base import Generated, GenerationRequest
from engine.backends.llama.backend import LlamaBackend
from engine.generation import LoadOptions, Message, Sampling

LONG_TURN = "Tom has 12 boxes with 24 pens each. He gives away 3 boxes. " * 30


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds."""

    cold_first_token: float
    second_turn_first_token: float
    cancel_decoding: float
    cancel_reading: float


def measure(path: Path, threads: int) -> Latency:
    """Measure on one loaded model."""
    backend = LlamaBackend.load(path, LoadOptions(slots=8, threads=threads), None)
    try:
        conversation: tuple[Message, ...] = (Message("user", LONG_TURN),)
        cold = _first_token(backend, 1, conversation)
        conversation += (Message("assistant", "So 216."), Message("user", "How many are left?"))
        warm = _first_token(backend, 2, conversation)
        backend.submit([_request(number, conversation) for number in range(10, 18)])
        while not any(isinstance(event, Generated) for event in backend.step()):
            pass
        decoding = _cancel(backend, range(10, 18))
        other = (Message("user", "Anna and " + LONG_TURN),)
        backend.submit([_request(20, other)])
        backend.step()
        reading = _cancel(backend, range(20, 21))
        return Latency(cold, warm, decoding, reading)
    finally:
        backend.close()


def _request(number: int, messages: tuple[Message, ...]) -> GenerationRequest:
    return GenerationRequest(number, messages, Sampling(seed=number), 64)


def _first_token(backend: LlamaBackend, number: int, messages: tuple[Message, ...]) -> float:
    started = time.perf_counter()
    backend.submit([_request(number, messages)])
    while not any(isinstance(event, Generated) for event in backend.step()):
        pass
    elapsed = time.perf_counter() - started
    _cancel(backend, range(number, number + 1))
    return elapsed


def _cancel(backend: LlamaBackend, numbers: range) -> float:
    started = time.perf_counter()
    backend.cancel(numbers)
    while backend.busy:
        backend.step()
    return time.perf_counter() - started
