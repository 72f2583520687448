"""Finding a text in a conversation: which messages, each place in them, and back again."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.chat.transcript import TranscriptView
from desktop_app.chat.turn import Role, TurnView
from desktop_app.window.shortcuts import Command
from engine.documents.attached import AttachedFile, with_files
from tests.desktop_app.window_driver import VOTE, Driver

LONG = "\n\n".join(f"Paragraph {n} about pears." for n in range(60))


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    shown = TranscriptView()
    qtbot.addWidget(shown)
    shown.resize(700, 400)
    shown.show()
    turns = []
    for n in range(40):
        text = f"Question {n} about {'apples' if n % 10 == 3 else 'plums'}"
        turns.append(TurnView(f"q{n}", Role.USER, text))
        answer = f"{LONG}\n\nThe **Apple** is red, an apple." if n == 13 else "No fruit."
        turns.append(TurnView(f"a{n}", Role.ASSISTANT, answer))
    shown.set_turns(turns)
    shown.open_find()
    return shown


def marked(view: TranscriptView) -> list[tuple[str, str, bool]]:
    """(turn, text, whether it stands out) of every mark that is shown."""
    found = []
    for message_id, widget in view._scroller._widgets.items():
        for mark in widget.body.extraSelections():
            stands_out = mark.format.foreground().style() is not Qt.BrushStyle.NoBrush
            found.append((message_id, mark.cursor.selectedText(), stands_out))
    return found


def standing_out(view: TranscriptView) -> list[tuple[str, str]]:
    return [(turn, text) for turn, text, stands_out in marked(view) if stands_out]


def in_sight(view: TranscriptView, message_id: str) -> bool:
    widget = view._scroller.widget(message_id)
    assert widget is not None
    place = widget.y() + widget.body.y() + widget.body.marked_top
    return 0 <= place <= view._scroller.viewport().height() - 10


def test_it_begins_with_what_is_in_sight_and_goes_round(view: TranscriptView) -> None:
    view.scroll_to("q12")
    view.find_bar.field.setText("APPLE")
    assert view.find_bar.found.text() == "message 2 of 5"
    seen = []
    for _ in range(6):
        seen.append(standing_out(view))
        assert in_sight(view, seen[-1][0][0])
        view.find_bar.step_requested.emit(1)
    assert [turn for ((turn, _),) in seen] == ["q13", "a13", "a13", "q23", "q33", "q3"]
    assert [text for ((_, text),) in seen][:3] == ["apple", "Apple", "apple"]


def test_back_is_the_same_way(view: TranscriptView) -> None:
    view.scroll_to("q20")
    view.find_bar.field.setText("apple")
    places = []
    for _ in range(4):
        ((turn, _),) = standing_out(view)
        places.append((turn, [s for t, _, s in marked(view) if t == turn].index(True)))
        view.find_bar.step_requested.emit(-1)
    assert places == [("q23", 0), ("a13", 1), ("a13", 0), ("q13", 0)]


def test_what_is_not_there_is_said_and_nothing_moves(view: TranscriptView) -> None:
    view.scroll_to("q12")
    before = view._scroller.verticalScrollBar().value()
    view.find_bar.field.setText("bananas")
    view.find_bar.step_requested.emit(1)
    assert view.find_bar.found.text() == "not found"
    assert view._scroller.verticalScrollBar().value() == before
    assert not marked(view)
    view.find_bar.field.clear()
    assert view.find_bar.found.text() == ""


def test_mark_up_alone_is_gone_to_without_a_mark(view: TranscriptView) -> None:
    view.find_bar.field.setText("**Apple**")
    assert view.find_bar.found.text() == "message 1 of 1"
    assert not marked(view)
    view.find_bar.step_requested.emit(1)
    assert view.find_bar.found.text() == "message 1 of 1"


def test_another_conversation_is_looked_through(view: TranscriptView) -> None:
    view.find_bar.field.setText("apple")
    view.set_turns([TurnView("x", Role.USER, "One apple")])
    assert view.find_bar.found.text() == "message 1 of 1"
    assert standing_out(view) == [("x", "apple")]
    view.append_turn(TurnView("y", Role.ASSISTANT, "An apple"))
    view.find_bar.step_requested.emit(1)
    assert view.find_bar.found.text() == "message 2 of 2"


def test_a_file_behind_a_question_is_not_shown_and_not_found(view: TranscriptView) -> None:
    view.set_turns([TurnView("x", Role.USER, with_files("Why?", [AttachedFile("a", "apple")]))])
    view.find_bar.field.setText("apple")
    assert view.find_bar.found.text() == "not found"


def test_keys_open_it_go_on_and_close_it(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("How many apples are there?")
    transcript = driver.window.transcript
    assert not transcript.find_bar.isVisible()
    driver.window._on_command(Command.FIND)
    bar = transcript.find_bar
    assert bar.isVisible()
    field = bar.field
    assert QApplication.focusWidget() is field or field.hasFocus()
    QTest.keyClicks(field, "apples")
    assert bar.found.text().startswith("message ")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert not marked(transcript)
    assert driver.window.composer.edit.hasFocus()
