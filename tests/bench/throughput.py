"""Candidates per second: our backend against two named alternatives, in one run.

- one after another: llama-cpp-python's own high-level completion, N times, its prompt cached;
- bare loop: the same low-level calls without scheduling, events, text or confidence.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llama_cpp
from llama_cpp import llama_cpp as low

from engine.backends.base import Ended, GenerationRequest
from engine.backends.llama.backend import LlamaBackend
from engine.generation import LoadOptions, Message, Sampling

PROMPT = "Tom has 12 boxes with 24 pens each. He gives away 3 boxes. How many pens are left? " * 4


@dataclass(frozen=True, slots=True)
class Throughput:
    """One row of the table, candidates per second."""

    candidates: int
    ours: float
    one_after_another: float
    bare_loop: float


def measure(
    path: Path, counts: tuple[int, ...], tokens: int, threads: int, repeats: int
) -> Iterator[Throughput]:
    """Measure each count with all three, interleaved, and yield the best of the repeats.

    Args:
        path: A model whose sampling does not end early is best; ends are ignored where possible.
        counts: Numbers of candidates.
        tokens: Tokens generated for each.
        threads: CPU threads for all three.
        repeats: How often; the best counts, because other programs only ever slow down.
    """
    for count in counts:
        ways: list[Callable[[], float]] = [
            lambda count=count: ours(path, count, tokens, threads),  # type: ignore[misc]
            lambda count=count: one_after_another(path, count, tokens, threads),  # type: ignore[misc]
            lambda count=count: bare_loop(path, count, tokens, threads),  # type: ignore[misc]
        ]
        best = [0.0, 0.0, 0.0]
        for _ in range(repeats):
            for way, measure_once in enumerate(ways):
                best[way] = max(best[way], measure_once())
        yield Throughput(count, *best)


def ours(path: Path, count: int, tokens: int, threads: int) -> float:
    """Candidates per second of `LlamaBackend`, in 1/s of equivalent full-length candidates."""
    options = LoadOptions(slots=min(count, 64), threads=threads, context_tokens=1024)
    backend = LlamaBackend.load(path, options, None)
    try:
        messages = (Message("user", PROMPT),)
        requests = [
            GenerationRequest(number, messages, Sampling(seed=number), tokens)
            for number in range(count)
        ]
        started = time.perf_counter()
        backend.submit(requests)
        generated = 0
        while backend.busy:
            for event in backend.step():
                if isinstance(event, Ended):
                    generated += event.tokens
        return generated / tokens / (time.perf_counter() - started)
    finally:
        backend.close()


def one_after_another(path: Path, count: int, tokens: int, threads: int) -> float:
    """Candidates per second of llama-cpp-python's high-level completion."""
    model = llama_cpp.Llama(
        str(path), n_ctx=1024, n_threads=threads, n_threads_batch=threads, verbose=False
    )
    try:
        generated = 0
        started = time.perf_counter()
        for seed in range(count):
            result = model.create_completion(
                PROMPT, max_tokens=tokens, temperature=0.8, top_k=40, min_p=0.05, seed=seed
            )
            generated += result["usage"]["completion_tokens"]  # type: ignore[index]
        return generated / tokens / (time.perf_counter() - started)
    finally:
        model.close()


def bare_loop(path: Path, count: int, tokens: int, threads: int) -> float:
    """Candidates per second of prefill, fork, decode and sample, and nothing else."""
    low.llama_backend_init()
    model = low.llama_model_load_from_file(str(path).encode(), low.llama_model_default_params())
    assert model is not None
    parameters = low.llama_context_default_params()
    parameters.n_ctx = 512 + count * (tokens + 8)
    parameters.n_batch = 512
    parameters.n_seq_max = count
    parameters.kv_unified = True
    parameters.n_threads = parameters.n_threads_batch = threads
    context = low.llama_init_from_model(model, parameters)
    assert context is not None
    vocabulary = low.llama_model_get_vocab(model)
    buffer = (ctypes.c_int32 * 512)()
    text = PROMPT.encode()
    length = low.llama_tokenize(vocabulary, text, len(text), buffer, 512, True, False)  # noqa: FBT003
    samplers = [_sampler(seed) for seed in range(count)]
    batch = low.llama_batch_init(512, 0, 1)
    started = time.perf_counter()
    for position in range(length):
        _row(batch, position, buffer[position], position, 0, last=position == length - 1)
    batch.n_tokens = length
    assert low.llama_decode(context, batch) == 0
    memory = low.llama_get_memory(context)
    for sequence in range(1, count):
        low.llama_memory_seq_cp(memory, 0, sequence, -1, -1)
    current = [low.llama_sampler_sample(sampler, context, -1) for sampler in samplers]
    for step in range(tokens - 1):
        for sequence in range(count):
            _row(batch, sequence, current[sequence], length + step, sequence, last=True)
        batch.n_tokens = count
        assert low.llama_decode(context, batch) == 0
        current = [
            low.llama_sampler_sample(sampler, context, sequence)
            for sequence, sampler in enumerate(samplers)
        ]
    elapsed = time.perf_counter() - started
    for sampler in samplers:
        low.llama_sampler_free(sampler)
    low.llama_batch_free(batch)
    low.llama_free(context)
    low.llama_model_free(model)
    return count / elapsed


def _row(batch: Any, row: int, token: int, position: int, sequence: int, *, last: bool) -> None:
    batch.token[row] = token
    batch.pos[row] = position
    batch.n_seq_id[row] = 1
    batch.seq_id[row][0] = sequence
    batch.logits[row] = last


def _sampler(seed: int) -> Any:
    chain = low.llama_sampler_chain_init(low.llama_sampler_chain_default_params())
    for link in (
        low.llama_sampler_init_top_k(40),
        low.llama_sampler_init_top_p(0.95, 1),
        low.llama_sampler_init_min_p(0.05, 1),
        low.llama_sampler_init_temp(0.8),
        low.llama_sampler_init_dist(seed),
    ):
        low.llama_sampler_chain_add(chain, link)
    return chain
