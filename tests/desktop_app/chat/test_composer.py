"""The composer: keys, the one button, hints, narrow places."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from desktop_app.chat.composer import Composer
from desktop_app.chat.phase import ChatPhase
from desktop_app.settings import ThinkingSettings
from engine.conversation_length import LONGEST_CONVERSATION
from engine.documents.attached import AttachedFile
from engine.journal.cost import CostModel, Measured


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    composer = Composer()
    qtbot.addWidget(composer)
    composer.resize(720, 160)
    composer.show()
    composer.set_phase(ChatPhase.READY)
    return composer


def asked(composer: Composer) -> list[str]:
    questions: list[str] = []
    composer.ask_requested.connect(questions.append)
    return questions


def test_enter_sends_and_shift_enter_makes_a_line(composer: Composer) -> None:
    questions = asked(composer)
    QTest.keyClicks(composer.edit, "one")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(composer.edit, "two")
    assert questions == []
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert questions == ["one\ntwo"]
    assert composer.text == ""


def test_the_send_key_can_be_control_enter(composer: Composer) -> None:
    questions = asked(composer)
    composer.set_send_key("ctrl+enter")
    QTest.keyClicks(composer.edit, "one")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert questions == []
    QTest.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert questions == ["one"]


def test_a_long_question_and_a_long_file_cost_their_reading(composer: Composer) -> None:
    composer.set_thinking(ThinkingSettings(attempts=4))
    composer.set_cost(CostModel([Measured(4, 30.0, None, 1000, 10.0)]))
    assert composer.price_text == "≈ 20 s"
    composer.set_text("a short one")
    assert composer.price_text == "≈ 20 s"
    composer.set_text("word " * 1600)  # two thousand tokens, about
    assert composer.price_text == "≈ 40 s"
    composer.set_text("")
    composer.files.set_files((AttachedFile("book.txt", "word " * 3200),))
    assert composer.price_text == "≈ 60 s"


def test_a_text_that_no_model_can_read_is_not_pasted(composer: Composer) -> None:
    composer.set_text("about this: ")
    pasted = QMimeData()
    pasted.setText("a" * LONGEST_CONVERSATION)
    composer.edit.insertFromMimeData(pasted)
    assert composer.text == "about this: "
    assert "3 million" in composer.hint


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_is_not_sent(composer: Composer, text: str) -> None:
    questions = asked(composer)
    composer.set_text(text)
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert not composer.button.isEnabled()
    assert questions == []


def test_while_thinking_the_button_answers_now_and_a_draft_stays(composer: Composer) -> None:
    questions = asked(composer)
    pressed: list[str] = []
    composer.answer_now_requested.connect(lambda: pressed.append("answer now"))
    composer.stop_requested.connect(lambda: pressed.append("stop"))
    composer.set_text("the next question")
    composer.set_phase(ChatPhase.THINKING)
    assert composer.button.text() == "Answer now"
    composer.button.click()
    composer.stop_button.click()
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert pressed == ["answer now", "stop"]
    assert questions == []
    assert composer.text == "the next question"


def test_each_phase_says_what_happens(composer: Composer) -> None:
    said = {}
    for phase in ChatPhase:
        composer.set_phase(phase)
        said[phase] = composer.hint
    assert said[ChatPhase.READY] == said[ChatPhase.THINKING] == ""
    others = set(ChatPhase) - {ChatPhase.READY, ChatPhase.THINKING}
    assert all(said[phase] for phase in others)
    composer.set_phase(ChatPhase.QUEUED, elsewhere=True)
    assert composer.hint != said[ChatPhase.QUEUED]


def test_before_the_engine_is_there_nothing_can_be_sent(composer: Composer) -> None:
    questions = asked(composer)
    composer.set_phase(None)
    composer.set_text("early")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert questions == []
    assert composer.text == "early"


def test_the_strategy_changes_what_the_number_counts(composer: Composer) -> None:
    chosen: list[str] = []
    composer.strategy_chosen.connect(chosen.append)
    box = composer.findChild(QComboBox)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert chosen == ["revise"]
    assert composer.slider.unit == "attempts"
    composer.set_thinking(ThinkingSettings(attempts=32, strategy="vote"))
    assert (composer.slider.unit, composer.attempts) == ("samples", 32)


def test_the_field_grows_with_its_text_and_stops_growing(composer: Composer) -> None:
    one = composer.edit.height()
    composer.set_text("a\nb\nc")
    three = composer.edit.height()
    composer.set_text("\n".join("x" * 40))
    most = composer.edit.height()
    assert one < three < most
    composer.set_text("\n".join("x" * 80))
    assert composer.edit.height() == most


@pytest.mark.parametrize("width", [410, 600, 800, 1000])
def test_nothing_moves_with_the_number_and_the_buttons_end_where_the_composer_does(
    composer: Composer, width: int, qtbot: QtBot
) -> None:
    composer.resize(width, 220)
    found = set()
    for attempts in (1, 16, 64):
        composer.slider.set_attempts(attempts)
        qtbot.wait(1)  # the layout is done when control returns to the event loop
        end = composer.button.mapTo(composer, composer.button.rect().topRight()).x()
        found.add((composer.slider.geometry().getRect(), end))
    ((_slider, end),) = found
    assert composer.width() - 20 <= end < composer.width()


@pytest.mark.parametrize("width", [368, 460, 900])
@pytest.mark.parametrize("phase", [ChatPhase.READY, ChatPhase.THINKING])
def test_no_button_is_cut(composer: Composer, width: int, phase: ChatPhase) -> None:
    composer.set_phase(phase)
    least = composer.minimumSizeHint().width()  # more where the window's style is worn
    composer.resize(max(width, least), 220)
    for button in (composer.button, composer.stop_button):
        if button.isVisible():
            assert button.width() >= button.sizeHint().width()
    assert least <= 410
