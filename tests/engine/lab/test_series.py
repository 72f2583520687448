"""How curves are drawn: no two alike, dashes for coverage alone, names moved apart."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.lab.chart import Line, line_chart
from engine.lab.curve import Curve
from engine.lab.results import REPLAYED_RULES
from engine.lab.series import Series, Stroke, series_of, spread_apart

_GAP = 10.0


def _curve(rule: str, model: str) -> Curve:
    return Curve(f"{rule}, {model}", model, rule, (), np.zeros((1, 1)), None)


def _curves(models: int) -> list[Curve]:
    rules = [*(rule.value for rule in REPLAYED_RULES), "auto", "revise", "search"]
    return [_curve(rule, f"model {n}") for n in range(models) for rule in rules]


def test_no_two_curves_are_drawn_alike() -> None:
    found = series_of(_curves(3))
    assert len(set(found.values())) == len(found) == 21


def test_dashes_mean_coverage_and_nothing_else() -> None:
    for label, series in series_of(_curves(3)).items():
        assert (series.stroke is Stroke.DASHED) == label.startswith("coverage"), label


def test_what_is_asked_for_most_has_a_colour_of_its_own_and_coverage_is_grey() -> None:
    found = series_of(_curves(2))
    asked = [found[f"{rule}, model {n}"] for n in range(2) for rule in ("vote", "auto", "revise")]
    assert {series.stroke for series in asked} == {Stroke.SOLID}
    assert len({series.colour for series in asked}) == 6
    assert found["coverage, model 0"] == Series(None, Stroke.DASHED)


@given(st.lists(st.floats(0, 300), max_size=20))
def test_places_are_apart_inside_and_in_order(wanted: list[float]) -> None:
    found = spread_apart(wanted, _GAP, 0, 300)
    for one, two in pairwise(sorted(found)):
        assert two - one >= _GAP - 1e-6
    assert all(-1e-6 <= place <= 300 + 1e-6 for place in found)
    ranked = sorted(zip(wanted, found, strict=True))
    assert [place for _, place in ranked] == sorted(found)


def test_places_that_are_apart_do_not_move_and_others_move_both_ways() -> None:
    assert spread_apart([50, 10, 90], _GAP, 0, 100) == [50, 10, 90]
    assert spread_apart([50, 50], _GAP, 0, 100) == [45, 55]
    assert spread_apart([99, 98], _GAP, 0, 100) == [100, 90]


def test_the_labels_of_many_lines_stay_inside_a_picture() -> None:
    lines = [Line(f"l{n}", [1, 2], [0.5] * 2, [0.4] * 2, [0.6] * 2, Series()) for n in range(30)]
    chart = line_chart(lines, "samples", "Accuracy")
    height = float(chart.split('viewBox="0 0 ')[1].split()[1].rstrip('"'))
    places = [float(part.split('y="')[1].split('"')[0]) for part in _named(chart)]
    assert len(set(places)) == len(lines)
    assert 0 < min(places) < max(places) < height


def _named(chart: str) -> list[str]:
    return [part for part in chart.split("<text ") if re.search(r">l\d+<", part)]
