"""Batches of about equal token count, from conversations of about equal length.

Most batches hold one conversation a row, so little is padding and attention stays short. Some hold
long rows of conversations in sequence, which is what later turns look like.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from models.training.conversations import Conversations
from models.training.tokenizer import Encoded, Tokenizer

_POOL = 2000
_LONG_ROW = 640
_LONG_BATCHES = 12
_QUESTION_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Batch:
    """One step of training.

    Attributes:
        ids: (rows, length) token ids.
        wanted: (rows, length - 1) which next tokens are learned from.
    """

    ids: Tensor
    wanted: Tensor


def _batch(rows: list[Encoded], noise: torch.Generator) -> Batch:
    """Pad rows to one length; of the question only a sample of tokens is learned from."""
    length = max(len(row.ids) for row in rows)
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    wanted = torch.zeros(len(rows), length, dtype=torch.bool)
    for number, row in enumerate(rows):
        size = len(row.ids)
        ids[number, :size] = torch.tensor(row.ids)
        response = torch.tensor(row.is_response)
        wanted[number, :size] = response | (torch.rand(size, generator=noise) < _QUESTION_SHARE)
    return Batch(ids, wanted[:, 1:])


def _long_rows(pool: list[Encoded], tokens: int) -> list[Encoded]:
    """Join conversations into rows of `_LONG_ROW` tokens, as many as a batch holds."""
    rows: list[Encoded] = []
    ids: list[int] = []
    marks: list[bool] = []
    for encoded in pool:
        ids += encoded.ids
        marks += encoded.is_response
        if len(ids) >= _LONG_ROW:
            rows.append(Encoded(ids[:_LONG_ROW], marks[:_LONG_ROW]))
            ids, marks = [], []
        if len(rows) * _LONG_ROW >= tokens:
            break
    return rows


def batches(source: Conversations, tokenizer: Tokenizer, seed: int, tokens: int) -> Iterator[Batch]:
    """Yield batches of about `tokens` tokens without end."""
    rng = random.Random(seed)
    noise = torch.Generator().manual_seed(seed)
    while True:
        pool = [tokenizer.encode(source.next()) for _ in range(_POOL)]
        ready: list[list[Encoded]] = []
        for _ in range(_LONG_BATCHES):
            rng.shuffle(pool)
            ready.append(_long_rows(pool, tokens))
        row_group: list[Encoded] = []
        for encoded in sorted(pool, key=lambda encoded: len(encoded.ids)):
            if row_group and len(encoded.ids) * (len(row_group) + 1) > tokens:
                ready.append(row_group)
                row_group = []
            row_group.append(encoded)
        ready.append(row_group)
        rng.shuffle(ready)
        for rows in ready:
            yield _batch(rows, noise)
