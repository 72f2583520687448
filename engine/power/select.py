"""Which power meter this machine has: a GPU's own first, the processor's package otherwise."""

from __future__ import annotations

from engine.power.amd import open_amd
from engine.power.apple import open_apple
from engine.power.meter import PowerMeter
from engine.power.nvml import gpu_facts, open_nvml
from engine.power.rapl import open_rapl


def power_facts() -> dict[str, str]:
    """Return what else decides how much this machine draws: driver and power limits, where told."""
    return gpu_facts()


def open_meter() -> PowerMeter | None:
    """Return the first meter that can read power or energy, or None: no power sensor."""
    for open_one in (open_nvml, open_amd, open_apple, open_rapl):
        meter = open_one()
        if meter is None:
            continue
        devices = meter.read().devices
        if any(d.power_watts is not None or d.energy_joules is not None for d in devices):
            return meter
        meter.close()
    return None
