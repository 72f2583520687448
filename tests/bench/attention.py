"""Flash attention or none: which a processor is faster with, by length of prompt and layout.

Run it as `python -m tests.bench.attention [MODEL] [--candidates N]...`; without a model it
generates some. It counts the processor's seconds of one thread, so that other programs do not
matter, and the reading of the prompt is part of them.
The decision it led to: docs/decisions/0018-attention-on-a-processor.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from engine.generation import FlashAttention, LoadOptions
from tests.bench.cache_layout import LAYOUTS, SHAPE, tokens_per_second
from tests.bench.generated_model import generate_model

HEAD_SIZES: Final = (64, 128)
LENGTHS: Final = ((8, 128), (64, 128), (256, 128))
"""Words of the prompt, tokens of each answer."""
CANDIDATES: Final = (1, 16, 64)
WAYS: Final[tuple[FlashAttention, FlashAttention]] = ("on", "off")


def _models(given: Path | None, folder: Path) -> Iterator[tuple[str, Path]]:
    if given is not None:
        yield given.stem, given
        return
    for size in HEAD_SIZES:
        shape = replace(SHAPE, width=768, heads=768 // size, kv_heads=1)
        yield f"heads of {size}", generate_model(folder / f"{size}.gguf", shape)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--candidates", type=int, action="append")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print("model          prompt words  candidates  cache    flash tok/s  none tok/s  ratio")
        for name, path in _models(arguments.model, Path(folder)):
            for words, tokens in LENGTHS:
                for count in arguments.candidates or CANDIDATES:
                    for layout in LAYOUTS:
                        flash, none = (
                            tokens_per_second(
                                path,
                                LoadOptions(slots=count, unified_cache=layout, flash_attention=way),
                                words,
                                tokens,
                            )
                            for way in WAYS
                        )
                        kind = "unified" if layout == "on" else "split"
                        print(
                            f"{name:14} {words:12}  {count:10}  {kind:7}  {flash:11.1f}"
                            f"  {none:10.1f}  {none / flash:5.2f}",
                            flush=True,
                        )


if __name__ == "__main__":
    main()
