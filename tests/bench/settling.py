"""What early stopping saves: held-out stories with and without it, same samples, same seeds."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.answers.canonical import canonical_key
from engine.answers.equivalence import EquivalenceChecker
from engine.answers.groups import AnswerGroups
from engine.backends.llama.backend import LlamaBackend
from engine.budget import Budget
from engine.deliberation import Deliberation
from engine.generation import LoadOptions, Message, Notice, Sampling
from engine.protocol import CandidateFinished, Deliberate, Event, VerdictReached


class Problem(msgspec.Struct, frozen=True):
    """One held-out story with its answer."""

    question: str
    answer: int
    steps: int


@dataclass(frozen=True, slots=True)
class Settling:
    """Totals over all problems."""

    right: int
    problems: int
    candidates: int
    tokens: int
    seconds: float


def problems(path: Path, count: int) -> list[Problem]:
    """Read the first `count` held-out problems."""
    lines = path.read_bytes().splitlines()[:count]
    return [msgspec.json.decode(line, type=Problem) for line in lines]


def measure(
    backend: LlamaBackend, held_out: list[Problem], budget: Budget, *, stop_early: bool
) -> Settling:
    """Answer every problem by vote; attempts that were cut short count into tokens, not votes."""
    checker = EquivalenceChecker()
    request_ids = itertools.count(1)
    right = candidates = tokens = 0
    started = time.perf_counter()
    for number, problem in enumerate(held_out):
        events: list[Event] = []
        command = Deliberate(
            str(number),
            (Message("user", problem.question),),
            "vote",
            budget,
            Sampling(seed=1000 * number + 1),
            stop_early=stop_early,
        )
        deliberation = Deliberation(
            command, backend, AnswerGroups(checker), request_ids, events.append
        )
        deliberation.begin()
        while not deliberation.done:
            for event in backend.step():
                if not isinstance(event, Notice) and deliberation.owns(event.request_id):
                    deliberation.handle(event)
            deliberation.tick()
        for told in events:
            if isinstance(told, CandidateFinished):
                candidates += told.candidate.counts
                tokens += told.candidate.tokens
            elif isinstance(told, VerdictReached):
                answer = told.verdict.answer
                right += answer is not None and canonical_key(answer) == canonical_key(
                    str(problem.answer)
                )
    checker.close()
    return Settling(right, len(held_out), candidates, tokens, time.perf_counter() - started)


def load(path: Path, slots: int, threads: int) -> LlamaBackend:
    """Load the model for this measurement."""
    return LlamaBackend.load(path, LoadOptions(slots=slots, threads=threads), None)
