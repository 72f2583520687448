"""Conversations leave the window in a file and come into it from one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from desktop_app.chat.conversation_rows import thinking_text
from desktop_app.chat.transcript_actions import ActionRow
from desktop_app.chat.turn import Evidence, Role, TurnState, TurnView
from desktop_app.error_text import error_text
from tests.desktop_app.window_driver import VOTE, Driver

TALK = [
    {"role": "system", "content": "Be short."},
    {"role": "user", "content": "How many?"},
    {"role": "assistant", "content": "**Four.**"},
]


def talk_file(folder: Path) -> Path:
    path = folder / "talk.json"
    path.write_text(json.dumps(TALK))
    return path


def shown(turns: list[TurnView]) -> list[tuple[str, Evidence | None]]:
    """What is read; of a model from a file only its own name is known, not what it is called."""
    return [(t.text, replace(t.evidence, model="") if t.evidence else None) for t in turns]


def test_what_was_exported_comes_back_with_its_candidates(driver: Driver, tmp_path: Path) -> None:
    driver.load(VOTE)
    driver.ask("How many?", attempts=4)
    before = driver.chat.turns()
    path = tmp_path / "all.jsonl"
    driver.work.conversations.export_all(path)
    driver.wait(path.exists)
    driver.work.conversations.import_from(path)
    driver.wait(lambda: len(driver.listed()) == 2)
    driver.wait(lambda: {t.message_id for t in driver.chat.turns()} != ids(before))
    after = driver.chat.turns()
    assert shown(after) == shown(before)
    view = driver.window.panel.view
    assert view is not None
    assert len(view.candidates) == 4
    driver.chat.think_longer(after[-1].message_id)
    driver.wait(lambda: not driver.chat.busy)
    answered = driver.chat.turns()[-1].evidence
    assert answered is not None
    assert answered.candidates > 4


def test_the_branch_that_was_shown_is_shown(driver: Driver, tmp_path: Path) -> None:
    driver.load([{"text": "Answer: 4"}, {"text": "Answer: 5"}])
    driver.ask("How many?", attempts=1)
    driver.chat.regenerate(driver.chat.turns()[1].message_id)
    driver.wait(lambda: not driver.chat.busy)
    driver.chat.show_version(driver.chat.turns()[1].message_id, -1)
    before = driver.chat.turns()
    path = tmp_path / "all.jsonl"
    driver.settle()
    driver.work.conversations.export_all(path)
    driver.wait(path.exists)
    driver.work.conversations.import_from(path)
    driver.wait(lambda: bool(driver.chat.turns()) and ids(driver.chat.turns()) != ids(before))
    assert [(t.text, t.version, t.versions) for t in driver.chat.turns()] == [
        (t.text, t.version, t.versions) for t in before
    ]


def ids(turns: list[TurnView]) -> set[str]:
    return {turn.message_id for turn in turns}


def test_a_talk_of_another_program_is_read_and_gone_on_with(driver: Driver, tmp_path: Path) -> None:
    driver.load(VOTE)
    driver.work.conversations.import_from(talk_file(tmp_path))
    driver.wait(lambda: len(driver.chat.turns()) == 2)
    question, answer = driver.chat.turns()
    assert (question.role, question.text) == (Role.USER, "How many?")
    assert (answer.role, answer.text, answer.state) == (
        Role.ASSISTANT,
        "**Four.**",
        TurnState.PLAIN,
    )
    assert [(c.title, thinking_text(c)) for c in driver.listed()] == [("How many?", "imported")]
    offered = driver.window.transcript.findChildren(ActionRow)
    assert all(not row.longer_button.isVisibleTo(row) for row in offered)
    assert driver.chat.last_answer_text == "**Four.**"
    driver.ask("Sure?", attempts=1)
    turns = driver.chat.turns()
    assert [turn.text for turn in turns[:3]] == ["How many?", "**Four.**", "Sure?"]
    told = driver.chat.context_for(turns[2].message_id)
    assert [message.content for message in told] == ["Be short.", "How many?", "**Four.**", "Sure?"]
    driver.chat.regenerate(answer.message_id)
    driver.wait(lambda: not driver.chat.busy)
    assert driver.chat.turns()[1].versions == 2


def test_a_file_that_is_no_conversation_changes_nothing(driver: Driver, tmp_path: Path) -> None:
    driver.load(VOTE)
    driver.ask("How many?", attempts=1)
    path = tmp_path / "notes.json"
    path.write_text('{"title": "notes"}')
    shown = driver.chat.visible_id
    driver.work.conversations.import_from(path)
    title = error_text("journal-import").title
    bar = driver.window.message_bar
    driver.wait(lambda: bar.message is not None and bar.message.title == title)
    assert driver.chat.visible_id == shown
    assert len(driver.listed()) == 1


def test_the_menu_of_all_conversations_asks_for_files(driver: Driver) -> None:
    asked = []
    menu = driver.window.conversations.all_menu
    for action in (one for one in menu.actions() if one.text().endswith("…")):
        action.trigger()
        dialog = driver.window.findChild(QFileDialog)
        assert isinstance(dialog, QFileDialog)
        asked.append(dialog.windowTitle())
        dialog.reject()
        driver.wait(lambda: driver.window.findChild(QFileDialog) is None)
    assert asked == ["Import conversations", "Export all conversations", "Export preferences"]
