"""One `llama_batch`, allocated once and filled through numpy views."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np

from engine.backends.llama.native import low


class Batch:
    """Rows of one decode step: a token at a position of a sequence.

    Args:
        capacity: Most rows.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.size = 0
        self._tokens = np.zeros(capacity, np.int32)
        self._positions = np.zeros(capacity, np.int32)
        self._sequences = np.zeros(capacity, np.int32)
        self._counts = np.ones(capacity, np.int32)
        self._wanted = np.zeros(capacity, np.int8)
        # seq_id is an array of pointers, one for each row, into one array of ours
        first, width = self._sequences.ctypes.data, self._sequences.itemsize
        self._pointers = np.arange(first, first + capacity * width, width, dtype=np.uintp)
        self.native = low.llama_batch(
            n_tokens=0,
            token=_pointer(self._tokens, low.llama_token),
            embd=None,
            pos=_pointer(self._positions, low.llama_pos),
            n_seq_id=_pointer(self._counts, ctypes.c_int32),
            seq_id=self._pointers.ctypes.data_as(ctypes.POINTER(ctypes.POINTER(low.llama_seq_id))),
            logits=_pointer(self._wanted, ctypes.c_int8),
        )

    @property
    def free(self) -> int:
        """Rows that still fit."""
        return self.capacity - self.size

    def clear(self) -> None:
        """Start a new step."""
        self.size = 0

    def add_rows(
        self, tokens: Sequence[int], positions: Sequence[int], sequences: Sequence[int]
    ) -> None:
        """Add one row for each of several sequences; all want logits."""
        start, end = self.size, self.size + len(tokens)
        self._tokens[start:end] = tokens
        self._positions[start:end] = positions
        self._sequences[start:end] = sequences
        self._wanted[start:end] = 1
        self._resize(end)

    def add_run(self, tokens: Sequence[int], position: int, sequence: int, *, wanted: bool) -> int:
        """Add consecutive tokens of one sequence.

        Args:
            tokens: The tokens.
            position: Position of the first.
            sequence: Whose they are.
            wanted: Whether the last wants logits.

        Returns:
            The row of the last.
        """
        start, end = self.size, self.size + len(tokens)
        self._tokens[start:end] = tokens
        self._positions[start:end] = np.arange(position, position + len(tokens))
        self._sequences[start:end] = sequence
        self._wanted[start:end] = 0
        self._wanted[end - 1] = wanted
        self._resize(end)
        return end - 1

    def _resize(self, size: int) -> None:
        self.size = size
        self.native.n_tokens = size


def _pointer(array: np.ndarray, kind: type[ctypes._SimpleCData[int]]) -> object:
    return array.ctypes.data_as(ctypes.POINTER(kind))
