"""A conversation that was held with another model offers it, and does nothing by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect

from desktop_app.window.shortcuts import Command
from tests.desktop_app.window_driver import VOTE, Driver


@pytest.fixture
def asked_first(driver: Driver) -> tuple[Path, str]:
    """The model of a conversation and its id; another model is loaded now, nothing is shown."""
    path = driver.load(VOTE, "first")
    driver.ask("How many?")
    asked = driver.chat.visible_id
    assert asked is not None
    driver.work.on_command(Command.NEW_CONVERSATION)
    driver.load(VOTE, "second", "number-stories")
    return path, asked


def offers(driver: Driver) -> bool:
    line = driver.window.earlier_model
    assert line.isHidden() is not bool(line.text)
    return not line.isHidden()


def composer_place(driver: Driver) -> QRect:
    composer = driver.window.composer
    return QRect(composer.mapTo(driver.window, QPoint()), composer.size())


def test_an_old_conversation_offers_its_model_and_loads_it_when_asked(
    driver: Driver, asked_first: tuple[Path, str]
) -> None:
    path, asked = asked_first
    second = driver.work.models.state.path
    assert not offers(driver)
    driver.settle()
    place = composer_place(driver)
    driver.chat.open_conversation(asked)
    driver.wait(lambda: offers(driver))
    assert driver.window.earlier_model.text == "This conversation used first."
    assert not driver.window.demonstration_line_shown
    driver.settle()
    assert composer_place(driver) == place
    assert driver.work.models.state.path == second
    driver.window.earlier_model.button.click()
    driver.wait(lambda: driver.work.models.state.path == path)
    driver.wait(lambda: driver.work.models.state.takes_questions)
    assert not offers(driver)
    assert driver.window.focusWidget() is driver.window.composer.edit


def test_a_conversation_goes_on_with_another_model(
    driver: Driver, asked_first: tuple[Path, str]
) -> None:
    _path, asked = asked_first
    driver.chat.open_conversation(asked)
    driver.wait(lambda: offers(driver))
    driver.ask("And now?")
    assert not offers(driver)
    assert driver.window.demonstration_line_shown
    driver.work.on_command(Command.NEW_CONVERSATION)
    driver.chat.open_conversation(asked)
    driver.wait(lambda: bool(driver.chat.turns()))
    driver.settle()
    assert not offers(driver)


def test_a_model_whose_file_is_gone_is_not_offered(
    driver: Driver, asked_first: tuple[Path, str]
) -> None:
    path, asked = asked_first
    driver.chat.open_conversation(asked)
    driver.wait(lambda: offers(driver))
    path.unlink()
    driver.work.on_command(Command.NEW_CONVERSATION)
    assert not offers(driver)
    driver.chat.open_conversation(asked)
    driver.wait(lambda: bool(driver.chat.turns()))
    driver.wait(lambda: "earlier-model" not in {t.name for t in threading.enumerate()})
    driver.settle()
    assert not offers(driver)


def test_a_window_that_starts_with_the_model_of_its_conversation_says_nothing(
    open_window: Callable[..., Driver],
) -> None:
    first = open_window()
    path = first.load(VOTE, "first")
    first.ask("How many?")
    first.quit()
    second = open_window()
    second.wait(lambda: bool(second.chat.turns()))
    second.wait(lambda: second.work.models.state.takes_questions)
    assert second.chat.model_path == str(path)
    assert not offers(second)
    second.work.models.eject(lambda act: act())
    second.wait(lambda: offers(second))
