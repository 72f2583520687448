"""The sampler: reads a meter every 50 ms in a thread of its own and remembers the last hour.

It exists so that nobody waits for a sensor. What the readings mean is `trace`'s business.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from engine.power.meter import PowerMeter, PowerSample, SensorWindow

PERIOD_SECONDS: Final = 0.05
KEPT_SECONDS: Final = 3600.0


class PowerSampler:
    """Owns a meter while it runs.

    Args:
        meter: What to read; closed with the sampler.
        period_seconds: Time between readings.
    """

    def __init__(self, meter: PowerMeter, period_seconds: float = PERIOD_SECONDS) -> None:
        self._meter = meter
        self._period_seconds = period_seconds
        self._samples: deque[PowerSample] = deque(maxlen=int(KEPT_SECONDS / period_seconds))
        self._lock = threading.Lock()
        self._listeners: list[Callable[[PowerSample], None]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="power", daemon=True)

    @property
    def label(self) -> str:
        """What measures."""
        return self._meter.label

    @property
    def window(self) -> SensorWindow:
        """What one reading averages over."""
        return self._meter.window

    @property
    def scope(self) -> str:
        """What is measured."""
        return self._meter.scope

    @property
    def period_seconds(self) -> float:
        """Time between readings."""
        return self._period_seconds

    def start(self) -> None:
        """Start reading."""
        self._thread.start()

    def subscribe(self, listener: Callable[[PowerSample], None]) -> None:
        """Call `listener` with every sample, on the sampler's thread."""
        with self._lock:
            self._listeners.append(listener)

    def samples_between(self, start_seconds: float, end_seconds: float) -> Sequence[PowerSample]:
        """Remembered samples of a stretch of `time.monotonic()`, in order."""
        chosen: list[PowerSample] = []
        with self._lock:
            # From the newest back: callers ask for the last seconds of what may be an hour.
            for sample in reversed(self._samples):
                if sample.at_seconds < start_seconds:
                    break
                if sample.at_seconds <= end_seconds:
                    chosen.append(sample)
        chosen.reverse()
        return chosen

    def close(self) -> None:
        """Stop reading and close the meter. Idempotent."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()
        self._meter.close()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            sample = self._meter.read()
            with self._lock:
                self._samples.append(sample)
                listeners = tuple(self._listeners)
            for listener in listeners:
                listener(sample)
            # A fixed beat, not a pause after each reading; beats that were missed are skipped.
            due = max(due + self._period_seconds, time.monotonic())
            self._stop.wait(due - time.monotonic())
