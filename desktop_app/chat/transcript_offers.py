"""Offers what can be done where the limit of tokens cut every candidate."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.chat.transcript_parts import OutlinedButton
from desktop_app.chat.turn import GoingOn
from desktop_app.look.tips import plain_tip


class CutOffers(QWidget):
    """Two buttons: go on with what is there, or allow more tokens.

    Attributes:
        go_on_pressed: The answer is to be gone on with.
        tokens_pressed: The limit is to be set otherwise.
    """

    go_on_pressed = Signal()
    tokens_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.go_on_button = OutlinedButton(self.tr("Go on"), self)
        self.go_on_button.clicked.connect(self.go_on_pressed)
        self.tokens_button = OutlinedButton(self.tr("Allow more tokens…"), self)
        self.tokens_button.setToolTip(self.tr("Opens the settings, where the limit of tokens is"))
        self.tokens_button.clicked.connect(self.tokens_pressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.go_on_button)
        row.addWidget(self.tokens_button)
        row.addStretch(1)

    def set_going_on(self, going_on: GoingOn | None) -> None:
        """Say whether it can be gone on with."""
        self.go_on_button.setVisible(going_on is not None)
        if going_on is not None:
            self.go_on_button.setEnabled(going_on.able)
            self.go_on_button.setToolTip(plain_tip(going_on.tip))

    def restyle(self) -> None:
        """Take the present theme's colours."""
        self.go_on_button.restyle()
        self.tokens_button.restyle()
