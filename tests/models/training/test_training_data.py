"""What the model is shown: every family, apart from the held-out problems, and its own mistakes."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from models.training.conversations import Conversations, Problems
from models.training.families import FAMILIES, is_right
from models.training.heldout import HELD_OUT_COUNT, held_out, held_out_digest, held_out_questions
from models.training.other_questions import REFUSAL, other_question
from models.training.problem import GAVE_UP

DIGEST = "46f90d93c871f7fa43b1ef930ef0edbc50ee1710b4de7c657d0cd65155718509"


def test_the_held_out_problems_are_those_the_figures_were_measured_on() -> None:
    assert held_out_digest() == DIGEST


@pytest.mark.parametrize("family", FAMILIES)
def test_held_out_problems_differ_and_have_every_difficulty(family: str) -> None:
    problems = held_out(family)
    assert len({problem.question for problem in problems}) == HELD_OUT_COUNT
    assert {problem.family for problem in problems} == {family}
    assert len({problem.steps for problem in problems}) >= 3


@pytest.mark.parametrize("family", FAMILIES)
def test_a_generated_response_is_right_and_one_with_another_answer_is_not(family: str) -> None:
    for problem in held_out(family, 100):
        assert is_right(problem, problem.response)
        assert is_right(problem, problem.response + " \n")
        assert not is_right(problem, "\n".join(problem.chain))
        assert not is_right(replace(problem, answer="12 elephants"), problem.response)


def test_training_leaves_the_held_out_questions_out() -> None:
    seen = [Problems(21, ()).next().question for _ in range(1)]
    source = Problems(21, frozenset(seen))
    assert source.next().question not in seen
    kept = held_out_questions()
    source = Problems(4, kept)
    assert not kept & {source.next().question for _ in range(2000)}


def test_every_family_is_trained_on() -> None:
    source = Problems(5, ())
    names = [source.next().family for _ in range(400)]
    assert {name for name in names if names.count(name) > 40} == set(FAMILIES)


def test_other_questions_are_answered_by_saying_so() -> None:
    source = Conversations(4, frozenset())
    responses = [turn.response for _ in range(600) for turn in source.next().turns]
    assert 5 < responses.count(REFUSAL) < 80
    assert all(
        "Answer: " in response
        for response in responses
        if response != REFUSAL and not response.endswith(GAVE_UP)
    )


def test_other_questions_are_varied_and_include_empty_text() -> None:
    rng = random.Random(1)
    asked = {other_question(rng) for _ in range(1000)}
    assert "" in asked
    assert len(asked) > 600
