"""Many attempts at held-out problems, sampled once through the engine and kept for every question.

A file holds one line a problem, so that an interrupted run goes on. What can be replayed over
stored attempts (votes of every size, weights, early stops) never needs another token.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.answers.extract import extract_answer
from engine.backends.base import Ended, Generated, GenerationRequest, Scored
from engine.backends.llama.backend import LlamaBackend
from engine.candidate import StopReason
from engine.generation import Message, Sampling
from engine.scoring import score_request
from models.training.families import is_right
from models.training.problem import Problem


@dataclass(frozen=True, slots=True)
class Stored:
    """One attempt.

    Attributes:
        key: Its answer key, or None.
        right: Whether its answer is right.
        tokens: Generated tokens.
        confidence: Mean log-probability of its tokens.
        score: How likely it is right, as the model says.
    """

    key: str | None
    right: bool
    tokens: int
    confidence: float
    score: float | None


@dataclass(frozen=True, slots=True)
class Attempts:
    """A problem with attempts at it, in the order they were started."""

    family: str
    steps: int
    attempts: tuple[Stored, ...]


def sampled(
    backend: LlamaBackend, problems: Sequence[Problem], count: int, path: Path
) -> list[Attempts]:
    """Return `count` attempts at each problem, sampled or from the file.

    Args:
        backend: The model.
        problems: In the order of the file.
        count: Attempts a problem.
        path: Where they are kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    done = list(_read(path)) if path.exists() else []
    started = time.monotonic()
    with path.open("a", encoding="utf-8") as file:
        for number, problem in enumerate(problems[len(done) :], start=len(done)):
            attempts = attempt(backend, problem, count, seed=1000 * number)
            row = [[a.key, a.right, a.tokens, a.confidence, a.score] for a in attempts]
            file.write(json.dumps([problem.family, problem.steps, row]) + "\n")
            file.flush()
            done.append(Attempts(problem.family, problem.steps, tuple(attempts)))
            if (number + 1) % 100 == 0:
                print(f"{number + 1} problems, {time.monotonic() - started:.0f} s", flush=True)
    return done[: len(problems)]


def _read(path: Path) -> Iterator[Attempts]:
    for line in path.read_text(encoding="utf-8").splitlines():
        family, steps, rows = json.loads(line)
        yield Attempts(family, steps, tuple(Stored(*row) for row in rows))


def attempt(backend: LlamaBackend, problem: Problem, count: int, seed: int) -> list[Stored]:
    """Sample attempts at one problem side by side and let the model score each."""
    messages = (Message("user", problem.question),)
    texts = [""] * count
    ends: dict[int, Ended] = {}
    scores: dict[int, float | None] = {}
    backend.submit(
        [
            GenerationRequest(place, messages, Sampling(seed=seed + place), max_tokens=600)
            for place in range(count)
        ]
    )
    while backend.busy:
        for event in backend.step():
            if isinstance(event, Generated):
                texts[event.request_id] += event.text
            elif isinstance(event, Ended):
                ends[event.request_id] = event
                said = texts[event.request_id]
                if event.stop is StopReason.FINISHED and said.strip():
                    backend.submit(
                        [
                            score_request(
                                count + event.request_id,
                                backend.report,
                                messages,
                                said,
                                whole=True,
                            )
                        ]
                    )
            elif isinstance(event, Scored):
                scores[event.request_id - count] = event.chance
    return [stored(problem, texts[place], ends[place], scores.get(place)) for place in range(count)]


def stored(problem: Problem, text: str, end: Ended, score: float | None) -> Stored:
    """What is kept of one attempt."""
    found = extract_answer(text, problem.question)
    return Stored(
        found.key if found else None,
        is_right(problem, text),
        end.tokens,
        round(end.mean_logprob or 0.0, 4),
        None if score is None else round(score, 4),
    )
