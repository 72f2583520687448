"""The three skills side by side: solving goes on, revising and verifying are learned.

Revising learns from own mistakes: a right response behind up to four attempts, the last mistake the
one nearest to it (arXiv 2408.03314, section 6.1). Now and then one of the attempts is right, so
that a right one is not thrown away. Verifying learns how often a step's continuations come out
right (section 5.1 there).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from rapidfuzz.distance import Levenshtein
from torch import Tensor

from models.training.attempts import Attempted
from models.training.batches import Batch, Verified, VerifyBatch, batches, grouped, verify_batch
from models.training.conversations import Conversations, Turn
from models.training.network import Network
from models.training.tokenizer import Encoded, Marks, Tokenizer
from models.training.train import verifying_loss, writing_loss

MOST_SHOWN: Final = 4
_LONGEST_SHOWN: Final = 1200
_RIGHT_SHOWN_SHARE: Final = 0.5
_REVISE_SHARE: Final = 0.3
_VERIFY_PART: Final = 4
_VERIFY_WEIGHT: Final = 0.2
_VERIFY_POOL: Final = 600

Loss = Callable[[Network], Tensor]


def revision(rng: random.Random, attempted: Attempted) -> Turn | None:
    """Compose one revision, or None where no attempt went wrong."""
    wrong = sorted({one.text for one in attempted.attempts if not one.right})
    right = sorted({one.text for one in attempted.attempts if one.right})
    targets = [attempted.problem.response] if attempted.problem.solved else []
    targets += right
    if not wrong or not targets:
        return None
    target = rng.choice(targets)
    shown = [min(wrong, key=lambda text: Levenshtein.distance(text, target))]
    others = [text for text in wrong if text != shown[0]]
    rng.shuffle(others)
    for text in others[: rng.randrange(MOST_SHOWN)]:
        if sum(map(len, shown)) + len(text) <= _LONGEST_SHOWN:
            shown.insert(0, text)
    if right and len(shown) < MOST_SHOWN and rng.random() < _RIGHT_SHOWN_SHARE:
        shown.insert(rng.randint(0, len(shown)), rng.choice(right))
    astray = attempted.problem.astray if target == attempted.problem.response else ()
    return Turn(attempted.problem.question, target, tuple(shown), astray)


def writing_texts(
    tokenizer: Tokenizer, own: Sequence[Attempted], held_out: frozenset[str], seed: int
) -> Callable[[], Encoded]:
    """Return a source of texts to write: solutions and revisions."""
    conversations = Conversations(seed, held_out)
    rng = random.Random(seed)

    def next_text() -> Encoded:
        if rng.random() < _REVISE_SHARE:
            turn = revision(rng, rng.choice(own))
            if turn is not None:
                return tokenizer.encode_turn(turn)
        return tokenizer.encode(conversations.next())

    return next_text


def _verified(tokenizer: Tokenizer, rng: random.Random, attempted: Attempted) -> Verified:
    one = rng.choice(attempted.attempts)
    ids, ends = tokenizer.step_ends(attempted.problem.question, one.text)
    return Verified(ids, ends, list(one.chances))


def verifying_losses(
    tokenizer: Tokenizer, own: Sequence[Attempted], seed: int, tokens: int
) -> Iterator[Loss]:
    """Yield what is to be made small to judge own attempts, without end."""
    rng = random.Random(seed)
    while True:
        pool = [_verified(tokenizer, rng, rng.choice(own)) for _ in range(_VERIFY_POOL)]
        groups = list(grouped(pool, lambda row: len(row.ids) + len(row.ends), tokens))
        rng.shuffle(groups)
        for rows in groups:
            made = verify_batch(rows, tokenizer.marks.verify)
            yield partial(_verifying, tokenizer.marks, made)


def skill_losses(
    tokenizer: Tokenizer,
    own: Sequence[Attempted],
    held_out: frozenset[str],
    seed: int,
    tokens: int,
) -> Iterator[Loss]:
    """Yield the losses of all three skills together, without end.

    Judging has a small part in every step: Muon's steps are as long for it as for writing, so that
    steps of its own would undo what was learned of solving.
    """
    writing = batches(writing_texts(tokenizer, own, held_out, seed), seed, tokens)
    verifying = verifying_losses(tokenizer, own, seed, tokens // _VERIFY_PART)
    for written, judged in zip(writing, verifying, strict=False):
        yield partial(_both, written, judged)


def solving_losses(
    tokenizer: Tokenizer, held_out: frozenset[str], seed: int, tokens: int
) -> Iterator[Loss]:
    """Yield the losses of solving alone, without end."""
    conversations = Conversations(seed, held_out)
    for made in batches(lambda: tokenizer.encode(conversations.next()), seed, tokens):
        yield partial(_writing, made)


def _both(written: Batch, judged: Loss, network: Network) -> Tensor:
    return writing_loss(network, written) + _VERIFY_WEIGHT * judged(network)


def _writing(made: Batch, network: Network) -> Tensor:
    return writing_loss(network, made)


def _verifying(marks: Marks, made: VerifyBatch, network: Network) -> Tensor:
    return verifying_loss(network, made, marks)
