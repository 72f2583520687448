"""Where a person writes what the model is told before a conversation."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_app.look.theme import pixels
from desktop_app.settings import MOST_INSTRUCTIONS


class InstructionsField(QWidget):
    """A text with a word on what it is for.

    Args:
        about: That word; what the settings say where it is empty.
    """

    def __init__(self, about: str = "") -> None:
        super().__init__()
        label = QLabel(
            about
            or self.tr(
                "Told to the model before each new conversation, as its system message: who it"
                " is, how it is to answer. A conversation keeps those it began with."
            )
        )
        label.setWordWrap(True)
        label.setProperty("muted", True)
        self.field = QPlainTextEdit()
        self.field.setAccessibleName(self.tr("Instructions"))
        self.field.setPlaceholderText(self.tr("For example: answer in short sentences."))
        self.field.setTabChangesFocus(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.addWidget(label)
        column.addWidget(self.field, 1)

    @property
    def text(self) -> str:
        """What is written."""
        return self.field.toPlainText().strip()[:MOST_INSTRUCTIONS]

    def set_text(self, text: str) -> None:
        """Write something else."""
        self.field.setPlainText(text)


class InstructionsDialog(QDialog):
    """Changes what the model is told before one conversation.

    Args:
        text: What it is told now.
        parent: The window.
    """

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Instructions"))
        self.resize(pixels(520), pixels(360))
        self.instructions = InstructionsField(
            self.tr("Told to the model before this conversation. It counts for what is asked next.")
        )
        self.instructions.set_text(text)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.instructions, 1)
        column.addWidget(buttons)
