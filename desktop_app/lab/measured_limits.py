"""Which limits of a sweep a sensor of this computer would ever tell to be reached. Free of Qt."""

from __future__ import annotations

from typing import Literal

from engine.lab.plan import Limits
from engine.power.select import open_meter

Limit = Literal["joules", "celsius"]


def unmeasured(limits: Limits) -> list[Limit]:
    """Name the limits that are set and that nothing here measures."""
    if limits.joules is None and limits.celsius is None:
        return []
    meter = open_meter()
    devices = () if meter is None else meter.read().devices
    if meter is not None:
        meter.close()
    energy = any(one.energy_joules is not None or one.power_watts is not None for one in devices)
    heat = any(one.temperature_celsius is not None for one in devices)
    found: list[Limit] = []
    if limits.joules is not None and not energy:
        found.append("joules")
    if limits.celsius is not None and not heat:
        found.append("celsius")
    return found
