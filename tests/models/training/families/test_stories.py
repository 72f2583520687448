"""Number stories: right, readable and repeatable."""

from __future__ import annotations

import random
import re
from itertools import islice

import pytest

from models.training.families.everyday import SCHEMES, make_everyday
from models.training.families.stories import make_bare, stories
from models.training.families.working import Working
from models.training.problem import Problem

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


def _sample(count: int = 400) -> list[Problem]:
    rng = random.Random(5)
    short = [make(rng) for _ in range(count) for make in (make_bare, make_everyday)]
    return [*islice(stories(3, 2), count), *short]


def test_every_line_of_the_working_is_true() -> None:
    for story in _sample():
        for line in story.chain:
            _assert_true(line)


def test_the_answer_is_the_result_of_the_last_line() -> None:
    for story in _sample():
        assert re.findall(r"\d+", story.chain[-1])[-1] == story.answer
        assert story.response.split("\n")[-1] == f"Answer: {story.answer}"


def test_answers_have_at_most_five_digits() -> None:
    assert all(0 <= int(story.answer) < 100_000 for story in islice(stories(3, 2), 400))


def test_everyday_problems_are_short_and_varied() -> None:
    rng = random.Random(6)
    problems = [make_everyday(rng) for _ in range(40 * len(SCHEMES))]
    assert len({problem.question for problem in problems}) > 0.95 * len(problems)
    assert all(1 <= problem.steps <= 3 for problem in problems)


def test_the_same_seed_tells_the_same_stories() -> None:
    assert list(islice(stories(8, 2), 20)) == list(islice(stories(8, 2), 20))
    assert list(islice(stories(8, 2), 20)) != list(islice(stories(9, 2), 20))


def test_no_pattern_leaves_a_field_or_a_tense_open() -> None:
    for story in _sample(1500):
        assert not re.search(r"[{}\[\]|]", story.question), story.question


def test_division_with_a_remainder_is_refused() -> None:
    with pytest.raises(ValueError, match="no multiple"):
        Working(random.Random(0)).divide(17, 5)
