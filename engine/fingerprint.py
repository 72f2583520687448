"""Which model file it was: the SHA-256 of its bytes, worked out beside the thinking.

It exists so that results stay tied to the very file they came from, even when the file is replaced
later. Reading a large file takes seconds, so deliberations never wait for it: those that start
before the hash is known are given it afterwards. Of a model in several parts the first is read.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

_CHUNK_BYTES = 4 * 1024 * 1024


class Fingerprint:
    """The hash of one loaded model file.

    Args:
        path: The file.
        known: The hash found earlier, or None when it must be worked out.
        found: Called with the hash and the deliberations to give it to: once on a background
            thread when it becomes known, then for each that starts later.
    """

    def __init__(
        self,
        path: Path,
        known: Future[str | None],
        found: Callable[[str, tuple[str, ...]], None],
    ) -> None:
        self._path = path
        self._known = known
        self._found = found
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._sha256: str | None = None
        self._waiting: list[str] = []
        threading.Thread(target=self._work_out, name="fingerprint", daemon=True).start()

    def give_to(self, deliberation_id: str) -> None:
        """Give the hash to a recorded deliberation, as soon as it is known."""
        with self._lock:
            sha256 = self._sha256
            if sha256 is None:
                self._waiting.append(deliberation_id)
        if sha256 is not None:
            self._found(sha256, (deliberation_id,))

    def cancel(self) -> None:
        """Stop reading; nothing is told any more."""
        self._cancelled.set()

    def _work_out(self) -> None:
        sha256 = self._earlier() or self._read()
        with self._lock:
            if sha256 is None or self._cancelled.is_set():
                return
            self._sha256 = sha256
            waiting = tuple(self._waiting)
        self._found(sha256, waiting)

    def _earlier(self) -> str | None:
        error = self._known.exception()  # waits; the journal tells its own troubles elsewhere
        return None if error is not None else self._known.result()

    def _read(self) -> str | None:
        """Hash the file, or return None when it cannot be read or is not wanted any more."""
        digest = hashlib.sha256()
        try:
            with self._path.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    if self._cancelled.is_set():
                        return None
                    digest.update(chunk)
        except OSError:
            return None
        return digest.hexdigest()


def modified_ns(path: Path) -> int | None:
    """Return when a file was last changed, in nanoseconds, or None when it cannot be asked."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
