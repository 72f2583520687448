"""Brings the load of this machine to the top bar, while the window is seen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer

from desktop_app.window.top_bar import TopBar
from engine.machine import machine_load

_MILLISECONDS: Final = 2000


class LoadFeed(QObject):
    """Reads the load every two seconds.

    Args:
        top_bar: Shows it.
    """

    def __init__(self, top_bar: TopBar) -> None:
        super().__init__(top_bar)
        self._top_bar = top_bar
        self._timer = QTimer(self)
        self._timer.setInterval(_MILLISECONDS)
        self._timer.timeout.connect(self._read)
        self._timer.start()
        machine_load()  # the share of busy processors is that between two readings

    def close(self) -> None:
        """Read nothing more."""
        self._timer.stop()

    def _read(self) -> None:
        if self._top_bar.isVisible() and not self._top_bar.window().isMinimized():
            self._top_bar.show_load(machine_load())
