"""The view of the conversations' rows: keys, choosing several, dragging, writing titles in place.

It exists so that whoever fills the list knows when a title is being edited, and what a key or a
drop asks for. It must not know the journal or the chat.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QAbstractItemDelegate, QListView, QWidget

from desktop_app.chat.conversation_drag import carried, conversations_in, drag_picture
from desktop_app.chat.conversation_rows import ConversationRows, conversation_count
from desktop_app.look.steady_scroll import keep_bar_room

_Flag = QItemSelectionModel.SelectionFlag
_CHOOSING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class ConversationView(QListView):
    """Keys act only while the list has the focus, and never on an editor's text.

    Args:
        rows: What is shown.

    Attributes:
        delete_pressed: What is chosen should go.
        open_pressed: The current row should be opened.
        pressed_alone: (index) A row was clicked, without a key that adds it to what is chosen.
        fold_pressed: (whether to collapse) The current folder should be collapsed or opened.
        everything_pressed: All conversations should be chosen.
        dropped: (conversation ids, row or an invalid index) They were dragged there.
        drag_ended: Nothing is dragged any more.
        edit_ended: A title is no longer being edited.
    """

    delete_pressed = Signal()
    open_pressed = Signal()
    pressed_alone = Signal(QModelIndex)
    fold_pressed = Signal(bool)
    everything_pressed = Signal()
    dropped = Signal(object, QModelIndex)
    drag_ended = Signal()
    edit_ended = Signal()

    def __init__(self, rows: ConversationRows) -> None:
        super().__init__()
        self._rows = rows
        self._choosing = False
        self._target: str | None = None
        self.setModel(rows)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        keep_bar_room(self)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QListView.DragDropMode.DragDrop)
        self.setDropIndicatorShown(False)
        self.clicked.connect(self._on_clicked)

    @property
    def editing(self) -> bool:
        """Whether a title is being edited."""
        return self.state() == QListView.State.EditingState

    @property
    def target(self) -> str | None:
        """The folder that conversations are dragged over, "" for none, None without a drag."""
        return self._target

    @property
    def chosen(self) -> list[QModelIndex]:
        """The rows that are chosen, from above."""
        return sorted(self.selectionModel().selectedIndexes(), key=lambda index: index.row())

    def make_current(self, index: QModelIndex) -> None:
        """Make a row the current one and the only one chosen, or none where it is invalid."""
        self.choose([index] if index.isValid() else [], index)

    def choose(self, rows: Sequence[QModelIndex], current: QModelIndex) -> None:
        """Choose rows, and make one the current one."""
        model, chosen = self.selectionModel(), QItemSelection()
        for index in rows:
            if index.flags() & Qt.ItemFlag.ItemIsSelectable:
                chosen.select(index, index)
        self.setCurrentIndex(current)
        model.select(chosen, _Flag.ClearAndSelect)

    def choose_in_place(self, rows: Sequence[QModelIndex], current: QModelIndex) -> None:
        """Do the same without moving the list: news must not move it under the reader."""
        self.setAutoScroll(False)
        self.choose(rows, current)
        self.setAutoScroll(True)

    def edit_title(self, index: QModelIndex) -> None:
        """Let the person write another title."""
        if index.isValid():
            self.make_current(index)
            self.edit(index)

    # --- keys and clicks ------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Delete, rename, open, choose all."""
        if self.editing:
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.everything_pressed.emit()
        elif not self._act_on_key(event):
            super().keyPressEvent(event)

    def _act_on_key(self, event: QKeyEvent) -> bool:
        on_folder = self._rows.folder_at(self.currentIndex()) is not None
        match event.key():
            case Qt.Key.Key_Delete:
                if not event.isAutoRepeat():  # a key held down means what was chosen, once
                    self.delete_pressed.emit()
            case Qt.Key.Key_F2:
                self.edit_title(self.currentIndex())
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.open_pressed.emit()
            case Qt.Key.Key_Space if on_folder:
                self.open_pressed.emit()
            case Qt.Key.Key_Left | Qt.Key.Key_Right if on_folder:
                self.fold_pressed.emit(event.key() == Qt.Key.Key_Left)
            case _:
                return False
        return True

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Tell a click that opens from one that only chooses."""
        self._choosing = bool(event.modifiers() & _CHOOSING)
        super().mouseReleaseEvent(event)
        self._choosing = False

    def _on_clicked(self, index: QModelIndex) -> None:
        if not self._choosing:
            self.pressed_alone.emit(index)

    # --- dragging -------------------------------------------------------------------------------

    def startDrag(self, _actions: Qt.DropAction) -> None:  # noqa: N802 - Qt's name
        """Carry what is chosen."""
        found = [self._rows.summary_at(index) for index in self.chosen]
        summaries = [summary for summary in found if summary is not None]
        if not summaries:
            return
        text = (
            conversation_count(len(summaries)) if len(summaries) > 1 else str(self.chosen[0].data())
        )
        drag = QDrag(self)
        drag.setMimeData(carried([summary.conversation_id for summary in summaries]))
        drag.setPixmap(drag_picture(text, self.devicePixelRatioF()))
        drag.exec(Qt.DropAction.MoveAction)
        self._show_target(None)
        self.drag_ended.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take conversations alone."""
        if conversations_in(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802 - Qt's name
        """Show where they would go."""
        super().dragMoveEvent(event)  # scrolls at the edges
        index = self.indexAt(event.position().toPoint())
        self._show_target(self._rows.target_at(index))
        event.setAccepted(self._target is not None)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 - Qt's name
        """Show no place any more."""
        super().dragLeaveEvent(event)
        self._show_target(None)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the move."""
        self._show_target(None)
        self.setState(QListView.State.NoState)
        index = self.indexAt(event.position().toPoint())
        ids = conversations_in(event.mimeData())
        if ids and self._rows.target_at(index) is not None:
            event.acceptProposedAction()
            self.dropped.emit(ids, index)

    def _show_target(self, target: str | None) -> None:
        if target != self._target:
            self._target = target
            self.viewport().update()

    def closeEditor(  # noqa: N802 - Qt's name
        self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint
    ) -> None:
        """Say that a title is no longer being edited."""
        super().closeEditor(editor, hint)
        self.edit_ended.emit()
