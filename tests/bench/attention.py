"""Flash attention or none: which a processor is faster with, by the size of a head.

Run it as `python -m tests.bench.attention [MODEL]`; without a model it generates some. It counts
the processor's seconds of one thread, so that other programs do not matter, and the reading of the
prompt is part of them. One candidate has one buffer, sixteen have a stream each.
The decision it led to: docs/decisions/0018-attention-on-a-processor.md.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Final

from engine.generation import FlashAttention, LoadOptions, UnifiedCache
from tests.bench.cache_layout import models_by_head, tokens_per_second

HEADS: Final = {64: 12, 80: 8, 96: 8, 112: 8, 128: 6, 192: 4, 256: 4}
"""How many of each size a model has."""
LENGTHS: Final = ((64, 96), (256, 96))
"""Words of the prompt, tokens of each answer."""
CANDIDATES: Final[tuple[tuple[int, UnifiedCache], ...]] = ((1, "on"), (16, "off"))
WAYS: Final[tuple[FlashAttention, FlashAttention]] = ("on", "off")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print("model          prompt words  candidates  flash tok/s  none tok/s  none/flash")
        for name, path in models_by_head(arguments.model, Path(folder), HEADS):
            for words, tokens in LENGTHS:
                for count, layout in CANDIDATES:
                    flash, none = (
                        tokens_per_second(
                            path,
                            LoadOptions(
                                slots=count,
                                unified_cache=layout,
                                flash_attention=way,
                                cache_type="f16",
                            ),
                            words,
                            tokens,
                        )
                        for way in WAYS
                    )
                    print(
                        f"{name:14} {words:12}  {count:10}  {flash:11.1f}  {none:10.1f}"
                        f"  {none / flash:10.2f}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
