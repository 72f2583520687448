"""The menus of the conversation list's rows: of one conversation, of several, of a folder.

They say what a person asks for with callables, and mean what they were opened on, wherever that is
by then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from desktop_app.chat.conversation_rows import conversation_count
from engine.journal.records import ConversationSummary, FolderSummary

Chosen = tuple[ConversationSummary, ...]


@dataclass(frozen=True, slots=True)
class MenuActs:
    """What the menus can ask for.

    Attributes:
        rename: Of a conversation, by id.
        instruct: Change what the model is told before a conversation.
        pin: Whether conversations are listed above the others.
        move: Conversations to a folder, by id, "" for none.
        move_to_new: Conversations to a folder that is not there yet.
        export: Conversations as "markdown" or "json".
        delete: Conversations.
        rename_folder: By id.
        collapse: A folder, or open it.
        remove_folder: A folder, not what is in it.
    """

    rename: Callable[[str], None]
    instruct: Callable[[ConversationSummary], None]
    pin: Callable[[Chosen, bool], None]
    move: Callable[[Chosen, str], None]
    move_to_new: Callable[[Chosen], None]
    export: Callable[[Chosen, str], None]
    delete: Callable[[Chosen], None]
    rename_folder: Callable[[str], None]
    collapse: Callable[[str, bool], None]
    remove_folder: Callable[[FolderSummary], None]


def conversation_menu(
    parent: QWidget, chosen: Chosen, folders: Sequence[FolderSummary], acts: MenuActs
) -> QMenu:
    """What can be done with one conversation, or with several at once."""
    menu = _menu(parent)
    first = chosen[0]
    if len(chosen) == 1:
        _add(menu, _tr("Rename"), lambda: acts.rename(first.conversation_id), "F2")
    else:
        menu.addAction(conversation_count(len(chosen))).setEnabled(False)
        menu.addSeparator()
    pinned = all(each.pinned for each in chosen)
    _add(
        menu,
        _tr("Unpin") if pinned else _tr("Pin to the top"),
        lambda: acts.pin(chosen, not pinned),
    )
    menu.addMenu(_folder_menu(menu, chosen, folders, acts))
    if len(chosen) == 1:
        instructions = _add(menu, _tr("Instructions…"), lambda: acts.instruct(first))
        instructions.setToolTip(_tr("What the model is told before this conversation"))
    _add(menu, _tr("Export as Markdown…"), lambda: acts.export(chosen, "markdown"))
    _add(menu, _tr("Export as JSON…"), lambda: acts.export(chosen, "json"))
    menu.addSeparator()
    _add(menu, _tr("Delete"), lambda: acts.delete(chosen), "Del")
    return menu


def folder_menu(parent: QWidget, folder: FolderSummary, acts: MenuActs) -> QMenu:
    """What can be done with a folder."""
    menu = _menu(parent)
    name = folder.folder_id
    _add(menu, _tr("Rename"), lambda: acts.rename_folder(name), "F2")
    _add(
        menu,
        _tr("Open") if folder.collapsed else _tr("Collapse"),
        lambda: acts.collapse(name, not folder.collapsed),
    )
    menu.addSeparator()
    remove = _add(menu, _tr("Remove folder"), lambda: acts.remove_folder(folder), "Del")
    remove.setToolTip(_tr("Its conversations stay, and go back to the list"))
    return menu


def _folder_menu(
    parent: QWidget, chosen: Chosen, folders: Sequence[FolderSummary], acts: MenuActs
) -> QMenu:
    menu = QMenu(_tr("Move to folder"), parent)
    for folder in folders:
        action = menu.addAction(folder.name.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(all(each.folder_id == folder.folder_id for each in chosen))
        action.triggered.connect(
            lambda _checked=False, name=folder.folder_id: acts.move(chosen, name)
        )
    if folders:
        menu.addSeparator()
    _add(menu, _tr("New folder…"), lambda: acts.move_to_new(chosen))
    if any(each.folder for each in chosen):
        _add(menu, _tr("Out of the folder"), lambda: acts.move(chosen, ""))
    return menu


def _menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.setObjectName("oneConversation")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    return menu


def _add(menu: QMenu, text: str, act: Callable[[], None], keys: str = "") -> QAction:
    action = QAction(text, menu)
    if keys:
        action.setShortcut(QKeySequence(keys))
    action.triggered.connect(lambda _checked=False: act())
    menu.addAction(action)
    return action


def _tr(text: str) -> str:
    return QCoreApplication.translate("ConversationList", text)
