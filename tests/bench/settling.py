"""What early stopping saves: held-out stories with and without it, same samples, same seeds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.answers.equivalence import EquivalenceChecker
from engine.backends.llama.backend import LlamaBackend
from engine.budget import Budget
from engine.generation import LoadOptions, Message, Sampling
from engine.protocol import Deliberate
from models.training.families import is_right
from models.training.problem import Problem
from tests.bench.deliberations import deliberate


@dataclass(frozen=True, slots=True)
class Settling:
    """Totals over all problems."""

    right: int
    problems: int
    candidates: int
    tokens: int
    seconds: float


def measure(
    backend: LlamaBackend, held_out: Sequence[Problem], budget: Budget, *, stop_early: bool
) -> Settling:
    """Answer every problem by vote; attempts that were cut short count into tokens, not votes."""
    checker = EquivalenceChecker()
    right = candidates = tokens = 0
    started = time.perf_counter()
    for number, problem in enumerate(held_out):
        command = Deliberate(
            str(number),
            (Message("user", problem.question),),
            "vote",
            budget,
            Sampling(seed=1000 * number + 1),
            stop_early=stop_early,
        )
        done = deliberate(backend, command, checker)
        candidates += sum(candidate.counts for candidate in done.candidates)
        tokens += done.tokens
        right += is_right(problem, done.response)
    checker.close()
    return Settling(right, len(held_out), candidates, tokens, time.perf_counter() - started)


def load(path: Path, slots: int, threads: int) -> LlamaBackend:
    """Load the model for this measurement."""
    return LlamaBackend.load(path, LoadOptions(slots=slots, threads=threads), None)
