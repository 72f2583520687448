"""Intel and AMD processors through Linux's powercap files (RAPL), where they may be read.

The files hold an energy counter in microjoules that wraps around; power is its difference quotient.
It begins anew when the machine wakes from sleep, which no power of a package explains: what was
spent meanwhile is unknown then, and the energy told here begins anew too.
Most systems let only root read them since CVE-2020-8694; then there is no sensor. Only packages
are read: a platform zone ("psys") holds the same energy again.

Source: Linux kernel documentation, power/powercap.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.power.meter import DeviceReading, PowerMeter, PowerSample, SensorWindow

ROOT: Final = Path("/sys/class/powercap")
_MICRO = 1e-6
_MOST_WATTS: Final = 10_000.0
"""More than any package draws."""


@dataclass(slots=True)
class _Package:
    """One processor package and where its counter stood."""

    name: str
    counter: Path
    range_joules: float
    last_joules: float
    last_seconds: float
    total_joules: float = 0.0


class RaplMeter:
    """Reads every processor package.

    Args:
        packages: Packages whose counters can be read, at least one.
    """

    label = "RAPL"
    scope = "CPU package"
    window: SensorWindow = "interval average"

    def __init__(self, packages: list[_Package]) -> None:
        self._packages = packages

    def read(self) -> PowerSample:
        """Look at every package once."""
        return PowerSample(time.monotonic(), tuple(map(self._read_package, self._packages)))

    def _read_package(self, package: _Package) -> DeviceReading:
        joules = _counter(package.counter)
        now = time.monotonic()
        if joules is None:
            return DeviceReading(package.name)
        spent = joules - package.last_joules
        if spent < 0:
            spent += package.range_joules
        seconds = now - package.last_seconds
        package.last_joules, package.last_seconds = joules, now
        if spent > _MOST_WATTS * seconds:
            package.total_joules = 0.0
            return DeviceReading(package.name, energy_joules=0.0)
        package.total_joules += spent
        watts = spent / seconds if seconds > 0 else None
        return DeviceReading(package.name, power_watts=watts, energy_joules=package.total_joules)

    def close(self) -> None:
        """Nothing is held open."""


def open_rapl(root: Path = ROOT) -> PowerMeter | None:
    """Return a meter over the processor packages, or None where they cannot be read."""
    packages = []
    try:
        zones = sorted(root.glob("intel-rapl:[0-9]*"))
    except OSError:
        return None
    for zone in zones:
        if zone.name.count(":") != 1:
            continue
        name = _text(zone / "name") or ""
        if not name.startswith("package"):
            continue
        joules = _counter(zone / "energy_uj")
        most = _counter(zone / "max_energy_range_uj")
        if joules is None or most is None:
            continue
        packages.append(_Package(name, zone / "energy_uj", most, joules, time.monotonic()))
    return RaplMeter(packages) if packages else None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None


def _counter(path: Path) -> float | None:
    text = _text(path)
    return int(text) * _MICRO if text is not None and text.isdecimal() else None
