"""Files that a person attaches to a question: chosen, dropped or pasted, read in the background.

It joins the composer's chips with the reader of documents; it must not know what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from desktop_app.background import in_background
from desktop_app.deliveries import Deliveries
from desktop_app.window.main_window import MainWindow
from engine.documents.attached import AttachedFile
from engine.documents.reading import DocumentError, read_document

MOST_FILES = 8
"""More is a mistake: a folder dropped as a whole."""


class AttachSession(QObject):
    """Reads what is attached.

    Args:
        window: Whose composer it serves.
        deliveries: Brings what was read back to the window's thread.
        tell_error: (code, detail) Shows what went wrong.
    """

    def __init__(
        self, window: MainWindow, deliveries: Deliveries, tell_error: Callable[[str, str], None]
    ) -> None:
        super().__init__(window)
        self._window = window
        self._deliveries = deliveries
        self._tell_error = tell_error
        self._folder = ""
        window.composer.attach_requested.connect(self._choose)
        window.composer.edit.files_given.connect(self.attach)
        window.documents_dropped.connect(self.attach)

    def attach(self, paths: Iterable[Path]) -> None:
        """Read files, and let the question have them."""
        chips = self._window.composer.files
        for path in paths:
            if len(chips.chips) >= MOST_FILES:
                self._tell_error("document-too-many", "")
                return
            self._read(path)

    def _read(self, path: Path) -> None:
        chips = self._window.composer.files
        attachment = chips.expect(path.name)

        def receive(file: AttachedFile) -> None:
            if not attachment.gone:
                chips.settle(attachment, file)

        def failed(error: BaseException) -> None:
            if attachment.gone:
                return  # nobody waits for it any more
            chips.settle(attachment, None)
            if not isinstance(error, DocumentError):
                self._deliveries.fail(error)
                return
            name = path.name.encode("utf-8", "replace").decode()
            self._tell_error(error.code, f"{name}: {error.detail}" if error.detail else name)

        reading = in_background(lambda: read_document(path), "document")
        self._deliveries.deliver(reading, receive, failed)

    def _choose(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self._window,
            self.tr("Attach files"),
            self._folder,
            self.tr("Text, PDF and Word (*)"),
        )
        if names:
            self._folder = str(Path(names[0]).parent)
            self.attach(Path(name) for name in names)
