"""Draws the next token: llama.cpp's sampler chain of one candidate.

The chain's order is llama.cpp's own: penalties, top-k, top-p, min-p, temperature, draw.
"""

from __future__ import annotations

import ctypes
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.native import low
from engine.generation import Sampling

_TOKEN_DATA: Final = np.dtype([("token", np.int32), ("logit", np.float32), ("p", np.float32)])
"""Layout of `llama_token_data`."""
_LARGEST_SEED: Final = 0xFFFFFFFE
"""0xFFFFFFFF is `LLAMA_DEFAULT_SEED`, which draws a fresh one."""


class Sampler:
    """One candidate's sampler, with its random state and its memory of repeated tokens.

    The penalties look at generated tokens only: a number or word of the question must be free to
    appear in the answer.

    Args:
        sampling: How tokens are drawn; its seed counts, None is 0.
        vocabulary_size: Number of tokens.
    """

    def __init__(self, sampling: Sampling, vocabulary_size: int) -> None:
        self._chain = low.llama_sampler_chain_init(low.llama_sampler_chain_default_params())
        repeat = sampling.repeat_penalty
        frequency, presence = sampling.frequency_penalty, sampling.presence_penalty
        if (repeat != 1 or frequency or presence) and sampling.repeat_window > 0:
            self._add(
                low.llama_sampler_init_penalties(
                    vocabulary_size, sampling.repeat_window, repeat, frequency, presence
                )
            )
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

    def sample(self, context: low.llama_context_p, row: int) -> int:
        """Draw from an output row of the last decode."""
        return int(low.llama_sampler_sample(self._chain, context, row))

    def sample_from(self, logits: NDArray[np.float32]) -> int:
        """Draw from logits that were kept, shape (vocabulary,)."""
        data = np.empty(logits.size, _TOKEN_DATA)
        data["token"] = np.arange(logits.size, dtype=np.int32)
        data["logit"] = logits
        data["p"] = 0
        pointer = data.ctypes.data_as(ctypes.POINTER(low.llama_token_data))
        choices = low.llama_token_data_array(pointer, logits.size, -1, sorted=False)
        low.llama_sampler_apply(self._chain, ctypes.byref(choices))
        token = int(choices.data[choices.selected].id)
        low.llama_sampler_accept(self._chain, token)
        return token

    def close(self) -> None:
        """Free the chain. Idempotent."""
        if self._chain is not None:
            low.llama_sampler_free(self._chain)
            self._chain = None
