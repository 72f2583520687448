"""Other names for training: the same problem about other people."""

from __future__ import annotations

import random
import re

from models.training.families.ordering import compose_ordering
from models.training.families.renaming import renamed
from models.training.problem import Problem
from models.training.words import MORE_NAMES, NAMES

PROBLEM = Problem(
    "ordering",
    "Tom is older than Mia. Mia is older than Tomas. Who is the oldest?",
    ("1) Tom > Mia", "2) Mia > Tomas", "1-2) Tom > Mia > Tomas", "- first: Tom"),
    "Tom",
    2,
)


def test_now_and_then_everybody_known_has_another_name_everywhere() -> None:
    rng = random.Random(1)
    told = [renamed(rng, PROBLEM) for _ in range(300)]
    changed = [one for one in told if one != PROBLEM]
    assert 60 < len(changed) < 200
    for one in changed:
        older, younger = one.chain[0].removeprefix("1) ").split(" > ")
        assert one.question == (
            f"{older} is older than {younger}. {younger} is older than Tomas. Who is the oldest?"
        )
        assert one.answer == older
        assert one.chain[2] == f"1-2) {older} > {younger} > Tomas"
        assert not {older, younger} & set(NAMES)
    assert len({one.answer for one in changed} & set(MORE_NAMES)) > 20


def test_different_people_keep_different_names() -> None:
    rng = random.Random(2)
    for steps in (2, 6) * 200:
        puzzle, problem = compose_ordering(rng, steps)
        again = renamed(rng, problem)
        orders = [re.split(r" > |, ", line.partition(") ")[2]) for line in again.chain]
        assert len({item for order in orders for item in order} - {"", "all"}) == len(puzzle.labels)


def test_the_names_met_in_training_only_are_no_others() -> None:
    assert not set(MORE_NAMES) & set(NAMES)
    assert len(set(MORE_NAMES)) == len(MORE_NAMES)
