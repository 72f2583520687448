"""Unified or split KV cache: which is faster, by length of prompt and answer.

Run it as `python -m tests.bench.cache_layout [MODEL] [--slots N]`; without a model it generates
one. It counts the processor's seconds of one thread, so that other programs do not matter.
The decision it led to: docs/decisions/0004-kv-cache-layout.md.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from engine.backends.base import Ended, GenerationRequest
from engine.backends.llama.backend import LlamaBackend
from engine.generation import LoadOptions, Message, Sampling, UnifiedCache
from tests.bench.generated_model import Shape, generate_model

SHAPE: Final = Shape(layers=8, width=512, heads=8, kv_heads=2, feed_forward=1536, vocabulary=8000)
LENGTHS: Final = ((32, 32), (32, 256), (512, 32), (512, 256), (2048, 64))
"""Words of the prompt, tokens of each answer."""
LAYOUTS: Final[tuple[UnifiedCache, UnifiedCache]] = ("on", "off")


def models_by_head(
    given: Path | None, folder: Path, heads: Mapping[int, int]
) -> Iterator[tuple[str, Path]]:
    """Name a given model, or generate one for every size of a head.

    Args:
        given: A model file, or None.
        folder: Where models are generated.
        heads: How many a model has, by their size.
    """
    if given is not None:
        yield given.stem, given
        return
    for size, count in heads.items():
        shape = replace(SHAPE, width=size * count, heads=count, kv_heads=1)
        yield f"heads of {size}", generate_model(folder / f"{size}.gguf", shape)


def tokens_per_second(path: Path, options: LoadOptions, words: int, tokens: int) -> float:
    """Generated tokens in a second of processor time, the prompt's reading included."""
    context = words * 8 + tokens + 256
    options = msgspec.structs.replace(options, threads=1, context_tokens=context)
    backend = LlamaBackend.load(path, options)
    try:
        question = (Message("user", "pens " * words),)
        requests = [
            GenerationRequest(number, question, Sampling(seed=number), tokens)
            for number in range(options.slots)
        ]
        started = time.process_time()
        backend.submit(requests)
        generated = 0
        while backend.busy:
            generated += sum(e.tokens for e in backend.step() if isinstance(e, Ended))
        return generated / (time.process_time() - started)
    finally:
        backend.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--slots", type=int, default=16)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.model or generate_model(Path(folder) / "model.gguf", SHAPE)
        print("prompt words  answer tokens  unified tok/s  split tok/s  unified/split")
        for words, tokens in LENGTHS:
            unified, split = (
                tokens_per_second(
                    path, LoadOptions(slots=arguments.slots, unified_cache=layout), words, tokens
                )
                for layout in LAYOUTS
            )
            print(
                f"{words:12}  {tokens:13}  {unified:13.1f}  {split:11.1f}  {unified / split:13.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
