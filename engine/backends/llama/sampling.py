"""Draws the next token: llama.cpp's sampler chain of one candidate.

The chain's order is llama.cpp's own: penalties, top-k, top-p, min-p, temperature, draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.choices import choices_of, drawn
from engine.backends.llama.guard import Guard
from engine.backends.llama.native import low
from engine.generation import Sampling

_LARGEST_SEED: Final = 0xFFFFFFFE
"""0xFFFFFFFF is `LLAMA_DEFAULT_SEED`, which draws a fresh one."""


class Sampler:
    """One candidate's sampler, with its random state and its memory of repeated tokens.

    The penalties look at generated tokens only: a number or word of the question must be free to
    appear in the answer.

    Args:
        sampling: How tokens are drawn; its seed counts, None is 0.
        vocabulary_size: Number of tokens.
        guard: What it may write, or None where anything; it is the sampler's to close.
        written: Tokens of the answer that are there already.
    """

    def __init__(
        self,
        sampling: Sampling,
        vocabulary_size: int,
        guard: Guard | None = None,
        written: Sequence[int] = (),
    ) -> None:
        self.guard = guard
        self._chain = low.llama_sampler_chain_init(low.llama_sampler_chain_default_params())
        repeat = sampling.repeat_penalty
        frequency, presence = sampling.frequency_penalty, sampling.presence_penalty
        if (repeat != 1 or frequency or presence) and sampling.repeat_window > 0:
            self._add(
                low.llama_sampler_init_penalties(
                    vocabulary_size, sampling.repeat_window, repeat, frequency, presence
                )
            )
            for token in written[-sampling.repeat_window :]:
                low.llama_sampler_accept(self._chain, token)
        if sampling.temperature <= 0:
            self._add(low.llama_sampler_init_greedy())
            return
        if sampling.top_k > 0:
            self._add(low.llama_sampler_init_top_k(sampling.top_k))
        if sampling.top_p < 1:
            self._add(low.llama_sampler_init_top_p(sampling.top_p, 1))
        if sampling.min_p > 0:
            self._add(low.llama_sampler_init_min_p(sampling.min_p, 1))
        self._add(low.llama_sampler_init_temp(sampling.temperature))
        self._add(low.llama_sampler_init_dist((sampling.seed or 0) % (_LARGEST_SEED + 1)))

    def _add(self, link: low.llama_sampler_p) -> None:
        low.llama_sampler_chain_add(self._chain, link)

    @property
    def is_bound(self) -> bool:
        """Whether not every token may come next; then only `sample_from` draws."""
        return self.guard is not None and self.guard.rules_apply

    def sample(self, context: low.llama_context_p, row: int) -> int:
        """Draw from an output row of the last decode."""
        return int(low.llama_sampler_sample(self._chain, context, row))

    def sample_from(self, logits: NDArray[np.float32]) -> int | None:
        """Draw from logits, shape (vocabulary,); None where no token may come next."""
        if self.is_bound:
            assert self.guard is not None
            return self.guard.draw(self._chain, logits)
        token = drawn(self._chain, choices_of(logits))
        low.llama_sampler_accept(self._chain, token)
        return token

    def close(self) -> None:
        """Free the chain. Idempotent."""
        if self.guard is not None:
            self.guard.close()
        if self._chain is not None:
            low.llama_sampler_free(self._chain)
            self._chain = None
