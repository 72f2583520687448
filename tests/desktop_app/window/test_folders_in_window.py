"""Folders of conversations in the window, over a real journal: made, filled, folded, removed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton

from desktop_app.chat.conversation_drag import carried
from desktop_app.chat.conversation_view import ConversationView
from desktop_app.window.shortcuts import Command
from engine.journal.records import MessageRecord, now
from tests.desktop_app.window_driver import Driver


@pytest.fixture
def filled(driver: Driver) -> Driver:
    """A window with the conversations a, b and c, the newest first."""
    for name in "cba":
        driver.journal.create_conversation(name, f"title {name}")
        driver.journal.add_message(MessageRecord(f"m{name}", name, None, "user", name, now()))
    driver.window.conversations.refresh()
    driver.wait(lambda: order(driver) == list("abc"))
    with driver.qtbot.waitActive(driver.window):
        driver.window.activateWindow()
    return driver


def view(driver: Driver) -> ConversationView:
    found = driver.window.conversations.findChild(ConversationView)
    assert isinstance(found, ConversationView)
    return found


def order(driver: Driver) -> list[str]:
    return [each.conversation_id for each in driver.listed()]


def texts(driver: Driver) -> list[str]:
    """All rows, folders and headings among them."""
    rows = driver.window.conversations.rows
    return [str(rows.index(number).data()) for number in range(rows.rowCount())]


def pick(driver: Driver, *names: str) -> None:
    rows = [driver.window.conversations.rows.index_of(name) for name in names]
    view(driver).choose(rows, rows[-1])
    view(driver).setFocus()


def menu_on(driver: Driver, name: str) -> QMenu:
    rows = driver.window.conversations.rows
    index = rows.index_of(name)
    index = index if index.isValid() else rows.index_of_folder(name)
    view(driver).customContextMenuRequested.emit(view(driver).visualRect(index).center())
    menus = driver.window.conversations.findChildren(QMenu, "oneConversation")
    return menus[-1]


def take(menu: QMenu, *path: str) -> None:
    """Take an entry of a menu, through its submenus."""
    for text in path[:-1]:
        inner = next(a for a in menu.actions() if a.text() == text).menu()
        assert isinstance(inner, QMenu)
        menu.hide()
        menu = inner
    action = next(a for a in menu.actions() if a.text() == path[-1])
    menu.hide()
    action.trigger()


def undo(driver: Driver, title: str) -> None:
    driver.wait(
        lambda: (
            driver.window.message_bar.message is not None
            and driver.window.message_bar.message.title == title
        )
    )
    driver.window.message_bar.findChildren(QPushButton)[0].click()


def editor(driver: Driver) -> QLineEdit:
    found: list[QLineEdit] = []

    def there() -> bool:
        found[:] = view(driver).findChildren(QLineEdit)
        return bool(found)

    driver.wait(there)
    return found[0]


def folder(driver: Driver, name: str, *ids: str) -> None:
    """Make a folder in the journal, called as its id, and read the list again."""
    driver.journal.create_folder(name, name)
    driver.journal.move_to_folder(ids, name)
    driver.window.conversations.refresh()
    driver.wait(lambda: name in texts(driver))


def test_without_folders_the_list_is_as_it_was(filled: Driver) -> None:
    assert texts(filled) == ["Today", "title a", "title b", "title c"]


def test_keys_make_a_folder_that_is_named_at_once(filled: Driver) -> None:
    action = next(
        a for a in filled.window.actions() if QKeySequence("Ctrl+Shift+N") in a.shortcuts()
    )
    action.trigger()
    field = editor(filled)
    assert (field.text(), field.hasFocus()) == ("New folder", True)
    field.setText(" My  \x1b[2J " + "long " * 40)
    QTest.keyClick(field, Qt.Key.Key_Return)
    filled.wait(lambda: texts(filled)[0].startswith("My [2J long"))
    assert len(texts(filled)[0]) <= 80
    assert texts(filled)[1] == "Today"


def test_a_folder_is_made_while_a_search_is_on(filled: Driver) -> None:
    filled.window.conversations.search("title")
    filled.wait(lambda: filled.window.conversations._listed_search == "title")
    filled.work.on_command(Command.NEW_FOLDER)
    assert editor(filled).text() == "New folder"
    assert order(filled) == list("abc")


def test_several_go_to_a_new_folder_and_come_back_together(filled: Driver) -> None:
    pick(filled, "a", "c")
    take(menu_on(filled, "c"), "Move to folder", "New folder…")
    QTest.keyClick(editor(filled), Qt.Key.Key_Escape)
    filled.wait(lambda: texts(filled) == ["New folder", "title a", "title c", "Today", "title b"])
    undo(filled, "Moved to a new folder")
    filled.wait(lambda: texts(filled) == ["Today", "title a", "title b", "title c"])


def test_a_menu_moves_and_undo_puts_each_back_where_it_was(filled: Driver) -> None:
    folder(filled, "art", "b")
    folder(filled, "work")
    pick(filled, "a", "b")
    take(menu_on(filled, "b"), "Move to folder", "work")
    filled.wait(lambda: texts(filled) == ["art", "work", "title a", "title b", "Today", "title c"])
    undo(filled, "Moved to work")
    filled.wait(lambda: texts(filled) == ["art", "title b", "work", "Today", "title a", "title c"])
    pick(filled, "b")
    take(menu_on(filled, "b"), "Move to folder", "Out of the folder")
    filled.wait(lambda: texts(filled)[:3] == ["art", "work", "Today"])


def drop(driver: Driver, ids: list[str], place: QPointF) -> None:
    data = carried(ids)
    event = QDropEvent(
        place,
        Qt.DropAction.MoveAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    view(driver).dropEvent(event)


def test_a_drop_moves_into_a_folder_and_out_of_it(filled: Driver) -> None:
    folder(filled, "work")
    rows = filled.window.conversations.rows
    drop(
        filled, ["a", "b"], QPointF(view(filled).visualRect(rows.index_of_folder("work")).center())
    )
    filled.wait(lambda: texts(filled) == ["work", "title a", "title b", "Today", "title c"])
    drop(filled, ["b"], QPointF(view(filled).visualRect(rows.index_of("c")).center()))
    filled.wait(lambda: texts(filled) == ["work", "title a", "Today", "title b", "title c"])
    undo(filled, "Moved out of the folder")
    filled.wait(lambda: texts(filled)[1:3] == ["title a", "title b"])


def test_a_folder_is_folded_by_click_and_keys_and_stays_so(
    filled: Driver, open_window: Callable[..., Driver]
) -> None:
    folder(filled, "work", "a", "b")
    rows = filled.window.conversations.rows
    place = view(filled).visualRect(rows.index_of_folder("work")).center()
    QTest.mouseClick(
        view(filled).viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
    )
    filled.wait(lambda: texts(filled) == ["work", "Today", "title c"])
    view(filled).setFocus()
    QTest.keyClick(view(filled), Qt.Key.Key_Right)
    filled.wait(lambda: len(texts(filled)) == 5)
    QTest.keyClick(view(filled), Qt.Key.Key_Space)
    filled.wait(lambda: len(texts(filled)) == 3)
    QTest.keyClick(view(filled), Qt.Key.Key_Return)
    filled.wait(lambda: len(texts(filled)) == 5)
    QTest.keyClick(view(filled), Qt.Key.Key_Left)
    filled.wait(lambda: len(texts(filled)) == 3)
    filled.window.conversations.search("title a")
    filled.wait(lambda: order(filled) == ["a"])
    filled.quit()
    again = open_window()
    again.wait(lambda: texts(again) == ["work", "Today", "title c"])


def test_a_removed_folder_leaves_its_conversations_and_can_come_back(filled: Driver) -> None:
    folder(filled, "work", "a", "b")
    rows = filled.window.conversations.rows
    view(filled).make_current(rows.index_of_folder("work"))
    view(filled).setFocus()
    QTest.keyClick(view(filled), Qt.Key.Key_Delete)
    filled.wait(lambda: texts(filled) == ["Today", "title a", "title b", "title c"])
    undo(filled, "Folder removed")
    filled.wait(lambda: texts(filled) == ["work", "title a", "title b", "Today", "title c"])


def test_several_are_deleted_with_one_undo_and_the_shown_one_is_shown_again(
    filled: Driver,
) -> None:
    filled.chat.open_conversation("b")
    filled.wait(lambda: filled.chat.visible_id == "b")
    pick(filled, "a", "b")
    QTest.keyClick(view(filled), Qt.Key.Key_Delete)
    filled.wait(lambda: order(filled) == ["c"])
    assert filled.chat.visible_id is None
    undo(filled, "Deleted")
    filled.wait(lambda: order(filled) == list("abc"))
    filled.wait(lambda: filled.chat.visible_id == "b")


def test_deleting_what_nothing_is_asked_in_says_nothing_of_thinking(filled: Driver) -> None:
    told: list[None] = []
    filled.chat.phase_changed.connect(lambda: told.append(None))
    filled.chat.delete_conversations(list("abc"))
    assert not told


def test_several_are_pinned_with_one_undo(filled: Driver) -> None:
    filled.journal.pin_conversations(["c"], pinned=True)
    filled.window.conversations.refresh()
    filled.wait(lambda: order(filled) == ["c", "a", "b"])
    pick(filled, "c", "b")
    take(menu_on(filled, "b"), "Pin to the top")
    filled.wait(lambda: [each.pinned for each in filled.listed()] == [True, True, False])
    undo(filled, "Pinned")
    filled.wait(lambda: order(filled) == ["c", "a", "b"])
    assert [each.pinned for each in filled.listed()] == [True, False, False]


def test_several_go_to_one_file(filled: Driver, tmp_path: Path) -> None:
    folder(filled, "work", "a")
    chosen = tuple(each for each in filled.listed() if each.conversation_id in {"a", "c"})
    lines, text = tmp_path / "out.jsonl", tmp_path / "out.md"
    filled.work.conversations.export_several(chosen, "json", lines)
    filled.work.conversations.export_several(chosen, "markdown", text)
    filled.wait(lambda: lines.exists() and text.exists())
    told = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [(one["title"], one["folder"]) for one in told] == [("title a", "work"), ("title c", "")]
    assert text.read_text().count("# title") == 2
