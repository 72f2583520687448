"""Many curves: told apart, named where none lies over another, and few bands at once."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations, pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desktop_app.lab.curve_view import AXES, CurveView
from desktop_app.look.theme import DARK, LIGHT
from engine.lab.chart import (
    DARK_COLOURS,
    DARK_GREY,
    LIGHT_COLOURS,
    LIGHT_GREY,
    Line,
    line_chart,
)
from engine.lab.curve import Curve, Point
from engine.lab.rule import Rule
from engine.lab.series import BANDS, SERIES_COLOURS, Series
from engine.lab.statistics import Estimate

RULES = [Rule.VOTE.value, Rule.WEIGHTED.value, Rule.SETTLED.value, Rule.COVERAGE.value]


def curve(rule: str, model: str, right: float = 0.5) -> Curve:
    share = Estimate(right, right - 0.1, right + 0.1)
    points = tuple(Point(n, share, float(n), 10.0 * n, None, None) for n in (1, 4))
    return Curve(f"{rule}, {model}", model, rule, points, np.full((1, 2), right), None)


@pytest.fixture
def view(qtbot: QtBot) -> CurveView:
    shown = CurveView()
    qtbot.addWidget(shown)
    shown.resize(900, 480)
    shown.show()
    qtbot.waitExposed(shown)
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


def test_names_stand_beside_the_plot_and_over_nothing(view: CurveView, qtbot: QtBot) -> None:
    curves = [curve(rule, "m", 0.5 + n / 1000) for n, rule in enumerate([*RULES, "auto", "revise"])]
    view.show_curves(curves)
    labelled = view._labelled
    qtbot.waitUntil(lambda: labelled.names_beside)
    boxes = [labelled.label_of(name.label).geometry() for name in curves]
    assert all(box.left() > labelled.plot.geometry().right() for box in boxes)
    assert all(labelled.rect().contains(box) for box in boxes)
    boxes.sort(key=lambda box: box.top())
    assert all(one.bottom() < two.top() for one, two in pairwise(boxes))
    # the best at the top, as the ends are
    assert [labelled.label_of(c.label).y() for c in curves] == sorted(
        (labelled.label_of(c.label).y() for c in curves), reverse=True
    )


def test_without_room_the_names_stand_below_the_plot(view: CurveView, qtbot: QtBot) -> None:
    view.show_curves([curve(rule, "a-model-with-a-long-name-Q4_K_M") for rule in RULES])
    view.resize(420, 480)
    labelled = view._labelled
    qtbot.waitUntil(lambda: not labelled.names_beside)
    boxes = [labelled.label_of(label).geometry() for label in view.drawn]
    assert all(box.top() >= labelled.plot.geometry().bottom() for box in boxes)
    assert all(labelled.rect().contains(box) for box in boxes)
    assert not any(one.intersects(two) for one, two in combinations(boxes, 2))
    assert labelled.plot.height() >= 240


def test_a_name_that_is_pressed_hides_its_curve_and_the_menu_brings_it_back(
    view: CurveView, qtbot: QtBot
) -> None:
    view.show_curves([curve(rule, "m") for rule in RULES])
    pressed = view._labelled.label_of("settled, m")
    QTest.keyClick(pressed, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "settled, m" not in view.drawn)
    menu = view.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions()] == ["settled, m"]
    menu.actions()[0].trigger()
    assert "settled, m" in view.drawn
    assert not menu.actions()


def test_the_first_curves_have_bands_and_one_that_is_pointed_at_has_it_alone(
    view: CurveView,
) -> None:
    curves = [curve(rule, "m", 0.3 + n / 10) for n, rule in enumerate(["auto", "revise", *RULES])]
    view.show_curves(curves)
    first = list(view.bands)
    assert len(first) == BANDS
    assert first == ["auto, m", "revise, m", "vote, m"]
    view._labelled.pointed.emit("coverage, m")
    assert list(view.bands) == ["coverage, m"]
    view._labelled.pointed.emit("")
    assert list(view.bands) == first
    view.point_at(view.place_of("settled, m"))
    assert list(view.bands) == ["settled, m"]
    view.point_at(QPointF(-1000, -1000))
    assert list(view.bands) == first


def test_a_name_follows_its_curve_when_a_person_zooms(view: CurveView, qtbot: QtBot) -> None:
    view.show_curves([curve("vote", "m", 0.4), curve("auto", "m", 0.6)])
    label = view._labelled.label_of("vote, m")
    qtbot.waitUntil(lambda: view._labelled.names_beside)
    before = label.y()
    view._plot.getPlotItem().vb.setRange(yRange=(38, 80), padding=0)
    assert label.y() > before


def test_what_is_saved_is_drawn_as_the_window_draws_it(view: CurveView) -> None:
    assert (LIGHT.groups, DARK.groups) == (LIGHT_COLOURS, DARK_COLOURS)
    assert (LIGHT.none_group, DARK.none_group) == (LIGHT_GREY, DARK_GREY)
    assert len(LIGHT_COLOURS) == SERIES_COLOURS
    view.show_curves([curve(rule, "m") for rule in [*RULES, "auto", "revise"]])
    view.set_hidden("vote, m", hidden=True)
    picture = ElementTree.fromstring(view.picture())
    space = "{http://www.w3.org/2000/svg}"
    lines = {
        group.findtext(f"{space}circle/{space}title", "").rpartition(", 1")[0]: group
        for group in picture.iter(f"{space}g")
        if group.find(f"{space}polyline") is not None
    }
    assert sorted(lines) == sorted(view.drawn)
    dashed = [
        label
        for label, group in lines.items()
        if any("stroke-dasharray" in line.attrib for line in group.iter(f"{space}polyline"))
    ]
    assert dashed == ["coverage, m"]
    shown = colours(view)
    assert {label: group.get("stroke") for label, group in lines.items()} == {
        label: colour.upper() for label, colour in shown.items()
    }
    assert len(list(picture.iter(f"{space}polygon"))) == BANDS


@pytest.mark.parametrize("log", [True, False])
def test_what_is_saved_has_the_axis_of_the_window(view: CurveView, *, log: bool) -> None:
    view.show_curves([curve("vote", "m")])
    view.set_log(log=log)
    picture = ElementTree.fromstring(view.picture())
    space = "{http://www.w3.org/2000/svg}"
    words = [text.text for text in picture.iter(f"{space}text")]
    assert any(word is not None and word.endswith(", log scale") for word in words) is log
    edge = min(float(line.attrib["x1"]) for line in picture.iter(f"{space}line"))
    first, last = (float(dot.attrib["cx"]) - edge for dot in picture.iter(f"{space}circle"))
    assert first / last == pytest.approx(0.0 if log else 0.25, abs=0.01)


def test_an_axis_names_round_numbers() -> None:
    for last, named in ((16, ["0", "2", "4"]), (900, ["0", "200", "400"]), (0.7, ["0", "0.1"])):
        line = Line("vote", [last / 8, last], [0.5, 0.6], [0.4, 0.5], [0.6, 0.7], Series())
        chart = line_chart([line], "cost", "Accuracy", log=False)
        ticks = re.findall(r'text-anchor="middle" fill="currentColor">([\d.,]+)<', chart)
        assert ticks[: len(named)] == named
        assert 4 <= len(ticks) <= 11


def test_a_picture_in_pixels_is_finer_than_the_window(view: CurveView) -> None:
    view.show_curves([curve("vote", "m")])
    taken = view.snapshot()
    assert (taken.width(), taken.height()) == (2 * view.width(), 2 * view.height())
    image = taken.toImage()
    points = range(0, min(taken.width(), taken.height()), 3)
    assert len({image.pixel(x, y) for x in points for y in points}) > 3


def test_a_long_name_is_not_cut_from_a_picture() -> None:
    name = "some vote that stops when settled, a-model-with-a-long-name-Q4_K_M"
    line = Line("vote", [1, 2], [0.5, 0.6], [0.4, 0.5], [0.6, 0.7], Series())
    long = line_chart([replace(line, label=name)], "samples", "Accuracy")
    width = float(re.findall(r'viewBox="0 0 ([\d.]+)', long)[0])
    place = float(re.findall(rf'<text x="([\d.]+)"[^>]*>{name}', long)[0])
    assert width - place > 6.5 * len(name)
    short = line_chart([line], "samples", "Accuracy")
    assert 'viewBox="0 0 760 380"' in short
