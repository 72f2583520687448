"""How long a worker may give no sign of life: a person is told first, then it counts as hung.

A working worker says something every few seconds, if only `StillWorking`. What takes longer is one
native call, which may be slow or never come back; nothing tells which. So it is given up soon after
somebody asked for an end, and unasked only when no machine is that slow. It must not know
processes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


@dataclass(frozen=True, slots=True)
class Patience:
    """How long silence is borne.

    It is counted in looks, not by a clock: a computer that slept has looked once meanwhile.

    Attributes:
        look_seconds: Between two looks.
        silent_looks: After so many without a sign the person is told.
        hung_looks: After so many it is hung, if an end was asked for.
        stop_looks: So many at least lie between that and the end being asked for.
        lost_looks: After so many it is hung, whatever is waited for.
    """

    look_seconds: float = 1.0
    silent_looks: int = 30
    hung_looks: int = 60
    stop_looks: int = 10
    lost_looks: int = 1800


USUAL_PATIENCE: Final = Patience()


class Awaited(Enum):
    """What is waited for."""

    NOTHING = auto()
    NEWS = auto()
    """Of something that runs."""
    END = auto()
    """Of something that was told to end."""


class SilenceWatch:
    """Looks on a thread of its own whether there are signs of life while they are waited for.

    Args:
        patience: How long silence is borne.
        silent: Called once for every silence that should be told.
        hung: Called when it is given up.
    """

    def __init__(
        self, patience: Patience, silent: Callable[[], None], hung: Callable[[], None]
    ) -> None:
        self._patience = patience
        self._tell_silent, self._tell_hung = silent, hung
        self._changed = threading.Condition()
        self._awaited = Awaited.NOTHING
        self._silent_looks = self._end_looks = 0
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def unanswered_seconds(self) -> float:
        """How long no sign has followed an end that was asked for; 0 when none was."""
        with self._changed:
            return min(self._silent_looks, self._end_looks) * self._patience.look_seconds

    def start(self) -> None:
        """Begin to look. Idempotent.

        Raises:
            RuntimeError: The system has no thread left.
        """
        with self._changed:
            if self._thread is None and not self._closed:
                thread = threading.Thread(target=self._watch, name="worker-silence", daemon=True)
                thread.start()
                self._thread = thread

    def wait_for(self, awaited: Awaited) -> None:
        """Wait for something else from now on."""
        with self._changed:
            if awaited is self._awaited or self._closed:
                return
            if self._awaited is Awaited.NOTHING:
                self._silent_looks = 0
            self._awaited = awaited
            self._end_looks = 0
            self._changed.notify()

    def heard(self) -> None:
        """Take note of a sign of life."""
        with self._changed:
            self._silent_looks = 0

    def close(self) -> None:
        """Look no more. Idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _watch(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._awaited is not Awaited.NOTHING)
                self._changed.wait_for(lambda: self._closed, self._patience.look_seconds)
                if self._closed:
                    return
                act = self._look()
            if act is not None:
                act()

    def _look(self) -> Callable[[], None] | None:
        """Count one look, and return what is to be done now."""
        if self._awaited is Awaited.NOTHING:
            return None
        self._silent_looks += 1
        if self._awaited is Awaited.END:
            self._end_looks += 1
        if self._is_hung:
            self._awaited = Awaited.NOTHING
            return self._tell_hung
        return self._tell_silent if self._silent_looks == self._patience.silent_looks else None

    @property
    def _is_hung(self) -> bool:
        patience, silent = self._patience, self._silent_looks
        asked = self._end_looks >= patience.stop_looks and silent >= patience.hung_looks
        return asked or silent >= patience.lost_looks
