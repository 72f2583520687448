"""What a sweep shows, in words: the first sentences, and all of them when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

FIRST: Final = 3


class Sentences(QWidget):
    """Shows sentences, the most telling first."""

    def __init__(self) -> None:
        super().__init__()
        self._sentences: tuple[str, ...] = ()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._more = QPushButton()
        self._more.setProperty("flat", True)
        self._more.setCheckable(True)
        self._more.toggled.connect(lambda _on: self._show())
        row = QHBoxLayout()
        row.addWidget(self._more)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._text)
        column.addLayout(row)
        self._show()

    def set_sentences(self, sentences: Sequence[str]) -> None:
        """Show other ones; whether all are shown stays."""
        self._sentences = tuple(sentences)
        self._show()

    def _show(self) -> None:
        everything = self._more.isChecked()
        count = len(self._sentences)
        shown = self._sentences if everything else self._sentences[:FIRST]
        self._text.setText("\n".join(shown))
        self._more.setVisible(count > FIRST)
        self._more.setText(
            self.tr("Show the first {count}").format(count=FIRST)
            if everything
            else self.tr("Show all {count} findings").format(count=count)
        )
