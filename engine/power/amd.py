"""AMD GPUs through AMD SMI (`amdsmi`, the optional extra `amd`)."""

from __future__ import annotations

import importlib
import time
from types import ModuleType
from typing import Any

from engine.power.meter import DeviceReading, PowerMeter, PowerSample, SensorWindow


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
        for key in ("current_socket_power", "average_socket_power"):
            if isinstance(info.get(key), int | float):
                return float(info[key])
        return None

    def close(self) -> None:
        """Let go of the library."""
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
    return AmdMeter(library, handles) if handles else None
