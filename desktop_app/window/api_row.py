"""The sidebar's row about the API: on or off, where it is served, and what it thinks about.

It must not know the server; it shows what it is given.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.look.theme import pixels, theme_changes, themed_icon
from desktop_app.window.key_choice import KeysTip
from desktop_app.window.shortcuts import Command

_ICON_PIXELS = 16


class ApiRow(QFrame):
    """One line while no API is served; nothing is served before the person has agreed.

    Attributes:
        toggle_requested: The row was pressed: the API is wanted, or no longer.
        serve_requested: The person has agreed that the API is served.
        show_requested: What is thought about should be shown in the panel.
        end_requested: The API should be ended.
    """

    toggle_requested = Signal()
    serve_requested = Signal()
    show_requested = Signal()
    end_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("API"))
        self.button = QPushButton(self.tr("Serve an API"))
        self.button.setProperty("flat", True)
        KeysTip(self.button, Command.API)
        self.button.clicked.connect(self.toggle_requested)
        self._switch = QLabel()
        self._switch.setProperty("muted", True)
        self._switch.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        within = QHBoxLayout(self.button)
        within.setContentsMargins(0, 0, 10, 0)
        within.addStretch(1)
        within.addWidget(self._switch)
        self._state = QLabel()
        self._question = QLabel()
        for label in (self._state, self._question):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setProperty("muted", True)
        self._state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.show_button = QPushButton(self.tr("Show"))
        self.show_button.setToolTip(self.tr("Show its candidates in the panel"))
        self.show_button.clicked.connect(self.show_requested)
        self.end_button = QPushButton(self.tr("End"))
        self.end_button.setToolTip(self.tr("End the API; questions under way are cancelled"))
        self.end_button.clicked.connect(self.end_requested)
        self._details = self._build_details()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.button)
        column.addWidget(self._details)
        theme_changes().changed.connect(self._restyle)
        self._restyle()
        self.show_off()

    def _build_details(self) -> QWidget:
        buttons = QHBoxLayout()
        for button in (self.show_button, self.end_button):
            button.setProperty("flat", True)
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._texts = QVBoxLayout()
        self._texts.setSpacing(4)
        self._texts.addWidget(self._state)
        self._texts.addWidget(self._question)
        self._below = QVBoxLayout()
        self._below.addLayout(buttons)
        details = QWidget()
        column = QVBoxLayout(details)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addLayout(self._texts)
        column.addLayout(self._below)
        return details

    @property
    def is_on(self) -> bool:
        """Whether it says that an API is served, or about to be."""
        return not self._details.isHidden()

    @property
    def text(self) -> str:
        """What it says below its first line; "" while no API is served."""
        return f"{self._state.text()}\n{self._question.text()}".strip() if self.is_on else ""

    def ask(self, address: str) -> None:
        """Ask whether the API shall be served.

        Args:
            address: Where it would be.
        """
        box = QMessageBox(self.window())
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("Serve an API"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(self.tr("Serve an API at {address}?").format(address=address))
        box.setInformativeText(
            self.tr(
                "Programs on this computer can then ask the loaded model. Other computers cannot."
                " It ends with Ponder, or here."
            )
        )
        serve = box.addButton(self.tr("Serve"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(serve)
        box.accepted.connect(self.serve_requested)
        box.open()

    def show_off(self) -> None:
        """Say that no API is served."""
        self._details.hide()
        self._say_switch(on=False)
        self.button.setEnabled(True)

    def show_busy(self, text: str) -> None:
        """Say that it is about to begin or to end."""
        self._say(text, "")
        for button in (self.button, self.show_button, self.end_button):
            button.setEnabled(False)
        self._details.show()

    def show_served(self, address: str, question: str, running: int, waiting: int) -> None:
        """Say where it is served and what it thinks about.

        Args:
            address: What clients call their base URL.
            question: The oldest question under way, in short, or "".
            running: Questions that are thought about.
            waiting: Questions that wait.
        """
        state = address
        if running:
            state = self.tr("{running} under way, {waiting} waiting").format(
                running=running, waiting=waiting
            )
        self._say(state, question)
        self._say_switch(on=True)
        self.show_button.setEnabled(running > 0)
        self.button.setEnabled(True)
        self.end_button.setEnabled(True)
        self._details.show()

    def _say_switch(self, *, on: bool) -> None:
        self._switch.setText(self.tr("on") if on else self.tr("off"))
        self.button.setAccessibleDescription(self._switch.text())

    def _say(self, state: str, question: str) -> None:
        self._state.setText(state)
        self._question.setText(question)
        self._question.setVisible(bool(question))

    def _restyle(self) -> None:
        side = pixels(_ICON_PIXELS)
        self.button.setIcon(themed_icon("api", "muted"))
        self.button.setIconSize(QSize(side, side))
        text_begins = 10 + side + 4  # as on the button: its edge, the icon, Qt's gap
        self._texts.setContentsMargins(text_begins, 0, 8, 0)
        self._below.setContentsMargins(text_begins - 9, 0, 0, 0)
