"""The sidebar: new conversation, search, and the list of conversations with what is done to them.

It exists so that the window has one place for conversations. It must not know the journal: what a
person asks for is said in signals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.chat.conversation_delegate import ConversationDelegate
from desktop_app.chat.conversation_menus import (
    Chosen,
    MenuActs,
    conversation_menu,
    folder_menu,
)
from desktop_app.chat.conversation_rows import ConversationRows
from desktop_app.chat.conversation_view import ConversationView
from desktop_app.look.steady_scroll import BAR_WIDTH
from desktop_app.look.theme import current_theme, theme_changes
from desktop_app.window.key_choice import KeysTip, shortcut_changes, shown_keys_of
from desktop_app.window.shortcuts import Command
from engine.journal.records import ConversationSummary, FolderSummary, Listing

PAGE_SIZE = 200
_SEARCH_MILLISECONDS = 150


@dataclass(frozen=True, slots=True)
class _Marked:
    """What is marked in the list, by ids: the current row, and what is chosen."""

    conversation_id: str = ""
    folder_id: str = ""
    chosen: tuple[str, ...] = ()


class ConversationList(QFrame):
    """The sidebar's upper part.

    Attributes:
        new_requested: A new conversation is wanted.
        open_requested: (conversation id, leaf id or "") of the conversation to show, and the id of
            the message in it that a search found, or "".
        rename_requested: (conversation id, new title).
        instructions_requested: (conversation id, end of its shown branch or "") What the model is
            told before it is to be changed.
        pin_requested: (conversations, whether they are to be listed above the others).
        move_requested: (conversations, folder id or "") They are to be kept there, or in none.
        delete_requested: (conversations).
        export_requested: (conversations, "markdown" or "json").
        folder_requested: (name, conversations) A folder is to be made, and these kept in it.
        folder_rename_requested: (folder id, new name).
        collapse_requested: (folder id, whether what is in it is listed no longer).
        folder_removal_requested: (folder) It is to go, and what is in it to stay.
        import_requested: Conversations of a file are to be added.
        export_all_requested: A file of all conversations is wanted.
        preferences_export_requested: A file of preference pairs is wanted, of all conversations.
        page_requested: (search text, how many are known, how many more) to read from the journal.
    """

    new_requested = Signal()
    open_requested = Signal(str, str, str)
    rename_requested = Signal(str, str)
    instructions_requested = Signal(str, str)
    pin_requested = Signal(object, bool)
    move_requested = Signal(object, str)
    delete_requested = Signal(object)
    export_requested = Signal(object, str)
    folder_requested = Signal(str, object)
    folder_rename_requested = Signal(str, str)
    collapse_requested = Signal(str, bool)
    folder_removal_requested = Signal(object)
    import_requested = Signal()
    export_all_requested = Signal()
    preferences_export_requested = Signal()
    page_requested = Signal(str, int, int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Conversations"))
        self._shown_id = ""
        self._pages = 1
        self._listed_search: str | None = None
        self._first_wanted = False
        self._none_wanted = False
        """Whether the current conversation was deleted, so that the next press means no other."""
        self._refresh_postponed = False
        self._everything_wanted = False
        self._folders: tuple[FolderSummary, ...] = ()
        self._folder_to_name = ""
        self._acts = self._menu_acts()
        self.all_menu = self._build_all_menu()
        self._new = QPushButton(self.tr("+ New conversation"))
        self._new.setObjectName("newConversation")
        KeysTip(self._new, Command.NEW_CONVERSATION)
        self._new.clicked.connect(self.new_requested)
        self._search = QLineEdit()
        self._search.setAccessibleName(self.tr("Search conversations"))
        self._search.setClearButtonEnabled(True)
        self._rows = ConversationRows(PAGE_SIZE, self)
        self._list = ConversationView(self._rows)
        self._list.setItemDelegate(ConversationDelegate(self._list, self._rows))
        self._list.setAccessibleName(self.tr("List of conversations"))
        self._empty = QLabel()
        self._empty.setWordWrap(True)
        self._empty.setProperty("muted", True)
        self._empty.setContentsMargins(10, 8, 0, 0)
        self._empty.hide()
        upper = QVBoxLayout()
        upper.setContentsMargins(0, 0, BAR_WIDTH, 0)
        upper.addWidget(self._new)
        upper.addLayout(self._build_search_row())
        upper.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 0, 8)  # the list's scroll bar stands in the margin
        for layout in (upper, column):
            layout.setSpacing(8)
        column.addLayout(upper)
        column.addWidget(self._list, 1)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_SEARCH_MILLISECONDS)
        self._typing.timeout.connect(self.refresh)
        self._connect()
        shortcut_changes().changed.connect(self._show_keys)
        self._show_keys()
        theme_changes().changed.connect(self._restyle)
        self._restyle()

    def _build_search_row(self) -> QHBoxLayout:
        more = QToolButton()
        more.setText("…")
        more.setObjectName("allConversations")
        more.setAccessibleName(self.tr("All conversations"))
        more.setToolTip(self.tr("Folders, import and export"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        more.setMenu(self.all_menu)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._search, 1)
        row.addWidget(more)
        return row

    def _build_all_menu(self) -> QMenu:
        """What is done with all conversations."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self._new_folder = menu.addAction("")
        self._new_folder.setToolTip(self.tr("For conversations that belong together"))
        self._new_folder.triggered.connect(self.new_folder)
        menu.addSeparator()
        for text, tip, wanted in (
            (
                self.tr("Import conversations…"),
                self.tr("From a file of Ponder, llama.cpp's page, Open WebUI, LM Studio, ChatGPT"),
                self.import_requested,
            ),
            (
                self.tr("Export all conversations…"),
                self.tr("With all candidates and votes, one JSON object a line"),
                self.export_all_requested,
            ),
            (
                self.tr("Export preferences…"),
                self.tr("Pairs of answers for training, from all conversations"),
                self.preferences_export_requested,
            ),
        ):
            action = menu.addAction(text)
            action.setToolTip(tip)
            action.triggered.connect(wanted)
        return menu

    def _connect(self) -> None:
        self._search.textChanged.connect(self._on_search_changed)
        self._search.returnPressed.connect(self._on_search_return)
        self._search.installEventFilter(self)
        self._list.pressed_alone.connect(self._on_open)
        self._list.fold_pressed.connect(self._on_fold)
        self._list.everything_pressed.connect(self._on_everything)
        self._list.dropped.connect(self._on_dropped)
        self._list.drag_ended.connect(self._on_drag_ended)
        self._list.open_pressed.connect(lambda: self._on_open(self._list.currentIndex()))
        self._list.delete_pressed.connect(self._on_delete)
        self._list.edit_ended.connect(self._on_edit_ended, Qt.ConnectionType.QueuedConnection)
        self._list.customContextMenuRequested.connect(self._on_menu)
        self._rows.rename_requested.connect(self.rename_requested)
        self._rows.folder_rename_requested.connect(self.folder_rename_requested)
        self._rows.more_wanted.connect(self._on_more_wanted)
        self._rows.under_way_changed.connect(self._list.viewport().update)

    # --- what the window calls ------------------------------------------------------------------

    @property
    def rows(self) -> ConversationRows:
        """The model behind the list."""
        return self._rows

    @property
    def first_focus(self) -> QWidget:
        """The first widget in tab order."""
        return self._new

    def refresh(self) -> None:
        """Ask again for all that is listed; once a title that is being edited is finished."""
        self._typing.stop()
        self._refresh_postponed = self._list.editing
        if not self._refresh_postponed:
            self.page_requested.emit(self._search.text(), 0, self._pages * PAGE_SIZE)

    def show_page(self, search: str, known: int, page: Listing) -> None:
        """Show what the journal gave for a page, unless the search has changed since."""
        if search != self._search.text():
            return
        if known:
            marked = self._marked()
            self._rows.add_conversations(page.conversations, _today())
            self._keep(marked)
        elif self._list.editing:
            self._refresh_postponed = True
            return
        else:
            self._replace(page, searching=bool(search.strip()))
        self._listed_search = search
        self._empty.setVisible(not self._rows.rowCount())
        self._empty.setText(
            self.tr("Nothing was found.") if search else self.tr("No conversations yet.")
        )
        if self._everything_wanted:
            self._on_everything()
        if not known:
            self._name_folder()

    def set_shown(self, conversation_id: str) -> None:
        """Mark the visible conversation."""
        self._shown_id = conversation_id
        self._none_wanted = False
        self._list.make_current(self._rows.index_of(conversation_id))

    def search(self, text: str) -> None:
        """Search now."""
        self._search.setText(text)
        self.refresh()

    def focus_search(self) -> None:
        """Let the person type a search."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def step(self, step: int) -> None:
        """Open the next or previous conversation."""
        summary = self._rows.neighbour(self._shown_id or None, step)
        if summary is not None:
            self._open(summary)

    def new_folder(self) -> None:
        """Ask for a folder with nothing in it."""
        self._ask_for_folder(())

    def folder_name(self, folder_id: str) -> str:
        """A folder's name, or "" where there is none."""
        return next((each.name for each in self._folders if each.folder_id == folder_id), "")

    def name_folder(self, folder_id: str) -> None:
        """Let the person name a folder once it is listed."""
        self._folder_to_name = folder_id
        if self._search.text():
            self._search.clear()
        self.refresh()

    # --- inside ---------------------------------------------------------------------------------

    def _open(self, summary: ConversationSummary) -> None:
        self.open_requested.emit(
            summary.conversation_id, summary.leaf_id or "", summary.found_id or ""
        )

    def _marked(self) -> _Marked:
        current = self._list.currentIndex()
        summary, folder = self._rows.summary_at(current), self._rows.folder_at(current)
        return _Marked(
            summary.conversation_id if summary is not None else "",
            folder.folder_id if folder is not None else "",
            tuple(each.conversation_id for each in self._chosen()),
        )

    def _chosen(self) -> Chosen:
        """The conversations that are chosen, from above."""
        found = (self._rows.summary_at(index) for index in self._list.chosen)
        return tuple(summary for summary in found if summary is not None)

    def _replace(self, page: Listing, *, searching: bool) -> None:
        """Show other rows; place, current row and what is chosen stay."""
        marked, position = self._marked(), self._list.verticalScrollBar().value()
        self._folders = page.folders
        shown_folders = () if searching else page.folders
        self._rows.set_conversations(page.conversations, _today(), shown_folders)
        self._list.verticalScrollBar().setValue(position)
        if self._first_wanted:
            self._first_wanted = False
            self._make_first_current()
        else:
            self._keep(marked)

    def _keep(self, marked: _Marked) -> None:
        """Make the row current that was, else the visible conversation's, else none."""
        index = self._rows.index_of(marked.conversation_id)
        if not index.isValid():
            index = self._rows.index_of_folder(marked.folder_id)
        if not index.isValid() and not self._none_wanted:
            index = self._rows.index_of(self._shown_id)
        still = [self._rows.index_of(each) for each in marked.chosen]
        still = [each for each in still if each.isValid()]
        several = len(still) > 1
        self._list.choose_in_place(still if several else [index] if index.isValid() else [], index)

    def _name_folder(self) -> None:
        index = self._rows.index_of_folder(self._folder_to_name)
        self._folder_to_name = ""  # one that is further down is not named out of the blue later
        if index.isValid():
            self._list.setFocus(Qt.FocusReason.OtherFocusReason)
            self._list.edit_title(index)

    def _make_first_current(self) -> None:
        first = self._rows.neighbour(None, 0)
        self._list.make_current(self._rows.index_of(first.conversation_id if first else ""))

    def _on_more_wanted(self, known: int) -> None:
        self._pages = -(-known // PAGE_SIZE) + 1
        self.page_requested.emit(self._search.text(), known, PAGE_SIZE)

    def _on_edit_ended(self) -> None:
        if self._refresh_postponed:
            self.refresh()

    def _on_search_changed(self) -> None:
        self._pages = 1
        self._first_wanted = False
        self._typing.start()

    def _on_open(self, index: QModelIndex) -> None:
        summary, folder = self._rows.summary_at(index), self._rows.folder_at(index)
        if summary is not None:
            self._open(summary)
        elif folder is not None:
            self.collapse_requested.emit(folder.folder_id, not folder.collapsed)

    def _on_fold(self, collapsed: bool) -> None:  # noqa: FBT001 - a slot
        folder = self._rows.folder_at(self._list.currentIndex())
        if folder is not None and folder.collapsed != collapsed:
            self.collapse_requested.emit(folder.folder_id, collapsed)

    def _on_everything(self) -> None:
        """Choose all that the list holds, once all of it is read."""
        root = QModelIndex()
        self._everything_wanted = self._rows.canFetchMore(root)
        if self._everything_wanted:
            self._rows.fetchMore(root)
        else:
            self._list.selectAll()

    def _on_dropped(self, ids: Sequence[str], index: QModelIndex) -> None:
        target = self._rows.target_at(index)
        found = [self._rows.summary_at(self._rows.index_of(each)) for each in ids]
        moved = tuple(each for each in found if each and (each.folder_id or "") != target)
        if target is not None and moved:
            self.move_requested.emit(moved, target)

    def _on_drag_ended(self) -> None:
        """Give the mark back from the one that was dragged."""
        if len(self._chosen()) == 1:
            self._keep(_Marked(self._shown_id))

    def _ask_for_folder(self, conversations: Chosen) -> None:
        """Ask for a folder whose name no other one has; the person names it then."""
        wanted = self.tr("New folder")
        taken = {folder.name.casefold() for folder in self._folders}
        names = (wanted if n == 1 else f"{wanted} {n}" for n in count(1))
        name = next(name for name in names if name.casefold() not in taken)
        self.folder_requested.emit(name, conversations)

    def _on_search_return(self) -> None:
        """Go to the first hit, once the list shows the hits of what is written."""
        self._list.setFocus(Qt.FocusReason.TabFocusReason)
        if self._listed_search == self._search.text():
            self._make_first_current()
            return
        self._list.make_current(QModelIndex())
        self._first_wanted = True
        self.refresh()

    def _on_delete(self) -> None:
        folder = self._rows.folder_at(self._list.currentIndex())
        chosen = self._chosen()
        if chosen:
            self._none_wanted = True
            self._list.make_current(QModelIndex())  # the next press means another one
            self.delete_requested.emit(chosen)
        elif folder is not None:
            self.folder_removal_requested.emit(folder)

    def _on_menu(self, place: QPoint) -> None:
        index = self._list.indexAt(place)
        summary, folder = self._rows.summary_at(index), self._rows.folder_at(index)
        marked = self._marked()
        if folder is not None:
            self._list.make_current(index)
            menu = folder_menu(self, folder, self._acts)
        elif summary is not None:
            several = len(marked.chosen) > 1 and summary.conversation_id in marked.chosen
            if not several:
                self._list.make_current(index)
            chosen = self._chosen() if several else (summary,)
            menu = conversation_menu(self, chosen, self._folders, self._acts)
        else:
            return
        menu.aboutToHide.connect(lambda: self._on_menu_closed(marked))
        menu.popup(self._list.viewport().mapToGlobal(place))

    def _on_menu_closed(self, marked: _Marked) -> None:
        """Give the mark back that showed what the menu was about."""
        if not self._list.editing:
            self._keep(marked)

    def _menu_acts(self) -> MenuActs:
        """What the menus do, wherever what they were opened on is by then."""
        return MenuActs(
            rename=lambda name: self._list.edit_title(self._rows.index_of(name)),
            instruct=lambda each: self.instructions_requested.emit(
                each.conversation_id, each.leaf_id or ""
            ),
            pin=self.pin_requested.emit,
            move=self.move_requested.emit,
            move_to_new=self._ask_for_folder,
            export=self.export_requested.emit,
            delete=self.delete_requested.emit,
            rename_folder=lambda name: self._list.edit_title(self._rows.index_of_folder(name)),
            collapse=self.collapse_requested.emit,
            remove_folder=self.folder_removal_requested.emit,
        )

    def eventFilter(self, watched: object, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Esc empties the search, Down goes to the list."""
        if (
            watched is self._search
            and isinstance(event, QKeyEvent)
            and event.type() in {QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride}
        ):
            if event.key() == Qt.Key.Key_Escape and self._search.text():
                if event.type() == QEvent.Type.KeyPress:
                    self._search.clear()
                event.accept()
                return event.type() == QEvent.Type.KeyPress
            if event.key() == Qt.Key.Key_Down and event.type() == QEvent.Type.KeyPress:
                self._list.setFocus(Qt.FocusReason.TabFocusReason)
                return True
        return False

    def _show_keys(self) -> None:
        search, new_folder = (shown_keys_of(c) for c in (Command.SEARCH, Command.NEW_FOLDER))
        self._search.setPlaceholderText(f"{self.tr('Search')}  {search}".rstrip())
        # behind a tab they stand at the right; as the action's own they would mean two things
        self._new_folder.setText(f"{self.tr('New folder')}\t{new_folder}".rstrip())

    def _restyle(self) -> None:
        theme = current_theme()
        self.setStyleSheet(
            f"ConversationList {{ background: {theme.sidebar}; border: none; }}"
            f"QListView {{ background: {theme.sidebar}; border: none; outline: none; }}"
            "QListView:focus { border: none; }"
            "#newConversation { text-align: left; font-weight: 600; padding: 8px 12px; }"
            "#allConversations { padding: 6px 6px; font-weight: 600; }"
            "#allConversations:focus { padding: 5px 5px; }"
            "QLineEdit { padding: 7px 10px; }"
        )
        self._list.doItemsLayout()


def _today() -> date:
    return datetime.now().astimezone().date()
