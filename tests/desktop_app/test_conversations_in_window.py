"""The list of conversations while one is answered: menus, typing and focus are left alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView, QMenu

from desktop_app.shortcuts import Command
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


def let_the_verdict_arrive(driver: Driver) -> None:
    """End the answer, and wait until the list could have been read again."""
    driver.chat.answer_now()
    driver.wait(lambda: not driver.chat.busy)
    driver.settle()


def test_a_verdict_leaves_an_open_menu_to_its_conversation(driver: Driver, other: str) -> None:
    row = view(driver).visualRect(driver.window.conversations.rows.index_of(other))
    view(driver).customContextMenuRequested.emit(row.center())
    menu = driver.window.conversations.findChild(QMenu)
    assert isinstance(menu, QMenu)
    let_the_verdict_arrive(driver)
    next(action for action in menu.actions() if action.text() == "Delete").trigger()
    driver.wait(lambda: [c.title for c in driver.listed()] == ["Shown conversation"])


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
