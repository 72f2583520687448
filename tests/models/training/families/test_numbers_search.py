"""Practising the numbers game: every sum is true, a miss is seen, no way found is no vote."""

from __future__ import annotations

import random
import re
from collections import Counter

from models.training.families import FAMILIES, is_right
from models.training.families.numbers_game import is_solution, results
from models.training.families.numbers_search import practise_numbers_game
from models.training.problem import GAVE_UP, Problem

_STEP = re.compile(
    r"(?:try [2-4]: )?(\d+) ([-+*/]) (\d+) = (\d+)(?: \(([\d ]+)\)|, (done)|, not (\d+))"
)


def _practised(count: int, seed: int) -> list[Problem]:
    rng = random.Random(seed)
    return [practise_numbers_game(rng, 2 + number % 3) for number in range(count)]


def test_the_working_begins_with_what_was_asked_and_every_sum_in_it_is_true() -> None:
    for game in _practised(300, 1):
        given, target = game.chain[0].split(" -> ")
        numbers = [int(text) for text in given.split()]
        asked = re.findall(r"\d+", game.question)
        assert sorted(asked) == sorted([*given.split(), target])
        have = Counter(numbers)
        for line in game.chain[1:]:
            found = _STEP.fullmatch(line)
            assert found, line
            left, sign, right, result, rest, done, missed = found.groups()
            assert is_solution(f"{left} {sign} {right}", [int(left), int(right)], int(result))
            have -= Counter([int(left), int(right)])
            if rest is not None:
                have += Counter([int(result)])
                assert Counter(int(text) for text in rest.split()) == have
            else:
                assert not have
                assert (done is not None) == (result == target)
                assert missed in {None, target}
                have = Counter(numbers)


def test_some_get_there_at_once_some_later_and_some_not_at_all() -> None:
    games = _practised(900, 2)
    tries = Counter(sum(", not " in line for line in game.chain) for game in games if game.solved)
    assert min(tries[0], tries[1], tries[2]) > 50
    assert 30 < sum(not game.solved for game in games) < 250
    for game in games:
        numbers = [int(line[4]) for line in game.chain if line.startswith("try ")]
        assert numbers == list(range(2, 2 + len(numbers)))
    assert max(len(game.chain) for game in games) <= 1 + 12


def test_only_the_end_of_a_try_that_misses_is_learned_and_nothing_helps_there() -> None:
    for game in _practised(300, 6):
        ends = [place for place, line in enumerate(game.chain) if ", not " in line]
        leading = [range(end + 1 - game.steps, end) for end in ends]
        assert game.astray == tuple(place for places in leading for place in places)
        for place in ends:
            found = _STEP.fullmatch(game.chain[place])
            assert found
            left, right, missed = int(found[1]), int(found[3]), int(found[7])
            assert missed not in results(left, right)


def test_a_working_that_gets_there_is_right_and_one_that_does_not_has_no_answer() -> None:
    for game in _practised(300, 3):
        assert is_right(game, game.response) is game.solved
        assert game.response.endswith(GAVE_UP) is not game.solved
        assert ("Answer" in game.response) is game.solved


def test_training_practises_and_the_held_out_problems_do_not() -> None:
    family = FAMILIES["numbers"]
    assert " -> " in family.compose(random.Random(4)).chain[0]
    assert " -> " not in family.make(random.Random(4), 3).chain[0]


def test_people_ask_in_thousands_of_ways() -> None:
    shapes = {
        re.sub(r"\d+(?:\W+(?:and )?\d+)*", "N", game.question) for game in _practised(3000, 5)
    }
    assert len(shapes) > 1500
