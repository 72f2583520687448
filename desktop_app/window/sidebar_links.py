"""The sidebar's lower part: where else to go, below a hairline, and the API.

It must not know what is opened; it says what a person asked for.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from desktop_app.look.theme import current_theme, pixels, theme_changes, themed_icon
from desktop_app.window.key_choice import KeysTip
from desktop_app.window.shortcuts import Command

ICON_PIXELS = 16
_MARGIN = 12


class SidebarLinks(QFrame):
    """A row for each room, and the API's.

    Args:
        api_row: Says how the API stands; its own button asks for it.

    Attributes:
        commanded: A `Command` was asked for.
    """

    commanded = Signal(object)

    def __init__(self, api_row: QWidget) -> None:
        super().__init__()
        self.setObjectName("sidebarLinks")
        self._line = QFrame()
        self._line.setFixedHeight(1)
        self._buttons: dict[str, QPushButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, 8, _MARGIN, 8)
        column.setSpacing(0)
        column.addWidget(self._line)
        column.addSpacing(8)
        column.addWidget(self._link("lab", self.tr("Lab"), Command.LAB))
        column.addWidget(self._link("model", self.tr("Models"), Command.MODELS))
        column.addWidget(api_row)
        column.addWidget(self._link("settings", self.tr("Settings"), Command.SETTINGS))
        column.addWidget(self._link("keyboard", self.tr("Keyboard shortcuts"), Command.SHORTCUTS))
        theme_changes().changed.connect(self._restyle)
        self._restyle()

    def _link(self, icon: str, text: str, command: Command) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("flat", True)
        KeysTip(button, command)
        button.clicked.connect(lambda _checked=False: self.commanded.emit(command))
        self._buttons[icon] = button
        return button

    def _restyle(self) -> None:
        self._line.setStyleSheet(f"background: {current_theme().hairline};")
        for icon, button in self._buttons.items():
            button.setIcon(themed_icon(icon, "muted"))
            button.setIconSize(QSize(pixels(ICON_PIXELS), pixels(ICON_PIXELS)))
