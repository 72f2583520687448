"""Every keyboard shortcut of the window in one table, with the keys they have unless changed.

It exists so that the list a person reads is the list the window uses. It must not know what the
actions do. Which keys a command has now, `key_choice` knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence


class Command(StrEnum):
    """What a shortcut can ask for."""

    NEW_CONVERSATION = "new-conversation"
    NEW_FOLDER = "new-folder"
    SEARCH = "search"
    FIND = "find"
    NEXT_CONVERSATION = "next-conversation"
    PREVIOUS_CONVERSATION = "previous-conversation"
    FOCUS_COMPOSER = "focus-composer"
    STOP = "stop"
    ANSWER_NOW = "answer-now"
    GO_ON = "go-on"
    REGENERATE = "regenerate"
    COPY_ANSWER = "copy-answer"
    CHOOSE_MODEL = "choose-model"
    MODELS = "models"
    LAB = "lab"
    API = "api"
    TOGGLE_SIDEBAR = "toggle-sidebar"
    TOGGLE_PANEL = "toggle-panel"
    SETTINGS = "settings"
    ZOOM_IN = "zoom-in"
    ZOOM_OUT = "zoom-out"
    ZOOM_RESET = "zoom-reset"
    SHORTCUTS = "shortcuts"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One entry.

    Attributes:
        command: What is asked for.
        keys: Key sequences, the first one is shown; they are its own until a person chooses others.
        text: What it does, in English.
    """

    command: Command
    keys: tuple[str, ...]
    text: str


def _noop(text: str) -> str:
    """Mark a text for translation; it is translated where it is shown."""
    return text


SHORTCUTS: Final = (
    Shortcut(Command.NEW_CONVERSATION, ("Ctrl+N",), _noop("New conversation")),
    Shortcut(Command.NEW_FOLDER, ("Ctrl+Shift+N",), _noop("New folder for conversations")),
    Shortcut(Command.SEARCH, ("Ctrl+K",), _noop("Search conversations")),
    Shortcut(Command.FIND, ("Ctrl+F",), _noop("Find in this conversation")),
    Shortcut(Command.NEXT_CONVERSATION, ("Alt+Down", "Ctrl+PgDown"), _noop("Next conversation")),
    Shortcut(
        Command.PREVIOUS_CONVERSATION, ("Alt+Up", "Ctrl+PgUp"), _noop("Previous conversation")
    ),
    Shortcut(Command.FOCUS_COMPOSER, ("Shift+Esc",), _noop("Go to the question field")),
    Shortcut(Command.STOP, ("Esc",), _noop("Stop thinking")),
    Shortcut(Command.ANSWER_NOW, ("Ctrl+Shift+Return",), _noop("Answer now")),
    Shortcut(Command.GO_ON, ("Alt+Return",), _noop("Go on with an answer that was cut")),
    Shortcut(Command.REGENERATE, ("Ctrl+R",), _noop("Answer the last question again")),
    Shortcut(Command.COPY_ANSWER, ("Ctrl+Shift+C",), _noop("Copy the last answer")),
    Shortcut(Command.CHOOSE_MODEL, ("Ctrl+Shift+M",), _noop("Choose a model")),
    Shortcut(Command.MODELS, ("Ctrl+Shift+D",), _noop("Find, get and manage models")),
    Shortcut(Command.LAB, ("Ctrl+Shift+L",), _noop("Compare thinking budgets in the lab")),
    Shortcut(Command.API, ("Ctrl+Shift+A",), _noop("Serve an API on this computer, or end it")),
    Shortcut(Command.TOGGLE_SIDEBAR, ("Ctrl+B",), _noop("Show or hide conversations")),
    Shortcut(Command.TOGGLE_PANEL, ("Ctrl+Shift+B",), _noop("Show or hide the panel")),
    Shortcut(Command.SETTINGS, ("Ctrl+,",), _noop("Settings")),
    Shortcut(Command.ZOOM_IN, ("Ctrl++", "Ctrl+="), _noop("Larger text")),
    Shortcut(Command.ZOOM_OUT, ("Ctrl+-",), _noop("Smaller text")),
    Shortcut(Command.ZOOM_RESET, ("Ctrl+0",), _noop("Normal text size")),
    Shortcut(Command.SHORTCUTS, ("Ctrl+/",), _noop("Keyboard shortcuts")),
    Shortcut(Command.QUIT, ("Ctrl+Q",), _noop("Quit")),
)

REPEATING: Final = frozenset(
    {
        Command.NEXT_CONVERSATION,
        Command.PREVIOUS_CONVERSATION,
        Command.ZOOM_IN,
        Command.ZOOM_OUT,
    }
)
"""What goes on while its keys are held down; everything else happens once."""

FIXED_KEYS: Final = (
    ("Return", _noop("Send the question (changeable in the settings)")),
    ("Shift+Return", _noop("New line in the question")),
    ("Up", _noop("Edit the last question, while nothing is written")),
    ("Left", _noop("Earlier version of the turn that has the focus")),
    ("Right", _noop("Later version of the turn that has the focus")),
    ("Shift+Down", _noop("Choose the next conversation as well, in the list")),
    ("Ctrl+A", _noop("Choose all conversations, in the list")),
    ("F2", _noop("Rename the conversation or folder, in the list")),
    ("Del", _noop("Delete what is chosen, in the list; it can be undone")),
)


def shortcut_for(command: Command) -> Shortcut:
    """Return a command's entry."""
    return next(shortcut for shortcut in SHORTCUTS if shortcut.command is command)


def shown_keys(keys: str) -> str:
    """Return a key sequence as the platform writes it."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def shortcut_text(shortcut: Shortcut) -> str:
    """Return what a shortcut does, in the window's language."""
    return QCoreApplication.translate("shortcuts", shortcut.text)


def keep_escape(event: QEvent) -> bool:
    """Keep a press of Escape for the field that has the focus, before the window's action takes it.

    For `event` of a field that Escape closes. Returns whether the event was such a press.
    """
    if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if event.key() != Qt.Key.Key_Escape or event.modifiers() != Qt.KeyboardModifier.NoModifier:
        return False
    event.accept()
    return True
