"""Asking again while an answer is thought about, and what Stop ends."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from desktop_app.chat.phase import ChatPhase
from desktop_app.chat.turn import TurnState
from desktop_app.window.main_window import MainWindow
from desktop_app.window.shortcuts import Command
from models.builtin import builtin_model_path
from tests.desktop_app.window_driver import VOTE, Driver


@pytest.fixture
def thinking(driver: Driver) -> Driver:
    """A window whose answer does not end by itself."""
    driver.load([{"text": "Answer: 4", "hold": True}])
    driver.slide(1)
    driver.write("How many?")
    driver.wait(lambda: len(driver.chat.turns()) == 2 and bool(driver.chat.turns()[1].text))
    return driver


def test_a_running_answer_is_not_asked_for_again(thinking: Driver) -> None:
    for _press in range(3):
        thinking.work.on_command(Command.REGENERATE)
    answer = thinking.chat.turns()[1]
    assert (answer.version, answer.versions) == (1, 1)
    thinking.window.composer.stop_button.click()
    thinking.wait_phase(ChatPhase.READY)
    assert not thinking.chat.busy
    thinking.work.on_command(Command.REGENERATE)
    assert thinking.chat.turns()[1].versions == 2


def test_a_waiting_answer_is_not_asked_for_again(driver: Driver) -> None:
    driver.work.open_file(driver.script(VOTE))
    driver.write("How many?")
    driver.work.on_command(Command.REGENERATE)
    assert driver.chat.turns()[1].versions == 1
    driver.wait(lambda: not driver.chat.busy)


def test_stop_takes_back_what_waits_in_the_same_conversation(thinking: Driver) -> None:
    question = thinking.chat.turns()[0]
    thinking.chat.edit_and_resend(question.message_id, "How many now?")
    thinking.chat.stop()
    thinking.wait_phase(ChatPhase.READY)
    assert not thinking.chat.busy
    edited, answer = thinking.chat.turns()
    assert edited.text == "How many now?"
    assert (answer.state, answer.error_title) == (TurnState.FAILED, "Not sent")
    thinking.chat.retry(answer.message_id)
    thinking.wait(lambda: thinking.chat.turns()[1].text == "Answer: 4")


def test_stop_leaves_what_waits_in_another_conversation(thinking: Driver) -> None:
    first = thinking.chat.visible_id or ""
    thinking.work.on_command(Command.NEW_CONVERSATION)
    thinking.write("And elsewhere?")
    thinking.wait_phase(ChatPhase.QUEUED)
    second = thinking.chat.visible_id or ""
    thinking.chat.open_conversation(first)
    thinking.wait_phase(ChatPhase.THINKING)
    thinking.chat.stop()
    thinking.chat.open_conversation(second)
    thinking.wait_phase(ChatPhase.THINKING)
    assert thinking.chat.turns()[0].text == "And elsewhere?"


def test_only_stepping_goes_on_while_its_keys_are_held(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    repeated = {action.text() for action in window.actions() if action.autoRepeat()}
    assert repeated == {
        "Next conversation", "Previous conversation", "Larger text", "Smaller text",
    }  # fmt: skip


def test_a_question_that_no_longer_fits_is_asked_in_a_conversation_of_its_own(
    driver: Driver,
) -> None:
    driver.work.open_file(builtin_model_path())
    driver.wait(lambda: driver.work.models.state.takes_questions)
    driver.ask("What is 4 plus 5? " * 120, attempts=1)
    driver.chat.set_instructions("Be short.")
    question = "What is 17 plus 5? " * 120
    driver.ask(question, attempts=1)
    _, first, _, failed = driver.chat.turns()
    assert (first.anew_help, failed.anew_help) == (False, True)
    before = driver.chat.visible_id
    buttons = driver.window.transcript.findChildren(QToolButton)
    next(b for b in buttons if b.text() == "Ask in a new conversation").click()
    driver.wait(lambda: driver.chat.visible_id != before)
    driver.wait(lambda: not driver.chat.busy)
    asked, answered = driver.chat.turns()
    assert asked.text == question.strip()
    assert answered.state is TurnState.FINISHED, answered.error_text
    assert driver.chat.instructions == "Be short."
    driver.settle()
    assert len(driver.listed()) == 2
