"""Presets in the window: kept, used, replaced and removed through the menu beside the strategy."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QMenu

from desktop_app.chat.phase import ChatPhase
from desktop_app.chat.preset_menu import PresetMenu, PresetRow
from desktop_app.folders import folders
from desktop_app.presets import PresetShelf
from tests.desktop_app.window_driver import HOLD, VOTE, Driver


def menu_of(driver: Driver) -> PresetMenu:
    return driver.window.composer.preset_menu


def entry(menu: QMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)


def change(driver: Driver, attempts: int, temperature: float) -> None:
    """Choose other settings, as the slider and the dialog do."""
    settings = driver.work.current_settings.value
    thinking = msgspec.structs.replace(settings.thinking, attempts=attempts, strategy="revise")
    sampling = msgspec.structs.replace(settings.sampling, temperature=temperature)
    driver.work.current_settings.apply(
        msgspec.structs.replace(settings, thinking=thinking, sampling=sampling)
    )


def keep(driver: Driver, name: str) -> None:
    """Keep what holds now, typing the name."""
    entry(menu_of(driver), "Keep as a preset…").trigger()
    dialog = next(one for one in driver.window.findChildren(QInputDialog) if one.isVisible())
    dialog.setTextValue(name)
    QTest.keyClick(dialog, Qt.Key.Key_Return)


def rows(driver: Driver) -> list[tuple[str, bool]]:
    return [(row.name, row.current) for row in menu_of(driver).rows]


def told(driver: Driver) -> tuple[str, str] | None:
    message = driver.window.message_bar.message
    return (message.title, message.text) if message is not None else None


def test_a_preset_is_kept_used_and_marked_while_it_holds(driver: Driver) -> None:
    driver.load(VOTE)
    change(driver, 16, 1.3)
    keep(driver, "Slow and careful")
    driver.wait(lambda: rows(driver) == [("Slow and careful", True)])
    assert told(driver) == ("Kept", "Slow and careful")
    driver.slide(2)
    assert rows(driver) == [("Slow and careful", False)]
    driver.work.current_settings.choose_strategy("vote")
    entry(menu_of(driver), "Slow and careful").trigger()
    assert rows(driver) == [("Slow and careful", True)]
    assert driver.window.composer.attempts == 16
    settings = driver.work.current_settings.value
    assert (settings.thinking.strategy, settings.sampling.temperature) == ("revise", 1.3)
    assert driver.window.composer._strategy.currentData() == "revise"


def test_one_that_is_replaced_or_removed_can_be_brought_back(driver: Driver) -> None:
    change(driver, 16, 1.3)
    keep(driver, "mine")
    driver.wait(lambda: rows(driver) == [("mine", True)])
    change(driver, 4, 0.7)
    keep(driver, "Mine")
    driver.wait(lambda: rows(driver) == [("Mine", True)])
    assert told(driver) == ("Replaced", "Mine")
    driver.window.message_bar._action.click()
    driver.wait(lambda: rows(driver) == [("Mine", False)])
    entry(menu_of(driver), "Mine").trigger()
    assert driver.window.composer.attempts == 16
    removing = entry(menu_of(driver), "Remove a preset").menu()
    assert isinstance(removing, QMenu)
    entry(removing, "Mine").trigger()
    driver.wait(lambda: rows(driver) == [])
    driver.window.message_bar._action.click()
    driver.wait(lambda: rows(driver) == [("Mine", True)])


@pytest.mark.expects_log
def test_a_name_that_is_none_is_told(driver: Driver) -> None:
    keep(driver, "../up")
    driver.wait(lambda: told(driver) is not None)
    said = told(driver)
    assert said is not None
    assert said[0] == "This name cannot be used"


def test_presets_outlive_the_window(driver: Driver) -> None:
    change(driver, 32, 0.9)
    keep(driver, "mine")
    driver.wait(lambda: bool(rows(driver)))
    driver.quit()
    again = PresetShelf(folders().presets).presets()
    assert [(one.name, one.preset.thinking.attempts) for one in again if one.preset] == [
        ("mine", 32)
    ]


def test_none_is_chosen_while_a_question_is_thought_about(driver: Driver) -> None:
    keep(driver, "mine")
    driver.wait(lambda: bool(rows(driver)))
    driver.load(HOLD)
    driver.slide(2)
    driver.write("How many?")
    driver.wait_phase(ChatPhase.THINKING)
    assert not entry(menu_of(driver), "mine").isEnabled()
    driver.chat.stop()
    driver.wait_phase(ChatPhase.READY)
    assert entry(menu_of(driver), "mine").isEnabled()


def test_the_button_opens_the_menu_above_itself_and_escape_closes_it(driver: Driver) -> None:
    composer = driver.window.composer
    composer._options.click()
    menu = menu_of(driver)
    assert menu.isVisible()
    assert menu.geometry().bottom() <= composer._options.mapToGlobal(composer.rect().topLeft()).y()
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()


@pytest.mark.usefixtures("qapp")
def test_a_damaged_one_can_only_be_removed() -> None:
    menu = PresetMenu()
    menu.set_rows([PresetRow("broken & old", damaged=True)])
    assert not entry(menu, "broken && old (damaged)").isEnabled()
    removed: list[str] = []
    menu.remove_requested.connect(removed.append)
    removing = entry(menu, "Remove a preset").menu()
    assert isinstance(removing, QMenu)
    entry(removing, "broken && old").trigger()
    assert removed == ["broken & old"]


def test_the_preset_that_holds_keeps_its_tick_when_it_is_chosen_again(driver: Driver) -> None:
    keep(driver, "mine")
    driver.wait(lambda: rows(driver) == [("mine", True)])
    entry(menu_of(driver), "mine").trigger()
    driver.settle()
    assert rows(driver) == [("mine", True)]
    assert entry(menu_of(driver), "mine").isChecked()
