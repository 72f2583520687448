"""A small model that thinks longer against a large one that answers once, at equal cost.

A generated token costs about 2 FLOPs a parameter (arXiv 2408.03314, section 7); reading the
question, which costs both sizes once, is left out.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Final

from models.description import describe
from models.gguf import FileSource, read_header
from models.training.card import table
from tests.bench.attempts import Attempts
from tests.bench.statistics import by_score, equal, interval, vote_accuracy

Rows = Mapping[str, Sequence[Attempts]]
Pairs = Sequence[tuple[Attempts, Attempts]]

_FIFTHS: Final = 5


def parameter_count(path: Path) -> int:
    """Return the number of weights in a model file."""
    with FileSource(path) as source:
        header = read_header(source)
    count = describe(header.metadata, header.tensors).parameters
    if count is None:
        raise ValueError(f"{path} has no weights")
    return count


def at_equal_cost(small: Rows, base: Rows, parameters: tuple[int, int]) -> str:
    """Votes of the small model against single samples of the large one: the table.

    Fifths are sorted by the first half of the large model's attempts and measured on the second.

    Args:
        small: Attempts by family.
        base: Attempts at the same problems, in the same order.
        parameters: Of small and base.
    """
    by_family = {
        family: list(zip(rows, base[family], strict=True)) for family, rows in small.items()
    }
    pairs = [pair for part in by_family.values() for pair in part]
    pairs.sort(key=lambda pair: -_share_right(_halves(pair[1])[0]))
    cuts = [len(pairs) * number // _FIFTHS for number in range(_FIFTHS + 1)]
    fifths = {
        f"fifth {number}": pairs[cuts[number - 1] : cuts[number]]
        for number in range(1, _FIFTHS + 1)
    }
    parts: dict[str, Pairs] = {**fifths, **by_family, "all": pairs}
    lines = [[name, *_compared(part, parameters)] for name, part in parts.items()]
    head = ["easy to hard, families"]
    head += ["small's samples", "small: vote", "small: weighted", "base: one sample", "difference"]
    return table(head, lines)


def affordable(pairs: Pairs, parameters: tuple[int, int]) -> int:
    """How many samples of the small model cost what one of the large one does; 1 at least."""
    large = fmean(one.tokens for _, row in pairs for one in row.attempts) * parameters[1]
    each = fmean(one.tokens for row, _ in pairs for one in row.attempts) * parameters[0]
    most = min(len(row.attempts) for row, _ in pairs)
    return max(1, min(most, round(large / each)))


def _compared(pairs: Pairs, parameters: tuple[int, int]) -> list[str]:
    count = affordable(pairs, parameters)
    rng = random.Random(9)
    votes = [vote_accuracy(row.attempts, count, rng, equal) for row, _ in pairs]
    weighted = [vote_accuracy(row.attempts, count, rng, by_score) for row, _ in pairs]
    single = [_share_right(_halves(row)[1]) for _, row in pairs]
    gains = [vote - one for vote, one in zip(votes, single, strict=True)]
    low, high = interval(gains)
    shares = (f"{100 * fmean(values):.1f}" for values in (votes, weighted, single))
    return [
        str(count),
        *shares,
        f"{100 * fmean(gains):+.1f} ({100 * low:+.1f} to {100 * high:+.1f})",
    ]


def _halves(row: Attempts) -> tuple[Attempts, Attempts]:
    half = len(row.attempts) // 2
    first, second = row.attempts[:half], row.attempts[half:]
    return Attempts(row.family, row.steps, first), Attempts(row.family, row.steps, second)


def _share_right(row: Attempts) -> float:
    return fmean(one.right for one in row.attempts)
