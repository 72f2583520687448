"""The library off the window's thread: scans, imports, removals, checks, one after another.

It exists so that pages only show what it tells, and so that nothing that was asked for is dropped:
it waits for its turn. It must not know widgets.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.background import in_background
from desktop_app.deliveries import Deliveries
from models.errors import DownloadCancelledError
from models.library import Library, LibraryModel
from models.shelf import BIN_NAME, Removed, Shelf, verify

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


def _nothing() -> None:
    """What is done where nothing has to be."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A task that waits for its turn.

    Attributes:
        title: In words, for the person.
        work: Done off the window's thread.
        done: Gets what `work` returned.
        first: Called when its turn has come.
        undone: Called when it was stopped or has failed.
    """

    title: str
    work: Work
    done: Callable[..., object]
    first: Callable[[], None] = _nothing
    undone: Callable[[], None] = _nothing


class LibraryFeed(QObject):
    """Tells what is on disk and carries out what a person asks for.

    Args:
        open_library: Makes the library anew from the present settings.
        open_shelf: Makes the models folder anew.
        deliveries: Brings results to this thread.

    Attributes:
        changed: The models are other ones.
        scanned: The disk was looked at, whatever was found.
        task_changed: A task began, went on or ended.
        imported: (path) A file was copied in.
        removed: (`Removed`) A model is in the bin.
        verified: (`LibraryModel`, True, False or None) A check ended.
        moving: The models folder is about to be moved: nothing else may write there.
        moved: (folder) The models folder is another one.
        not_moved: It stays where it was; a move was stopped or has failed.
    """

    changed = Signal()
    scanned = Signal()
    task_changed = Signal()
    imported = Signal(str)
    removed = Signal(object)
    verified = Signal(object, object)
    moving = Signal()
    moved = Signal(str)
    not_moved = Signal()
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
        self._looked = False
        self._task: Task | None = None
        self._jobs: deque[_Job] = deque()
        self._stop = threading.Event()
        self._progressed.connect(self._on_progressed)

    @property
    def models(self) -> tuple[LibraryModel, ...]:
        """What was found last, by name."""
        return self._models

    @property
    def looked(self) -> bool:
        """Whether the disk was looked at since the start."""
        return self._looked

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
        self._do(
            _Job(
                title,
                lambda progress, stop: self._open_shelf().bring_in(source, progress, stop),
                lambda path: self.imported.emit(str(path)),
            )
        )

    def remove(self, model: LibraryModel, title: str) -> None:
        """Move a model to the bin."""
        self._do(
            _Job(
                title,
                lambda _progress, _stop: self._open_shelf().remove(model),
                self.removed.emit,
            )
        )

    def restore(self, removed: Removed, title: str) -> None:
        """Bring a model back from the bin, which may have moved with the models folder."""

        def bring_back(_progress: object, _stop: object) -> None:
            shelf = self._open_shelf()
            place = shelf.folder / BIN_NAME / removed.place.name
            shelf.restore(replace(removed, place=place))

        self._do(_Job(title, bring_back, lambda _none: None))

    def empty_bin(self, title: str) -> None:
        """Delete for good what was removed."""
        self._do(
            _Job(
                title,
                lambda _progress, _stop: self._open_shelf().empty_bin(),
                lambda _freed: None,
            )
        )

    def verify(self, model: LibraryModel, title: str) -> None:
        """Compare a model's bytes with the SHA-256 of when it came."""
        self._do(
            _Job(
                title,
                lambda progress, stop: verify(model, progress, stop),
                lambda intact: self.verified.emit(model, intact),
            )
        )

    def move_to(self, folder: Path, title: str) -> None:
        """Move everything in the models folder elsewhere."""
        self._do(
            _Job(
                title,
                lambda progress, stop: self._open_shelf().move_to(folder, progress, stop),
                lambda _none: self.moved.emit(str(folder)),
                self.moving.emit,
                self.not_moved.emit,
            )
        )

    def stop(self) -> None:
        """Stop the task; what it had made goes away again."""
        self._stop.set()

    def _do(self, job: _Job) -> None:
        """Begin a task, now or when those before it have ended."""
        self._jobs.append(job)
        self._go_on()

    def _go_on(self) -> None:
        if self._task is None and self._jobs:
            self._begin(self._jobs.popleft())

    def _begin(self, job: _Job) -> None:
        stop = self._stop = threading.Event()
        self._task = Task(job.title)
        self.task_changed.emit()
        job.first()

        def progress(done: int, total: int) -> None:
            self._progressed.emit(Task(job.title, done, total))

        def done(result: object) -> None:
            self._end()
            job.done(result)
            self.refresh()
            self._go_on()

        def failed(error: BaseException) -> None:
            self._end()
            job.undone()
            self.refresh()
            if not isinstance(error, DownloadCancelledError):
                self._deliveries.fail(error)
            self._go_on()

        self._deliveries.deliver(
            in_background(lambda: job.work(progress, stop), "library"), done, failed
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
        self._looked = True
        self.scanned.emit()
        self._scan_again_if_asked()

    def _on_scan_failed(self, error: BaseException) -> None:
        self._scanning = False
        self._looked = True
        self.scanned.emit()
        self._deliveries.fail(error)
        self._scan_again_if_asked()

    def _scan_again_if_asked(self) -> None:
        if self._scan_again:
            self._scan_again = False
            self.refresh()
