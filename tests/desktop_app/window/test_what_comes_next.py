"""After something was done, the window says what comes next and lets the person type on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from desktop_app.chat.phase import ChatPhase
from desktop_app.chat.transcript_figures import full_text, made_by
from desktop_app.chat.transcript_turn import TurnWidget
from desktop_app.chat.turn import TurnState
from desktop_app.window.main_window import CentrePage
from tests.desktop_app.window_driver import HOLD, VOTE, Driver


def answer_widget(driver: Driver) -> TurnWidget:
    return driver.window.transcript.findChildren(TurnWidget)[-1]


def has_focus(driver: Driver) -> bool:
    return driver.window.focusWidget() is driver.window.composer.edit


@pytest.mark.parametrize("pressed", ["regenerate_button", "longer_button"])
def test_the_focus_goes_to_the_question_field_when_an_answer_is_asked_for(
    driver: Driver, pressed: str
) -> None:
    driver.load(VOTE)
    driver.ask("How many?", attempts=2)
    button = getattr(answer_widget(driver).action_row, pressed)
    button.setFocus()
    button.click()
    driver.wait(lambda: not driver.chat.busy)
    assert has_focus(driver)


@pytest.mark.parametrize("ending", ["stop_button", "button"])
def test_the_focus_goes_to_the_question_field_when_thinking_is_ended(
    driver: Driver, ending: str
) -> None:
    driver.load(HOLD)
    driver.slide(2)
    driver.write("How many?")
    driver.wait_phase(ChatPhase.THINKING)
    driver.wait(lambda: bool(driver.window.panel.view and driver.window.panel.view.tally.groups))
    button = getattr(driver.window.composer, ending)
    button.setFocus()
    button.click()
    driver.wait(lambda: not driver.chat.busy)
    assert has_focus(driver)


@pytest.fixture
def ejected(driver: Driver) -> Driver:
    """A window whose model was let go."""
    driver.load(VOTE)
    driver.work.models.eject(lambda act: act())
    driver.wait_phase(ChatPhase.NO_MODEL)
    return driver


def test_a_question_without_a_model_says_what_it_waits_for(ejected: Driver) -> None:
    driver = ejected
    assert driver.window.page is CentrePage.EMPTY
    choose = next(
        button
        for button in driver.window.empty.findChildren(QPushButton)
        if button.text() == "Choose a model…"
    )
    assert choose.isVisible()
    choose.click()
    assert driver.window.picker.isVisible()
    driver.window.picker.hide()
    driver.write("How many?")
    driver.wait_phase(ChatPhase.QUEUED)
    assert "No model is loaded" in driver.window.composer.hint
    words = [label.text() for label in answer_widget(driver).findChildren(QLabel)]
    assert "Not sent yet" in words
    driver.work.open_file(driver.script(VOTE, "another"))
    driver.wait(lambda: driver.chat.turns()[-1].state is TurnState.FINISHED)


def test_what_was_taken_back_is_in_the_question_field_unless_another_is_written(
    ejected: Driver,
) -> None:
    driver = ejected
    for written, left in (("", "How many?"), ("Something else", "Something else")):
        driver.write("How many?")
        driver.wait_phase(ChatPhase.QUEUED)
        driver.window.composer.set_text(written)
        driver.window.composer.stop_button.click()
        assert driver.window.composer.text == left
        driver.window.composer.set_text("")


def test_a_question_that_was_never_sent_is_found_again_as_that(ejected: Driver) -> None:
    driver = ejected
    driver.write("How many?")
    driver.wait_phase(ChatPhase.QUEUED)
    conversation_id = driver.chat.visible_id or ""
    driver.window.composer.stop_button.click()
    driver.chat.new_conversation()
    driver.settle()
    driver.chat.open_conversation(conversation_id)
    driver.wait(lambda: len(driver.chat.turns()) == 2)
    answer = driver.chat.turns()[1]
    assert (answer.state, answer.error_title) == (TurnState.FAILED, "Not sent")


def test_the_first_model_lets_the_person_type(driver: Driver) -> None:
    assert driver.window.page is CentrePage.FIRST_RUN
    driver.load(VOTE)
    driver.wait(lambda: driver.window.page is CentrePage.EMPTY)
    assert has_focus(driver)
    focused = driver.window.focusWidget()
    assert focused is not None
    QTest.keyClicks(focused, "Hello", Qt.KeyboardModifier.NoModifier)
    assert driver.window.composer.text == "Hello"


def test_an_answer_says_which_strategy_and_model_gave_it(driver: Driver) -> None:
    driver.load(VOTE, "first")
    driver.ask("How many?", attempts=4)
    driver.load(VOTE, "second")
    conversation_id = driver.chat.visible_id or ""
    for _ in range(2):
        evidence = driver.chat.turns()[-1].evidence
        assert evidence is not None
        assert made_by(evidence) == "Vote, up to 4 samples · first"
        assert "Vote, up to 4 samples · first" in full_text(evidence)
        driver.chat.new_conversation()
        driver.settle()
        driver.chat.open_conversation(conversation_id)
        driver.wait(lambda: len(driver.chat.turns()) == 2)


def test_a_question_pressed_while_another_is_thought_about_is_kept_and_told(
    driver: Driver,
) -> None:
    driver.load(HOLD)
    driver.slide(2)
    driver.write("How many?")
    driver.wait_phase(ChatPhase.THINKING)
    composer = driver.window.composer
    assert composer.hint == ""
    composer.set_text("And why?")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.text == "And why?"
    assert "when the answer is there" in composer.hint
    driver.chat.stop()
    driver.wait(lambda: not driver.chat.busy)
    assert composer.hint == ""
