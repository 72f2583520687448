"""Answers, branches and conversations that change while something else is under way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from desktop_app.chat.conversation_feed import file_name_for
from desktop_app.chat.phase import ChatPhase
from desktop_app.window.shortcuts import Command
from tests.desktop_app.window_driver import HOLD, VOTE, Driver


def shown(driver: Driver) -> list[str]:
    return [turn.text for turn in driver.window.transcript.turns()]


def test_a_question_asked_anew_stands_alone_on_the_screen(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("one?")
    driver.window.transcript.anew_requested.emit(driver.chat.turns()[1].message_id)
    driver.wait(lambda: not driver.chat.busy)
    driver.settle()
    assert shown(driver) == [turn.text for turn in driver.chat.turns()]
    assert len(shown(driver)) == 2
    driver.chat.regenerate(driver.window.transcript.turns()[1].message_id)
    driver.wait(lambda: not driver.chat.busy)


def test_a_conversation_that_is_deleted_while_it_opens_is_not_shown(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("one?")
    deleted = driver.chat.visible_id or ""
    driver.work.on_command(Command.NEW_CONVERSATION)
    driver.settle()
    rows = driver.window.conversations
    place = rows._list.visualRect(rows.rows.index_of(deleted)).center()
    QTest.mouseClick(
        rows._list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
    )
    QTest.keyClick(rows._list, Qt.Key.Key_Delete)
    driver.wait(lambda: driver.listed() == [])
    driver.settle()
    assert driver.chat.visible_id != deleted
    driver.ask("a second question?")
    driver.wait(lambda: len(driver.listed()) == 1)


def test_what_is_asked_while_another_model_loads_stays_and_is_answered(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("one?")
    other = driver.script([{"text": "Answer: 7"}], "other")
    conversation_id = driver.chat.visible_id or ""
    message_id = driver.chat.turns()[1].message_id
    driver.work.versions.another_model.answer(conversation_id, message_id, other)
    driver.slide(2)
    driver.write("two?")
    driver.wait(lambda: driver.work.models.state.path == other)
    driver.wait(lambda: driver.work.models.state.takes_questions and not driver.chat.busy)
    driver.settle()
    assert [text for text in shown(driver) if text.endswith("?")] == ["one?", "two?"]
    assert shown(driver)[3] == "Answer: 7"
    first = driver.window.transcript.turns()[1]
    assert (first.version, first.versions) == (1, 2)


def test_a_slider_does_not_take_back_that_more_was_asked_for(driver: Driver) -> None:
    driver.load([*VOTE, *VOTE, *HOLD, *VOTE, *VOTE])
    driver.ask("one?", attempts=8)
    first, message_id = driver.chat.visible_id or "", driver.chat.turns()[1].message_id
    driver.work.on_command(Command.NEW_CONVERSATION)
    driver.slide(2)
    driver.write("hold?")
    driver.wait(lambda: driver.chat.phase is ChatPhase.THINKING)
    driver.chat.open_conversation(first)
    driver.wait(lambda: driver.chat.visible_id == first)
    driver.chat.think_longer(message_id)
    answer = driver.chat._answer_of(message_id)
    assert answer is not None
    wanted = answer.view.budget.samples
    assert wanted > 8
    driver.slide(4)
    assert answer.view.budget.samples == wanted
    driver.slide(32)
    assert answer.view.budget.samples == 32


def test_instructions_open_for_what_they_were_wanted_for_or_not_at_all(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("one?")
    first = driver.chat.visible_id or ""
    driver.work.on_command(Command.NEW_CONVERSATION)
    driver.ask("two?")
    second = driver.chat.visible_id or ""
    driver.work.on_command(Command.NEW_CONVERSATION)
    driver.settle()
    driver.window.conversations.instructions_requested.emit(first, "")
    driver.chat.open_conversation(second)
    driver.wait(lambda: driver.chat.visible_id == second)
    driver.chat.open_conversation(first)
    driver.wait(lambda: driver.chat.visible_id == first)
    driver.settle()
    assert not [one for one in driver.window.findChildren(QDialog) if one.isVisible()]


@pytest.mark.expects_log
def test_what_a_crash_broke_off_is_told_to_the_model(
    driver: Driver, open_window: Callable[..., Driver]
) -> None:
    driver.load([{"text": "Partial words. Answer: 4", "hold": True}])
    driver.slide(1)
    driver.write("First?")
    conversation_id = ""

    def kept() -> bool:
        nonlocal conversation_id
        conversation_id = driver.chat.visible_id or ""
        found = driver.journal.deliberations_of(conversation_id).result().records
        return bool(found and found[0].drafts)

    driver.wait(kept)
    driver.journal.close()  # as if the program had ended here
    driver.quit()
    again = open_window()
    again.wait(lambda: again.chat.visible_id == conversation_id)
    again.settle()
    again.load([{"text": "Answer: 5"}])
    again.ask("And?", attempts=1)
    told = again.chat.context_for(again.chat.turns()[2].message_id)
    assert [message.role for message in told] == ["user", "assistant", "user"]
    assert "Partial words" in told[1].content


def test_a_long_title_is_a_file_name_that_systems_take() -> None:
    name = file_name_for("\u8fd9" * 160)
    assert 0 < len(name.encode()) <= 200
    assert file_name_for("  ") == "conversation"
