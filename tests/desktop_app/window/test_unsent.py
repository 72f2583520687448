"""What is written and not sent outlives the window, conversation by conversation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.documents.attached import AttachedFile, without_files
from tests.desktop_app.window_driver import VOTE, Driver

FILE = AttachedFile("notes.txt", "Four apples.\n```\nand a fence\n```")


@pytest.fixture
def begun(driver: Driver) -> Driver:
    """A window in which one question was answered and another is being written below it."""
    driver.load(VOTE)
    driver.ask("How many?", attempts=1)
    driver.window.composer.set_text("And why?\n\nTell me.")
    driver.window.composer.files.set_files([FILE])
    return driver


def test_what_is_written_is_there_in_the_next_window(
    begun: Driver, open_window: Callable[..., Driver]
) -> None:
    first = begun.chat.visible_id or ""
    begun.chat.new_conversation()
    begun.window.composer.set_text("Something new")
    begun.quit()
    again = open_window()
    composer = again.window.composer
    again.wait(lambda: composer.text == "Something new")
    again.chat.open_conversation(first)
    again.wait(lambda: composer.text == "And why?\n\nTell me.")
    assert composer.files.files == (FILE,)


def test_it_is_kept_a_moment_after_it_was_written(begun: Driver) -> None:
    conversation_id = begun.chat.visible_id or ""
    begun.wait(lambda: conversation_id in begun.journal.unsent().result())
    content = begun.journal.unsent().result()[conversation_id]
    assert without_files(content) == ("And why?\n\nTell me.", (FILE,))
    begun.window.composer.set_text("")
    begun.window.composer.files.set_files([])
    begun.wait(lambda: begun.journal.unsent().result() == {})


def test_what_was_sent_is_kept_no_longer(begun: Driver) -> None:
    begun.wait(lambda: bool(begun.journal.unsent().result()))
    begun.window.composer._on_send()
    begun.wait(lambda: not begun.chat.busy)
    begun.work.unsent.keep()
    begun.settle()
    assert begun.journal.unsent().result() == {}


def test_what_was_written_comes_to_a_conversation_that_was_only_looked_at(driver: Driver) -> None:
    composer = driver.window.composer
    composer.show_conversation("another")
    composer.bring_back({"": "older"})
    composer.show_conversation("")
    assert composer.text == "older"


def test_what_is_written_meanwhile_is_not_replaced(driver: Driver) -> None:
    driver.window.composer.set_text("newer")
    driver.window.composer.bring_back({"": "older", "c": "elsewhere"})
    assert driver.window.composer.text == "newer"
    assert driver.window.composer.unsent() == {"": "newer", "c": "elsewhere"}


def test_a_draft_of_the_conversation_in_sight_is_there_again(
    driver: Driver, open_window: Callable[[], Driver]
) -> None:
    driver.load(VOTE)
    driver.ask("How many?", attempts=1)
    first = driver.chat.visible_id or ""
    driver.window.composer.set_text("half written")
    driver.chat.new_conversation()
    driver.settle()
    driver.window.composer.set_text("and another one")
    driver.chat.open_conversation(first)
    driver.wait(lambda: driver.chat.visible_id == first)
    driver.quit()
    again = open_window()
    again.wait(lambda: again.chat.visible_id == first)
    again.wait(lambda: again.window.composer.text == "half written")
    again.chat.new_conversation()
    again.wait(lambda: again.window.composer.text == "and another one")
    again.chat.open_conversation(first)
    again.wait(lambda: again.window.composer.text == "half written")
