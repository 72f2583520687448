"""The comparison of two sizes at equal cost, against hand-worked numbers."""

from __future__ import annotations

from tests.bench.attempts import Attempts, Stored
from tests.bench.two_sizes import affordable, at_equal_cost


def row(marks: str, tokens: int = 10) -> Attempts:
    """Attempts at one problem: `+` is right, `-` is wrong in its own way."""
    attempts = tuple(
        Stored("4" if mark == "+" else str(10 + place), mark == "+", tokens, -0.1, 0.5)
        for place, mark in enumerate(marks)
    )
    return Attempts("clock", 1, attempts)


def test_what_one_sample_of_the_large_model_pays_for() -> None:
    small, base = row("+" * 8, tokens=10), row("++", tokens=20)
    assert affordable([(small, base)], (100, 150)) == 3  # 20 * 150 over 10 * 100
    assert affordable([(small, base)], (100, 1000)) == 8  # no more than there are
    assert affordable([(small, base)], (100, 10)) == 1


def test_each_part_has_its_samples_and_who_is_ahead() -> None:
    # Three right samples of four: a vote of all is right, and one sample at three of four.
    small = {"clock": [row("+++-")] * 10}
    base = {"clock": [row("++-+")] * 5 + [row("----")] * 5}
    lines = at_equal_cost(small, base, (100, 400)).splitlines()
    cells = {line.split(" | ")[0].strip("| "): line.strip("| ").split(" | ")[1:] for line in lines}
    assert cells["fifth 1"] == ["4", "100.0", "100.0", "50.0", "+50.0 (+50.0 to +50.0)"]
    assert cells["fifth 5"][3:] == ["0.0", "+100.0 (+100.0 to +100.0)"]
    assert cells["clock"][:4] == cells["all"][:4] == ["4", "100.0", "100.0", "25.0"]
