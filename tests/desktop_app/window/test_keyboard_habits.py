"""Up in the empty question field edits the last question; Left and Right turn over versions."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.chat.transcript_editor import QuestionEditor
from desktop_app.chat.transcript_scroller import TurnScroller
from desktop_app.chat.transcript_turn import TurnWidget
from tests.desktop_app.window_driver import VOTE, Driver


@pytest.fixture
def asked(driver: Driver) -> Driver:
    """An active window with two questions, and the focus where one writes."""
    driver.load(VOTE)
    driver.ask("How many?", attempts=1)
    driver.ask("And now?", attempts=1)
    with driver.qtbot.waitActive(driver.window):
        driver.window.activateWindow()
    driver.window.composer.focus()
    return driver


def editors(driver: Driver) -> list[QuestionEditor]:
    found = driver.window.transcript.findChildren(QuestionEditor)
    return [editor for editor in found if editor.isVisible()]


def focus() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def test_up_edits_the_last_question_and_escape_comes_back(asked: Driver) -> None:
    field = asked.window.composer.edit
    QTest.keyClick(field, Qt.Key.Key_Up)
    (editor,) = editors(asked)
    assert editor.text == "And now?"
    assert focus() is editor.focusProxy()
    QTest.keyClick(focus(), Qt.Key.Key_Escape)
    assert editors(asked) == []
    assert focus() is field


def test_what_up_edits_is_asked_as_a_version(asked: Driver) -> None:
    QTest.keyClick(asked.window.composer.edit, Qt.Key.Key_Up)
    QTest.keyClicks(focus(), " And then?")
    QTest.keyClick(focus(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    asked.wait(lambda: not asked.chat.busy)
    question = asked.chat.turns()[2]
    assert (question.text, question.versions) == ("And now? And then?", 2)


def test_up_moves_the_cursor_where_something_is_written(asked: Driver) -> None:
    asked.window.composer.set_text("one\ntwo")
    QTest.keyClick(asked.window.composer.edit, Qt.Key.Key_Up)
    assert editors(asked) == []
    assert asked.window.composer.edit.textCursor().blockNumber() == 0


def test_up_goes_on_with_an_edit_that_was_left_open(asked: Driver) -> None:
    QTest.keyClick(asked.window.composer.edit, Qt.Key.Key_Up)
    QTest.keyClicks(focus(), " half")
    asked.window.composer.focus()
    QTest.keyClick(asked.window.composer.edit, Qt.Key.Key_Up)
    (editor,) = editors(asked)
    assert editor.text == "And now? half"
    assert focus() is editor.focusProxy()


def test_up_brings_a_question_that_is_out_of_sight_into_view(asked: Driver) -> None:
    asked.load([{"text": "Some words.\n\n" * 120}], "long")
    asked.ask("Tell me", attempts=1)
    asked.ask("Tell me more", attempts=1)
    asked.window.transcript.scroll_to(asked.chat.turns()[0].message_id)
    QTest.keyClick(asked.window.composer.edit, Qt.Key.Key_Up)
    (editor,) = editors(asked)
    assert editor.text == "Tell me more"
    transcript = asked.window.transcript
    top = editor.mapTo(transcript, editor.rect().topLeft()).y()
    bottom = editor.mapTo(transcript, editor.rect().bottomLeft()).y()
    assert 0 <= top < bottom <= transcript.height()


def test_up_in_a_new_conversation_does_nothing(driver: Driver) -> None:
    driver.load(VOTE)
    driver.window.composer.focus()
    QTest.keyClick(driver.window.composer.edit, Qt.Key.Key_Up)
    assert editors(driver) == []


def test_left_and_right_turn_over_the_versions_of_the_turn_with_the_focus(asked: Driver) -> None:
    answer = asked.chat.turns()[3]
    asked.chat.regenerate(answer.message_id)
    asked.wait(lambda: not asked.chat.busy)
    scroller = asked.window.transcript.findChild(TurnScroller)
    assert isinstance(scroller, TurnScroller)
    scroller.focus_turn(len(scroller.turns) - 1)

    def version() -> tuple[int, bool]:
        turn = asked.chat.turns()[3]
        widget = focus()
        shown = isinstance(widget, TurnWidget) and widget.turn.message_id == turn.message_id
        return turn.version, shown

    assert version() == (2, True)
    for key, expected in (
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_Right, 2),
    ):
        QTest.keyClick(focus(), key)
        assert version() == (expected, True)
    QTest.keyClick(focus(), Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert version() == (2, True)
