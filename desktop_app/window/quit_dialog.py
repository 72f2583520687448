"""The question before work is ended: what would stop, and what can be done instead.

It must not know what work there is, nor how Ponder quits.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app.look.theme import pixels

_WIDTH = 460


class QuitDialog(QDialog):
    """Asks once; Escape and the default button keep Ponder open.

    Args:
        under_way: A sentence for each kind of work that would stop.
        can_hide: Whether the window can be hidden while all goes on.
        parent: The window.

    Attributes:
        quit_chosen: Quit now.
        hide_chosen: Hide the window.
    """

    quit_chosen = Signal()
    hide_chosen = Signal()

    def __init__(self, under_way: Sequence[str], parent: QWidget, *, can_hide: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Quit Ponder"))
        heading = QLabel(self.tr("Quit Ponder?"))
        heading.setProperty("heading", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(8)
        column.addWidget(heading)
        self._sentences = [self._sentence(text) for text in under_way]
        for sentence in self._sentences:
            column.addWidget(sentence)
        self.setAccessibleDescription(self.text)
        column.addSpacing(12)
        column.addLayout(self._build_buttons(can_hide=can_hide))
        self.setMinimumWidth(pixels(_WIDTH))

    @property
    def text(self) -> str:
        """What would stop, a sentence a line."""
        return "\n".join(sentence.text() for sentence in self._sentences)

    @property
    def buttons(self) -> dict[str, QPushButton]:
        """What can be pressed, by what is written on it."""
        return {button.text(): button for button in self.findChildren(QPushButton)}

    def _build_buttons(self, *, can_hide: bool) -> QHBoxLayout:
        leave = QPushButton(self.tr("Quit"))
        leave.clicked.connect(self.accept)
        leave.clicked.connect(self.quit_chosen)
        leave.setAutoDefault(False)
        keep = QPushButton(self.tr("Keep Ponder open"))
        keep.setProperty("primary", True)
        keep.setDefault(True)
        keep.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(leave)
        row.addStretch(1)
        if can_hide:
            row.addWidget(self._build_hide())
        row.addWidget(keep)
        keep.setFocus()
        return row

    def _build_hide(self) -> QPushButton:
        hide = QPushButton(self.tr("Hide the window"))
        hide.setToolTip(self.tr("All goes on; the icon beside the clock shows it again"))
        hide.setAutoDefault(False)
        hide.clicked.connect(self.accept)
        hide.clicked.connect(self.hide_chosen)
        return hide

    def _sentence(self, text: str) -> QLabel:
        sentence = QLabel(text)
        sentence.setTextFormat(Qt.TextFormat.PlainText)
        sentence.setWordWrap(True)
        return sentence
