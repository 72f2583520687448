"""Ordering puzzles: one order only, right by brute force, true line by line, repeatable, varied."""

from __future__ import annotations

import random
import re
from functools import cache
from itertools import pairwise, permutations

import pytest

from models.training.families.ordering import (
    FEWEST_STEPS,
    LINE_START,
    MOST_STEPS,
    compose_ordering,
    make_ordering,
)
from models.training.families.ordering_dimensions import DIMENSIONS
from models.training.families.ordering_telling import Clue, Puzzle
from models.training.problem import Problem

Order = tuple[int, ...]

_COMPARISON = re.compile(
    r"(?:^|[.;] )((?:[Tt]he )?\w+(?: \w+)?) (?:is|was|costs?|finishe[sd]|lives|sits|sat|stood) "
    r"(?:a bit |much |slightly |a little )?"
    r"([\w ]+?)(?: than)? ((?:the )?\w+(?: \w+)?)(?=[.;])"
)
_SUPERLATIVE = re.compile(r"\bwh\w+(?: \w+)? (?:is|was) the (\w+)\?", re.IGNORECASE)
_LEADS = {
    **dict.fromkeys(("taller", "older", "heavier", "faster", "richer", "stronger", "hotter"), True),
    **dict.fromkeys(("longer", "bigger", "brighter", "more expensive", "more"), True),
    **dict.fromkeys(("before", "ahead of", "to the left of", "above", "in front of"), True),
    **dict.fromkeys(("shorter", "lighter", "younger", "slower", "poorer", "weaker"), False),
    **dict.fromkeys(("dimmer", "smaller", "cheaper", "less", "not as tall as"), False),
    **dict.fromkeys(("after", "to the right of", "below", "behind"), False),
}
_ENDS = {
    **dict.fromkeys(("tallest", "oldest", "heaviest", "fastest", "longest", "leftmost"), True),
    **dict.fromkeys(("youngest", "lightest", "slowest", "cheapest", "rightmost"), False),
}


@cache
def _composed() -> tuple[tuple[Puzzle, Problem], ...]:
    rng = random.Random(3)
    return tuple(
        compose_ordering(rng, FEWEST_STEPS + index % (MOST_STEPS - FEWEST_STEPS + 1))
        for index in range(2000)
    )


def _allows(clue: Clue, order: Order) -> bool:
    if clue.left is None:
        return order[-1] == clue.right
    if clue.right is None:
        return order[0] == clue.left
    return order.index(clue.left) < order.index(clue.right)


@cache
def _orders(clues: frozenset[Clue], count: int) -> list[Order]:
    return [
        order for order in permutations(range(count)) if all(_allows(clue, order) for clue in clues)
    ]


def _solution(puzzle: Puzzle, order: Order) -> str:
    """Answer the question from an order, without what the generator knows of it."""
    asked, told = puzzle.asked, puzzle.told
    seen = order[::-1] if asked.trailing else order
    place = seen.index(asked.x)
    answers = {
        "count": str(place),
        "rank": str(order.index(asked.x) + 1),
        "compare": "yes" if place < seen.index(asked.y) else "no",
        "either": told[min(asked.x, asked.y, key=seen.index)],
        "neighbour": told[seen[place - 1]],
        "middle": told[order[len(order) // 2]],
        "end": told[seen[0]],
        "nth": told[asked.x],
    }
    return answers[asked.kind]


def _masked(puzzle: Puzzle, problem: Problem) -> str:
    text = problem.question
    for told in sorted({*puzzle.told, *puzzle.labels}, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(told)}\b", "#", text, flags=re.IGNORECASE)
    text = re.sub(rf"\b({puzzle.pool.one}|{puzzle.pool.many})\b", "@", text)
    return re.sub(r"\d+", "0", text)


def test_the_clues_allow_the_true_order_only() -> None:
    for puzzle, _ in _composed():
        count = len(puzzle.labels)
        if count <= 6:
            assert _orders(frozenset(puzzle.clues), count) == [tuple(range(count))]


def test_longer_puzzles_chain_every_neighbour_or_name_an_end() -> None:
    for puzzle, _ in _composed():
        for left, right in pairwise(range(len(puzzle.labels))):
            ways = {Clue(left, right)}
            ways |= {Clue(0, None)} if left == 0 else set()
            ways |= {Clue(None, right)} if right == len(puzzle.labels) - 1 else set()
            assert ways & set(puzzle.clues)


def test_answers_agree_with_brute_force() -> None:
    for puzzle, problem in _composed():
        count = len(puzzle.labels)
        order = tuple(range(count))
        if count <= 6:
            (order,) = _orders(frozenset(puzzle.clues), count)
        assert problem.answer == _solution(puzzle, order), problem


def test_comparisons_say_what_the_working_notes() -> None:
    seen = set()
    for puzzle, problem in _composed():
        for subject, word, other in _COMPARISON.findall(problem.question):
            names = (subject.casefold(), other.casefold())
            told = [name.casefold() for name in puzzle.told]
            if word in _LEADS and set(names) <= set(told):
                first, second = (told.index(name) for name in names)
                assert (first < second) == _LEADS[word], problem
                seen.add(word)
    assert seen == set(_LEADS)


def test_superlatives_ask_for_the_right_end() -> None:
    seen = set()
    for puzzle, problem in _composed():
        for word in _SUPERLATIVE.findall(problem.question):
            if word in _ENDS and puzzle.asked.kind == "end":
                assert problem.answer == puzzle.told[0 if _ENDS[word] else -1]
                seen.add(word)
    assert len(seen) > len(_ENDS) // 2


def test_the_working_states_each_clue_under_its_number() -> None:
    for puzzle, problem in _composed():
        labels = puzzle.labels
        for number, clue in enumerate(puzzle.clues, start=1):
            ends = ("all" if end is None else labels[end] for end in (clue.left, clue.right))
            assert problem.chain[number - 1] == f"{number}) {' > '.join(ends)}"


def _orders_noted(line: str) -> list[list[str]]:
    orders = line.partition(") ")[2] or line.removeprefix(LINE_START)
    return [order.split(" > ") for order in orders.split(", ")]


def test_the_working_takes_the_clues_in_turn_and_ends_with_the_true_order() -> None:
    for puzzle, problem in _composed():
        told = len(puzzle.clues)
        taken = problem.chain[told:-1]
        ends = sum(None in (clue.left, clue.right) for clue in puzzle.clues)
        assert len(taken) == told - 1 + ends
        for count, line in enumerate(taken[: told - 1], start=2):
            assert line.startswith(f"1-{count}) ")
        assert _orders_noted(taken[-1]) == [list(puzzle.labels)]


def test_every_noted_order_follows_from_the_clues_taken_so_far_and_loses_none() -> None:
    for puzzle, problem in _composed():
        told = len(puzzle.clues)
        pairs = [tuple(_orders_noted(line)[0]) for line in problem.chain[:told]]
        for count, line in enumerate(problem.chain[told : 2 * told - 1], start=2):
            orders = _orders_noted(line)
            steps = [step for order in orders for step in pairwise(order)]
            assert set(steps) <= set(pairs[:count])
            for first, second in pairs[:count]:
                assert any(
                    first in order and second in order[order.index(first) :] for order in orders
                )


def test_orders_that_touch_are_joined() -> None:
    for _, problem in _composed():
        for line in problem.chain:
            joined = [order for order in _orders_noted(line) if len(order) > 2]
            heads, tails = ({order[place] for order in joined} for place in (0, -1))
            assert not heads & tails, line


def test_answers_are_words_of_the_question_numbers_or_yes_or_no() -> None:
    for _, problem in _composed():
        assert (
            problem.answer.casefold() in problem.question.casefold()
            or problem.answer.isdigit()
            or problem.answer in ("yes", "no")
        )


def test_everything_asked_about_is_named() -> None:
    for puzzle, problem in _composed():
        text = problem.question.casefold()
        assert all(told.casefold() in text for told in puzzle.told)
        assert len({label.casefold() for label in puzzle.labels}) == len(puzzle.labels)


@pytest.mark.parametrize("steps", range(FEWEST_STEPS, MOST_STEPS + 1))
def test_the_same_seed_makes_the_same_problem(steps: int) -> None:
    first, again = (make_ordering(random.Random(f"seed {steps}"), steps) for _ in range(2))
    assert first == again
    assert first.steps == steps
    assert first.family == "ordering"


def test_questions_are_finished_text() -> None:
    for _, problem in _composed():
        assert not set("{}[]|") & set(problem.question + problem.response)
        assert "  " not in problem.question
        assert " ," not in problem.question
        assert all(problem.chain)


def test_responses_stay_short() -> None:
    assert max(len(problem.response.split()) for _, problem in _composed()) <= 140


def test_wordings_are_many() -> None:
    clauses = {
        clause
        for puzzle, problem in _composed()
        for clause in re.split(r"(?<=[.?]) ", _masked(puzzle, problem))
    }
    assert len({_masked(puzzle, problem) for puzzle, problem in _composed()}) >= 1500
    assert len(clauses) >= 300


def test_every_dimension_and_every_kind_of_question_is_asked() -> None:
    assert len(DIMENSIONS) >= 12
    assert {puzzle.dimension.name for puzzle, _ in _composed()} == {d.name for d in DIMENSIONS}
    assert len({puzzle.asked.kind for puzzle, _ in _composed()}) == 8
