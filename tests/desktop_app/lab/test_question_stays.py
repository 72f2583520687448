"""A question of a sweep is read while the sweep goes on: what is new moves nothing that is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import shiboken6
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from desktop_app.lab.lab_runner import Shown
from desktop_app.lab.lab_window import LabWindow
from desktop_app.lab.question_dialog import QuestionDialog
from desktop_app.lab.setup_panel import SetupPanel
from desktop_app.settings import Settings
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.lab.plan import make_plan
from engine.lab.questions import Question, QuestionSet
from engine.lab.records import (
    Place,
    RunCard,
    SampleRecord,
    SweepRecord,
    SweepStatus,
    SweepSummary,
    VerdictRecord,
)
from engine.lab.results import results_of
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide
from tests.desktop_app.lab.made_sweeps import made_sweep

QUESTIONS = 40
ATTEMPTS = 6
ANSWERS = ("4", "4", "5", "4", "5", "6")


def _candidate(index: int, answer: str) -> Candidate:
    working = "\n".join(f"Step {step} of candidate {index + 1}." for step in range(300))
    return Candidate(
        index=index,
        round=0,
        seed=index,
        thought="",
        response=f"{working}\nAnswer: {answer}",
        answer=ExtractedAnswer(answer, answer, "answer-line"),
        tokens=1000 + index,
        thought_tokens=0,
        queued_seconds=0.0,
        first_token_seconds=0.5,
        finished_seconds=2.0 + index,
        stop=StopReason.FINISHED,
    )


def _asked(place: Place) -> tuple[list[SampleRecord], VerdictRecord]:
    candidates = [_candidate(index, answer) for index, answer in enumerate(ANSWERS)]
    samples = [
        SampleRecord(place, c, c.answer.key, right=c.answer.key == "4", why="same-key")
        for c in candidates
        if c.answer is not None
    ]
    verdict = decide(candidates, tally_votes(candidates), StoppedWhy.BUDGET_SPENT, 0)
    return samples, VerdictRecord(
        place, verdict, right=True, why="same-key", tokens=6015, seconds=8.0
    )


def _sweep(places: list[tuple[int, int]], sweep_id: str = "one") -> SweepRecord:
    """What is stored once these arms have answered these questions."""
    asked = tuple(Question(f"What is {n} + {n}?", "4") for n in range(QUESTIONS))
    plan = make_plan(
        QuestionSet("sums", "test", asked), [Path("a.gguf"), Path("b.gguf")], ["vote"], [ATTEMPTS]
    )
    told = [_asked(Place(arm, question, 0)) for arm, question in sorted(places)]
    samples = tuple(sample for one, _verdict in told for sample in one)
    summary = SweepSummary(
        sweep_id, "A sweep", "2026-01-01T00:00:00Z", SweepStatus.RUNNING, "", len(samples), 480
    )
    verdicts = tuple(verdict for _samples, verdict in told)
    return SweepRecord(summary, plan, RunCard(), samples, verdicts, ())


def _first(count: int, arm: int = 0) -> list[tuple[int, int]]:
    return [(arm, question) for question in range(count)]


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[LabWindow]:
    window = LabWindow(SetupPanel(Settings))
    window.resize(1200, 700)
    window.show()
    qtbot.waitExposed(window)
    yield window
    shiboken6.delete(window)  # now, or later tests would restyle it with every change of theme


def _show(window: LabWindow, record: SweepRecord) -> None:
    window.show_results(Shown(record, results_of(record)))


def _open(window: LabWindow, question: int) -> QuestionDialog:
    window.questions.opened.emit(question)
    assert window.question is not None
    return window.question


def _item(dialog: QuestionDialog, *path: int) -> QTreeWidgetItem:
    """A line by its places: arm, group, candidate."""
    item = dialog.tree.topLevelItem(path[0])
    for place in path[1:]:
        assert item is not None
        item = item.child(place)
    assert item is not None
    return item


def _current(dialog: QuestionDialog) -> str:
    item = dialog.tree.currentItem()
    assert item is not None
    return item.text(0)


def _read_to(dialog: QuestionDialog, words: str) -> tuple[int, int]:
    """Select words of the text and scroll there; returns where that is."""
    assert dialog.text.find(words)
    bar = dialog.text.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    return _reading(dialog)


def _reading(dialog: QuestionDialog) -> tuple[int, int]:
    return dialog.text.verticalScrollBar().value(), dialog.text.textCursor().position()


def test_a_sweep_that_goes_on_moves_nothing_of_a_question(window: LabWindow) -> None:
    _show(window, _sweep(_first(3)))
    dialog = _open(window, 1)
    group = _item(dialog, 0, 0)
    group.setExpanded(True)
    dialog.tree.setCurrentItem(_item(dialog, 0, 0, 1))
    before = _read_to(dialog, "Step 150")
    assert before[0] > 0
    _show(window, _sweep(_first(9)))
    assert group is _item(dialog, 0, 0)  # not even made anew
    assert group.isExpanded()
    assert _current(dialog) == "candidate 2"
    assert _reading(dialog) == before
    assert dialog.text.textCursor().selectedText() == "Step 150"
    dialog.reject()


def test_what_is_new_of_a_question_leaves_the_rest_as_it_was(window: LabWindow) -> None:
    places = _first(3)
    _show(window, _sweep([*places, (1, 1)]))
    dialog = _open(window, 1)
    _item(dialog, 0, 0).setExpanded(True)
    _item(dialog, 0, 1).setExpanded(True)
    _item(dialog, 1).setExpanded(False)
    dialog.tree.setCurrentItem(_item(dialog, 0, 1, 0))
    assert _current(dialog) == "candidate 3"
    before = _read_to(dialog, "Step 150")
    record = _sweep([*places, (1, 1)])
    corrected = tuple(
        msgspec.structs.replace(sample, corrected=True) if sample.group_key == "5" else sample
        for sample in record.samples
    )
    _show(window, msgspec.structs.replace(record, samples=corrected))
    assert _item(dialog, 0, 1).text(1) == "right, by hand"
    assert [_item(dialog, 0, n).isExpanded() for n in range(3)] == [True, True, False]
    assert [_item(dialog, n).isExpanded() for n in range(2)] == [True, False]
    assert _current(dialog) == "candidate 3"
    assert _reading(dialog) == before
    assert dialog.judged.isEnabled()
    dialog.reject()


def test_another_model_that_answers_is_added_open(window: LabWindow) -> None:
    _show(window, _sweep([(1, 1)]))
    dialog = _open(window, 1)
    group = _item(dialog, 0, 0)
    assert _current(dialog) == group.text(0)
    group.setExpanded(True)
    dialog.resize(700, 200)
    dialog.tree.scrollToItem(group, dialog.tree.ScrollHint.PositionAtTop)
    assert dialog.tree.itemAt(0, 0) is group
    _show(window, _sweep([(0, 1), (1, 1)]))
    assert [_item(dialog, n).text(0) for n in range(2)] == ["vote, a", "vote, b"]
    assert [_item(dialog, n).isExpanded() for n in range(2)] == [True, True]
    assert _item(dialog, 1, 0).isExpanded()
    assert not _item(dialog, 0, 0).isExpanded()
    assert dialog.tree.currentItem() is _item(dialog, 1, 0)
    assert dialog.tree.itemAt(0, 0) is _item(dialog, 1, 0)  # still at the top, below the new ones
    dialog.reject()


def test_a_candidate_is_read_from_its_top_when_it_is_chosen(window: LabWindow) -> None:
    _show(window, _sweep(_first(1)))
    dialog = _open(window, 0)
    _read_to(dialog, "Step 150")
    dialog.tree.setCurrentItem(_item(dialog, 0, 1))
    assert _reading(dialog) == (0, 0)
    assert "candidate 3" in dialog.text.toPlainText()
    dialog.reject()


def test_another_sweep_closes_the_question(window: LabWindow) -> None:
    _show(window, _sweep(_first(3)))
    dialog = _open(window, 1)
    _show(window, _sweep(_first(1), "another"))
    assert window.question is None
    assert not dialog.isVisible()


def test_the_table_keeps_its_question_while_others_are_finished(window: LabWindow) -> None:
    table = window.questions
    _show(window, _sweep([(0, question) for question in range(2, 30)]))
    table.setCurrentIndex(table.rows.index(20, 2))
    bar = table.verticalScrollBar()
    bar.setValue(8)
    top = table.rows.index(table.rowAt(0), 0).data()
    chosen = table.rows.index(20, 0).data()
    for done in (range(2, 31), range(QUESTIONS)):
        _show(window, _sweep([(0, question) for question in done]))
        current = table.currentIndex()
        assert (table.rows.index(current.row(), 0).data(), current.column()) == (chosen, 2)
        assert [index.data() for index in table.selectionModel().selectedRows()] == [chosen]
        assert table.rows.index(table.rowAt(0), 0).data() == top
    opened: list[int] = []
    table.opened.connect(opened.append)
    table.activated.emit(table.currentIndex())
    assert opened == [22]


def test_the_same_rows_again_do_not_reset_a_table(window: LabWindow) -> None:
    _show(window, _sweep(_first(3)))
    reset: list[int] = []
    window.questions.rows.modelReset.connect(lambda: reset.append(1))
    _show(window, _sweep(_first(3)))
    assert not reset
    _show(window, _sweep(_first(4)))
    assert reset


def test_another_sweep_has_no_chosen_question(window: LabWindow) -> None:
    table = window.questions
    _show(window, _sweep(_first(6)))
    table.selectRow(4)
    _show(window, _sweep(_first(8), "another"))
    assert not table.currentIndex().isValid()
    assert not table.selectionModel().selectedRows()


def test_questions_are_read_one_after_another(window: LabWindow) -> None:
    record = made_sweep(["a"], ["vote"], questions=3)
    _show(window, record)
    dialog = _open(window, 0)
    seen = [dialog.question]
    assert not dialog.previous.isEnabled()
    while dialog.next.isEnabled():
        dialog.next.click()
        seen.append(dialog.question)
    assert seen == [0, 1, 2]
    dialog.previous.click()
    assert dialog.question == 1
    dialog.previous.click()
    dialog.previous.click()
    assert dialog.question == 0


def test_an_answer_says_how_many_gave_it(window: LabWindow) -> None:
    _show(window, made_sweep(["a"], ["vote"], questions=3))
    dialog = _open(window, 0)
    group = _item(dialog, 0, 0)
    assert group.text(0) == f"0 · {group.childCount()} of 4"
