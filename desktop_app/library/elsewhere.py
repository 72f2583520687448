"""Engines elsewhere at work: what is saved, the picker and the form, joined by signals.

It must not know chats, nor how an engine is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt

from desktop_app.deliveries import Deliveries
from desktop_app.engines import EngineShelf
from desktop_app.library.engine_dialog import EngineDialog
from desktop_app.library.engine_feed import EngineFeed
from desktop_app.window.announcements import Announcements
from desktop_app.window.main_window import MainWindow


class Elsewhere(QObject):
    """Joins saved engines with a window.

    Args:
        window: The main window.
        shelf: Where descriptions are.
        deliveries: Brings results to this thread.
        use: Makes a file the one that answers.
    """

    def __init__(
        self,
        window: MainWindow,
        shelf: EngineShelf,
        deliveries: Deliveries,
        use: Callable[[Path], None],
    ) -> None:
        super().__init__(window)
        self._window, self._use = window, use
        self._announce = Announcements(window.message_bar)
        self.dialog: EngineDialog | None = None
        self.feed = EngineFeed(shelf, deliveries, self)
        self.feed.changed.connect(lambda: window.picker.set_engines(self.feed.engines))
        self.feed.failed.connect(self._on_failed)
        window.picker.server_wanted.connect(self.connect_new)
        window.picker.edit_wanted.connect(self.edit)
        window.first_run.server_chosen.connect(self.connect_new)
        window.picker.opened.connect(self.feed.refresh)

    def start(self) -> None:
        """Look at what is saved."""
        self.feed.refresh()

    def close(self) -> None:
        """Give up what is being tried. Idempotent."""
        self.feed.close()

    def connect_new(self) -> None:
        """Open the form of a new engine."""
        self._open(EngineDialog(self.feed, None, self._window))

    def edit(self, name: str) -> None:
        """Open the form of a saved one."""
        engine = next((one for one in self.feed.engines if one.name == name), None)
        if engine is not None:
            self._open(EngineDialog(self.feed, engine, self._window))

    def _open(self, dialog: EngineDialog) -> None:
        if self.dialog is not None:
            self.dialog.reject()
        self.dialog = dialog
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.use_requested.connect(lambda path: self._use(Path(path)))
        dialog.removed.connect(
            lambda name: self._announce.tell_done(self.tr("{name} is removed").format(name=name))
        )
        dialog.finished.connect(lambda _code: self._on_closed(dialog))
        dialog.open()

    def _on_closed(self, dialog: EngineDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None

    def _on_failed(self, code: str, detail: str) -> None:
        """Say it in the window where no form is open to say it."""
        if self.dialog is None:
            self._announce.tell_error(code, detail)
