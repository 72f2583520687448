"""Keeps what is written and not sent, so that neither quitting nor a crash loses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop_app.chat.composer import Composer
from desktop_app.deliveries import Deliveries

if TYPE_CHECKING:  # keeps SQLite out of the window's start
    from engine.journal.journal import Journal

_WRITE_MILLISECONDS = 1500


class UnsentKeeper(QObject):
    """Joins the composer with the journal.

    Args:
        composer: Where questions are written.
        journal: Where they are kept meanwhile.
        deliveries: Brings the journal's answers here.
    """

    def __init__(self, composer: Composer, journal: Journal, deliveries: Deliveries) -> None:
        super().__init__(composer)
        self._composer = composer
        self._journal = journal
        self._deliveries = deliveries
        self._kept: dict[str, str] = {}
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_WRITE_MILLISECONDS)
        self._soon.timeout.connect(self.keep)

    def start(self) -> None:
        """Bring back what was written last time, and watch from now on."""
        self._deliveries.deliver(self._journal.unsent(), self._receive)

    def keep(self) -> None:
        """Write down what has changed."""
        now = self._composer.unsent()
        for conversation_id in {*now, *self._kept}:
            content = now.get(conversation_id, "")
            if content != self._kept.get(conversation_id, ""):
                self._deliveries.deliver(self._journal.keep_unsent(conversation_id, content))
        self._kept = now

    def close(self) -> None:
        """Write down the last changes. Idempotent."""
        self._soon.stop()
        self.keep()

    def _receive(self, texts: Mapping[str, str]) -> None:
        self._kept = dict(texts)
        self._composer.bring_back(texts)
        self._composer.written.connect(self._soon.start)
