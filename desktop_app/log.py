"""The log: what Ponder did, in one rotating file, for a bug report.

It exists so that a crash leaves a trace. Prompts, answers, tokens and keys never reach it. It must
not know Qt.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from desktop_app.cli.complaint import complain_of

_FILE_BYTES = 1_000_000
_FILES_KEPT = 3
_ROOMS = ("desktop_app", "engine", "models", "qt")


@dataclass(slots=True)
class OpenLog:
    """The log while it is open.

    Attributes:
        path: The log file.
        handler: What writes it.
        native: Where the tracebacks of native crashes go.
    """

    path: Path
    handler: logging.Handler
    native: IO[str]

    def close(self) -> None:
        """Stop writing. Idempotent."""
        if self.native.closed:
            return
        for room in _ROOMS:
            logging.getLogger(room).removeHandler(self.handler)
        with contextlib.suppress(OSError):  # what is left has no room
            self.handler.close()
        faulthandler.disable()
        self.native.close()


class _LogFile(RotatingFileHandler):
    """The log's file: where it cannot be written, that is said once, and Ponder goes on."""

    _told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say the first time that a record was lost; a record that is wrong is our fault."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._told:
            self._told = True
            with contextlib.suppress(OSError):  # the terminal may be gone, too
                complain_of("log-not-written", error.strerror or type(error).__name__)


def open_log(folder: Path) -> OpenLog:
    """Start logging Ponder's own rooms, and native crashes beside them.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "ponder.log"
    handler = _LogFile(path, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8")
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s")
    )
    for room in _ROOMS:
        logger = logging.getLogger(room)
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
    native = (folder / "native-crash.log").open("a", encoding="utf-8")
    faulthandler.enable(native)
    return OpenLog(path, handler, native)
