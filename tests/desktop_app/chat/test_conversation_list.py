"""The list of conversations while it is read again: place, current row, typing and menus stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.chat.conversation_list import PAGE_SIZE, ConversationList
from engine.journal.records import ConversationSummary, Listing, now


def summary(name: str, minutes_ago: int = 0) -> ConversationSummary:
    moment = now() - timedelta(minutes=minutes_ago)
    return ConversationSummary(name, f"title {name}", moment, 2)


def ids(chosen: Iterable[ConversationSummary]) -> list[str]:
    return [each.conversation_id for each in chosen]


class Listed:
    """A shown list and what stands for its journal: pages come when the test lets them.

    Args:
        qtbot: Owns the widget.
        names: Conversations, newest first.
    """

    def __init__(self, qtbot: QtBot, names: list[str]) -> None:
        self.qtbot = qtbot
        self.conversations = [summary(name, place) for place, name in enumerate(names)]
        self.asked: list[tuple[str, int, int]] = []
        self.widget = ConversationList()
        qtbot.addWidget(self.widget)
        self.widget.page_requested.connect(lambda *asked: self.asked.append(asked))
        self.widget.resize(236, 700)
        self.widget.show()
        with qtbot.waitActive(self.widget):
            self.widget.activateWindow()
        self.widget.refresh()
        self.answer()

    @property
    def view(self) -> QListView:
        view = self.widget.findChild(QListView)
        assert isinstance(view, QListView)
        return view

    @property
    def current(self) -> str:
        found = self.widget.rows.summary_at(self.view.currentIndex())
        return found.conversation_id if found is not None else ""

    def answer(self) -> None:
        """Give every page that was asked for."""
        while self.asked:
            search, known, count = self.asked.pop(0)
            hits = [c for c in self.conversations if search in c.title]
            page = Listing(conversations=tuple(hits[known : known + count]))
            self.widget.show_page(search, known, page)

    def renew(self, name: str) -> None:
        """A conversation has news: it becomes the newest, and the list is read again."""
        rest = [c for c in self.conversations if c.conversation_id != name]
        self.conversations = [summary(name), *rest]
        self.widget.refresh()

    def make_current(self, name: str) -> None:
        self.view.setFocus()
        self.view.setCurrentIndex(self.widget.rows.index_of(name))

    def editor(self) -> QLineEdit:
        editor = self.view.findChild(QLineEdit)
        assert isinstance(editor, QLineEdit)
        return editor

    def menu_on(self, name: str) -> QMenu:
        """Open the menu of a row, as a right click does."""
        place = self.view.visualRect(self.widget.rows.index_of(name)).center()
        self.view.customContextMenuRequested.emit(place)
        menu = self.widget.findChild(QMenu, "oneConversation")
        assert isinstance(menu, QMenu)
        return menu

    def top(self) -> str:
        """The title in the middle of what is in sight."""
        middle: QPoint = self.view.viewport().rect().center()
        return str(self.view.indexAt(middle).data())


@pytest.fixture
def listed(qtbot: QtBot) -> Listed:
    shown = Listed(qtbot, ["a", "b", "c"])
    shown.widget.set_shown("a")
    return shown


def choose(menu: QMenu, text: str) -> None:
    """Take an entry the way Qt does: the menu hides first."""
    action = next(action for action in menu.actions() if action.text() == text)
    menu.hide()
    action.trigger()


def test_the_coming_of_a_scroll_bar_moves_nothing_and_shows_only_where_it_scrolls(
    qtbot: QtBot,
) -> None:
    few, many = (Listed(qtbot, [str(n) for n in range(count)]) for count in (2, 60))
    qtbot.waitUntil(lambda: many.view.verticalScrollBar().maximum() > 0)
    for listed, scrolls in ((few, False), (many, True)):
        bar = listed.view.verticalScrollBar()
        assert (bar.maximum() > 0) is scrolls
        drawn = bar.grab().toImage()
        colours = {drawn.pixel(drawn.width() // 2, y) for y in range(drawn.height())}
        assert (len(colours) > 1) is scrolls
    assert few.view.viewport().width() == many.view.viewport().width()


def test_the_current_conversation_stays_current(listed: Listed) -> None:
    listed.make_current("c")
    listed.renew("b")
    listed.answer()
    assert listed.current == "c"


def test_the_visible_one_is_current_where_the_current_one_is_gone(listed: Listed) -> None:
    listed.make_current("c")
    listed.conversations = [c for c in listed.conversations if c.conversation_id != "c"]
    listed.renew("b")
    listed.answer()
    assert listed.current == "a"


def test_a_new_conversation_becomes_current_once_it_is_listed(listed: Listed) -> None:
    listed.widget.set_shown("d")
    assert listed.current == ""
    listed.renew("d")
    listed.answer()
    assert listed.current == "d"


def test_delete_in_the_menu_means_the_row_it_was_opened_on(listed: Listed) -> None:
    deleted: list[str] = []
    listed.widget.delete_requested.connect(lambda chosen: deleted.extend(ids(chosen)))
    menu = listed.menu_on("b")
    listed.renew("a")
    listed.answer()
    choose(menu, "Delete")
    assert deleted == ["b"]


@pytest.mark.parametrize(("pinned", "entry"), [(False, "Pin to the top"), (True, "Unpin")])
def test_pin_in_the_menu_means_the_row_it_was_opened_on(
    listed: Listed, *, pinned: bool, entry: str
) -> None:
    asked: list[tuple[list[str], bool]] = []
    listed.widget.pin_requested.connect(lambda chosen, pin: asked.append((ids(chosen), pin)))
    listed.conversations[1] = msgspec.structs.replace(listed.conversations[1], pinned=pinned)
    listed.widget.refresh()
    listed.answer()
    menu = listed.menu_on("b")
    listed.renew("a")
    listed.answer()
    choose(menu, entry)
    assert asked == [(["b"], not pinned)]


def test_rename_in_the_menu_means_the_row_it_was_opened_on(listed: Listed, qtbot: QtBot) -> None:
    menu = listed.menu_on("b")
    listed.renew("c")
    listed.answer()
    choose(menu, "Rename")
    assert listed.editor().text() == "title b"
    listed.editor().setText("better")
    with qtbot.waitSignal(listed.widget.rename_requested) as renamed:
        QTest.keyClick(listed.editor(), Qt.Key.Key_Return)
    assert renamed.args == ["b", "better"]


def test_rename_in_the_menu_of_one_that_is_gone_does_nothing(listed: Listed) -> None:
    menu = listed.menu_on("b")
    listed.conversations = [c for c in listed.conversations if c.conversation_id != "b"]
    listed.renew("c")
    listed.answer()
    choose(menu, "Rename")
    assert listed.view.findChild(QLineEdit) is None


def test_a_menu_left_alone_gives_the_mark_back(listed: Listed) -> None:
    listed.menu_on("b").hide()
    assert listed.current == "a"


def test_a_held_or_repeated_delete_key_deletes_one(listed: Listed) -> None:
    deleted: list[str] = []
    listed.widget.delete_requested.connect(lambda chosen: deleted.extend(ids(chosen)))
    listed.widget.set_shown("a")
    listed.make_current("b")
    QTest.keyClick(listed.view, Qt.Key.Key_Delete)
    QTest.keyClick(listed.view, Qt.Key.Key_Delete)
    assert deleted == ["b"]
    listed.conversations = [c for c in listed.conversations if c.conversation_id != "b"]
    listed.widget.refresh()
    listed.answer()
    QTest.keyClick(listed.view, Qt.Key.Key_Delete)
    assert deleted == ["b"]  # the visible conversation did not come in its place


@pytest.mark.parametrize("asked_before", [False, True])
def test_news_wait_until_a_title_is_written(
    listed: Listed, qtbot: QtBot, *, asked_before: bool
) -> None:
    renamed: list[str] = []
    listed.widget.rename_requested.connect(lambda _name, title: renamed.append(title))
    listed.make_current("b")
    if asked_before:
        listed.renew("c")
    QTest.keyClick(listed.view, Qt.Key.Key_F2)
    listed.editor().setText("half a ti")
    if not asked_before:
        listed.renew("c")
    listed.answer()
    assert listed.editor().text() == "half a ti"
    assert listed.editor().hasFocus()
    listed.editor().setText("half a title")
    with qtbot.waitSignal(listed.widget.page_requested):
        QTest.keyClick(listed.editor(), Qt.Key.Key_Return)
    listed.answer()
    assert renamed == ["half a title"]
    assert [c.conversation_id for c in listed.widget.rows.conversations] == ["c", "a", "b"]
    assert listed.current == "b"


def test_news_wait_until_a_title_is_given_up(listed: Listed, qtbot: QtBot) -> None:
    listed.make_current("b")
    QTest.keyClick(listed.view, Qt.Key.Key_F2)
    listed.renew("c")
    assert listed.asked == []
    with qtbot.waitSignal(listed.widget.page_requested):
        QTest.keyClick(listed.editor(), Qt.Key.Key_Escape)


def test_keys_of_the_list_do_nothing_without_a_current_row(listed: Listed) -> None:
    listed.widget.set_shown("")
    for key in (Qt.Key.Key_F2, Qt.Key.Key_Delete, Qt.Key.Key_Return):
        QTest.keyClick(listed.view, key)
    assert listed.view.findChild(QLineEdit) is None


@pytest.mark.parametrize("waits", ["for the pause after typing", "for nothing"])
def test_return_in_the_search_and_return_open_the_first_hit(listed: Listed, waits: str) -> None:
    opened: list[str] = []
    listed.widget.open_requested.connect(lambda name, *_: opened.append(name))
    search = listed.widget.findChild(QLineEdit)
    assert isinstance(search, QLineEdit)
    search.setFocus()
    search.setText("title c")
    if waits == "for nothing":
        listed.widget.refresh()
        listed.answer()
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert listed.current != "a"
    listed.answer()
    assert listed.view.hasFocus()
    listed.widget.refresh()
    listed.answer()
    QTest.keyClick(listed.view, Qt.Key.Key_Return)
    assert opened == ["c"]


@pytest.fixture
def long(qtbot: QtBot) -> Listed:
    """A long list, read to its third page and left in the middle of it."""
    shown = Listed(qtbot, [str(number) for number in range(5 * PAGE_SIZE)])
    bar = shown.view.verticalScrollBar()

    def read_to(pages: int) -> Callable[[], bool]:
        def reached() -> bool:
            bar.setValue(bar.maximum())
            shown.answer()
            return len(shown.widget.rows.conversations) >= pages * PAGE_SIZE

        return reached

    qtbot.waitUntil(read_to(3))
    row = shown.widget.rows.index_of(str(2 * PAGE_SIZE + PAGE_SIZE // 2))
    shown.view.scrollTo(row, QListView.ScrollHint.PositionAtCenter)
    return shown


def test_all_that_was_read_is_read_again_and_the_place_is_kept(long: Listed) -> None:
    place = long.top()
    assert place == f"title {2 * PAGE_SIZE + PAGE_SIZE // 2}"
    for _ in range(3):
        long.widget.refresh()
        assert long.asked == [("", 0, 3 * PAGE_SIZE)]
        long.answer()
        assert len(long.widget.rows.conversations) == 3 * PAGE_SIZE
        assert long.top() == place
    assert long.widget.rows.canFetchMore(long.view.rootIndex())


def test_a_page_that_comes_before_the_refresh_is_kept(long: Listed) -> None:
    long.widget.rows.fetchMore(long.view.rootIndex())
    long.widget.refresh()
    assert long.asked == [("", 3 * PAGE_SIZE, PAGE_SIZE), ("", 0, 4 * PAGE_SIZE)]
    long.answer()
    assert len(long.widget.rows.conversations) == 4 * PAGE_SIZE


def test_another_search_begins_with_its_first_page(long: Listed) -> None:
    long.widget.search("1")
    assert long.asked == [("1", 0, PAGE_SIZE)]
