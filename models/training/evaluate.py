"""Accuracy on the held-out problems: greedy, one sample, and votes of several sizes.

The network samples by itself here; the application asks the exported file through llama.cpp.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from models.training.heldout import make_held_out
from models.training.network import Network
from models.training.tokenizer import Tokenizer

TEMPERATURE = 0.8
_LONGEST_RESPONSE = 600
_VOTES = (4, 16, 64)
_ANSWER = re.compile(r"^Answer: (\d+)$", re.MULTILINE)


def extracted(response: str) -> int | None:
    """Return the number on the answer mark, or nothing."""
    found = _ANSWER.findall(response)
    return int(found[-1]) if found else None


@torch.inference_mode()
def respond(
    network: Network, tokenizer: Tokenizer, prompt: list[int], samples: int, noise: torch.Generator
) -> list[str]:
    """Write the greedy response and then `samples` sampled ones to one prompt."""
    stream, cache = network(torch.tensor([prompt]))
    rows = samples + 1
    cache = [(k.expand(rows, -1, -1, -1), v.expand(rows, -1, -1, -1)) for k, v in cache]
    logits = network.logits(stream[:, -1]).expand(rows, -1)
    alive = torch.arange(rows)
    written: list[list[int]] = [[] for _ in range(rows)]
    for _ in range(_LONGEST_RESPONSE):
        chances = torch.softmax(logits / TEMPERATURE, dim=-1)
        chosen = torch.multinomial(chances, 1, generator=noise).squeeze(1)
        chosen = torch.where(alive == 0, logits.argmax(dim=-1), chosen)
        going = chosen != tokenizer.end
        if not bool(going.all()):
            alive, chosen = alive[going], chosen[going]
            cache = [(k[going], v[going]) for k, v in cache]
        if not len(alive):
            break
        for row, token in zip(alive.tolist(), chosen.tolist(), strict=True):
            written[row].append(token)
        stream, cache = network(chosen.unsqueeze(1), cache)
        logits = network.logits(stream[:, -1])
    return [tokenizer.text(ids) for ids in written]


def _winner(answers: Sequence[int | None]) -> int | None:
    """Return the most frequent answer, the earliest of equal ones."""
    counts = Counter(answer for answer in answers if answer is not None)
    return counts.most_common(1)[0][0] if counts else None


@dataclass(frozen=True, slots=True)
class Score:
    """How one problem went: shares between zero and one by way of answering."""

    steps: int
    shares: dict[str, float]


def _score(answer: int, steps: int, answers: Sequence[int | None]) -> Score:
    greedy, sampled = answers[0], answers[1:]
    shares = {"greedy": float(greedy == answer)}
    shares["one"] = sum(given == answer for given in sampled) / len(sampled)
    for size in _VOTES:
        groups = [sampled[at : at + size] for at in range(0, len(sampled) - size + 1, size)]
        if groups:
            right = sum(_winner(group) == answer for group in groups)
            shares[f"vote of {size}"] = right / len(groups)
    return Score(steps, shares)


def _table(scores: Sequence[Score]) -> str:
    """Return the accuracy by number of steps as a Markdown table, in percent."""
    by_steps: defaultdict[str, list[Score]] = defaultdict(list)
    for score in scores:
        by_steps[str(score.steps)].append(score)
    by_steps["all"] = list(scores)
    columns = list(scores[0].shares)
    lines = [
        f"| steps | problems | {' | '.join(columns)} |",
        "|" + " ---: |" * (len(columns) + 2),
    ]
    for name in sorted(by_steps, key=lambda name: int(name) if name.isdigit() else 99):
        group = by_steps[name]
        cells = [
            f"{100 * sum(score.shares[column] for score in group) / len(group):.0f}"
            for column in columns
        ]
        lines.append(f"| {name} | {len(group)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def evaluate(network: Network, tokenizer: Tokenizer, samples: int, problems: int) -> None:
    """Answer the first held-out problems, spread over all numbers of steps, and print the table."""
    torch.set_num_threads(1)
    noise = torch.Generator().manual_seed(1)
    scores: list[Score] = []
    for problem in make_held_out()[:problems]:
        responses = respond(network, tokenizer, tokenizer.prompt(problem.question), samples, noise)
        answers = [extracted(response) for response in responses]
        scores.append(_score(problem.answer, problem.steps, answers))
    print(_table(scores), flush=True)
