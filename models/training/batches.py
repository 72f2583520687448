"""Batches of about equal token count, from texts of about equal length.

Most batches hold one text a row, so little is padding and attention stays short. Some hold long
rows of conversations in sequence, which is what later turns look like.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from models.training.tokenizer import Encoded

_Row = TypeVar("_Row")
_POOL = 2000
_LONG_ROW = 640
_LONG_BATCHES = 8
_QUESTION_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts to learn to write.

    Attributes:
        ids: (rows, length) token ids.
        wanted: (rows, length - 1) which next tokens are learned from.
    """

    ids: Tensor
    wanted: Tensor


@dataclass(frozen=True, slots=True)
class Verified:
    """One attempt to learn to judge.

    Attributes:
        ids: Ids of question and response.
        ends: For each step how many ids there are up to its end.
        chances: For each step the share of its continuations that came out right, 0 to 1.
    """

    ids: list[int]
    ends: list[int]
    chances: list[float]


@dataclass(frozen=True, slots=True)
class VerifyBatch:
    """Attempts to learn to judge, each step probed by a mark that sees what stands before it.

    Attributes:
        ids: (rows, length) token ids, the probing marks behind each row's text.
        positions: (rows, length) places in the text; a probe's is the one after its step.
        mask: (rows, 1, length, length) what each may attend to.
        probes: (probes, 2) row and column of each probe.
        chances: (probes,) what each is to say.
    """

    ids: Tensor
    positions: Tensor
    mask: Tensor
    probes: Tensor
    chances: Tensor


def batch(rows: Sequence[Encoded], noise: torch.Generator) -> Batch:
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


def verify_batch(rows: Sequence[Verified], mark: int) -> VerifyBatch:
    """Pad rows to one length and put a probe for each step behind them."""
    length = max(len(row.ids) + len(row.ends) for row in rows)
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    positions = torch.arange(length).repeat(len(rows), 1)
    mask = torch.ones(length, length, dtype=torch.bool).tril().repeat(len(rows), 1, 1)
    probes: list[tuple[int, int]] = []
    chances: list[float] = []
    for number, row in enumerate(rows):
        size = len(row.ids)
        ids[number, :size] = torch.tensor(row.ids)
        for column, (end, chance) in enumerate(zip(row.ends, row.chances, strict=True), size):
            ids[number, column] = mark
            positions[number, column] = end
            mask[number, column, end:column] = False
            probes.append((number, column))
            chances.append(chance)
    return VerifyBatch(
        ids, positions, mask.unsqueeze(1), torch.tensor(probes), torch.tensor(chances)
    )


def grouped(pool: Sequence[_Row], size: Callable[[_Row], int], tokens: int) -> Iterator[list[_Row]]:
    """Yield groups of rows of about equal length, each of about `tokens` tokens with padding."""
    group: list[_Row] = []
    for row in sorted(pool, key=size):
        if group and size(row) * (len(group) + 1) > tokens:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


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


def batches(next_text: Callable[[], Encoded], seed: int, tokens: int) -> Iterator[Batch]:
    """Yield batches of about `tokens` tokens without end.

    Args:
        next_text: Composes one text.
        seed: Of the order and of the question tokens that are learned from.
        tokens: Size of a batch.
    """
    rng = random.Random(seed)
    noise = torch.Generator().manual_seed(seed)
    while True:
        pool = [next_text() for _ in range(_POOL)]
        ready = list(grouped(pool, lambda encoded: len(encoded.ids), tokens))
        for _ in range(_LONG_BATCHES):
            rng.shuffle(pool)
            ready.append(_long_rows(pool, tokens))
        rng.shuffle(ready)
        for rows in ready:
            yield batch(rows, noise)
