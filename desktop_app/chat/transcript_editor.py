"""Edits a question in its place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop_app.window.shortcuts import keep_escape

LINES_AT_MOST = 16


class _QuestionEdit(QPlainTextEdit):
    """A text field that sends with Ctrl+Enter."""

    accepted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Send or write."""
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.accepted.emit()
        else:
            super().keyPressEvent(event)


class QuestionEditor(QWidget):
    """A question's text with buttons to ask it again or to leave it as it was, as Escape does."""

    accepted = Signal(str)
    rejected = Signal()
    height_changed = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edit = _QuestionEdit(text, self)
        self._edit.setAccessibleName(self.tr("Edit the question"))
        self._edit.setTabChangesFocus(True)
        self._edit.accepted.connect(self._on_accepted)
        self._edit.textChanged.connect(self._on_text_changed)
        self._ask = QPushButton(self.tr("Ask again"), self)
        self._ask.setProperty("primary", "true")
        self._ask.setToolTip(self.tr("Ctrl+Enter"))
        self._ask.clicked.connect(self._on_accepted)
        cancel = QPushButton(self.tr("Cancel"), self)
        cancel.clicked.connect(self.rejected)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._edit)
        column.addLayout(buttons)
        self.setFocusProxy(self._edit)
        self._edit.moveCursor(self._edit.textCursor().MoveOperation.End)
        self._on_text_changed()

    @property
    def text(self) -> str:
        """What is written."""
        return self._edit.toPlainText()

    def event(self, event: QEvent) -> bool:
        """Let Escape close the editor instead of stopping what is thought about."""
        return keep_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Give up with Escape, from the field and from the buttons."""
        if event.key() == Qt.Key.Key_Escape:
            self.rejected.emit()
        else:
            super().keyPressEvent(event)

    def _on_text_changed(self) -> None:
        self._ask.setEnabled(bool(self._edit.toPlainText().strip()))
        lines = min(max(self._edit.blockCount() + 1, 3), LINES_AT_MOST)
        height = lines * self._edit.fontMetrics().lineSpacing() + 22
        if height != self._edit.height():
            self._edit.setFixedHeight(height)
            self.height_changed.emit()

    def _on_accepted(self) -> None:
        text = self._edit.toPlainText().strip()
        if text:
            self.accepted.emit(text)
