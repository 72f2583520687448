"""A quiet line above the composer: a muted sentence, and one thing to do about it.

It must not know what it speaks of.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton


class QuietLine(QFrame):
    """Says something that need not be read.

    Args:
        action: What its button says.

    Attributes:
        pressed: The button was pressed.
    """

    pressed = Signal()

    def __init__(self, action: str) -> None:
        super().__init__()
        self.hide()
        self._label = QLabel()
        self._label.setProperty("muted", True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self.button = QPushButton(action)
        self.button.setProperty("flat", True)
        self.button.clicked.connect(lambda _checked=False: self.pressed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 4, 0)
        row.addWidget(self._label, 1)
        row.addWidget(self.button)

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text()

    def set_text(self, text: str) -> None:
        """Say something else."""
        self._label.setText(text)
        self.button.setAccessibleDescription(text)
