"""The menu of time limits: how long an answer may be thought about, whatever the slider says."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from desktop_app.words.quantities import format_about_seconds

USUAL_LIMITS: Final = (10.0, 30.0, 60.0, 300.0, 900.0)
"""In seconds; any other one can be set in the settings."""


class TimeLimitMenu(QMenu):
    """No limit, the usual ones, and the present one.

    Attributes:
        limit_chosen: Seconds, or None for no limit.
    """

    limit_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Time limit"))
        self._group = QActionGroup(self)
        self.set_limit(None)

    def set_limit(self, seconds: float | None) -> None:
        """Say which one holds."""
        self.clear()
        self._add(self.tr("None"), None, chosen=seconds is None)
        others = {*USUAL_LIMITS} | ({seconds} if seconds is not None else set())
        for limit in sorted(others):
            self._add(format_about_seconds(limit), limit, chosen=limit == seconds)

    def _add(self, text: str, seconds: float | None, *, chosen: bool) -> None:
        action = QAction(text, self)
        action.setCheckable(True)
        action.setChecked(chosen)
        action.triggered.connect(lambda: self.limit_chosen.emit(seconds))
        self._group.addAction(action)
        self.addAction(action)
