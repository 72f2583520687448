"""The table of shortcuts is complete, free of clashes, and the one the window uses."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_app.window.main_window import MainWindow
from desktop_app.window.shortcut_dialog import ShortcutDialog
from desktop_app.window.shortcuts import FIXED_KEYS, SHORTCUTS, Command

ASKED_FOR = {
    "Ctrl+N", "Ctrl+K", "Ctrl+,", "Ctrl+B", "Ctrl+Shift+M", "Ctrl+R", "Ctrl+Shift+C", "Ctrl+/",
    "Shift+Esc", "Esc", "Ctrl+-", "Ctrl+0", "Ctrl++",
}  # fmt: skip


def test_every_command_has_one_entry_and_no_key_has_two() -> None:
    assert [shortcut.command for shortcut in SHORTCUTS] == list(Command)
    keys = [QKeySequence(key).toString() for s in SHORTCUTS for key in s.keys]
    keys += [QKeySequence(key).toString() for key, _text in FIXED_KEYS]
    assert len(keys) == len(set(keys))
    assert all(keys)
    assert set(keys) >= ASKED_FOR


def test_the_list_shows_every_entry(qtbot: QtBot) -> None:
    dialog = ShortcutDialog()
    qtbot.addWidget(dialog)
    texts = {label.text() for label in dialog.findChildren(QLabel)}
    assert {shortcut.text for shortcut in SHORTCUTS} <= texts


def test_the_window_has_an_action_for_every_entry(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    bound = {key.toString() for action in window.actions() for key in action.shortcuts()}
    for shortcut in SHORTCUTS:
        for keys in shortcut.keys:
            assert QKeySequence(keys).toString() in bound
