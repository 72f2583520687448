"""What is being fetched, waits, is paused or has failed: one model after another, kept on disk.

The list lies in the models folder, so that it outlives quitting and crashing; how much of each file
is there, the files themselves say. A file that was replaced on the hub, or whose bytes were not the
right ones, is asked for anew once before it counts as failed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from models.copying import alone
from models.download import (
    USUAL_PATIENCE,
    Download,
    FileProgress,
    Patience,
    check_room_for,
)
from models.errors import (
    ChangedUpstreamError,
    DownloadCancelledError,
    DownloadError,
    HashMismatchError,
    ModelsError,
    UnsafeNameError,
)
from models.hub import Hub, HubModel, Repository
from models.transfer import Transfer

_log = logging.getLogger(__name__)
_NAME: Final = ".downloads.json"
_LARGEST_BYTES: Final = 2**22
_CLOSE_SECONDS: Final = 3.0
_SPEED_SECONDS: Final = 5.0
"""Speed is measured over so long."""


class DownloadState(StrEnum):
    """Where one model stands."""

    WAITING = "waiting"
    GETTING = "getting"
    CHECKING = "checking"
    PAUSED = "paused"
    FAILED = "failed"
    DONE = "done"


class Order(msgspec.Struct, frozen=True):
    """One model that was asked for.

    Attributes:
        repository: `owner/name`.
        revision: The commit.
        licence: What the repository says.
        model: Its files.
        state: Waiting, paused, failed or done.
        code: Of the error, where it failed.
        detail: Of the error.
    """

    repository: str
    revision: str
    licence: str
    model: HubModel
    state: DownloadState = DownloadState.WAITING
    code: str = ""
    detail: str = ""

    @property
    def key(self) -> str:
        """What tells it from others."""
        return f"{self.repository}:{self.model.label}"


@dataclass(frozen=True, slots=True)
class DownloadStatus:
    """How far one model is.

    Attributes:
        order: What was asked for.
        state: Where it stands.
        got_bytes: On disk, of all its files.
        checked_bytes: Of these, how many the hash has seen.
        bytes_per_second: Over the last seconds, or None.
        waiting_seconds: How long it waits before it tries again; 0 while bytes come.
    """

    order: Order
    state: DownloadState
    got_bytes: int
    checked_bytes: int = 0
    bytes_per_second: float | None = None
    waiting_seconds: float = 0.0

    @property
    def seconds_left(self) -> float | None:
        """Until all bytes are there at this speed, or None."""
        if self.state is not DownloadState.GETTING or not self.bytes_per_second:
            return None
        return (self.order.model.size_bytes - self.got_bytes) / self.bytes_per_second


class DownloadQueue:
    """Downloads into one models folder; one thread fetches, any thread may ask.

    Args:
        folder: The models folder.
        open_hub: Makes the hub from the token of now; called on the fetching thread.
        changed: Called, on any thread, when a status is another one.
        finished: Called on the fetching thread with the file to load of a finished model.
        patience: How often to try again.
        timeout_seconds: How long to wait for the next bytes.
    """

    def __init__(
        self,
        folder: Path,
        open_hub: Callable[[], Hub],
        changed: Callable[[], None],
        finished: Callable[[Path], None],
        patience: Patience = USUAL_PATIENCE,
        timeout_seconds: float = 30.0,
    ) -> None:
        self._folder, self._open_hub = folder, open_hub
        self._changed, self._finished = changed, finished
        self._patience, self._timeout_seconds = patience, timeout_seconds
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._closed = False
        self._orders: dict[str, Order] = {order.key: order for order in self._stored()}
        self._live: DownloadStatus | None = None
        self._live_cancelled = False
        self._speeds: deque[tuple[float, int]] = deque()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to fetch what waits."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="downloads", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop; what is unfinished goes on at the next start. Idempotent.

        A thread that waits for a silent server is not waited for: it writes nothing more.
        """
        with self._lock:
            self._closed = True
            self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_SECONDS)
            self._thread = None

    def statuses(self) -> tuple[DownloadStatus, ...]:
        """How far each is, in the order they were asked for."""
        with self._lock:
            orders, live, cancelled = list(self._orders.values()), self._live, self._live_cancelled
        return tuple(self._status(order, live, cancelled=cancelled) for order in orders)

    def add(self, repository: Repository, model: HubModel) -> str:
        """Ask for a model and return its key; asked for again, it goes on.

        One that was cancelled begins anew once the fetching thread has let go of it.
        """
        order = Order(repository.name, repository.revision, repository.found.licence, model)
        with self._lock:
            known = self._orders.get(order.key)
            waits = known is not None and known.state is DownloadState.WAITING
            if waits and self._is_live(order.key):
                return order.key
            self._put(order)
        self._tell()
        return order.key

    def pause(self, key: str) -> None:
        """Stop fetching it; what is there stays."""
        self._change(key, DownloadState.PAUSED, stop=True)

    def resume(self, key: str) -> None:
        """Go on with it."""
        self._change(key, DownloadState.WAITING, stop=False)

    def cancel(self, key: str) -> None:
        """Forget it, and delete what is there of an unfinished one."""
        with self._lock:
            order = self._orders.pop(key, None)
            self._store()
            if self._is_live(key):
                self._live_cancelled = True  # the fetching thread deletes what it wrote
                self._stop.set()
            elif order is not None and order.state is not DownloadState.DONE:
                self._discard(order)
        self._tell()

    # --- the fetching thread --------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._lock:
                self._stop.clear()
                self._wake.clear()
                if self._closed:
                    return
                waiting = [o for o in self._orders.values() if o.state is DownloadState.WAITING]
                order = waiting[0] if waiting else None
                if order is not None:
                    self._live = DownloadStatus(order, DownloadState.GETTING, 0)
            if order is None:
                self._wake.wait()
                continue
            self._fetch(order)

    def _fetch(self, order: Order) -> None:
        path: Path | None = None
        self._speeds.clear()
        try:
            with closing(Transfer(self._timeout_seconds)) as transfer:
                path = self._fetch_files(order, transfer)
            state, code, detail = DownloadState.DONE, "", ""
        except (ChangedUpstreamError, HashMismatchError) as error:
            renewed = self._renewed(order) if order.code != error.code else None
            order = order if renewed is None else renewed
            state = DownloadState.FAILED if renewed is None else DownloadState.WAITING
            code, detail = error.code, error.detail
        except DownloadCancelledError:
            state, code, detail = DownloadState.WAITING, "", ""
        except ModelsError as error:
            state, code, detail = DownloadState.FAILED, error.code, error.detail
        except Exception as error:  # noqa: BLE001 - the thread must live on for the others
            _log.exception("a download failed in a way that was not foreseen")
            state, code, detail = DownloadState.FAILED, DownloadError.code, type(error).__name__
        self._end(order, state, code, detail)
        if path is not None:
            self._finished(path)
        self._tell()

    def _end(self, order: Order, state: DownloadState, code: str, detail: str) -> None:
        with self._lock:
            cancelled, self._live, self._live_cancelled = self._live_cancelled, None, False
            known = self._orders.get(order.key)
            if cancelled or known is None:
                if state is not DownloadState.DONE:
                    self._discard(order)
                return  # what has its key now was asked for later and is still to be fetched
            if state is DownloadState.WAITING and known.state is not DownloadState.WAITING:
                return  # paused
            if self._closed:
                return  # its folder may be another by now; it goes on at the next start
            stopped = state is DownloadState.WAITING and not code
            self._put(
                msgspec.structs.replace(
                    known if stopped else order, state=state, code=code, detail=detail[:500]
                )
            )

    def _fetch_files(self, order: Order, transfer: Transfer) -> Path:
        hub = self._open_hub()
        done = 0
        paths = []
        downloads = self._downloads(order)
        check_room_for(self._folder, downloads)
        for download in downloads:
            before = done

            def report(step: FileProgress, before: int = before) -> None:
                self._report(order, before, step)

            paths.append(download.run(hub, transfer, report, self._stop))
            done += paths[-1].stat().st_size
        return paths[0]

    def _report(self, order: Order, before: int, step: FileProgress) -> None:
        now, got = time.monotonic(), before + step.got_bytes
        self._speeds.append((now, got))
        while now - self._speeds[0][0] > _SPEED_SECONDS:
            self._speeds.popleft()
        (then, had), speed = self._speeds[0], None
        if now - then > 0.5 and not step.checked_bytes:
            speed = (got - had) / (now - then)
        state = DownloadState.CHECKING if step.checked_bytes else DownloadState.GETTING
        checked = before + step.checked_bytes
        self._live = DownloadStatus(order, state, got, checked, speed, step.waiting_seconds)
        self._changed()

    def _renewed(self, order: Order) -> Order | None:
        """The same model at the newest commit, or None where the hub has it no more."""
        try:
            repository = self._open_hub().repository(order.repository)
            model = repository.model(order.model.label)
        except ModelsError:
            return None
        return msgspec.structs.replace(order, revision=repository.revision, model=model)

    # --- the list -------------------------------------------------------------------------------

    def _downloads(self, order: Order) -> list[Download]:
        return [
            Download(
                order.repository,
                order.revision,
                file,
                self._folder,
                order.licence,
                self._patience,
            )
            for file in order.model.files
        ]

    def _status(
        self, order: Order, live: DownloadStatus | None, *, cancelled: bool
    ) -> DownloadStatus:
        """How far an order is, while another of its key may be live, or cancelled and ending."""
        if live is None or live.order.key != order.key:
            return DownloadStatus(order, order.state, self._present_bytes(order))
        return DownloadStatus(order, order.state, 0) if cancelled else live

    def _present_bytes(self, order: Order) -> int:
        if order.state is DownloadState.DONE:
            return order.model.size_bytes
        try:
            return sum(download.present_bytes() for download in self._downloads(order))
        except ModelsError:
            return 0

    def _discard(self, order: Order) -> None:
        """Delete what came of it; a model that is whole was finished earlier and stays.

        So does what another program is getting.
        """
        taken = DownloadError("another program is getting this file")
        try:
            downloads = self._downloads(order)
            with ExitStack() as locks:
                for download in downloads:
                    locks.enter_context(alone(self._folder, download.target, taken))
                whole = all(download.target.exists() for download in downloads)
                for download in downloads:
                    download.discard(finished_too=not whole)
        except DownloadError:
            pass  # it is the other program's now
        except UnsafeNameError:
            pass  # such a name never became a path
        except OSError as error:
            _log.warning("a part of a cancelled download was not deleted: %s", error.strerror)

    def _is_live(self, key: str) -> bool:
        return self._live is not None and self._live.order.key == key

    def _change(self, key: str, state: DownloadState, *, stop: bool) -> None:
        with self._lock:
            order = self._orders.get(key)
            if order is None or order.state is DownloadState.DONE:
                return
            self._put(msgspec.structs.replace(order, state=state, code="", detail=""))
            if stop and self._is_live(key):
                self._stop.set()
        self._tell()

    def _put(self, order: Order) -> None:
        self._orders[order.key] = order
        self._store()
        self._wake.set()

    def _tell(self) -> None:
        self._changed()

    def _store(self) -> None:
        path = self._folder / _NAME
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            new = path.with_suffix(".new")
            new.write_bytes(msgspec.json.encode(list(self._orders.values())))
            new.replace(path)
        except OSError as error:
            # the downloads themselves go on; only their list would not outlive this program
            _log.warning("the list of downloads was not written: %s", error.strerror)

    def _stored(self) -> list[Order]:
        try:
            with (self._folder / _NAME).open("rb") as file:
                orders = msgspec.json.decode(file.read(_LARGEST_BYTES), type=list[Order])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            _log.warning("the list of downloads cannot be read; it begins anew")
            return []
        return [order for order in orders if order.model.files]
