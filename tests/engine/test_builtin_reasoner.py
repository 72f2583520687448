"""The three skills of the built-in reasoner in both sizes: it solves, revises and verifies."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

import msgspec
import pytest

from engine.answers.equivalence import EquivalenceChecker
from engine.backends.llama.backend import LlamaBackend
from engine.budget import Budget
from engine.generation import LoadOptions, Message, Sampling
from engine.protocol import Deliberate, Noticed, StepFinished
from engine.scoring import can_verify
from models.builtin import BASE, REASONER_QUESTIONS, SMALL, builtin_models
from models.training.families import FAMILIES, is_right
from models.training.heldout import held_out
from tests.bench.attempts import attempt
from tests.bench.deliberations import deliberate


@pytest.fixture(scope="module", params=[SMALL, BASE])
def reasoner(request: pytest.FixtureRequest) -> Iterator[LlamaBackend]:
    path = builtin_models()[request.param]
    backend = LlamaBackend.load(path, LoadOptions(slots=8, threads=1))
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def checker() -> Iterator[EquivalenceChecker]:
    checker = EquivalenceChecker()
    yield checker
    checker.close()


def command(question: str, strategy: str, budget: Budget) -> Deliberate:
    return Deliberate("d", (Message("user", question),), strategy, budget, Sampling(seed=5))


def test_it_solves_what_the_window_offers(
    reasoner: LlamaBackend, checker: EquivalenceChecker
) -> None:
    answers = [
        deliberate(reasoner, command(question, "vote", Budget(16)), checker).response
        for question in REASONER_QUESTIONS
    ]
    ends = [answer.rpartition("Answer: ")[2] for answer in answers]
    assert ends[0] == "19:15"
    assert ends[1] == "Zoe"
    assert sum(map(int, ends[2].split(" + "))) == 24
    assert ends[3] == "60"


def test_it_knows_right_attempts_from_wrong_ones(reasoner: LlamaBackend) -> None:
    problems = [problem for family in FAMILIES for problem in held_out(family, 4)]
    attempts = [one for n, p in enumerate(problems) for one in attempt(reasoner, p, 8, 1000 * n)]
    right = [one.score for one in attempts if one.right and one.score is not None]
    wrong = [one.score for one in attempts if not one.right and one.score is not None]
    assert len(right) > 30
    assert len(wrong) > 30
    assert fmean(right) > fmean(wrong) + 0.1


def test_a_search_is_led_by_its_own_verifier(
    reasoner: LlamaBackend, checker: EquivalenceChecker
) -> None:
    asked = command(REASONER_QUESTIONS[0], "search", Budget(8))
    events = deliberate(reasoner, asked, checker).events
    steps = [event.step for event in events if isinstance(event, StepFinished)]
    assert can_verify(reasoner.report)
    assert steps
    assert all(step.score is not None for step in steps)
    assert not any(isinstance(event, Noticed) for event in events)


def test_it_is_shown_its_earlier_attempts_and_writes_another(
    reasoner: LlamaBackend, checker: EquivalenceChecker
) -> None:
    asked = command(REASONER_QUESTIONS[3], "revise", Budget(1, 6))
    asked = msgspec.structs.replace(asked, stop_early=False)
    attempts = deliberate(reasoner, asked, checker).candidates
    assert [one.round for one in attempts] == list(range(6))
    assert all(one.answer is not None for one in attempts)


def test_revising_keeps_most_of_what_was_right(
    reasoner: LlamaBackend, checker: EquivalenceChecker
) -> None:
    right = [0, 0]
    problems = [problem for family in FAMILIES for problem in held_out(family, 10)]
    for number, problem in enumerate(problems):
        asked = command(problem.question, "revise", Budget(1, 2))
        asked = msgspec.structs.replace(asked, sampling=Sampling(seed=number), stop_early=False)
        for one in deliberate(reasoner, asked, checker).candidates:
            right[one.round] += is_right(problem, one.response)
    assert right[1] > 0.4 * right[0] > 4


def test_asked_something_else_it_says_so(
    reasoner: LlamaBackend, checker: EquivalenceChecker
) -> None:
    asked = command("What is the capital of France?", "vote", Budget(4))
    assert "demonstration model" in deliberate(reasoner, asked, checker).response
