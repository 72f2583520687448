"""Tokens with their logits, in the form that llama.cpp's samplers work on."""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.native import low

TOKEN_DATA: Final = np.dtype([("token", np.int32), ("logit", np.float32), ("p", np.float32)])
"""Layout of `llama_token_data`."""
Choices = NDArray[Any]
"""Of `TOKEN_DATA`."""


def choices_of(logits: NDArray[np.float32], tokens: NDArray[np.int64] | None = None) -> Choices:
    """Return every token with its logit, shape (vocabulary,), or some of them."""
    choices = np.empty(logits.size if tokens is None else tokens.size, TOKEN_DATA)
    choices["token"] = np.arange(logits.size, dtype=np.int32) if tokens is None else tokens
    choices["logit"] = logits if tokens is None else logits[tokens]
    choices["p"] = 0
    return choices


def apply(sampler: low.llama_sampler_p, choices: Choices) -> low.llama_token_data_array:
    """Let a sampler change the choices in place; the result is a view of them."""
    pointer = choices.ctypes.data_as(ctypes.POINTER(low.llama_token_data))
    view = low.llama_token_data_array(pointer, choices.size, -1, sorted=False)
    low.llama_sampler_apply(sampler, ctypes.byref(view))
    return view


def drawn(chain: low.llama_sampler_p, choices: Choices) -> int:
    """Return the token that a chain draws."""
    view = apply(chain, choices)
    return int(view.data[view.selected].id)
