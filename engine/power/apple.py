"""Apple silicon through `zeus-apple-silicon` (the optional extra `apple`), which reads IOReport.

The library gives running counters in millijoules for the parts of the chip; power is their
difference quotient. Without the extra there is no sensor, never a guess.

Source: zeus-apple-silicon 1.1.0, README, "API Reference".
"""

from __future__ import annotations

import importlib
import sys
import time
from typing import Any

from engine.power.meter import DeviceReading, PowerMeter, PowerSample, SensorWindow

_MILLI = 1e-3
_NAME = "Apple silicon"
_PARTS = ("cpu_total_mj", "gpu_mj", "dram_mj", "ane_mj")


class AppleMeter:
    """Reads the system on a chip: processor, GPU, memory and neural engine together.

    Args:
        monitor: An `AppleEnergyMonitor`.
    """

    label = "Apple IOReport"
    scope = "system on a chip"
    window: SensorWindow = "interval average"

    def __init__(self, monitor: Any) -> None:
        self._monitor = monitor
        self._last_joules = self._joules()
        self._last_seconds = time.monotonic()

    def read(self) -> PowerSample:
        """Look at the counters once."""
        joules = self._joules()
        now = time.monotonic()
        watts = None
        if joules is not None:
            seconds = now - self._last_seconds
            if self._last_joules is not None and joules >= self._last_joules and seconds > 0:
                watts = (joules - self._last_joules) / seconds
            self._last_joules, self._last_seconds = joules, now
        return PowerSample(now, (DeviceReading(_NAME, watts, joules),))

    def _joules(self) -> float | None:
        """Energy of all parts the chip tells, since an unspecified moment."""
        try:
            metrics = self._monitor.get_cumulative_energy()
        except RuntimeError:
            return None
        known = [value for part in _PARTS if (value := getattr(metrics, part)) is not None]
        return sum(known) * _MILLI if known else None

    def close(self) -> None:
        """Nothing is held open."""


def open_apple() -> PowerMeter | None:
    """Return a meter on Apple silicon with the extra installed, else None."""
    if sys.platform != "darwin":
        return None
    try:
        library = importlib.import_module("zeus_apple_silicon")
        return AppleMeter(library.AppleEnergyMonitor())
    except (ImportError, OSError, RuntimeError):
        return None
