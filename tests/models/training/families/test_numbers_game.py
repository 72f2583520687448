"""The numbers game: always solvable, told in many ways, checked by working it out."""

from __future__ import annotations

import random
import re

import pytest

from models.training.families.numbers_game import (
    LARGEST_TARGET,
    is_solution,
    make_numbers_game,
    same_game,
)


def test_every_game_is_solved_with_its_own_numbers() -> None:
    rng = random.Random(1)
    for count in range(600):
        game = make_numbers_game(rng, 2 + count % 3)
        told = [int(text) for text in re.findall(r"\d+", game.question)]
        used = [int(text) for text in re.findall(r"\d+", game.answer)]
        target = int(re.findall(r"\d+", game.chain[-1])[-1])
        assert sorted(told) == sorted([*used, target])
        assert is_solution(game.answer, used, target)
        assert 2 <= target <= LARGEST_TARGET
        assert len(game.chain) == game.steps == len(used) - 1


def test_every_line_is_true_and_lists_what_is_left() -> None:
    rng = random.Random(2)
    for _ in range(300):
        game = make_numbers_game(rng, 4)
        have = sorted(int(text) for text in re.findall(r"\d+", game.answer))
        for line in game.chain:
            left, sign, right, result, rest = re.fullmatch(
                r"(\d+) ([-+*/]) (\d+) = (\d+) \(([\d ]+)\)", line
            ).groups()  # type: ignore[union-attr]
            assert is_solution(f"{left} {sign} {right}", [int(left), int(right)], int(result))
            have.remove(int(left))
            have.remove(int(right))
            have.append(int(result))
            assert sorted(int(text) for text in rest.split()) == sorted(have)


@pytest.mark.parametrize(
    ("expression", "right"),
    [
        ("(3 + 5) * 4 - 2", True),
        ("4*(5+3)-2", True),
        ("(3 + 5) × 4 - 2", True),
        ("30", False),
        ("(3 + 5) * 4", False),
        ("(3 + 5) * 4 - 2 + 2 - 2", False),
        ("3 ** 4 - 5 * 2", False),
        ("__import__('os')", False),
        ("(3 + 5) * 4 - 2.0", False),
        ("3 +", False),
        ("(" * 500, False),
        ("5 / (3 - 3) + 2 + 4", False),
        ("", False),
    ],
)
def test_an_answer_is_right_if_it_uses_the_numbers_and_gives_the_target(
    expression: str, right: object
) -> None:
    assert same_game(expression, "(5 + 3) * 4 - 2") is right


def test_quotients_must_be_whole() -> None:
    assert not is_solution("5 / 2 * 4", [5, 2, 4], 10)
    assert is_solution("6 / 2 * 4", [6, 2, 4], 12)


def test_the_same_seed_makes_the_same_games_in_hundreds_of_wordings() -> None:
    made = [
        [make_numbers_game(rng, 3) for _ in range(2000)]
        for rng in (random.Random(3), random.Random(3))
    ]
    assert made[0] == made[1]
    assert len({re.sub(r"[\d, ]+(and )?", "N", game.question) for game in made[0]}) > 300
