"""Which keys a command has now: its own, or those that a person chose instead.

It exists so that menus, tooltips and the window agree about them, and no keys mean two things. It
must not know the settings file or what the commands do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from desktop_app.window.shortcuts import (
    FIXED_KEYS,
    SHORTCUTS,
    Command,
    shortcut_for,
    shortcut_text,
    shown_keys,
)

Keys = tuple[str, ...]
"""Key sequences as `QKeySequence` writes them in files; empty for none."""

_STRONG: Final = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_TEXT_KEYS: Final = (
    QKeySequence.StandardKey.Copy,
    QKeySequence.StandardKey.Cut,
    QKeySequence.StandardKey.Paste,
    QKeySequence.StandardKey.Undo,
    QKeySequence.StandardKey.Redo,
)
_TAKEN: Final = frozenset({"Ctrl+Return", "Ctrl+Enter", "Ctrl+Tab", "Ctrl+Shift+Tab", "Alt+F4"})
"""What fields, dialogs and window managers use."""
_MOST_KEYS: Final = 16
"""Of one command; a settings file can name any number, and each is compared with all others."""


class ShortcutChanges(QObject):
    """Tells when a command has other keys."""

    changed = Signal()


@dataclass(slots=True)
class _State:
    changed: dict[Command, Keys] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeysRead:
    """What a table of keys says.

    Attributes:
        changed: The keys of commands that have others than their own.
        ignored: Entries that cannot be used: unknown commands, no keys, keys of another command.
    """

    changed: dict[Command, Keys]
    ignored: tuple[str, ...]


_state = _State()


@cache
def shortcut_changes() -> ShortcutChanges:
    """The one object that tells about changes."""
    return ShortcutChanges()


def changed_keys() -> dict[Command, Keys]:
    """The keys of commands that have others than their own."""
    return dict(_state.changed)


def use_keys(changed: Mapping[Command, Keys]) -> None:
    """Give commands these keys, and all others their own."""
    differing = {c: keys for c, keys in changed.items() if keys != shortcut_for(c).keys}
    if differing != _state.changed:
        _state.changed = differing
        shortcut_changes().changed.emit()


def keys_of(command: Command) -> Keys:
    """The keys that a command has now."""
    return _state.changed.get(command, shortcut_for(command).keys)


def shown_keys_of(command: Command) -> str:
    """A command's first keys as the platform writes them, or ""."""
    keys = keys_of(command)
    return shown_keys(keys[0]) if keys else ""


def usable(keys: str) -> str:
    """Keys as they are written in files, or "" where they are none a command can have.

    They are one press, of a function key or Esc, or with Ctrl, Alt or Meta: what writes or moves is
    left to fields and lists.
    """
    sequence = QKeySequence.fromString(keys, QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1:
        return ""
    press = sequence[0]  # type: ignore[index]  # PySide's stubs leave it out
    key, held = press.key(), press.keyboardModifiers()
    alone = key == Qt.Key.Key_Escape or Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35
    if key == Qt.Key.Key_unknown or not (alone or held & _STRONG):
        return ""
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def holder(command: Command, keys: str) -> str:
    """What has keys already, in the window's language, or "" where a command may take them."""
    for other in SHORTCUTS:
        if other.command is not command and keys in map(usable, keys_of(other.command)):
            return shortcut_text(other)
    return _fixed(keys)


def read_keys(table: Mapping[str, str | Keys]) -> KeysRead:
    """What a table says, by the commands' names; it changes nothing."""
    ignored = [name for name in table if name not in set(Command)]
    changed: dict[Command, Keys] = {}
    for command in Command:
        told = table.get(command)
        if told is None:
            continue
        wanted = (told,) if isinstance(told, str) else told
        # the same ones twice would be ambiguous, and do nothing
        keys = tuple(dict.fromkeys(map(usable, wanted[:_MOST_KEYS])))
        if len(wanted) <= _MOST_KEYS and all(keys) and not any(map(_fixed, keys)):
            changed[command] = keys
        else:
            ignored.append(command)
    while (loser := _clashing(changed)) is not None:
        del changed[loser]
        ignored.append(loser)
    return KeysRead(changed, tuple(f"{name} = {table[name]!r}" for name in ignored))


def _clashing(changed: Mapping[Command, Keys]) -> Command | None:
    """The last of the changed commands whose keys another command has as well."""
    held = {s.command: set(map(usable, changed.get(s.command, s.keys))) for s in SHORTCUTS}
    for command in reversed(list(changed)):
        if any(held[command] & keys for other, keys in held.items() if other is not command):
            return command
    return None


def _fixed(keys: str) -> str:
    """What in the window has keys that are always the same, or ""."""
    for fixed, text in FIXED_KEYS:
        if usable(fixed) == keys:
            return QCoreApplication.translate("shortcuts", text)
    standard = (key for kind in _TEXT_KEYS for key in QKeySequence.keyBindings(kind))
    if keys in _TAKEN or keys in {usable(key.toString()) for key in standard}:
        return QCoreApplication.translate("shortcuts", "Text fields and windows use it")
    return ""


class KeysTip(QObject):
    """Keeps a widget's tooltip at the keys that a command has.

    Args:
        widget: Whose tooltip it is.
        command: The command.
        name: What is said before the keys, or "".
    """

    def __init__(self, widget: QWidget, command: Command, name: str = "") -> None:
        super().__init__(widget)
        self._widget, self._command, self._name = widget, command, name
        shortcut_changes().changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        keys = shown_keys_of(self._command)
        named = f"{self._name} ({keys})" if self._name and keys else self._name or keys
        self._widget.setToolTip(named)
