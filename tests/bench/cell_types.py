"""Cells of 16 or of 8 bits: which a processor is faster with, by the size of a head.

Run it as `python -m tests.bench.cell_types [MODEL]`; without a model it generates some. It counts
the processor's seconds of one thread, so that other programs do not matter.
The decision it led to: docs/decisions/0015-cells-of-8-bits.md.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Final

from engine.generation import CellType, LoadOptions
from tests.bench.cache_layout import models_by_head, tokens_per_second

HEADS: Final = {32: 24, 64: 12, 96: 8, 128: 6}
"""How many of each size a model has."""
LENGTHS: Final = ((32, 96), (512, 96))
"""Words of the prompt, tokens of each answer."""
SLOTS: Final = (1, 16)
TYPES: Final[tuple[CellType, CellType]] = ("f16", "q8_0")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print("model          prompt words  candidates  f16 tok/s  q8_0 tok/s  q8_0/f16")
        for name, path in models_by_head(arguments.model, Path(folder), HEADS):
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
