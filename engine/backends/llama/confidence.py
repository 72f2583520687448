"""How sure the model was: the log-probability of a drawn token under the plain distribution.

One row at a time through one scratch row, so that it stays in the processor's cache and no
position's logits are copied. Knows nothing of llama.cpp.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


class LogProbability:
    """Computes log-probabilities over a vocabulary.

    Args:
        vocabulary_size: Number of tokens.
    """

    def __init__(self, vocabulary_size: int) -> None:
        self._scratch = np.empty(vocabulary_size, np.float32)

    def of(self, token: int, logits: NDArray[np.float32]) -> float:
        """Natural log-probability of `token` given logits, shape (vocabulary,)."""
        scratch = self._scratch
        highest = logits.max()
        np.subtract(logits, highest, out=scratch)
        np.exp(scratch, out=scratch)
        return float(logits[token]) - float(highest) - math.log(float(scratch.sum()))


def chance_of(
    logits: NDArray[np.float32], yes: tuple[int, ...], no: tuple[int, ...]
) -> float | None:
    """P(yes) / (P(yes) + P(no)) from logits, shape (vocabulary,); None without a yes or a no.

    Args:
        logits: Of the position where the reply begins.
        yes: Tokens that mean yes.
        no: Tokens that mean no.
    """
    if not yes or not no or set(yes) & set(no):
        return None
    both = logits[[*yes, *no]].astype(np.float64)
    weights = np.exp(both - both.max())
    chance = float(weights[: len(yes)].sum() / weights.sum())
    return chance if math.isfinite(chance) else None
