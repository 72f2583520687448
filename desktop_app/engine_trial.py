"""A trial of an engine elsewhere: it is loaded in a process of its own, told of, and let go.

Free of Qt. What is loaded for answers is not touched.
"""

from __future__ import annotations

import queue
import tempfile
from dataclasses import dataclass
from pathlib import Path

from engine.backends.remote.description import ENGINE_SUFFIX, EngineDescription, write_description
from engine.generation import ModelReport, Notice
from engine.protocol import LoadFailed, ModelLoaded
from engine.session import Session, SessionEvent


class TrialError(Exception):
    """The engine could not be loaded.

    Attributes:
        code: That of what happened, for `desktop_app.error_text`.
        detail: What happened, technically.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What an engine turned out to be."""

    report: ModelReport
    notices: tuple[Notice, ...]


class Trial:
    """One trial; made on any thread, run on one that may wait."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[SessionEvent | None] = queue.SimpleQueue()

    def cancel(self) -> None:
        """Give it up: `run` raises `TrialError`. From any thread."""
        self._events.put(None)

    def run(self, path: Path) -> TrialResult:
        """Load a description and say what its servers told.

        Raises:
            TrialError: It cannot be loaded, or the trial was cancelled.
        """
        session = Session()
        unsubscribe = session.subscribe(self._events.put)
        try:
            session.load(path)
            while True:
                event = self._events.get()
                if event is None:
                    raise TrialError("load-cancelled", "")
                if isinstance(event, ModelLoaded):
                    return TrialResult(event.report, event.notices)
                if isinstance(event, LoadFailed):
                    raise TrialError(event.code, event.detail)
        finally:
            unsubscribe()
            session.close()

    def run_unsaved(self, name: str, description: EngineDescription) -> TrialResult:
        """Try a description that no file holds yet.

        Raises:
            TrialError: It cannot be loaded, or the trial was cancelled.
            ValueError: An address is none.
            OSError: No temporary file can be written.
        """
        with tempfile.TemporaryDirectory(prefix="ponder-") as folder:
            path = Path(folder) / f"{name}{ENGINE_SUFFIX}"
            write_description(path, description)
            return self.run(path)
