"""NVIDIA GPUs through NVML (`nvidia-ml-py`, the module `pynvml`).

The plain power call averages over one second on Ampere and newer (except GA100), so the instant
field is asked first. Every value may be unsupported and is then None. The energy counter is in
millijoules since the driver was loaded, on Volta and newer. This is the only module that knows
pynvml.

Source: NVML API reference, nvmlDeviceGetPowerUsage, nvmlDeviceGetTotalEnergyConsumption, field ids.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pynvml  # type: ignore[import-untyped]  # the package has no types

from engine.power.meter import DeviceReading, PowerMeter, PowerSample, SensorWindow

_MILLI = 1e-3
_INSTANT_FIELD = getattr(pynvml, "NVML_FI_DEV_POWER_INSTANT", 186)


class NvmlMeter:
    """Reads every GPU of the machine.

    Args:
        handles: NVML device handles, at least one.
    """

    label = "NVML"
    scope = "whole GPU"

    def __init__(self, handles: list[Any]) -> None:
        self._handles = handles
        self._names = [_name(handle) for handle in handles]
        self._instant = [_instant_watts(handle) is not None for handle in handles]
        self._open = True

    @property
    def window(self) -> SensorWindow:
        """Instant where every GPU has the instant field, else unknown: it depends on the chip."""
        return "instant" if all(self._instant) else "unknown"

    def read(self) -> PowerSample:
        """Look at every GPU once."""
        devices = tuple(
            self._read_device(handle, name, instant=instant)
            for handle, name, instant in zip(self._handles, self._names, self._instant, strict=True)
        )
        return PowerSample(time.monotonic(), devices)

    def _read_device(self, handle: Any, name: str, *, instant: bool) -> DeviceReading:
        watts = _instant_watts(handle) if instant else _average_watts(handle)
        energy = _ask(lambda: pynvml.nvmlDeviceGetTotalEnergyConsumption(handle))
        celsius = _ask(lambda: pynvml.nvmlDeviceGetTemperature(handle, pynvml.NVML_TEMPERATURE_GPU))
        rates = _ask(lambda: pynvml.nvmlDeviceGetUtilizationRates(handle))
        memory = _ask(lambda: pynvml.nvmlDeviceGetMemoryInfo(handle))
        return DeviceReading(
            name=name,
            power_watts=watts,
            energy_joules=None if energy is None else energy * _MILLI,
            temperature_celsius=None if celsius is None else float(celsius),
            utilization=None if rates is None else rates.gpu / 100,
            memory_used_bytes=None if memory is None else int(memory.used),
            memory_total_bytes=None if memory is None else int(memory.total),
        )

    def close(self) -> None:
        """Let go of NVML. Idempotent."""
        if self._open:
            self._open = False
            _ask(pynvml.nvmlShutdown)


def open_nvml() -> PowerMeter | None:
    """Return a meter over every NVIDIA GPU, or None without a driver or a GPU."""
    known = _open_handles()
    return NvmlMeter(known) if known else None


def gpu_facts() -> dict[str, str]:
    """Return the driver's version and each GPU's enforced power limit; {} without an NVIDIA GPU.

    Source: NVML API reference, nvmlSystemGetDriverVersion, nvmlDeviceGetEnforcedPowerLimit.
    """
    handles = _open_handles()
    if not handles:
        return {}
    facts = {"driver": _text(_ask(pynvml.nvmlSystemGetDriverVersion), "not available")}
    for number, handle in enumerate(handles):
        limit = _ask(partial(pynvml.nvmlDeviceGetEnforcedPowerLimit, handle))
        said = "not available" if limit is None else f"{limit * _MILLI:.0f} W"
        facts[f"power limit of {_name(handle)} {number}"] = said
    _ask(pynvml.nvmlShutdown)
    return facts


def _open_handles() -> list[Any]:
    """Open NVML for its GPUs; without one it is closed again, and the list is empty."""
    try:
        pynvml.nvmlInit()
    except (pynvml.NVMLError, OSError):
        return []
    count = _ask(pynvml.nvmlDeviceGetCount) or 0
    handles = [_ask(partial(pynvml.nvmlDeviceGetHandleByIndex, n)) for n in range(count)]
    known = [handle for handle in handles if handle is not None]
    if not known:
        _ask(pynvml.nvmlShutdown)
    return known


def _ask(question: Callable[[], Any]) -> Any:
    """Ask NVML; what is unsupported, lost or refused is None."""
    try:
        return question()
    except pynvml.NVMLError:
        return None


def _name(handle: Any) -> str:
    return _text(_ask(lambda: pynvml.nvmlDeviceGetName(handle)), "NVIDIA GPU")


def _text(said: object, otherwise: str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said or otherwise)


def _average_watts(handle: Any) -> float | None:
    milliwatts = _ask(lambda: pynvml.nvmlDeviceGetPowerUsage(handle))
    return None if milliwatts is None else milliwatts * _MILLI


def _instant_watts(handle: Any) -> float | None:
    values = _ask(lambda: pynvml.nvmlDeviceGetFieldValues(handle, [_INSTANT_FIELD]))
    if not values or values[0].nvmlReturn != pynvml.NVML_SUCCESS:
        return None
    return float(values[0].value.uiVal) * _MILLI
