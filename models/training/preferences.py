"""Thought preference optimization: learning which of its own thoughts led to right answers.

Several responses to each problem are sampled; only the answer is judged, never the thought before
it; a judge's score is lowered for length; the best and the worst response make a pair; direct
preference optimization (DPO, arXiv 2305.18290) learns from the pairs. Then the next round starts
from what was learned. Source: Thinking LLMs, arXiv 2410.10630, sections 2 and 3.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from models.training.attempts import responses_to
from models.training.batches import Batch, batch, grouped
from models.training.card import table
from models.training.conversations import Problems
from models.training.families import FAMILIES, is_right
from models.training.network import Network
from models.training.optimiser import Optimiser
from models.training.problem import Problem
from models.training.skills import Loss
from models.training.tokenizer import Encoded, Tokenizer

SAMPLES: Final = 8
LENGTH_WEIGHT: Final = 0.25
"""How much a standard deviation of length counts against one of judgement; 0 to 0.5 there."""
_SHARPNESS: Final = 0.1
"""Beta of DPO."""
_WRITING_WEIGHT: Final = 0.2
"""Of the plain loss on the better response, so that it does not become less likely too."""
_MATRIX_RATE: Final = 1e-3
_OTHER_RATE: Final = 1e-4
_TOKENS: Final = 4096
_PROBLEMS_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Pair:
    """A better and a worse response to one question, thought and answer together."""

    question: str
    chosen: str
    rejected: str


@dataclass(frozen=True, slots=True)
class Measured:
    """How a network does at one moment.

    Attributes:
        moment: For example "before" or "round 1".
        accuracy: Share of samples that are right, 0 to 1, by family.
        thought_tokens: Mean tokens before the answer's line.
    """

    moment: str
    accuracy: dict[str, float]
    thought_tokens: float


def scores(judged: Sequence[float], lengths: Sequence[int], weight: float) -> list[float]:
    """Length-controlled scores: z(judged) - weight * z(length), over one question's responses."""
    return [
        judgement - weight * length
        for judgement, length in zip(_z(judged), _z(lengths), strict=True)
    ]


def _z(values: Sequence[float]) -> list[float]:
    mean, spread = fmean(values), pstdev(values)
    return [(value - mean) / spread if spread else 0.0 for value in values]


def pair_of(problem: Problem, responses: Sequence[str]) -> Pair | None:
    """The best and the worst response, or None where all answers are right or all are wrong."""
    judged = [float(is_right(problem, response)) for response in responses]
    if len(set(judged)) == 1:
        return None
    scored = scores(judged, [len(response) for response in responses], LENGTH_WEIGHT)
    best = max(range(len(scored)), key=scored.__getitem__)
    worst = min(range(len(scored)), key=scored.__getitem__)
    return Pair(problem.question, responses[best], responses[worst])


def make_pairs(
    network: Network, tokenizer: Tokenizer, count: int, seed: int, held_out: frozenset[str]
) -> list[Pair]:
    """Sample responses to fresh problems and pair them, until there are `count` pairs."""
    source = Problems(seed, held_out)
    pairs: list[Pair] = []
    while len(pairs) < count:
        problems = [source.next() for _ in range(_PROBLEMS_AT_ONCE)]
        questions = [problem.question for problem in problems]
        texts = responses_to(network, tokenizer, questions, SAMPLES, source.rng.getrandbits(31))
        for problem, responses in zip(problems, texts, strict=True):
            pair = pair_of(problem, responses)
            if pair is not None:
                pairs.append(pair)
    return pairs[:count]


def _log_probabilities(network: Network, made: Batch) -> Tensor:
    """Log-probability of each row's wanted tokens: (rows,)."""
    ids, wanted = made.ids.to(network.device), made.wanted.to(network.device)
    said = functional.log_softmax(network.logits(network(ids[:, :-1])), dim=-1)
    of_token = said.gather(2, ids[:, 1:].unsqueeze(2)).squeeze(2)
    return (of_token * wanted).sum(dim=1)


def _batch(tokenizer: Tokenizer, question: str, responses: Sequence[str]) -> list[Encoded]:
    prompt = tokenizer.prompt(question)
    rows = []
    for response in responses:
        ids = [*tokenizer.text_ids(response), tokenizer.marks.end]
        rows.append(Encoded(prompt + ids, [False] * len(prompt) + [True] * len(ids)))
    return rows


def _without_questions(rows: list[Encoded]) -> Batch:
    """A batch that learns from responses only."""
    made = batch(rows, torch.Generator().manual_seed(0))
    length = made.wanted.shape[1]
    for number, row in enumerate(rows):
        marks = torch.tensor(row.is_response[1:])
        made.wanted[number] = functional.pad(marks, (0, length - len(marks)))
    return made


def learn_from(
    network: Network,
    tokenizer: Tokenizer,
    pairs: Sequence[Pair],
    rehearsal: Iterator[Loss],
    seed: int,
) -> None:
    """One pass of DPO over the pairs, each step beside one that rehearses the other skills."""
    rng = random.Random(seed)
    optimiser = Optimiser(network, _MATRIX_RATE, _OTHER_RATE)
    both = [_batch(tokenizer, pair.question, (pair.chosen, pair.rejected)) for pair in pairs]
    groups = list(grouped(both, lambda two: len(two[0].ids) + len(two[1].ids), _TOKENS))
    rng.shuffle(groups)
    made = [
        (
            _without_questions([two[0] for two in group]),
            _without_questions([two[1] for two in group]),
        )
        for group in groups
    ]
    with torch.no_grad():
        before = [
            _log_probabilities(network, chosen) - _log_probabilities(network, rejected)
            for chosen, rejected in made
        ]
    for step, ((chosen, rejected), start) in enumerate(zip(made, before, strict=True)):
        better = _log_probabilities(network, chosen)
        margin = better - _log_probabilities(network, rejected) - start
        tokens = chosen.wanted.to(network.device).sum(dim=1)
        loss = (
            -functional.logsigmoid(_SHARPNESS * margin).mean()
            - _WRITING_WEIGHT * (better / tokens).mean()
            + next(rehearsal)(network)
        )
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step(min(1.0, (step + 1) / 20) * (1 - step / len(made)))


def preference_table(found: Sequence[Measured]) -> str:
    """What the rounds changed, for the model card."""
    rows = []
    for one in found:
        shares = [*one.accuracy.values(), fmean(one.accuracy.values())]
        percent = (f"{100 * share:.1f}" for share in shares)
        rows.append([one.moment, *percent, f"{one.thought_tokens:.1f}"])
    return table(["one sample", *FAMILIES, "all", "thought, tokens"], rows)


def measure(network: Network, tokenizer: Tokenizer, moment: str, count: int, seed: int) -> Measured:
    """Sample once at `count` problems a family, and say how often that is right and how long."""
    accuracy: dict[str, float] = {}
    lengths: list[int] = []
    for name in FAMILIES:
        source = Problems(seed, ())
        problems = [source.next(name) for _ in range(count)]
        questions = [problem.question for problem in problems]
        texts = responses_to(network, tokenizer, questions, 1, seed)
        right = [is_right(problem, text) for problem, (text,) in zip(problems, texts, strict=True)]
        accuracy[name] = fmean(right)
        lengths += [len(tokenizer.text_ids(text.rpartition("\n")[0])) for (text,) in texts]
    return Measured(moment, accuracy, fmean(lengths))
