"""The strategies against each other on the same problems: accuracy, and tokens of every kind.

Votes can be replayed over stored attempts, but revisions, searches and aggregates depend on their
own history, so they are run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from types import MappingProxyType
from typing import Final

from engine.answers.equivalence import EquivalenceChecker
from engine.backends.llama.backend import LlamaBackend
from engine.budget import Budget
from engine.generation import Message, Sampling
from engine.options import SearchMethod, StrategyOptions, Weighting
from engine.protocol import Deliberate
from models.training.families import is_right
from models.training.problem import Problem
from tests.bench.deliberations import deliberate


@dataclass(frozen=True, slots=True)
class Way:
    """One way of spending a budget."""

    strategy: str
    budget: Budget
    options: StrategyOptions = StrategyOptions()  # noqa: RUF009 - it is frozen


def _weighed(samples: int, weighting: Weighting) -> Way:
    return Way("vote", Budget(samples), StrategyOptions(weighting=weighting))


def _search(samples: int, method: SearchMethod) -> Way:
    return Way("search", Budget(samples), StrategyOptions(method=method))


WAYS: Final[Mapping[str, Way]] = MappingProxyType(
    {
        "one sample": Way("vote", Budget(1)),
        "vote of 8": Way("vote", Budget(8)),
        "self-assessed vote of 8": _weighed(8, Weighting.SELF_ASSESSED),
        "vote of 8, by both": _weighed(8, Weighting.COMBINED),
        "revise 1 x 8": Way("revise", Budget(1, 8)),
        "revise 2 x 4": Way("revise", Budget(2, 4)),
        "aggregate 4 x 2": Way("aggregate", Budget(4, 2)),
        "best of 8, weighted": _search(8, SearchMethod.BEST_OF_N),
        "beam of 8": _search(8, SearchMethod.BEAM),
        "DVTS of 8": _search(8, SearchMethod.DVTS),
        "auto up to 16": Way("auto", Budget(16)),
        "vote of 16": Way("vote", Budget(16)),
        "vote of 16, by both": _weighed(16, Weighting.COMBINED),
        "best of 16, weighted": _search(16, SearchMethod.BEST_OF_N),
        "beam of 16": _search(16, SearchMethod.BEAM),
        "DVTS of 16": _search(16, SearchMethod.DVTS),
    }
)
"""What is compared, by name."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What came of one way at one problem."""

    right: bool
    tokens: int


def spend(backend: LlamaBackend, problems: Sequence[Problem], way: Way, path: Path) -> list[Spent]:
    """Answer every problem one way, going on behind what the file holds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    done = []
    if path.exists():
        done = [Spent(*json.loads(line)) for line in path.read_text().splitlines()]
    checker = EquivalenceChecker()
    with path.open("a", encoding="utf-8") as file:
        for number, problem in enumerate(problems[len(done) :], start=len(done)):
            command = Deliberate(
                str(number),
                (Message("user", problem.question),),
                way.strategy,
                way.budget,
                Sampling(seed=1000 * number + 1),
                stop_early=way.strategy == "auto",
                greedy_single=False,
                options=way.options,
            )
            found = deliberate(backend, command, checker)
            spent = Spent(is_right(problem, found.response), found.tokens)
            file.write(json.dumps([spent.right, spent.tokens]) + "\n")
            done.append(spent)
    checker.close()
    return done[: len(problems)]


def summary(spent: Sequence[Spent]) -> tuple[float, float]:
    """Share right and mean tokens a problem."""
    return fmean(one.right for one in spent), fmean(one.tokens for one in spent)
