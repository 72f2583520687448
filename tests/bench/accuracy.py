"""How often the built-in model is right: greedy, one sample, and votes of several sizes.

Every held-out story is sampled once; votes are taken over disjoint runs of those samples, in the
order they were started. A tie is no answer, as in the application.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from engine.answers.canonical import canonical_key
from engine.answers.extract import extract_answer
from engine.backends.base import Generated, GenerationRequest
from engine.backends.llama.backend import LlamaBackend
from engine.generation import GREEDY, Message, Sampling
from models.training.problem import Problem

VOTES = (4, 8, 16)

Row = dict[str, float]
"""Shares between zero and one by way of answering, and the number of problems."""


def measure(backend: LlamaBackend, held_out: Sequence[Problem], samples: int) -> dict[str, Row]:
    """Answer every problem and return shares by number of steps, and over "all".

    Args:
        backend: The model.
        held_out: Problems with their answers.
        samples: Sampled responses to each, beside the greedy one.
    """
    scores: defaultdict[str, list[Row]] = defaultdict(list)
    for number, problem in enumerate(held_out):
        keys = [_key(text) for text in _responses(backend, problem.question, samples, number)]
        score = _score(canonical_key(str(problem.answer)), keys[0], keys[1:])
        scores[str(problem.steps)].append(score)
        scores["all"].append(score)
    order = sorted(scores, key=lambda name: int(name) if name.isdigit() else len(held_out))
    return {name: _mean(scores[name]) for name in order}


def table(rows: dict[str, Row]) -> str:
    """Return the shares in percent as a Markdown table."""
    columns = [name for name in rows["all"] if name != "problems"]
    lines = [
        f"| steps | problems | {' | '.join(columns)} |",
        "|" + " ---: |" * (len(columns) + 2),
    ]
    for name, row in rows.items():
        cells = " | ".join(f"{100 * row[column]:.0f}" for column in columns)
        lines.append(f"| {name} | {row['problems']:.0f} | {cells} |")
    return "\n".join(lines)


def _responses(backend: LlamaBackend, question: str, samples: int, number: int) -> list[str]:
    """The greedy response, then the sampled ones."""
    messages = (Message("user", question),)
    drawn = [GREEDY, *(Sampling(seed=1000 * number + sample) for sample in range(samples))]
    texts = [""] * len(drawn)
    backend.submit(
        [GenerationRequest(place, messages, sampling) for place, sampling in enumerate(drawn)]
    )
    while backend.busy:
        for event in backend.step():
            if isinstance(event, Generated):
                texts[event.request_id] += event.text
    return texts


def _key(text: str) -> str | None:
    found = extract_answer(text)
    return canonical_key(found.text) if found is not None else None


def _score(wanted: str, greedy: str | None, sampled: Sequence[str | None]) -> Row:
    row = {"greedy": float(greedy == wanted)}
    row["one sample"] = sum(key == wanted for key in sampled) / len(sampled)
    for size in VOTES:
        groups = [sampled[at : at + size] for at in range(0, len(sampled) - size + 1, size)]
        if groups:
            right = sum(_winner(group) == wanted for group in groups)
            row[f"vote of {size}"] = right / len(groups)
    return row


def _winner(keys: Sequence[str | None]) -> str | None:
    """The most frequent answer, or None when two are."""
    counts = Counter(key for key in keys if key is not None).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]


def _mean(scores: Sequence[Row]) -> Row:
    mean = {name: sum(score[name] for score in scores) / len(scores) for name in scores[0]}
    return {"problems": float(len(scores)), **mean}
