"""The download queue for the window: its news on the window's thread, not too often.

While the queue is closed, because the models folder is being moved, what is asked for is kept and
asked for again when it opens. It must not know widgets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from models.download_queue import DownloadQueue, DownloadState, DownloadStatus
from models.hub import Hub, HubModel, Repository

_PAUSE_MILLISECONDS = 150
_UNFINISHED = {DownloadState.WAITING, DownloadState.GETTING, DownloadState.CHECKING}


class DownloadFeed(QObject):
    """Tells how far downloads are and passes on what a person asks for.

    Args:
        open_hub: Makes the hub with the token of now.

    Attributes:
        changed: A status is another one; at most seven times a second.
        finished: (path) A model is whole and checked: the file to load.
    """

    changed = Signal()
    finished = Signal(str)
    _news = Signal()

    def __init__(self, open_hub: Callable[[], Hub], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open_hub = open_hub
        self._queue: DownloadQueue | None = None
        self._postponed: list[Callable[[DownloadQueue], object]] = []
        """What was asked for while it was closed."""
        self._statuses: tuple[DownloadStatus, ...] = ()
        self._told = threading.Event()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MILLISECONDS)
        self._timer.timeout.connect(self._refresh)
        self._news.connect(self._on_news)

    @property
    def is_open(self) -> bool:
        """Whether what is asked for is fetched now; else it waits for `open`."""
        return self._queue is not None

    @property
    def statuses(self) -> tuple[DownloadStatus, ...]:
        """How far each is, in the order they were asked for."""
        return self._statuses

    @property
    def unfinished(self) -> int:
        """How many are on their way or wait for their turn."""
        return sum(status.state in _UNFINISHED for status in self._statuses)

    def open(self, folder: Path) -> None:
        """Go on with what waits in a models folder."""
        self.close()
        self._queue = DownloadQueue(folder, self._open_hub, self._tell, self._on_finished)
        postponed, self._postponed = self._postponed, []
        for act in postponed:
            act(self._queue)
        self._queue.start()
        self._refresh()

    def close(self) -> None:
        """Stop; what is unfinished goes on at the next start. Idempotent."""
        if self._queue is not None:
            self._queue.close()
            self._queue = None

    def add(self, repository: Repository, model: HubModel) -> str:
        """Ask for a model and return its key."""
        if self._queue is None:
            self._postponed.append(lambda queue: queue.add(repository, model))
            return f"{repository.name}:{model.label}"
        key = self._queue.add(repository, model)
        self._refresh()
        return key

    def pause(self, key: str) -> None:
        """Stop fetching it; what is there stays."""
        self._do(lambda queue: queue.pause(key))

    def resume(self, key: str) -> None:
        """Go on with it."""
        self._do(lambda queue: queue.resume(key))

    def cancel(self, key: str) -> None:
        """Forget it, and delete what is there of an unfinished one."""
        self._do(lambda queue: queue.cancel(key))

    def _do(self, act: Callable[[DownloadQueue], object]) -> None:
        if self._queue is None:
            self._postponed.append(act)
        else:
            act(self._queue)

    def _tell(self) -> None:
        """Called on any thread, many times a second."""
        if not self._told.is_set():
            self._told.set()
            self._news.emit()

    def _on_finished(self, path: Path) -> None:
        self.finished.emit(str(path))

    def _on_news(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _refresh(self) -> None:
        self._told.clear()
        if self._queue is not None:
            self._statuses = self._queue.statuses()
            self.changed.emit()
