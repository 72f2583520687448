"""The tree of steps: what it says, what stays as the person left it, and how fast it grows."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.look.theme import apply_theme
from desktop_app.thinking.live import DeliberationView
from desktop_app.thinking.panel import PANEL_WIDTH, DeliberationPanel
from desktop_app.thinking.search_tree import SearchTree
from desktop_app.thinking.step_model import SCORE
from engine.budget import Budget
from engine.protocol import StepFinished
from engine.step import Step
from tests.desktop_app.thinking.deliberations import NAME

MANY = 2000


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication) -> DeliberationPanel:
    apply_theme(qapp)
    panel = DeliberationPanel()
    qtbot.addWidget(panel)
    panel.resize(PANEL_WIDTH, 900)
    panel.show()
    return panel


def step(index: int, parent: int | None = None, depth: int = 0, **others: object) -> Step:
    known: dict[str, object] = {
        "branch": 0, "text": f"step {index}", "tokens": 5, "score": 0.5, "candidate": None,
        "queued_seconds": 0.0, "first_token_seconds": 0.1, "finished_seconds": 0.5,
    }  # fmt: skip
    return Step(index=index, parent=parent, depth=depth, **(known | others))  # type: ignore[arg-type]


def searching(*steps: Step) -> DeliberationView:
    view = DeliberationView(NAME, "search", Budget(4))
    for one in steps:
        view.apply(StepFinished(NAME, one))
    return view


def tree_of(panel: DeliberationPanel) -> SearchTree:
    tree = panel.findChild(SearchTree)
    assert isinstance(tree, SearchTree)
    return tree


def test_before_the_first_step_it_says_that_they_are_written(panel: DeliberationPanel) -> None:
    view = searching()
    panel.show_view(view)
    assert _remark(panel) == "writing the first steps"
    view.apply(StepFinished(NAME, step(0)))
    panel.refresh()
    assert _remark(panel) == "1 step, 1 deep so far"
    view.apply(StepFinished(NAME, step(1, 0, 1)))
    panel.refresh()
    assert _remark(panel) == "2 steps, 2 deep so far"


def _remark(panel: DeliberationPanel) -> str:
    return panel._tree_heading.remark.text()


def test_a_step_is_left_behind_when_others_went_on(panel: DeliberationPanel) -> None:
    steps = [step(0), step(1), step(2, 0, 1)]
    view = searching(*steps)
    panel.show_view(view)
    model = tree_of(panel).steps
    assert [model.left_behind(one) for one in steps] == [False, True, False]
    view.failed_code = "interrupted"
    view.revision += 1
    panel.refresh()
    assert [model.left_behind(one) for one in steps] == [False, True, True]
    said = model.data(model.index_of(1), Qt.ItemDataRole.AccessibleTextRole)
    assert said == "step 1\nscore 0.50\nleft behind"


def test_what_was_folded_stays_folded(panel: DeliberationPanel) -> None:
    view = searching(step(0), step(1, 0, 1))
    panel.show_view(view)
    tree = tree_of(panel)
    assert tree.isExpanded(tree.steps.index_of(0))
    tree.collapse(tree.steps.index_of(0))
    view.apply(StepFinished(NAME, step(2, 0, 1)))
    view.apply(StepFinished(NAME, step(3, 2, 2)))
    panel.refresh()
    assert not tree.isExpanded(tree.steps.index_of(0))
    assert tree.isExpanded(tree.steps.index_of(2))


def test_the_keyboard_opens_a_completed_candidate(panel: DeliberationPanel) -> None:
    panel.show_view(searching(step(0), step(1, 0, 1, candidate=3)))
    tree = tree_of(panel)
    opened: list[int] = []
    tree.candidate_opened.connect(opened.append)
    tree.setFocus()
    tree.setCurrentIndex(tree.steps.index_of(0))
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert opened == []
    QTest.keyClick(tree, Qt.Key.Key_Down)
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert opened == [3]


def test_a_step_without_a_score_or_a_parent_is_shown(panel: DeliberationPanel) -> None:
    panel.show_view(searching(step(7, 3, 2, score=None, text=" two\n lines ")))
    model = tree_of(panel).steps
    assert model.data(model.index(0, 0)) == "two lines"
    assert model.data(model.index(0, SCORE)) == ""
    panel.grab()


def test_the_model_keeps_what_it_promises(panel: DeliberationPanel) -> None:
    view = searching(step(0), step(1))
    panel.show_view(view)
    model: QAbstractItemModel = tree_of(panel).steps
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, panel
    )
    for one in (step(2, 0, 1), step(3, 0, 1), step(4, 2, 2, candidate=0)):
        view.apply(StepFinished(NAME, one))
        panel.refresh()
    panel.show_view(searching(step(0, text="another")))
    assert tester.model() is model
    assert model.rowCount() == 1


def test_another_deliberation_shows_its_own_steps(panel: DeliberationPanel) -> None:
    view = searching(step(0), step(1, 0, 1))
    panel.show_view(view)
    panel.show_view(replace(view, strategy="vote", steps=[], deliberation_id="other"))
    assert tree_of(panel).steps.rowCount() == 0
    assert not tree_of(panel).isVisibleTo(panel)


def test_two_thousand_steps_do_not_hold_it_up(panel: DeliberationPanel) -> None:
    """A refresh with new steps in a large tree fits well into a tenth of a second."""
    steps = [step(n, None if n < 16 else n - 16, n // 16) for n in range(MANY)]
    view = searching(*steps)
    began = time.perf_counter()
    panel.show_view(view)
    panel.grab()
    assert time.perf_counter() - began < 5
    slowest = []
    for number in range(MANY, MANY + 10):
        view.apply(StepFinished(NAME, step(number, number - 16, number // 16)))
        began = time.perf_counter()
        panel.refresh()
        panel.grab()
        slowest.append(time.perf_counter() - began)
    assert sorted(slowest)[len(slowest) // 2] < 0.1
