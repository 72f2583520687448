"""Which programs have a journal open, so that what a living one thinks about is not called dead.

Each notes itself in a small file beside the journal, and when it opened it. A note counts while its
process lives, known by its number and by when it began, for numbers are used again.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

_FOLDER: Final = ".open"
_SAME_SECONDS: Final = 1.0


class Opener:
    """This program's note.

    Args:
        journal: The journal's file.
    """

    def __init__(self, journal: Path) -> None:
        self._folder = journal.parent / _FOLDER
        self._note = self._folder / f"{journal.name}-{os.getpid()}"
        self._prefix = f"{journal.name}-"
        with suppress(OSError):  # without a note it is only taken for one that is gone
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._note.touch(mode=0o600)
            told = f"{psutil.Process().create_time()} {time.time()}"
            self._note.write_text(told, encoding="ascii")

    def others_since(self) -> datetime | None:
        """When the first of the other programs opened the journal that have it open, or None.

        Notes of programs that are gone are taken away.
        """
        opened = []
        for note in self._folder.glob(f"{self._prefix}*"):
            moment = _opened_at(note)
            if moment is None:
                with suppress(OSError):
                    note.unlink()
            elif note != self._note:
                opened.append(moment)
        return datetime.fromtimestamp(min(opened), UTC) if opened else None

    def close(self) -> None:
        """Take the note away, and the folder with the last one."""
        with suppress(OSError):
            self._note.unlink()
            self._folder.rmdir()


def _opened_at(note: Path) -> float | None:
    """When a process opened the journal, in seconds of the epoch; None where it is gone."""
    try:
        process = psutil.Process(int(note.name.rpartition("-")[2]))
        began, ended = process.create_time(), process.status() == psutil.STATUS_ZOMBIE
        noted, opened = map(float, note.read_text(encoding="ascii").split())
    except (OSError, ValueError, psutil.Error):
        return None
    return opened if abs(began - noted) <= _SAME_SECONDS and not ended else None
