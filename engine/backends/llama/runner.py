"""Runs decode steps on one llama.cpp context. Decides nothing about whose turn it is."""

from __future__ import annotations

import ctypes
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.batch import Batch
from engine.backends.llama.native import low, zero_byte_flag


class StepResult(IntEnum):
    """What `llama_decode` says; anything else is a failure. Source: llama.h."""

    DONE = 0
    NO_CELLS = 1
    INTERRUPTED = 2


class Runner:
    """Owns a context.

    Args:
        context: llama.cpp's context.
        vocabulary_size: Number of tokens.
        can_rewind: Whether what an interrupted step left can be taken back; otherwise a step
            always runs to its end.
    """

    def __init__(
        self, context: low.llama_context_p, vocabulary_size: int, *, can_rewind: bool
    ) -> None:
        self.context = context
        self.memory = low.llama_get_memory(context)
        self._row_shape = (vocabulary_size,)
        self._closed = False
        self._flag, self._poll = zero_byte_flag()
        if can_rewind:
            flag = ctypes.cast(self._flag, ctypes.c_void_p)
            low.llama_set_abort_callback(context, self._poll, flag)

    def interrupt(self) -> None:
        """Stop the step that runs, or the next one. From any thread."""
        self._flag[0] = b"\x01"

    def take_interrupt(self) -> bool:
        """Whether an interrupt is pending; it is taken by asking."""
        pending = self._flag[0] != b"\0"
        self._flag[0] = b"\0"
        return pending

    def decode(self, batch: Batch) -> int:
        """Evaluate a batch; a `StepResult` or another number on failure."""
        code = int(low.llama_decode(self.context, batch.native))
        if code == StepResult.DONE:
            # results arrive asynchronously on a GPU; wait here, without Python's lock
            low.llama_synchronize(self.context)
        return code

    def settle(self) -> None:
        """Put the rows in order, which llama.cpp does when the first is asked for.

        After this, several threads may read them.
        """
        low.llama_get_logits(self.context)

    def logits(self, row: int) -> NDArray[np.float32]:
        """View of a row's logits, shape (vocabulary,), valid until the next step."""
        pointer = low.llama_get_logits_ith(self.context, row)
        return np.ctypeslib.as_array(pointer, self._row_shape)

    def close(self) -> None:
        """Free the context. Idempotent."""
        if not self._closed:
            self._closed = True
            low.llama_free(self.context)
