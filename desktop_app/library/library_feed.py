"""The library off the window's thread: scans, imports, removals, checks, one at a time.

It exists so that pages only show what it tells. It must not know widgets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.background import in_background
from desktop_app.engine_bridge import Deliveries
from models.errors import DownloadCancelledError
from models.library import Library, LibraryModel
from models.shelf import Removed, Shelf, verify

Work = Callable[[Callable[[int, int], None], threading.Event], object]
"""Something that takes long: told how to report progress and when to stop."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is being done.

    Attributes:
        title: In words, for the person.
        done_bytes: How far.
        total_bytes: Of how much; 0 before that is known.
    """

    title: str
    done_bytes: int = 0
    total_bytes: int = 0


class LibraryFeed(QObject):
    """Tells what is on disk and carries out what a person asks for.

    Args:
        open_library: Makes the library anew from the present settings.
        open_shelf: Makes the models folder anew.
        deliveries: Brings results to this thread.

    Attributes:
        changed: The models are other ones.
        task_changed: A task began, went on or ended.
        imported: (path) A file was copied in.
        removed: (`Removed`) A model is in the bin.
        verified: (name, True, False or None) A check ended.
        moved: (folder) The models folder is another one.
    """

    changed = Signal()
    task_changed = Signal()
    imported = Signal(str)
    removed = Signal(object)
    verified = Signal(str, object)
    moved = Signal(str)
    _progressed = Signal(object)

    def __init__(
        self,
        open_library: Callable[[], Library],
        open_shelf: Callable[[], Shelf],
        deliveries: Deliveries,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._open_library = open_library
        self._open_shelf = open_shelf
        self._library = open_library()
        self._deliveries = deliveries
        self._models: tuple[LibraryModel, ...] = ()
        self._scanning = False
        self._scan_again = False
        self._task: Task | None = None
        self._stop = threading.Event()
        self._progressed.connect(self._on_progressed)

    @property
    def models(self) -> tuple[LibraryModel, ...]:
        """What was found last, by name."""
        return self._models

    @property
    def task(self) -> Task | None:
        """What is being done, or None."""
        return self._task

    @property
    def folder(self) -> Path:
        """The models folder."""
        return self._open_shelf().folder

    def reopen(self) -> None:
        """Look into the folders that the settings name now."""
        self._library = self._open_library()
        self.refresh()

    def refresh(self) -> None:
        """Look at the disk again."""
        if self._scanning:
            self._scan_again = True
            return
        self._scanning = True
        self._deliveries.deliver(
            in_background(self._library.scan, "library-scan"), self._receive, self._on_scan_failed
        )

    def bring_in(self, source: Path, title: str) -> None:
        """Copy a file into the models folder."""
        shelf = self._open_shelf()
        self._begin(
            title,
            lambda progress, stop: shelf.bring_in(source, progress, stop),
            lambda path: self.imported.emit(str(path)),
        )

    def remove(self, model: LibraryModel, title: str) -> None:
        """Move a model to the bin."""
        shelf = self._open_shelf()
        self._begin(title, lambda _progress, _stop: shelf.remove(model), self.removed.emit)

    def restore(self, removed: Removed, title: str) -> None:
        """Bring a model back from the bin."""
        shelf = self._open_shelf()
        self._begin(title, lambda _progress, _stop: shelf.restore(removed), lambda _none: None)

    def empty_bin(self, title: str) -> None:
        """Delete for good what was removed."""
        shelf = self._open_shelf()
        self._begin(title, lambda _progress, _stop: shelf.empty_bin(), lambda _freed: None)

    def verify(self, model: LibraryModel, title: str) -> None:
        """Compare a model's bytes with the SHA-256 of when it came."""
        self._begin(
            title,
            lambda progress, stop: verify(model, progress, stop),
            lambda intact: self.verified.emit(model.name, intact),
        )

    def move_to(self, folder: Path, title: str) -> None:
        """Move everything in the models folder elsewhere."""
        shelf = self._open_shelf()
        self._begin(
            title,
            lambda progress, stop: shelf.move_to(folder, progress, stop),
            lambda _none: self.moved.emit(str(folder)),
        )

    def stop(self) -> None:
        """Stop the task; what it had made goes away again."""
        self._stop.set()

    def _begin(self, title: str, work: Work, receive: Callable[..., object]) -> None:
        if self._task is not None:
            return
        stop = self._stop = threading.Event()
        self._task = Task(title)
        self.task_changed.emit()

        def progress(done: int, total: int) -> None:
            self._progressed.emit(Task(title, done, total))

        def done(result: object) -> None:
            self._end()
            receive(result)
            self.refresh()

        def failed(error: BaseException) -> None:
            self._end()
            self.refresh()
            if not isinstance(error, DownloadCancelledError):
                self._deliveries.fail(error)

        self._deliveries.deliver(
            in_background(lambda: work(progress, stop), "library"), done, failed
        )

    def _end(self) -> None:
        self._task = None
        self.task_changed.emit()

    def _on_progressed(self, task: Task) -> None:
        if self._task is not None and self._task.title == task.title:
            self._task = task
            self.task_changed.emit()

    def _receive(self, models: tuple[LibraryModel, ...]) -> None:
        self._scanning = False
        if models != self._models:
            self._models = models
            self.changed.emit()
        if self._scan_again:
            self._scan_again = False
            self.refresh()

    def _on_scan_failed(self, error: BaseException) -> None:
        self._scanning = False
        self._deliveries.fail(error)
