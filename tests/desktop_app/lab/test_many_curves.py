"""More curves than colours: those that are asked for most are told apart, and long names fit."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop_app.lab.curve_view import AXES, CurveView
from desktop_app.lab.lab_tables import DifficultyTable
from engine.lab.chart import Line, line_chart
from engine.lab.curve import Curve, Point
from engine.lab.rule import Rule
from engine.lab.statistics import Estimate

RULES = [Rule.VOTE.value, Rule.WEIGHTED.value, Rule.SETTLED.value, Rule.COVERAGE.value]


def curve(rule: str, model: str) -> Curve:
    right = Estimate(0.5, 0.4, 0.6)
    points = tuple(Point(n, right, float(n), 10.0 * n, None, None) for n in (1, 4))
    return Curve(f"{rule}, {model}", model, rule, points, np.full((1, 2), 0.5), None)


@pytest.fixture
def view(qtbot: QtBot) -> CurveView:
    shown = CurveView()
    qtbot.addWidget(shown)
    return shown


def colours(view: CurveView) -> dict[str, str]:
    items = view._plot.getPlotItem().listDataItems()
    return {
        item.name(): item.opts["pen"].color().name()
        for item in items
        if item.name() and item.isVisible()
    }


def test_the_votes_of_many_models_have_a_colour_each(view: CurveView) -> None:
    models = ["a", "b", "c", "d", "e"]
    curves = [curve(rule, model) for model in models for rule in RULES]
    view.show_curves(curves, {c.label for c in curves if c.rule != Rule.VOTE.value})
    view.show_axis(AXES[0])
    shown = colours(view)
    assert sorted(shown) == [f"vote, {model}" for model in models]
    assert len(set(shown.values())) == len(models)


def test_a_long_name_is_not_cut_from_a_picture() -> None:
    name = "some vote that stops when settled, a-model-with-a-long-name-Q4_K_M"
    line = Line("vote", [1, 2], [0.5, 0.6], [0.4, 0.5], [0.6, 0.7])
    long = line_chart([replace(line, label=name)], "samples", "Accuracy")
    width = float(re.findall(r'viewBox="0 0 ([\d.]+)', long)[0])
    place = float(re.findall(rf'<text x="([\d.]+)"[^>]*>{name}', long)[0])
    assert width - place > 6.5 * len(name)
    short = line_chart([line], "samples", "Accuracy")
    assert 'viewBox="0 0 760 380"' in short


def test_columns_of_two_models_say_which_is_which(qtbot: QtBot) -> None:
    table = DifficultyTable()
    qtbot.addWidget(table)
    fifths = (0.9, 0.8, 0.6, 0.3, 0.1)

    def heads() -> list[object]:
        rows = table.rows
        return [
            rows.headerData(n, table.horizontalHeader().orientation())
            for n in range(1, rows.columnCount())
        ]

    table.show_quintiles({"vote, a": fifths, "weighted, a": fifths})
    assert heads() == ["vote", "weighted"]
    table.show_quintiles({"vote, a": fifths, "vote, b": fifths})
    assert heads() == ["vote, a", "vote, b"]
