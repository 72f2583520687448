"""Other keys for commands: pressed in the dialog, refused where they are taken, shown and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.chat.conversation_list import ConversationList
from desktop_app.folders import folders
from desktop_app.settings import load_settings
from desktop_app.window.key_choice import changed_keys, keys_of, read_keys, use_keys
from desktop_app.window.main_window import MainWindow
from desktop_app.window.shortcut_dialog import ShortcutDialog
from desktop_app.window.shortcuts import SHORTCUTS, Command
from desktop_app.window.sidebar_links import SidebarLinks
from tests.desktop_app.window_driver import Driver

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture(autouse=True)
def own_keys() -> Iterator[None]:
    use_keys({})
    yield
    use_keys({})


@pytest.fixture
def dialog(qtbot: QtBot) -> ShortcutDialog:
    dialog = ShortcutDialog()
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    dialog.show()
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    return dialog


def press(
    dialog: ShortcutDialog, command: Command, key: Qt.Key, held: Qt.KeyboardModifier = NONE
) -> None:
    """Click a command's keys and press others."""
    button = dialog._buttons[command]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.text() == "Press keys…"
    QTest.keyClick(button, key, held)
    assert button.text() != "Press keys…"


def said(dialog: ShortcutDialog) -> str:
    return dialog._said.text()


def test_pressed_keys_hold_at_once(dialog: ShortcutDialog) -> None:
    press(dialog, Command.SEARCH, Qt.Key.Key_J, CTRL)
    assert keys_of(Command.SEARCH) == ("Ctrl+J",)
    assert dialog._buttons[Command.SEARCH].text() == "Ctrl+J"
    press(dialog, Command.SEARCH, Qt.Key.Key_F5, SHIFT)
    assert keys_of(Command.SEARCH) == ("Shift+F5",)
    press(dialog, Command.SEARCH, Qt.Key.Key_Backspace)
    assert keys_of(Command.SEARCH) == ()
    assert dialog._buttons[Command.SEARCH].text() == "no keys"


@pytest.mark.parametrize(
    ("key", "held", "why"),
    [
        (Qt.Key.Key_B, CTRL, "Ctrl+B is taken: Show or hide conversations."),
        (Qt.Key.Key_PageDown, CTRL, "Ctrl+PgDown is taken: Next conversation."),
        (Qt.Key.Key_C, CTRL, "Ctrl+C is taken: Text fields and windows use it."),
        (Qt.Key.Key_F2, NONE, "F2 is taken: Rename the conversation or folder, in the list."),
        (Qt.Key.Key_J, NONE, "J alone writes or moves; take it with Ctrl or Alt."),
        (Qt.Key.Key_Tab, NONE, "Tab alone writes or moves; take it with Ctrl or Alt."),
    ],
)
def test_keys_that_are_taken_are_refused_with_the_reason(
    dialog: ShortcutDialog, key: Qt.Key, held: Qt.KeyboardModifier, why: str
) -> None:
    press(dialog, Command.SEARCH, key, held)
    assert said(dialog) == why
    assert changed_keys() == {}


def test_escape_leaves_the_keys_and_the_dialog(dialog: ShortcutDialog) -> None:
    press(dialog, Command.SEARCH, Qt.Key.Key_Escape)
    assert changed_keys() == {}
    assert dialog.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_one_goes_back_unless_its_keys_were_given_away(dialog: ShortcutDialog) -> None:
    press(dialog, Command.SEARCH, Qt.Key.Key_J, CTRL)
    press(dialog, Command.FIND, Qt.Key.Key_K, CTRL)
    reset = dialog._resets[Command.SEARCH]
    assert reset.isVisible()
    reset.click()
    assert said(dialog) == "Ctrl+K is taken: Find in this conversation."
    dialog._resets[Command.FIND].click()
    reset.click()
    assert changed_keys() == {}
    assert not reset.isVisible()


def test_all_go_back_and_that_can_be_undone(dialog: ShortcutDialog) -> None:
    press(dialog, Command.SEARCH, Qt.Key.Key_J, CTRL)
    press(dialog, Command.LAB, Qt.Key.Key_F8)
    changed = changed_keys()
    box = dialog.findChild(QDialogButtonBox)
    assert isinstance(box, QDialogButtonBox)
    button = next(b for b in box.buttons() if b.text() == "All back to default")
    button.click()
    assert (changed_keys(), button.text()) == ({}, "Undo")
    button.click()
    assert (changed_keys(), button.text()) == (changed, "All back to default")


def test_the_window_its_tips_and_its_menus_show_changed_keys(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    use_keys({Command.SEARCH: ("Ctrl+J",), Command.LAB: ("F8",), Command.NEW_FOLDER: ("Alt+F",)})
    actions = [key.toString() for action in window.actions() for key in action.shortcuts()]
    assert {"Ctrl+J", "F8", "Alt+F"} <= set(actions)
    assert not {"Ctrl+K", "Ctrl+Shift+L", "Ctrl+Shift+N"} & set(actions)
    sidebar = window.findChild(ConversationList)
    links = window.findChild(SidebarLinks)
    assert isinstance(sidebar, ConversationList)
    assert isinstance(links, SidebarLinks)
    search = sidebar.findChild(QLineEdit)
    assert isinstance(search, QLineEdit)
    assert search.placeholderText() == "Search  Ctrl+J"
    assert sidebar.all_menu.actions()[0].text() == "New folder\tAlt+F"
    assert "F8" in {button.toolTip() for button in links.findChildren(QPushButton)}
    use_keys({Command.SEARCH: ()})
    assert search.placeholderText() == "Search"
    dialog = ShortcutDialog()
    qtbot.addWidget(dialog)
    assert dialog._buttons[Command.SEARCH].text() == "no keys"
    assert {s.text for s in SHORTCUTS} <= {label.text() for label in dialog.findChildren(QLabel)}


def test_a_table_is_read_and_what_cannot_be_used_is_named() -> None:
    read = read_keys(
        {
            "search": "ctrl+j",
            "find": ("Ctrl+K",),
            "lab": ("Ctrl+Shift+D",),
            "models": ("Ctrl+Shift+L",),
            "settings": ("Strg+J",),
            "quit": ("Ctrl+B",),
            "api": ("Ctrl+C",),
            "stop": (),
            "zoom-reset": ("Ctrl+X, Ctrl+Y",),
            "fly": ("Ctrl+Y",),
        }
    )
    assert read.changed == {
        Command.SEARCH: ("Ctrl+J",),
        Command.FIND: ("Ctrl+K",),
        Command.STOP: (),
        Command.MODELS: ("Ctrl+Shift+L",),
        Command.LAB: ("Ctrl+Shift+D",),
    }
    ignored = {entry.partition(" = ")[0] for entry in read.ignored}
    assert ignored == {"settings", "quit", "api", "zoom-reset", "fly"}


def test_two_that_want_the_same_keys_leave_them_to_the_first() -> None:
    read = read_keys({"lab": ("Alt+X",), "find": ("Alt+X",)})
    assert read.changed == {Command.FIND: ("Alt+X",)}
    assert read.ignored == ("lab = ('Alt+X',)",)


def test_keys_that_are_named_twice_are_one() -> None:
    read = read_keys({"lab": ("Alt+X", "alt+x", "Alt+X")})
    assert read.changed == {Command.LAB: ("Alt+X",)}


def test_more_keys_than_anybody_can_mean_are_looked_at_by_nobody() -> None:
    started = time.thread_time()
    read = read_keys({"lab": ("Alt+X",) * 10_000})
    assert read.changed == {}
    assert len(read.ignored) == 1
    assert time.thread_time() - started < 1


def settings_file() -> Path:
    return folders().settings


def test_only_what_differs_is_kept_and_holds_at_the_next_start(
    open_window: Callable[..., Driver],
) -> None:
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_text('[shortcuts]\nfly = "Ctrl+Y"\nlab = "Hyper+L"\n')
    first = open_window()
    message = first.window.message_bar.message
    assert message is not None
    assert message.title == "Some keyboard shortcuts of the settings file are not used"
    assert "fly" in message.detail
    assert "lab" in message.detail
    use_keys({Command.SEARCH: ("Ctrl+J",), Command.FIND: ("Ctrl+F",)})
    first.quit()
    kept = load_settings(settings_file()).settings.shortcuts
    assert kept == {"fly": "Ctrl+Y", "search": ("Ctrl+J",)}
    use_keys({})
    second = open_window()
    assert changed_keys() == {Command.SEARCH: ("Ctrl+J",)}
    bound = [key.toString() for action in second.window.actions() for key in action.shortcuts()]
    assert "Ctrl+J" in bound
