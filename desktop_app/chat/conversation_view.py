"""The view of the conversations' rows: keys that act on the current one, a title edited in place.

It exists so that whoever fills the list knows when a title is being edited, and what a key asks
for. It must not know conversations.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QListView, QWidget

from desktop_app.look.steady_scroll import keep_bar_room

AnyIndex = QModelIndex | QPersistentModelIndex


class ConversationView(QListView):
    """Keys act only while the list has the focus, and never on an editor's text.

    Attributes:
        delete_pressed: The current conversation should go.
        open_pressed: The current conversation should be shown.
        edit_ended: A title is no longer being edited.
    """

    delete_pressed = Signal()
    open_pressed = Signal()
    edit_ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        keep_bar_room(self)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    @property
    def editing(self) -> bool:
        """Whether a title is being edited."""
        return self.state() == QListView.State.EditingState

    def make_current(self, index: AnyIndex) -> None:
        """Make a row the current one, or none where the index is invalid."""
        if not index.isValid():
            self.clearSelection()
        self.setCurrentIndex(index)

    def make_current_in_place(self, index: AnyIndex) -> None:
        """Do the same without moving the list: news must not move it under the reader."""
        self.setAutoScroll(False)
        self.make_current(index)
        self.setAutoScroll(True)

    def edit_title(self, index: AnyIndex) -> None:
        """Let the person write another title."""
        if index.isValid():
            self.make_current(index)
            self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Delete, rename, open."""
        if self.editing:
            super().keyPressEvent(event)
            return
        match event.key():
            case Qt.Key.Key_Delete:
                if not event.isAutoRepeat():  # a key held down means one conversation
                    self.delete_pressed.emit()
            case Qt.Key.Key_F2:
                self.edit_title(self.currentIndex())
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.open_pressed.emit()
            case _:
                super().keyPressEvent(event)

    def closeEditor(  # noqa: N802 - Qt's name
        self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint
    ) -> None:
        """Say that a title is no longer being edited."""
        super().closeEditor(editor, hint)
        self.edit_ended.emit()
