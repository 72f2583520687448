"""Number stories: right, readable and repeatable."""

from __future__ import annotations

import math
import operator
import random
import re
from itertools import islice

import pytest

from models.training.families.everyday import SCHEMES, make_everyday
from models.training.families.stories import make_bare, stories
from models.training.families.working import Working
from models.training.problem import Problem

_EQUATION = re.compile(r"[\d+*-]+(?:=[\d+*-]+)+")
_OPERATION = re.compile(r"(\d+)([-+*/])(\d+)(?:=|: .*so )(\d+)")
_PLAN = re.compile(r"(\d+)\*(\d+): ((?:\d+\*\d+)(?:\+\d+\*\d+)+)")
_WORK = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.floordiv}


def _value(text: str) -> int:
    """Work out sums, differences and products of whole numbers by the usual order."""
    total = 0
    for sign, term in re.findall(r"([+-]?)([\d*]+)", text):
        product = math.prod(int(factor) for factor in term.split("*"))
        total += -product if sign == "-" else product
    return total


def _assert_true(line: str) -> None:
    if plan := _PLAN.fullmatch(line):
        assert int(plan[1]) * int(plan[2]) == _value(plan[3]), line
        return
    found = _OPERATION.fullmatch(line)
    assert found, line
    left, sign, right, result = found.groups()
    assert _WORK[sign](int(left), int(right)) == int(result), line
    assert sign != "/" or int(result) * int(right) == int(left), line
    for piece in line.partition(": ")[2].split(", "):
        for equation in _EQUATION.findall(piece):
            assert len({_value(side) for side in equation.split("=")}) == 1, line


@pytest.mark.parametrize(
    ("work", "left", "right", "lines"),
    [
        ("add", 1535, 265, ["1535+265: 5+5=10, 3+6+1=10, 5+2+1=8, 1, so 1800"]),
        ("add", 95, 17, ["95+17: 5+7=12, 9+1+1=11, so 112"]),
        ("subtract", 130, 36, ["130-36: 10-6=4, 12-3=9, 0, so 94"]),
        ("subtract", 1000, 1, ["1000-1: 10-1=9, 9-0=9, 9-0=9, 0, so 999"]),
        ("multiply", 219, 9, ["219*9: 9*9=81, 1*9+8=17, 2*9+1=19, so 1971"]),
        ("divide", 855, 5, ["855/5: 8=5*1+3, 35=5*7+0, 5=5*1+0, so 171"]),
        ("divide", 667, 23, ["667/23: 23*2=46, 66-46=20, 23*9=207, 207-207=0, so 29"]),
        (
            "multiply",
            84,
            22,
            [
                "84*22: 84*20+84*2",
                "84*2: 4*2=8, 8*2=16, so 168",
                "84*20=1680",
                "84*2: 4*2=8, 8*2=16, so 168",
                "1680+168: 0+8=8, 8+6=14, 6+1+1=8, 1, so 1848",
            ],
        ),
    ],
)
def test_long_numbers_are_worked_in_columns(
    work: str, left: int, right: int, lines: list[str]
) -> None:
    working = Working(random.Random(2))  # draws neither a swap nor more columns than needed
    getattr(working, work)(left, right)
    assert working.lines == lines
    assert working.operations == 1


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
