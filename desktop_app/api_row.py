"""The sidebar's line about the API: where it is served, and what it thinks about.

It must not know the server; it shows what it is given.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout


class ApiRow(QFrame):
    """Hidden while no API is served.

    Attributes:
        show_requested: What is thought about should be shown in the panel.
        end_requested: The API should be ended.
    """

    show_requested = Signal()
    end_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("API"))
        self._state = QLabel()
        self._question = QLabel()
        for label in (self._state, self._question):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setContentsMargins(9, 0, 0, 0)  # where the text of a flat button begins
        self._state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._question.setProperty("muted", True)
        self.show_button = QPushButton(self.tr("Show"))
        self.show_button.setToolTip(self.tr("Show its candidates in the panel"))
        self.show_button.clicked.connect(self.show_requested)
        self.end_button = QPushButton(self.tr("End"))
        self.end_button.setToolTip(self.tr("End the API; questions under way are cancelled"))
        self.end_button.clicked.connect(self.end_requested)
        buttons = QHBoxLayout()
        for button in (self.show_button, self.end_button):
            button.setProperty("flat", True)
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 4)
        column.setSpacing(4)
        column.addWidget(self._state)
        column.addWidget(self._question)
        column.addLayout(buttons)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return f"{self._state.text()}\n{self._question.text()}".strip()

    def show_busy(self, text: str) -> None:
        """Say that it is about to begin or to end."""
        self._say(text, "")
        self.show_button.setEnabled(False)
        self.end_button.setEnabled(False)
        self.show()

    def show_served(self, address: str, question: str, running: int, waiting: int) -> None:
        """Say where it is served and what it thinks about.

        Args:
            address: What clients call their base URL.
            question: The oldest question under way, in short, or "".
            running: Questions that are thought about.
            waiting: Questions that wait.
        """
        state = self.tr("API at\n{address}").format(address=address)
        if running:
            state = self.tr("API: {running} under way, {waiting} waiting").format(
                running=running, waiting=waiting
            )
        self._say(state, question)
        self.show_button.setEnabled(running > 0)
        self.end_button.setEnabled(True)
        self.show()

    def _say(self, state: str, question: str) -> None:
        self._state.setText(state)
        self._question.setText(question)
        self._question.setVisible(bool(question))
