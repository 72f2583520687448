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
