"""Ponder's icon beside the clock, on systems that have such a place, and notifications from it.

It exists so that one object knows whether there is a tray. The icon is there only while it is
needed. It must not know what is told, nor whom the window belongs to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from desktop_app.icons import own_icon

_TOLD_MILLISECONDS: Final = 10_000
_CLICKS: Final = frozenset(
    {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick}
)


class Tray(QObject):
    """The icon, when there is one.

    Args:
        available: Says whether the system has a tray now.

    Attributes:
        window_wanted: The window should be shown.
        message_clicked: The latest notification was clicked.
        quit_wanted: Ponder should quit.
    """

    window_wanted = Signal()
    message_clicked = Signal()
    quit_wanted = Signal()

    def __init__(
        self,
        available: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._available = available
        self._icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None

    @property
    def is_available(self) -> bool:
        """Whether the system has a tray now."""
        return self._available()

    @property
    def icon(self) -> QSystemTrayIcon | None:
        """The icon while it is there."""
        return self._icon

    def show(self) -> None:
        """Put the icon there, where there is a tray. Idempotent."""
        if self._icon is not None or not self.is_available:
            return
        self._menu = QMenu()
        self._menu.addAction(self.tr("Show Ponder"), self.window_wanted.emit)
        self._menu.addSeparator()
        self._menu.addAction(self.tr("Quit"), self.quit_wanted.emit)
        self._icon = QSystemTrayIcon(own_icon(), self)
        self._icon.setToolTip("Ponder")
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._on_activated)
        self._icon.messageClicked.connect(self.message_clicked)
        self._icon.show()

    def hide(self) -> None:
        """Take the icon away. Idempotent."""
        icon, self._icon = self._icon, None
        menu, self._menu = self._menu, None
        if icon is not None and menu is not None:
            icon.hide()
            icon.deleteLater()  # later: it may have been clicked just now
            menu.deleteLater()

    def tell(self, text: str) -> None:
        """Show a notification, where there is a tray; it may be read on a locked screen."""
        self.show()
        if self._icon is not None:
            self._icon.showMessage("Ponder", text, own_icon(), _TOLD_MILLISECONDS)

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in _CLICKS and sys.platform != "darwin":  # there a click opens the menu
            self.window_wanted.emit()
