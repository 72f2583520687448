"""Conversations in the window: what is listed, opened, typed and edited is left alone."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView, QMenu

from desktop_app.chat.phase import ChatPhase
from desktop_app.chat.transcript_editor import QuestionEditor
from desktop_app.chat.transcript_turn import TurnWidget
from desktop_app.chat.turn import TurnState
from desktop_app.window.shortcuts import Command
from engine.journal.records import now
from tests.desktop_app.window_driver import HOLD, VOTE, Driver


@pytest.fixture
def other(driver: Driver) -> str:
    """A conversation beside the one that is shown and thought about."""
    driver.load(VOTE)
    driver.ask("Other conversation")
    other_id = driver.chat.visible_id
    assert other_id is not None
    driver.work.on_command(Command.NEW_CONVERSATION)
    driver.load(HOLD, "hold")
    driver.slide(2)
    driver.write("Shown conversation")
    driver.wait(lambda: bool(driver.window.panel.view and driver.window.panel.view.tally.groups))
    driver.wait(lambda: len(driver.listed()) == 2)
    return other_id


def view(driver: Driver) -> QListView:
    found = driver.window.conversations.findChild(QListView)
    assert isinstance(found, QListView)
    return found


def editor_of(driver: Driver) -> QuestionEditor:
    found = driver.window.findChild(QuestionEditor)
    assert isinstance(found, QuestionEditor)
    return found


def let_the_verdict_arrive(driver: Driver) -> None:
    """End the answer, and wait until the list could have been read again."""
    driver.chat.answer_now()
    driver.wait(lambda: not driver.chat.busy)
    driver.settle()


def test_what_was_asked_in_the_terminal_is_listed_and_opens(driver: Driver) -> None:
    script = driver.script([{"text": f"Answer: {answer}"} for answer in ("4", "5", "4", "4")])
    words = ["ask", "How many apples?", "--model", str(script), "--full-budget"]
    done = subprocess.run([sys.executable, "-m", "desktop_app", *words], check=False)
    assert done.returncode == 0
    driver.load(VOTE)
    driver.ask("Another question")
    driver.wait(lambda: {c.title for c in driver.listed()} >= {"How many apples?"})
    (asked,) = (c for c in driver.listed() if c.title == "How many apples?")
    driver.chat.open_conversation(asked.conversation_id, asked.leaf_id)
    driver.wait(lambda: driver.chat.visible_id == asked.conversation_id)
    question, answer = driver.chat.turns()
    assert (question.text, answer.text) == ("How many apples?", "Answer: 4")
    assert answer.evidence is not None
    assert (answer.evidence.candidates, answer.evidence.votes) == (4, 4)
    assert answer.rateable


def test_a_verdict_leaves_an_open_menu_to_its_conversation(driver: Driver, other: str) -> None:
    row = view(driver).visualRect(driver.window.conversations.rows.index_of(other))
    view(driver).customContextMenuRequested.emit(row.center())
    menu = driver.window.conversations.findChild(QMenu, "oneConversation")
    assert isinstance(menu, QMenu)
    let_the_verdict_arrive(driver)
    next(action for action in menu.actions() if action.text() == "Delete").trigger()
    driver.wait(lambda: [c.title for c in driver.listed()] == ["Shown conversation"])


def test_what_is_typed_while_ponder_starts_stays(open_window: Callable[..., Driver]) -> None:
    first = open_window()
    first.load(VOTE)
    first.ask("Earlier question")
    first.quit()
    second = open_window()
    assert second.chat.visible_id is None
    QTest.keyClicks(second.window.composer.edit, "My long ")
    second.wait(lambda: second.chat.visible_id is not None)
    second.wait(lambda: bool(second.chat.turns()))
    QTest.keyClicks(second.window.composer.edit, "question")
    assert second.window.composer.text == "My long question"
    second.work.on_command(Command.NEW_CONVERSATION)
    assert second.window.composer.text == ""


def test_the_version_that_was_chosen_is_the_one_that_is_listed(driver: Driver) -> None:
    driver.load([{"text": "Answer: 4"}, {"text": "Answer: 5"}])
    driver.ask("How many?", attempts=1)
    older = driver.chat.turns()[1].message_id
    driver.chat.regenerate(older)
    driver.wait(lambda: not driver.chat.busy)
    newer = driver.chat.turns()[1].message_id
    driver.wait(lambda: [c.leaf_id for c in driver.listed()] == [newer])
    driver.chat.show_version(newer, -1)
    driver.wait(lambda: [c.leaf_id for c in driver.listed()] == [older])
    driver.chat.new_conversation()
    view(driver).clicked.emit(
        driver.window.conversations.rows.index_of(driver.listed()[0].conversation_id)
    )
    driver.wait(lambda: bool(driver.chat.turns()))
    assert driver.chat.turns()[1].message_id == older
    deleted = driver.chat.delete_conversations([driver.chat.visible_id or ""])
    driver.chat.restore_conversations(deleted)
    driver.wait(lambda: bool(driver.chat.turns()))
    assert driver.chat.turns()[1].message_id == older, "undoing shows the version that was shown"


def test_what_a_search_finds_is_shown_on_whatever_branch(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("About giraffes", attempts=1)
    question = driver.chat.turns()[0].message_id
    driver.chat.edit_and_resend(question, "About lions")
    driver.wait(lambda: not driver.chat.busy)
    driver.chat.new_conversation()
    driver.window.conversations.search("giraffes")
    driver.wait(lambda: [c.found_id for c in driver.listed()] == [question])
    view(driver).clicked.emit(
        driver.window.conversations.rows.index_of(driver.listed()[0].conversation_id)
    )
    driver.wait(lambda: bool(driver.chat.turns()))
    assert driver.chat.turns()[0].text == "About giraffes"
    driver.window.conversations.search("")
    driver.wait(lambda: driver.listed()[0].found_id is None)
    driver.settle()
    assert driver.listed()[0].leaf_id == driver.chat.turns()[-1].message_id


def test_a_question_that_is_being_edited_waits_for_its_conversation(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("How many?", attempts=1)
    conversation_id = driver.chat.visible_id or ""
    turn = driver.window.findChild(TurnWidget)
    assert isinstance(turn, TurnWidget)
    turn.start_editing()
    field = editor_of(driver).focusProxy()
    assert field is not None
    QTest.keyClicks(field, " And why?")
    driver.chat.new_conversation()
    driver.ask("Something else", attempts=1)
    driver.chat.open_conversation(conversation_id)
    driver.wait(lambda: driver.chat.turns()[0].text == "How many?")
    assert editor_of(driver).text == "How many? And why?"


def test_a_conversation_that_is_opened_twice_is_read_once(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("How many?", attempts=1)
    conversation_id = driver.chat.visible_id or ""
    driver.chat.new_conversation()
    driver.settle()
    shown: list[object] = []
    driver.chat.conversation_shown.connect(
        lambda _name: shown.append(driver.chat._open[conversation_id])
    )
    driver.chat.open_conversation(conversation_id)
    driver.chat.open_conversation(conversation_id)
    driver.wait(lambda: len(shown) == 2)
    assert shown[0] is shown[1]


def test_the_context_that_is_told_is_that_of_the_last_answer(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("How many?", attempts=1)
    first = driver.chat.turns()[1].message_id
    driver.ask("And how many of these are left when one of them is gone?", attempts=1)
    used = driver.chat.context_tokens_used()
    assert used is not None
    driver.chat.show_deliberation(first)
    assert driver.chat.context_tokens_used() == used


def test_a_verdict_leaves_a_title_that_is_being_written(driver: Driver, other: str) -> None:
    with driver.qtbot.waitActive(driver.window):
        driver.window.activateWindow()
    view(driver).setFocus()
    view(driver).setCurrentIndex(driver.window.conversations.rows.index_of(other))
    QTest.keyClick(view(driver), Qt.Key.Key_F2)
    editor = view(driver).findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.setText("My new name")
    let_the_verdict_arrive(driver)
    assert editor.hasFocus()
    QTest.keyClick(editor, Qt.Key.Key_Return)
    driver.wait(
        lambda: (
            [(c.title, c.last_attempts > 0) for c in driver.listed()]
            == [("Shown conversation", True), ("My new name", True)]
        )
    )


def test_the_list_says_what_is_thought_about_and_what_waits(driver: Driver) -> None:
    driver.load(HOLD)
    driver.slide(2)
    driver.write("The first")
    driver.wait_phase(ChatPhase.THINKING)
    driver.chat.new_conversation()
    driver.write("The second")
    driver.wait_phase(ChatPhase.QUEUED)
    rows = driver.window.conversations.rows

    def told() -> list[str]:
        return [rows.about(one, now()) for one in driver.listed()]

    driver.wait(lambda: told() == ["waiting…", "thinking…"])
    driver.chat.stop()
    driver.chat.open_conversation(driver.listed()[1].conversation_id)
    driver.chat.stop()
    driver.wait(lambda: not driver.chat.busy)
    assert not {"waiting…", "thinking…"} & set(told())


@pytest.mark.expects_log
def test_an_answer_whose_record_is_damaged_is_its_text_and_named(
    open_window: Callable[..., Driver],
) -> None:
    driver = open_window()
    driver.load(VOTE)
    driver.ask("How many apples?")
    driver.ask("How many pears?")
    driver.settle()
    conversation = driver.chat.visible_id
    assert conversation is not None
    damaged, whole = driver.journal.deliberations_of(conversation).result().records
    path = driver.journal.path
    driver.quit()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "update deliberations set budget = '[]' where id = ?", (damaged.deliberation_id,)
        )
    connection.close()
    again = open_window()
    again.wait(lambda: len(again.chat.turns()) == 4)
    first, second = again.chat.turns()[1::2]
    assert first.text == second.text
    assert (first.state, second.state) == (TurnState.PLAIN, TurnState.FINISHED)
    assert (first.evidence is None, second.evidence is None) == (True, False)
    message = again.window.message_bar.message
    assert message is not None
    assert damaged.deliberation_id in message.detail
    assert whole.deliberation_id not in message.detail
