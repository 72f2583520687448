"""The three skills side by side: solving goes on, revising and verifying are learned.

Revising learns from own attempts, shown as they come: where one of them is right it is to be kept,
where none is the right response nearest to one of them is to be written, with that one shown last
(arXiv 2408.03314, section 6.1). Verifying learns how often a step's continuations come out right
(section 5.1 there).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from rapidfuzz.distance import Levenshtein
from torch import Tensor

from models.training.attempts import Attempted, OwnAttempt
from models.training.batches import Batch, Verified, VerifyBatch, batches, grouped, verify_batch
from models.training.conversations import Conversations, Turn
from models.training.network import Network
from models.training.tokenizer import Encoded, Marks, Tokenizer
from models.training.train import verifying_loss, writing_loss

MOST_SHOWN: Final = 4
_LONGEST_SHOWN: Final = 1200
_REVISE_SHARE: Final = 0.2
_VERIFY_PART: Final = 4
_VERIFY_WEIGHT: Final = 0.2
_VERIFY_POOL: Final = 600

Loss = Callable[[Network], Tensor]


def revision(rng: random.Random, attempted: Attempted) -> Turn | None:
    """Compose one revision, or None where nothing right is known."""
    problem = attempted.problem
    shown: list[OwnAttempt] = []
    most = min(MOST_SHOWN, len(attempted.attempts))
    for one in rng.sample(attempted.attempts, rng.randint(1, most)):
        if not shown or sum(len(other.text) for other in shown) + len(one.text) <= _LONGEST_SHOWN:
            shown.append(one)
    kept = [one.text for one in shown if one.right]
    if kept:
        return Turn(problem.question, kept[-1], tuple(one.text for one in shown))
    targets = [one.text for one in attempted.attempts if one.right]
    targets += [problem.response] if problem.solved else []
    if not targets:
        return None
    pairs = [(one.text, target) for one in shown for target in targets]
    last, target = min(pairs, key=lambda pair: Levenshtein.distance(*pair))
    others = [one.text for one in shown]
    others.remove(last)
    astray = problem.astray if target == problem.response else ()
    return Turn(problem.question, target, (*others, last), astray)


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
