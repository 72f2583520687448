"""What the model is told before a conversation: from the settings, and changed for one of them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtWidgets import QListView, QMenu

from desktop_app.chat.conversation import Conversation
from desktop_app.settings import ChatSettings
from desktop_app.settings_pages.instructions import InstructionsDialog
from desktop_app.settings_pages.settings_dialog import SettingsDialog
from engine.generation import Message
from engine.journal.records import MessageRecord, now
from tests.desktop_app.window_driver import VOTE, Driver

QUESTION = "How many apples are there?"
TOLD = "Answer in short sentences."


def told(driver: Driver) -> tuple[Message, ...]:
    """What the model is told at the last question."""
    shown = driver.chat._visible
    assert shown is not None
    questions = [m.message_id for m in shown.conversation.branch() if m.role == "user"]
    return shown.conversation.context_for(questions[-1])


def instruct(driver: Driver, text: str) -> None:
    chat = ChatSettings(text)
    driver.work.current_settings.apply(msgspec.structs.replace(driver.work.settings, chat=chat))


def menu_dialog(driver: Driver) -> InstructionsDialog:
    """What the conversation's menu opens."""
    conversations = driver.window.conversations
    driver.wait(lambda: bool(driver.listed()))
    view = conversations.findChild(QListView)
    assert isinstance(view, QListView)
    newest = conversations.rows.index_of(driver.listed()[0].conversation_id)
    view.customContextMenuRequested.emit(view.visualRect(newest).center())
    menu = conversations.findChild(QMenu, "oneConversation")
    assert isinstance(menu, QMenu)
    action = next(a for a in menu.actions() if "Instr" in a.text())
    action.trigger()
    driver.wait(lambda: driver.window.findChild(InstructionsDialog) is not None)
    dialog = driver.window.findChild(InstructionsDialog)
    assert isinstance(dialog, InstructionsDialog)
    return dialog


def test_a_new_conversation_begins_with_them_and_does_not_show_them(driver: Driver) -> None:
    driver.load(VOTE)
    instruct(driver, TOLD)
    driver.ask(QUESTION)
    assert told(driver) == (Message("system", TOLD), Message("user", QUESTION))
    assert driver.chat.turns()[0].text == QUESTION
    assert len(driver.chat.turns()) == 2
    instruct(driver, "")
    driver.ask(QUESTION)
    assert told(driver)[0] == Message("system", TOLD)  # it keeps those it began with
    driver.chat.new_conversation()
    driver.ask(QUESTION)
    assert told(driver) == (Message("user", QUESTION),)


def test_an_edited_first_question_keeps_them(driver: Driver) -> None:
    driver.load(VOTE)
    instruct(driver, TOLD)
    driver.ask(QUESTION)
    driver.chat.edit_and_resend(driver.chat.turns()[0].message_id, "How many pears?")
    driver.settle()
    assert told(driver) == (Message("system", TOLD), Message("user", "How many pears?"))
    assert driver.chat.turns()[0].versions == 2


def test_those_of_one_conversation_are_changed_and_stay(
    open_window: Callable[..., Driver],
) -> None:
    driver = open_window()
    driver.load(VOTE)
    driver.ask(QUESTION)
    dialog = menu_dialog(driver)
    assert dialog.instructions.text == ""
    dialog.instructions.set_text(TOLD)
    dialog.accept()
    assert told(driver) == (Message("system", TOLD), Message("user", QUESTION))
    driver.ask("And pears?")
    driver.quit()
    again = open_window()
    again.wait(lambda: again.chat.instructions == TOLD)
    assert again.chat.turns()[0].text == QUESTION
    assert told(again)[0] == Message("system", TOLD)
    dialog = menu_dialog(again)
    assert dialog.instructions.text == TOLD
    dialog.instructions.set_text("")
    dialog.accept()
    assert told(again)[0] == Message("user", QUESTION)


def test_they_come_to_stand_above_every_first_question() -> None:
    conversation = Conversation("c")
    for name, parent in (("q1", None), ("a1", "q1"), ("q2", None)):
        role = "assistant" if name[0] == "a" else "user"
        conversation.add(MessageRecord(name, "c", parent, role, name, now()))  # type: ignore[arg-type]
    root = conversation.set_instructions(TOLD)
    assert [m.message_id for m in conversation.up_to("a1")] == [root.message_id, "q1", "a1"]
    assert [m.message_id for m in conversation.siblings("q1")] == ["q1", "q2"]
    changed = conversation.set_instructions("Otherwise")
    assert changed.message_id == root.message_id
    assert conversation.instructions == "Otherwise"


def test_the_settings_have_a_page_for_them(driver: Driver) -> None:
    driver.settle()
    driver.work.current_settings.open_dialog(driver.window, model_loaded=False)
    dialog = driver.window.findChild(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    dialog._instructions.set_text(f"  {TOLD}\n")
    dialog.accept()
    assert driver.work.settings.chat.instructions == TOLD
