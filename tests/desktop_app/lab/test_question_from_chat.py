"""A question of a conversation is tried with several budgets in the lab."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from desktop_app.chat.transcript_actions import ActionRow
from desktop_app.lab.asked_question import AskedQuestion
from desktop_app.lab.lab_window import LabWindow
from engine.generation import Message
from engine.lab.records import SweepRecord
from models.builtin import SAMPLE_QUESTIONS, builtin_model_path
from tests.desktop_app.window_driver import Driver

QUESTION = SAMPLE_QUESTIONS[0]


@pytest.fixture
def lab(driver: Driver) -> LabWindow:
    """The lab, opened at the second question of a conversation with instructions."""
    driver.wait(lambda: bool(driver.work.library.library.models))
    driver.work.open_file(builtin_model_path())
    driver.wait(lambda: driver.work.models.state.takes_questions)
    driver.ask("2 + 2?", attempts=1)
    driver.chat.set_instructions("Be short.")
    driver.ask(QUESTION, attempts=1)
    driver.settle()
    rows = driver.window.transcript.findChildren(ActionRow)
    asked = [row for row in rows if row.edit_button.isVisibleTo(row)]
    max(asked, key=lambda row: row.mapToGlobal(row.pos()).y()).lab_action.trigger()
    assert driver.work.lab.window is not None
    return driver.work.lab.window


def words(lab: LabWindow) -> str:
    return "\n".join(label.text() for label in lab.findChildren(QLabel) if label.isVisible())


def run(driver: Driver, lab: LabWindow) -> SweepRecord:
    start = next(b for b in lab.findChildren(QPushButton) if b.text() == "Start")
    start.click()
    runner = driver.work.lab.runner
    driver.wait(lambda: runner.running)
    driver.wait(lambda: not runner.running)
    driver.wait(lambda: "finished ·" in words(lab))
    return driver.journal.sweep(runner.looked_at).result()


def test_it_is_set_up_ready_to_start_without_and_with_a_key(driver: Driver, lab: LabWindow) -> None:
    setup = lab.setup
    assert lab.focusWidget() is next(
        b for b in lab.findChildren(QPushButton) if b.text() == "Start"
    )
    assert "Asked alone: the 2 messages before it are not told here." in words(lab)
    assert "Without a right answer, only agreement is measured." in words(lab)
    assert "the conversation's instructions" in words(lab)
    assert setup._chosen_models() == [builtin_model_path()]
    assert not setup._count.isVisible()
    setup._budgets.setText("1, 4")
    record = run(driver, lab)
    (question,) = record.plan.questions.questions
    assert (question.text, question.answer) == (QUESTION, None)
    assert (record.plan.instructions, record.plan.budgets) == ("Be short.", (1, 4))
    assert record.summary.name.endswith(", 1 question")
    assert len(record.samples) == 4
    assert "agree" in words(lab)
    key = next(f for f in lab.findChildren(QLineEdit) if f.accessibleName() == "Right answer")
    key.setText(" 110 ")
    assert "only agreement is measured" not in words(lab).split("Budgets")[0]
    assert setup.plan().questions.questions[0].answer == "110"
    driver.work.lab.try_question(AskedQuestion(QUESTION, "Be short.", 2))
    assert key.text() == ""
    names = [setup._set.itemText(row) for row in range(setup._set.count())]
    assert len(names) == len(set(names)), "the same question is offered once"
    setup._set.setCurrentIndex(0)
    assert setup._count.isVisible()
    assert not key.isVisible()
    assert setup.plan().instructions == ""


def test_what_a_model_was_told_is_taken_apart() -> None:
    alone = AskedQuestion.of((Message("user", "How many?"),))
    assert alone == AskedQuestion("How many?")
    assert alone.remark == ""
    asked = AskedQuestion.of(
        [
            Message("system", "Be short."),
            Message("user", "Hi"),
            Message("assistant", "Hi."),
            Message("user", "How many?"),
        ]
    )
    assert asked == AskedQuestion("How many?", "Be short.", 2)
    assert asked.question_set.questions[0].answer is None
    assert not asked.question_set.judged
