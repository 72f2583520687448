"""Several conversations of the list at once: chosen by mouse and keyboard, kept while news come."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desktop_app.chat.conversation_drag import carried
from desktop_app.chat.conversation_list import PAGE_SIZE
from tests.desktop_app.chat.test_conversation_list import Listed, choose, ids

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier


class Chosen(Listed):
    """A list of a to e, a shown, and what it asks for."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__(qtbot, list("abcde"))
        self.widget.set_shown("a")
        self.opened: list[str] = []
        self.deleted: list[list[str]] = []
        self.moved: list[tuple[list[str], str]] = []
        self.widget.open_requested.connect(lambda name, *_: self.opened.append(name))
        self.widget.delete_requested.connect(lambda them: self.deleted.append(ids(them)))
        self.widget.move_requested.connect(lambda them, to: self.moved.append((ids(them), to)))

    def click(self, name: str, keys: Qt.KeyboardModifier = PLAIN) -> None:
        place = self.view.visualRect(self.widget.rows.index_of(name)).center()
        QTest.mouseClick(self.view.viewport(), Qt.MouseButton.LeftButton, keys, place)

    def press(self, key: Qt.Key, keys: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.keyClick(self.view, key, keys)

    @property
    def chosen(self) -> list[str]:
        return ids(self.widget._chosen())


@pytest.fixture
def listed(qtbot: QtBot) -> Chosen:
    return Chosen(qtbot)


def entry(menu: QMenu, text: str) -> bool:
    return any(action.text() == text for action in menu.actions())


def test_ctrl_and_shift_choose_and_open_nothing(listed: Chosen) -> None:
    listed.click("b", CTRL)
    listed.click("d", CTRL)
    assert listed.chosen == ["a", "b", "d"]
    listed.click("d", CTRL)
    assert listed.chosen == ["a", "b"]
    assert listed.opened == []
    listed.click("c")
    assert (listed.chosen, listed.opened) == (["c"], ["c"])
    listed.click("e", SHIFT)
    assert (listed.chosen, listed.opened) == (["c", "d", "e"], ["c"])


def test_shift_and_arrows_choose_and_delete_takes_them_all(listed: Chosen) -> None:
    listed.make_current("b")
    listed.press(Qt.Key.Key_Down, SHIFT)
    listed.press(Qt.Key.Key_Down, SHIFT)
    assert listed.chosen == ["b", "c", "d"]
    listed.press(Qt.Key.Key_Delete)
    listed.press(Qt.Key.Key_Delete)
    assert listed.deleted == [["b", "c", "d"]]


def test_news_leave_what_is_chosen(listed: Chosen) -> None:
    listed.click("b")
    listed.click("d", CTRL)
    listed.conversations = [c for c in listed.conversations if c.conversation_id != "c"]
    listed.renew("d")
    listed.answer()
    assert listed.chosen == ["d", "b"]


def test_all_are_chosen_also_those_that_were_not_read_yet(qtbot: QtBot) -> None:
    count = 2 * PAGE_SIZE + 3
    listed = Listed(qtbot, [str(number) for number in range(count)])
    listed.view.setFocus()
    QTest.keyClick(listed.view, Qt.Key.Key_A, CTRL)
    while listed.asked:
        listed.answer()
    assert len(listed.widget._chosen()) == count


def test_a_menu_on_one_of_several_is_about_all_of_them(listed: Chosen) -> None:
    listed.click("b")
    listed.click("d", CTRL)
    menu = listed.menu_on("d")
    assert not entry(menu, "Rename")
    assert not entry(menu, "Instructions…")
    listed.renew("c")
    listed.answer()
    choose(menu, "Delete")
    assert listed.deleted == [["b", "d"]]
    assert listed.chosen == ["b", "d"]


def test_a_menu_beside_what_is_chosen_is_about_its_row_and_gives_the_mark_back(
    listed: Chosen,
) -> None:
    listed.click("b")
    listed.click("d", CTRL)
    menu = listed.menu_on("c")
    assert listed.chosen == ["c"]
    choose(menu, "Delete")
    assert listed.deleted == [["c"]]
    assert listed.chosen == ["b", "d"]


def test_without_folders_nothing_is_dropped_on_the_list(listed: Chosen) -> None:
    place = QPointF(5, listed.view.viewport().height() - 5)
    data = carried(["b"])
    drop = QDropEvent(place, Qt.DropAction.MoveAction, data, Qt.MouseButton.LeftButton, PLAIN)
    listed.view.dropEvent(drop)
    assert listed.moved == []
