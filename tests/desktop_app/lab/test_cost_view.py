"""What a right answer costs: the knee's words are right, inside, and clear of what they tell of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from pytestqt.qtbot import QtBot

from desktop_app.lab.cost_view import CostView
from engine.lab.curve import Curve, Point
from engine.lab.results import Results
from engine.lab.statistics import Estimate

_LONG = "search, a-model-with-a-very-long-name-that-nobody-shortened-Q4_K_M"
_CASES = {
    "the cheapest but one": [(1, 0.2), (2, 0.8), (8, 0.85), (64, 0.9)],
    "the last but one": [(1, 0.1), (8, 0.15), (32, 0.95), (64, 1.0)],
    "high": [(1, 0.9), (2, 0.99), (64, 1.0)],
    "in the middle": [(1, 0.3), (4, 0.6), (8, 0.85), (16, 0.87), (64, 0.9)],
}


def _results(found: list[tuple[int, float]], label: str = "revise, m") -> Results:
    points = tuple(
        Point(budget, Estimate(right, right, right), budget, 10.0 * budget, 0.1 * budget, None)
        for budget, right in found
    )
    rule = label.split(",")[0]
    worse = tuple(
        Point(p.budget, Estimate(p.accuracy.value / 2, 0, 1), p.samples, p.tokens, p.seconds, None)
        for p in points
    )
    rows = np.zeros((1, len(points)))
    curves = (Curve(label, "m", rule, points, rows, None), Curve("b", "m", "b", worse, rows, None))
    return Results(curves=curves, judged=True)


@pytest.fixture
def view(qtbot: QtBot) -> CostView:
    shown = CostView()
    qtbot.addWidget(shown)
    shown.resize(380, 260)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def test_one_sample_is_one(view: CostView) -> None:
    found = _results([(1, 0.8), (8, 0.85), (64, 0.9)])
    share = Estimate(0.2, 0.1, 0.3)
    cheap = (Point(1, share, 1.0, 1.0, 0.01, None),)
    first = Curve("vote, m", "m", "vote", cheap, np.zeros((1, 1)), None)
    view.show_results(replace(found, curves=(first, *found.curves)))
    assert view.words == "knee: revise, m, 1 sample"
    view.show_results(_results([(1, 0.2), (2, 0.8), (8, 0.85), (64, 0.9)]))
    assert view.words == "knee: revise, m, 2 samples"


@pytest.mark.parametrize("width", [300, 380, 700])
@pytest.mark.parametrize("label", ["revise, m", _LONG], ids=["short", "long"])
@pytest.mark.parametrize("case", _CASES)
def test_the_knees_words_are_inside_and_touch_no_point_and_no_line(
    view: CostView, qtbot: QtBot, case: str, label: str, width: int
) -> None:
    view.resize(width, 260)
    view.show_results(_results(_CASES[case], label))
    qtbot.waitUntil(lambda: view._plot.width() == width)
    box = view._plot.getPlotItem().vb
    words = view.words_box
    assert view.words
    assert QRectF(box.mapRectToScene(box.boundingRect())).contains(words)
    xs = np.log10([0.1 * budget for budget, _ in _CASES[case]])
    ys = [100 * right for _, right in _CASES[case]]
    for x in np.linspace(xs[0], xs[-1], 500):
        place = box.mapViewToScene(QPointF(float(x), float(np.interp(x, xs, ys))))
        assert not words.contains(place), x
