"""AMD GPUs through AMD SMI (`amdsmi`, the optional extra `amd`).

Power only: the energy counter is known to stand still on some cards, so energy is the integral.
Without the extra, the driver or a GPU there is no sensor.

Source: amdsmi 7.0.2, amdsmi_get_power_info (watts; unsupported fields hold all ones); the
amdsmi project's issue on power and energy calls that always return the same values (May 2024).
"""

from __future__ import annotations

import importlib
import time
from types import ModuleType
from typing import Any

from engine.power.meter import DeviceReading, PowerMeter, PowerSample, SensorWindow

_POWER_FIELDS = ("current_socket_power", "average_socket_power", "socket_power")
"""The first is for MI300 and later, the second for older cards and Radeon."""
_UNSUPPORTED = 0xFFFF


class AmdMeter:
    """Reads every AMD GPU.

    Args:
        library: The imported `amdsmi`.
        handles: Its processor handles, at least one.
    """

    label = "AMD SMI"
    scope = "whole GPU"
    window: SensorWindow = "unknown"

    def __init__(self, library: ModuleType, handles: list[Any]) -> None:
        self._library = library
        self._handles = handles

    def read(self) -> PowerSample:
        """Look at every GPU once."""
        devices = tuple(
            DeviceReading(f"AMD GPU {number}", power_watts=self._watts(handle))
            for number, handle in enumerate(self._handles)
        )
        return PowerSample(time.monotonic(), devices)

    def _watts(self, handle: Any) -> float | None:
        try:
            info = self._library.amdsmi_get_power_info(handle)
        except self._library.AmdSmiException:
            return None
        for field in _POWER_FIELDS:
            watts = info.get(field)
            if isinstance(watts, int | float) and 0 < watts < _UNSUPPORTED:
                return float(watts)
        return None

    def close(self) -> None:
        """Let go of the library. Idempotent."""
        try:
            self._library.amdsmi_shut_down()
        except self._library.AmdSmiException:
            return


def open_amd() -> PowerMeter | None:
    """Return a meter over every AMD GPU, or None without the extra, a driver or a GPU."""
    try:
        library = importlib.import_module("amdsmi")
    except (ImportError, KeyError, OSError):
        return None
    try:
        library.amdsmi_init()
        handles = list(library.amdsmi_get_processor_handles())
    except library.AmdSmiException:
        return None
    meter = AmdMeter(library, handles)
    if not handles:
        meter.close()
        return None
    return meter
