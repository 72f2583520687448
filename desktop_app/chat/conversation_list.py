"""The sidebar: new conversation, search, and the list of conversations with everything done to one.

It exists so that the window has one place for conversations. It must not know the journal: what a
person asks for is said in signals.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
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
from desktop_app.chat.conversation_rows import ConversationRows
from desktop_app.chat.conversation_view import ConversationView
from desktop_app.look.steady_scroll import BAR_WIDTH
from desktop_app.look.theme import current_theme, theme_changes
from desktop_app.window.shortcuts import Command, shortcut_for, shown_keys
from engine.journal.records import ConversationSummary

PAGE_SIZE = 200
_SEARCH_MILLISECONDS = 150


class ConversationList(QFrame):
    """The sidebar's upper part.

    Attributes:
        new_requested: A new conversation is wanted.
        open_requested: (conversation id, leaf id or "") of the conversation to show, and the id of
            the message in it that a search found, or "".
        rename_requested: (conversation id, new title).
        instructions_requested: (conversation id, end of its shown branch or "") What the model is
            told before it is to be changed.
        pin_requested: (conversation id, whether it is to be listed above the others).
        delete_requested: (conversation id, title).
        export_requested: (conversation id, leaf id or "", title, "markdown" or "json").
        import_requested: Conversations of a file are to be added.
        export_all_requested: A file of all conversations is wanted.
        preferences_export_requested: A file of preference pairs is wanted, of all conversations.
        page_requested: (search text, how many are known, how many more) to read from the journal.
    """

    new_requested = Signal()
    open_requested = Signal(str, str, str)
    rename_requested = Signal(str, str)
    instructions_requested = Signal(str, str)
    pin_requested = Signal(str, bool)
    delete_requested = Signal(str, str)
    export_requested = Signal(str, str, str, str)
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
        self.all_menu = self._build_all_menu()
        self._new = QPushButton(self.tr("+ New conversation"))
        self._new.setObjectName("newConversation")
        self._new.setToolTip(_keys_of(Command.NEW_CONVERSATION))
        self._new.clicked.connect(self.new_requested)
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Search") + f"  {_keys_of(Command.SEARCH)}")
        self._search.setAccessibleName(self.tr("Search conversations"))
        self._search.setClearButtonEnabled(True)
        self._rows = ConversationRows(PAGE_SIZE, self)
        self._list = ConversationView()
        self._list.setModel(self._rows)
        self._list.setItemDelegate(ConversationDelegate(self._list))
        self._list.setAccessibleName(self.tr("List of conversations"))
        self._empty = QLabel()
        self._empty.setWordWrap(True)
        self._empty.setProperty("muted", True)
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
        theme_changes().changed.connect(self._restyle)
        self._restyle()

    def _build_search_row(self) -> QHBoxLayout:
        more = QToolButton()
        more.setText("…")
        more.setObjectName("allConversations")
        more.setAccessibleName(self.tr("All conversations"))
        more.setToolTip(self.tr("Import and export"))
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
        self._list.clicked.connect(self._on_open)
        self._list.open_pressed.connect(lambda: self._on_open(self._list.currentIndex()))
        self._list.delete_pressed.connect(self._on_delete)
        self._list.edit_ended.connect(self._on_edit_ended, Qt.ConnectionType.QueuedConnection)
        self._list.customContextMenuRequested.connect(self._on_menu)
        self._rows.rename_requested.connect(self.rename_requested)
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

    def show_page(
        self, search: str, known: int, conversations: Sequence[ConversationSummary]
    ) -> None:
        """Show what the journal gave for a page, unless the search has changed since."""
        if search != self._search.text():
            return
        if known:
            self._rows.add_conversations(conversations, _today())
            self._keep_current(self._current_id)
        elif self._list.editing:
            self._refresh_postponed = True
            return
        else:
            self._replace(conversations)
        self._listed_search = search
        self._empty.setVisible(not self._rows.conversations)
        self._empty.setText(
            self.tr("Nothing was found.") if search else self.tr("No conversations yet.")
        )

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

    # --- inside ---------------------------------------------------------------------------------

    def _open(self, summary: ConversationSummary) -> None:
        self.open_requested.emit(
            summary.conversation_id, summary.leaf_id or "", summary.found_id or ""
        )

    @property
    def _current_id(self) -> str:
        summary = self._rows.summary_at(self._list.currentIndex())
        return summary.conversation_id if summary is not None else ""

    def _replace(self, conversations: Sequence[ConversationSummary]) -> None:
        """Show other rows; place and current conversation stay."""
        current_id, position = self._current_id, self._list.verticalScrollBar().value()
        self._rows.set_conversations(conversations, _today())
        self._list.verticalScrollBar().setValue(position)
        if self._first_wanted:
            self._first_wanted = False
            self._make_first_current()
        else:
            self._keep_current(current_id)

    def _keep_current(self, conversation_id: str) -> None:
        """Make the conversation current that was, else the visible one, else none."""
        index = self._rows.index_of(conversation_id)
        if not index.isValid() and not self._none_wanted:
            index = self._rows.index_of(self._shown_id)
        self._list.make_current_in_place(index)

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
        summary = self._rows.summary_at(index)
        if summary is not None:
            self._open(summary)

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
        summary = self._rows.summary_at(self._list.currentIndex())
        if summary is not None:
            self._none_wanted = True
            self._list.make_current(QModelIndex())  # the next press means another one
            self.delete_requested.emit(summary.conversation_id, summary.title)

    def _on_menu(self, place: QPoint) -> None:
        index = self._list.indexAt(place)
        summary = self._rows.summary_at(index)
        if summary is None:
            return
        current_id = self._current_id
        self._list.make_current(index)
        menu = self._menu_of(summary)
        menu.aboutToHide.connect(lambda: self._on_menu_closed(current_id))
        menu.popup(self._list.viewport().mapToGlobal(place))

    def _on_menu_closed(self, current_id: str) -> None:
        """Give the mark back that showed what the menu was about."""
        if not self._list.editing:
            self._keep_current(current_id)

    def _menu_of(self, summary: ConversationSummary) -> QMenu:
        """What can be done with a conversation, wherever its row is by then."""
        conversation_id, title = summary.conversation_id, summary.title
        menu = QMenu(self)
        menu.setObjectName("oneConversation")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        rename = QAction(self.tr("Rename"), menu)
        rename.setShortcut(QKeySequence("F2"))
        rename.triggered.connect(
            lambda: self._list.edit_title(self._rows.index_of(conversation_id))
        )
        menu.addAction(rename)
        pin = QAction(self.tr("Unpin") if summary.pinned else self.tr("Pin to the top"), menu)
        pin.triggered.connect(lambda: self.pin_requested.emit(conversation_id, not summary.pinned))
        menu.addAction(pin)
        instructions = QAction(self.tr("Instructions…"), menu)
        instructions.setToolTip(self.tr("What the model is told before this conversation"))
        instructions.triggered.connect(
            lambda: self.instructions_requested.emit(conversation_id, summary.leaf_id or "")
        )
        menu.addAction(instructions)
        for text, form in (
            (self.tr("Export as Markdown…"), "markdown"),
            (self.tr("Export as JSON…"), "json"),
        ):
            action = QAction(text, menu)
            action.triggered.connect(
                lambda _checked=False, form=form: self.export_requested.emit(
                    conversation_id, summary.leaf_id or "", title, form
                )
            )
            menu.addAction(action)
        menu.addSeparator()
        delete = QAction(self.tr("Delete"), menu)
        delete.setShortcut(QKeySequence("Del"))
        delete.triggered.connect(lambda: self.delete_requested.emit(conversation_id, title))
        menu.addAction(delete)
        return menu

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


def _keys_of(command: Command) -> str:
    return shown_keys(shortcut_for(command).keys[0])


def _today() -> date:
    return datetime.now().astimezone().date()
