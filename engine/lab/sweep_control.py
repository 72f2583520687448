"""What others see of a running sweep and can do to it: progress, pause, stop, and why it ended."""

from __future__ import annotations

import threading
from dataclasses import dataclass


class SweepError(Exception):
    """A sweep cannot go on.

    Attributes:
        code: Its place among the error texts.
        detail: What happened, technically.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class SweepProgress:
    """How far a sweep is.

    Attributes:
        done: Samples that are stored.
        attempts: Samples of the whole plan, less those that turned out not to be needed.
        seconds: Time of this run, without pauses.
        seconds_left: At the pace of this run, or None before there is one.
        joules: Energy so far, earlier runs included, or None without a meter.
        arm: What is running.
        silent: Whether the engine gives no sign of life.
    """

    done: int
    attempts: int
    seconds: float
    seconds_left: float | None
    joules: float | None
    arm: str
    silent: bool = False


class Control:
    """Lets another thread pause or stop a sweep."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._pause = threading.Event()
        self.why = ""

    def pause(self) -> None:
        """Begin no further question; those that run come to their end. The model stays loaded."""
        self._pause.set()

    def go_on(self) -> None:
        """End a pause."""
        self._pause.clear()

    @property
    def goes_on(self) -> bool:
        """Whether further questions shall begin."""
        return not self._stop.is_set() and not self._pause.is_set()

    @property
    def paused(self) -> bool:
        """Whether no further question shall begin."""
        return self._pause.is_set()

    def stop(self, why: str = "") -> None:
        """End it soon; what is finished stays, the rest can be gone on with."""
        self.why = why
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether it shall end."""
        return self._stop.is_set()
