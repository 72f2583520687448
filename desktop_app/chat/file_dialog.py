"""Shows what an attached file says, as the model reads it."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.look.theme import pixels
from engine.documents.attached import AttachedFile

_LONGEST_LINE = 2000
"""Laying out one line takes Qt the square of its length."""


class FileDialog(QDialog):
    """A file's text, to be read and copied.

    Args:
        file: The file.
        parent: The window.
    """

    def __init__(self, file: AttachedFile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(file.name)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(file.name)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setPlainText(_in_short_lines(file.text))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addWidget(buttons)
        self.resize(pixels(640), pixels(480))


def _in_short_lines(text: str) -> str:
    """The text with lines of a million characters cut where they would stop the window."""
    return "\n".join(
        line[start : start + _LONGEST_LINE]
        for line in text.split("\n")
        for start in range(0, max(1, len(line)), _LONGEST_LINE)
    )
