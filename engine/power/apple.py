"""Apple silicon through `zeus-apple-silicon` (the optional extra `apple`)."""

from __future__ import annotations

import importlib
import sys
import time
from typing import Any

from engine.power.meter import DeviceReading, PowerMeter, PowerSample, SensorWindow

_WINDOW_NAME = "ponder"
_MILLI = 1e-3
_PARTS = ("cpu_total_mj", "gpu_mj", "dram_mj", "ane_mj")


class AppleMeter:
    """Reads the system on a chip: processor, GPU, memory and neural engine together.

    Args:
        monitor: An `AppleEnergyMonitor`.
    """

    label = "Apple SMC"
    scope = "system on a chip"
    window: SensorWindow = "interval average"

    def __init__(self, monitor: Any) -> None:
        self._monitor = monitor
        self._total_joules = 0.0
        self._since = time.monotonic()
        monitor.begin_window(_WINDOW_NAME)

    def read(self) -> PowerSample:
        """Close one window of measurement and open the next."""
        now = time.monotonic()
        try:
            metrics = self._monitor.end_window(_WINDOW_NAME)
            self._monitor.begin_window(_WINDOW_NAME)
        except RuntimeError:
            return PowerSample(now, (DeviceReading("Apple silicon"),))
        known = [getattr(metrics, part, None) for part in _PARTS]
        millijoules = [value for value in known if value is not None]
        if not millijoules:
            return PowerSample(now, (DeviceReading("Apple silicon"),))
        joules = sum(millijoules) * _MILLI
        seconds = now - self._since
        self._since = now
        self._total_joules += joules
        watts = joules / seconds if seconds > 0 else None
        return PowerSample(now, (DeviceReading("Apple silicon", watts, self._total_joules),))

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
