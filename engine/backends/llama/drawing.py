"""Draws the tokens of one step, each with its log-probability.

Over a vocabulary of 150,000 one draw takes most of a millisecond, so that 64 candidates can take
longer than a GPU's decode step. The work happens outside Python's lock; large steps share it
among threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from engine.backends.llama.confidence import LogProbability
from engine.backends.llama.runner import Runner
from engine.backends.llama.sampling import Sampler

_WORTH_SHARING: Final = 1_000_000
"""Logits in a step from which on handing them to threads costs less than it saves."""
_MOST_THREADS: Final = 8

Drawn = tuple[int | None, float]
"""A token with its log-probability, or None where none may come next."""


class Drawer:
    """Draws from the rows of a runner's last step.

    Args:
        runner: Where the logits are.
        vocabulary_size: Number of tokens.
        threads: How many may work at the same time.
    """

    def __init__(self, runner: Runner, vocabulary_size: int, threads: int) -> None:
        threads = max(1, min(threads, _MOST_THREADS))
        self._runner = runner
        self._vocabulary_size = vocabulary_size
        self._measures = [LogProbability(vocabulary_size) for _ in range(threads)]
        self._pool = ThreadPoolExecutor(threads, "draw") if threads > 1 else None

    def draw(self, rows: Sequence[tuple[Sampler, int]]) -> list[Drawn]:
        """Draw a token from each row with its own sampler."""
        if self._pool is None or len(rows) * self._vocabulary_size < _WORTH_SHARING:
            return self._draw_share(rows, self._measures[0])
        self._runner.settle()
        size = -(-len(rows) // len(self._measures))
        shares = [rows[start : start + size] for start in range(0, len(rows), size)]
        drawn: list[Drawn] = []
        for part in self._pool.map(self._draw_share, shares, self._measures[: len(shares)]):
            drawn += part
        return drawn

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()

    def _draw_share(
        self, rows: Sequence[tuple[Sampler, int]], measure: LogProbability
    ) -> list[Drawn]:
        drawn: list[Drawn] = []
        for sampler, row in rows:
            logits = self._runner.logits(row)
            if sampler.is_bound:
                token = sampler.sample_from(logits)
            else:
                token = sampler.sample(self._runner.context, row)
            drawn.append((token, 0.0 if token is None else measure.of(token, logits)))
        return drawn
