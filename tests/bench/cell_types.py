"""Cells of 16 or of 8 bits: which a processor is faster with, by the size of a head.

Run it as `python -m tests.bench.cell_types [MODEL]`; without a model it generates some. It counts
the processor's seconds of one thread, so that other programs do not matter.
The decision it led to: docs/decisions/0015-cells-of-8-bits.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from engine.generation import CellType, LoadOptions
from tests.bench.cache_layout import SHAPE, tokens_per_second
from tests.bench.generated_model import generate_model

HEAD_SIZES: Final = (32, 64, 96, 128)
LENGTHS: Final = ((32, 96), (512, 96))
"""Words of the prompt, tokens of each answer."""
SLOTS: Final = (1, 16)
TYPES: Final[tuple[CellType, CellType]] = ("f16", "q8_0")


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
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print("model          prompt words  candidates  f16 tok/s  q8_0 tok/s  q8_0/f16")
        for name, path in _models(arguments.model, Path(folder)):
            for words, tokens in LENGTHS:
                for slots in SLOTS:
                    wide, narrow = (
                        tokens_per_second(
                            path, LoadOptions(slots=slots, cache_type=kind), words, tokens
                        )
                        for kind in TYPES
                    )
                    print(
                        f"{name:14} {words:12}  {slots:10}  {wide:9.1f}  {narrow:10.1f}"
                        f"  {narrow / wide:8.2f}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
