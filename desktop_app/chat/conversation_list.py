"""The sidebar: new conversation, search, and the list of conversations with everything done to one.

It exists so that the window has one place for conversations. It must not know the journal: what a
person asks for is said in signals.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.chat.conversation_delegate import ConversationDelegate
from desktop_app.chat.conversation_rows import ConversationRows
from desktop_app.shortcuts import Command, shortcut_for, shown_keys
from desktop_app.theme import current_theme, theme_changes
from engine.journal.records import ConversationSummary

PAGE_SIZE = 200
_SEARCH_MILLISECONDS = 150

AnyIndex = QModelIndex | QPersistentModelIndex


class _List(QListView):
    """Keys that act on the chosen conversation, only while the list has the focus."""

    delete_pressed = Signal()
    open_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Delete, rename, open."""
        match event.key():
            case Qt.Key.Key_Delete:
                self.delete_pressed.emit()
            case Qt.Key.Key_F2:
                self.edit(self.currentIndex())
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.state() != (
                QListView.State.EditingState
            ):
                self.open_pressed.emit()
            case _:
                super().keyPressEvent(event)


class ConversationList(QFrame):
    """The sidebar's upper part.

    Attributes:
        new_requested: A new conversation is wanted.
        open_requested: (conversation id, leaf id or "") of the conversation to show.
        rename_requested: (conversation id, new title).
        delete_requested: (conversation id, title).
        export_requested: (conversation id, leaf id or "", title, "markdown" or "json").
        preferences_export_requested: A file of preference pairs is wanted, of all conversations.
        page_requested: (search text, how many are known) to read from the journal.
    """

    new_requested = Signal()
    open_requested = Signal(str, str)
    rename_requested = Signal(str, str)
    delete_requested = Signal(str, str)
    export_requested = Signal(str, str, str, str)
    preferences_export_requested = Signal()
    page_requested = Signal(str, int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Conversations"))
        self._shown_id = ""
        new = QPushButton(self.tr("+ New conversation"))
        new.setObjectName("newConversation")
        new.setToolTip(_keys_of(Command.NEW_CONVERSATION))
        new.clicked.connect(self.new_requested)
        self._new = new
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Search") + f"  {_keys_of(Command.SEARCH)}")
        self._search.setAccessibleName(self.tr("Search conversations"))
        self._search.setClearButtonEnabled(True)
        self._rows = ConversationRows(PAGE_SIZE, self)
        self._list = _List()
        self._list.setModel(self._rows)
        self._list.setItemDelegate(ConversationDelegate(self._list))
        self._list.setAccessibleName(self.tr("List of conversations"))
        self._list.setMouseTracking(True)
        self._list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._empty = QLabel()
        self._empty.setWordWrap(True)
        self._empty.setProperty("muted", True)
        self._empty.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(8)
        for widget in (new, self._search, self._empty):
            column.addWidget(widget)
        column.addWidget(self._list, 1)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_SEARCH_MILLISECONDS)
        self._typing.timeout.connect(self.refresh)
        self._connect()
        theme_changes().changed.connect(self._restyle)
        self._restyle()

    def _connect(self) -> None:
        self._search.textChanged.connect(lambda _text: self._typing.start())
        self._search.returnPressed.connect(self._on_search_return)
        self._search.installEventFilter(self)
        self._list.clicked.connect(self._on_open)
        self._list.open_pressed.connect(lambda: self._on_open(self._list.currentIndex()))
        self._list.delete_pressed.connect(self._on_delete)
        self._list.customContextMenuRequested.connect(self._on_menu)
        self._rows.rename_requested.connect(self.rename_requested)
        self._rows.more_wanted.connect(
            lambda known: self.page_requested.emit(self._search.text(), known)
        )

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
        """Ask for the first page again."""
        self._typing.stop()
        self.page_requested.emit(self._search.text(), 0)

    def show_page(
        self, search: str, known: int, conversations: Sequence[ConversationSummary]
    ) -> None:
        """Show what the journal gave for a page, unless the search has changed since."""
        if search != self._search.text():
            return
        today = datetime.now().astimezone().date()
        if known:
            self._rows.add_conversations(conversations, today)
        else:
            position = self._list.verticalScrollBar().value()
            self._rows.set_conversations(conversations, today)
            self._list.verticalScrollBar().setValue(position)
        nothing = not self._rows.conversations
        self._empty.setVisible(nothing)
        self._empty.setText(
            self.tr("Nothing was found.") if search else self.tr("No conversations yet.")
        )
        self._list.setAutoScroll(False)  # news must not move the list under the reader
        self._select_shown()
        self._list.setAutoScroll(True)

    def set_shown(self, conversation_id: str) -> None:
        """Mark the visible conversation."""
        self._shown_id = conversation_id
        self._select_shown()

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
            self.open_requested.emit(summary.conversation_id, summary.leaf_id or "")

    # --- inside ---------------------------------------------------------------------------------

    def _select_shown(self) -> None:
        index = self._rows.index_of(self._shown_id)
        if index.isValid():
            self._list.setCurrentIndex(index)
        else:
            self._list.clearSelection()

    def _on_open(self, index: QModelIndex) -> None:
        summary = self._rows.summary_at(index)
        if summary is not None:
            self.open_requested.emit(summary.conversation_id, summary.leaf_id or "")

    def _on_search_return(self) -> None:
        self.refresh()
        self._list.setFocus(Qt.FocusReason.TabFocusReason)
        summary = self._rows.neighbour(None, 0)
        if summary is not None:
            self._list.setCurrentIndex(self._rows.index_of(summary.conversation_id))

    def _on_delete(self) -> None:
        summary = self._rows.summary_at(self._list.currentIndex())
        if summary is not None:
            self.delete_requested.emit(summary.conversation_id, summary.title)

    def _on_menu(self, place: QPoint) -> None:
        index = self._list.indexAt(place)
        summary = self._rows.summary_at(index)
        if summary is None:
            return
        self._list.setCurrentIndex(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rename = QAction(self.tr("Rename"), menu)
        rename.setShortcut(QKeySequence("F2"))
        rename.triggered.connect(lambda: self._list.edit(index))
        menu.addAction(rename)
        for text, form in (
            (self.tr("Export as Markdown…"), "markdown"),
            (self.tr("Export as JSON…"), "json"),
        ):
            action = QAction(text, menu)
            action.triggered.connect(
                lambda _checked=False, form=form: self.export_requested.emit(
                    summary.conversation_id, summary.leaf_id or "", summary.title, form
                )
            )
            menu.addAction(action)
        menu.addSeparator()
        preferences = QAction(self.tr("Export preferences…"), menu)
        preferences.setToolTip(self.tr("Pairs of answers for training, from all conversations"))
        preferences.triggered.connect(self.preferences_export_requested)
        menu.addAction(preferences)
        menu.setToolTipsVisible(True)
        menu.addSeparator()
        delete = QAction(self.tr("Delete"), menu)
        delete.setShortcut(QKeySequence("Del"))
        delete.triggered.connect(self._on_delete)
        menu.addAction(delete)
        menu.popup(self._list.viewport().mapToGlobal(place))

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
            "QLineEdit { padding: 7px 10px; }"
        )
        self._list.doItemsLayout()


def _keys_of(command: Command) -> str:
    return shown_keys(shortcut_for(command).keys[0])
