"""What a power meter is, and the values it gives.

A number that was not measured is None, never 0.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

SensorWindow = Literal["instant", "1 s average", "interval average", "unknown"]
EnergyMethod = Literal["counter", "integral", "not available"]


class DeviceReading(msgspec.Struct, frozen=True):
    """One look at one device. Every field can be unsupported, then it is None.

    Attributes:
        name: The device's own name.
        power_watts: Power draw.
        energy_joules: The device's running energy counter; only differences mean something.
        temperature_celsius: Core temperature.
        utilization: Share of time it was busy, 0 to 1.
        memory_used_bytes: Memory in use by all processes.
        memory_total_bytes: Memory in all.
    """

    name: str
    power_watts: float | None = None
    energy_joules: float | None = None
    temperature_celsius: float | None = None
    utilization: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None


class PowerSample(msgspec.Struct, frozen=True):
    """All devices of one meter at one moment.

    Attributes:
        at_seconds: `time.monotonic()` of the reading.
        devices: One reading each.
    """

    at_seconds: float
    devices: tuple[DeviceReading, ...]

    @property
    def power_watts(self) -> float | None:
        """Sum over the devices, or None if none could tell."""
        known = [d.power_watts for d in self.devices if d.power_watts is not None]
        return sum(known) if known else None


class PowerMeter(Protocol):
    """A source of readings. Used from one thread."""

    @property
    def label(self) -> str:
        """What measures, for the window: "NVML", "RAPL" ..."""
        ...

    @property
    def window(self) -> SensorWindow:
        """What time span one power reading averages over."""
        ...

    @property
    def scope(self) -> str:
        """What is measured: "whole GPU", "CPU package" ..."""
        ...

    def read(self) -> PowerSample:
        """Look at the sensors once. Fields that fail are None; it never raises."""
        ...

    def close(self) -> None:
        """Let go of the sensors. Idempotent."""
        ...


class EnergyReport(msgspec.Struct, frozen=True):
    """What one deliberation cost, and how that is known.

    Attributes:
        joules: Energy from start to end, idle draw included, or None when not available.
        method: How `joules` was measured.
        label: The meter's label, or "" without one.
        window: The power sensor's averaging window.
        integral_joules: The integral of power over time, to cross-check the counter.
        idle_watts: Median power of the idle time before, or None.
        mean_watts: Mean power during the deliberation.
        peak_watts: Highest power reading.
        peak_to_idle: `peak_watts / idle_watts`.
        max_ramp_watts_per_second: Steepest change over 100 ms; None on averaged sensors.
        surges: Count of changes over 20 % of the peak-to-idle span within 200 ms; None on
            averaged sensors.
        shared: Whether other questions were thought about meanwhile; theirs is in it too.
    """

    joules: float | None
    method: EnergyMethod
    label: str = ""
    window: SensorWindow = "unknown"
    integral_joules: float | None = None
    idle_watts: float | None = None
    mean_watts: float | None = None
    peak_watts: float | None = None
    peak_to_idle: float | None = None
    max_ramp_watts_per_second: float | None = None
    surges: int | None = None
    shared: bool = False
