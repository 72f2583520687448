"""The field a question is written in: it grows with the text and sends on the chosen key.

It must not know what sending does.
"""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from desktop_app.look.theme import theme_changes
from desktop_app.settings import SendKey
from desktop_app.window.dropped_files import dropped_documents
from engine.conversation_length import LONGEST_CONVERSATION

_MOST_LINES = 8


class QuestionEdit(QPlainTextEdit):
    """A plain text field as tall as its text, up to some lines.

    Attributes:
        sent: The send key was pressed.
        edit_last_wanted: Up was pressed where nothing is written.
        files_given: (paths) Files were pasted or dropped here.
        too_much_given: A text was that no model could read; nothing of it was written.
    """

    sent = Signal()
    edit_last_wanted = Signal()
    files_given = Signal(list)
    too_much_given = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._send_key: SendKey = "enter"
        self.setObjectName("question")
        self.setAccessibleName(self.tr("Question"))
        self.setPlaceholderText(self.tr("Ask something worth thinking about"))
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        theme_changes().changed.connect(self._fit)
        self._fit()

    def set_send_key(self, key: SendKey) -> None:
        """Choose what sends; the other one makes a new line."""
        self._send_key = key

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As tall as the text."""
        return QSize(200, self._wanted_height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """One line."""
        return QSize(120, self._height_of(1))

    def canInsertFromMimeData(self, source: QMimeData) -> bool:  # noqa: N802 - Qt's name
        """Leave a model file to the window, which loads it."""
        if any(url.isLocalFile() for url in source.urls()):
            return bool(dropped_documents(source))
        return super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802 - Qt's name
        """Write a text; tell of files."""
        paths = dropped_documents(source)
        if paths:
            self.files_given.emit(paths)
        elif self.document().characterCount() + len(source.text()) > LONGEST_CONVERSATION:
            self.too_much_given.emit()
        elif self.canInsertFromMimeData(source):
            super().insertFromMimeData(source)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Send, or write, or go to what was asked before."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if not shift and control == (self._send_key == "ctrl+enter"):
                self.sent.emit()
                return
            self.insertPlainText("\n")
            self.ensureCursorVisible()
            return
        alone = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier  # macOS: arrows are keypad
        if event.key() == Qt.Key.Key_Up and not alone and self.document().isEmpty():
            self.edit_last_wanted.emit()
            return
        super().keyPressEvent(event)

    def _height_of(self, lines: int) -> int:
        margins = 2 * (self.frameWidth() + round(self.document().documentMargin()))
        return self.fontMetrics().lineSpacing() * lines + margins + 4

    def _wanted_height(self) -> int:
        lines = max(1, round(self.document().documentLayout().documentSize().height()))
        return self._height_of(min(lines, _MOST_LINES))

    def _fit(self) -> None:
        lines = round(self.document().documentLayout().documentSize().height())
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if lines > _MOST_LINES
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        self.setFixedHeight(self._wanted_height())
