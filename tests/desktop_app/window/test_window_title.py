"""The window's title says what is open and whether it is thought about, whatever a title holds."""

from __future__ import annotations

import pytest

from desktop_app.chat.phase import ChatPhase
from desktop_app.window.shortcuts import Command
from desktop_app.window.window_title import title_text
from tests.desktop_app.window_driver import HOLD, VOTE, Driver


def test_it_follows_what_is_open(driver: Driver) -> None:
    window = driver.window
    assert window.windowTitle() == "Ponder"
    driver.load(VOTE)
    driver.ask("How many apples?")
    driver.wait(lambda: window.windowTitle() == "How many apples? – Ponder")
    first = driver.chat.visible_id or ""
    driver.chat.rename_conversation(first, "Apples")
    driver.wait(lambda: window.windowTitle() == "Apples – Ponder")
    driver.work.on_command(Command.NEW_CONVERSATION)
    assert window.windowTitle() == "Ponder"
    driver.chat.open_conversation(first)
    driver.wait(lambda: window.windowTitle() == "Apples – Ponder")


def test_it_says_that_the_open_conversation_is_thought_about(driver: Driver) -> None:
    window = driver.window
    driver.load(HOLD)
    driver.slide(2)
    driver.write("How many apples?")
    driver.wait_phase(ChatPhase.THINKING)
    assert window.windowTitle() == "Thinking… – Ponder"
    driver.work.on_command(Command.NEW_CONVERSATION)
    assert window.windowTitle() == "Ponder"
    driver.chat.open_conversation(driver.chat.under_way[0])
    assert window.windowTitle() == "Thinking… – Ponder"
    driver.chat.stop()
    driver.wait(lambda: window.windowTitle() == "How many apples? – Ponder")


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Apples\u202eredneP", "Apples\ufffdredneP"),
        ("one\x07two\n three", "one\ufffdtwo three"),
        ("a" * 200, "a" * 79 + "…"),
        ("Notes [*]", "Notes [*][*]"),  # Qt shows it once, and means nothing by it
        ("", ""),
    ],
)
def test_a_title_commands_nothing(title: str, shown: str) -> None:
    assert title_text(title) == shown
