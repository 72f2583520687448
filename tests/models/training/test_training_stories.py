"""The generator: stories that are right, readable, repeatable and apart from the held-out ones."""

from __future__ import annotations

import json
import random
import re
from itertools import islice

import pytest

from models.training.arithmetic import Working
from models.training.conversations import Conversations, revision_question, spoiled
from models.training.everyday import SCHEMES, make_everyday
from models.training.heldout import HELD_OUT_PATH, make_held_out
from models.training.other_questions import REFUSAL, other_question
from models.training.stories import Story, make_bare, stories

_EQUATION = re.compile(r"[\d+*-]+(?:=[\d+*-]+)+")
_QUOTIENT = re.compile(r"^(\d+)/(\d+)(?:=|: .*so )(\d+)$")


def _value(text: str) -> int:
    """Work out sums, differences and products of whole numbers by the usual order."""
    total = 0
    for sign, term in re.findall(r"([+-]?)([\d*]+)", text):
        product = 1
        for factor in term.split("*"):
            product *= int(factor)
        total += -product if sign == "-" else product
    return total


def _assert_true(line: str) -> None:
    for equation in _EQUATION.findall(line.split("/")[0] if "/" in line else line):
        assert len({_value(side) for side in equation.split("=")}) == 1, line
    if "/" in line:
        found = _QUOTIENT.match(line)
        assert found, line
        dividend, divisor, quotient = map(int, found.groups())
        assert divisor * quotient == dividend, line
        for equation in re.findall(r"\d+=\d+\*\d+\+\d+", line):
            left, right = equation.split("=")
            assert int(left) == _value(right), line


def _sample(count: int = 400) -> list[Story]:
    rng = random.Random(5)
    short = [make(rng) for _ in range(count) for make in (make_bare, make_everyday)]
    return [*islice(stories(3), count), *short]


def test_every_line_of_the_working_is_true() -> None:
    for story in _sample():
        for line in story.chain:
            _assert_true(line)


def test_the_answer_is_the_result_of_the_last_line() -> None:
    for story in _sample():
        assert int(re.findall(r"\d+", story.chain[-1])[-1]) == story.answer
        assert story.response.split("\n")[-1] == f"Answer: {story.answer}"


def test_answers_have_at_most_five_digits() -> None:
    assert all(0 <= story.answer < 100_000 for story in islice(stories(3), 400))


def test_everyday_problems_are_short_and_varied() -> None:
    rng = random.Random(6)
    problems = [make_everyday(rng) for _ in range(40 * len(SCHEMES))]
    assert len({problem.question for problem in problems}) > 0.95 * len(problems)
    assert all(1 <= problem.steps <= 3 for problem in problems)


def test_the_same_seed_tells_the_same_stories() -> None:
    assert list(islice(stories(8), 20)) == list(islice(stories(8), 20))
    assert list(islice(stories(8), 20)) != list(islice(stories(9), 20))


def test_no_pattern_leaves_a_field_or_a_tense_open() -> None:
    for story in _sample(1500):
        assert not re.search(r"[{}\[\]|]", story.question), story.question


def test_division_with_a_remainder_is_refused() -> None:
    with pytest.raises(ValueError, match="no multiple"):
        Working(random.Random(0)).divide(17, 5)


def test_the_stored_held_out_problems_are_the_ones_the_seed_makes() -> None:
    rows = [json.loads(line) for line in HELD_OUT_PATH.read_text(encoding="utf-8").splitlines()]
    assert rows == [
        {"question": problem.question, "answer": problem.answer, "steps": problem.steps}
        for problem in make_held_out()
    ]
    assert len({row["question"] for row in rows}) == len(rows) == 300
    assert {row["steps"] for row in rows} == set(range(2, 11))


def _questions(held_out: frozenset[str]) -> list[str]:
    source = Conversations(21, held_out)
    return [turn.question for _ in range(200) for turn in source.next(revisions=0.0).turns]


def test_training_leaves_the_held_out_questions_out() -> None:
    held_out = frozenset(text for text in _questions(frozenset()) if text.count(".") > 2)
    assert len(held_out) > 50
    assert not held_out & set(_questions(held_out))


def test_other_questions_are_answered_by_saying_so() -> None:
    source = Conversations(4, frozenset())
    responses = [turn.response for _ in range(400) for turn in source.next().turns]
    assert 5 < responses.count(REFUSAL) < 80
    assert all("Answer: " in response for response in responses if response != REFUSAL)


def test_other_questions_are_varied_and_include_empty_text() -> None:
    rng = random.Random(1)
    asked = {other_question(rng) for _ in range(1000)}
    assert "" in asked
    assert len(asked) > 600


def test_a_spoiled_attempt_keeps_its_form_and_changes_its_answer() -> None:
    rng = random.Random(2)
    for story in islice(stories(12), 100):
        lines = spoiled(rng, story.response).split("\n")
        assert len(lines) == story.steps + 1
        assert re.fullmatch(r"Answer: \d+", lines[-1])


def test_a_revision_shows_the_attempts_in_order() -> None:
    text = revision_question("How many?", ("1+1=2\nAnswer: 2", "1+2=3\nAnswer: 3"))
    assert text == (
        "How many?\n\nEarlier attempts:\n1. 1+1=2\nAnswer: 2\n2. 1+2=3\nAnswer: 3"
        "\n\nWrite a better attempt."
    )
