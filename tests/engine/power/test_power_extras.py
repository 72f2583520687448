"""AMD and Apple silicon: absent without their extras, honest with them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.power.amd import open_amd
from engine.power.apple import open_apple
from engine.power.meter import PowerSample

_AMD = """
class AmdSmiException(Exception):
    pass
alive = True
watts = {WATTS}
count = {COUNT}
init_fails = {INIT_FAILS}
def amdsmi_init():
    if init_fails:
        raise AmdSmiException()
def amdsmi_get_processor_handles():
    return list(range(count))
def amdsmi_get_power_info(handle):
    if not alive:
        raise AmdSmiException()
    return watts
def amdsmi_shut_down():
    global alive
    if not alive:
        raise AmdSmiException()
    alive = False
"""

_APPLE = """
class Metrics:
    def __init__(self, **values):
        self.__dict__.update(values)
class AppleEnergyMonitor:
    told = {TOLD}
    def get_cumulative_energy(self):
        metrics = self.told.pop(0)
        if metrics is None:
            raise RuntimeError("IOReport")
        names = ("cpu_total_mj", "gpu_mj", "dram_mj", "ane_mj")
        return Metrics(**dict(zip(names, metrics)))
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a library with a vendor's interface on the path, for one test."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name: str, source: str, **values: object) -> None:
        for key, value in values.items():
            source = source.replace("{" + key + "}", repr(value))
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        monkeypatch.delitem(sys.modules, name, raising=False)
        importlib.invalidate_caches()

    return write


def amd(install: Install, watts: dict[str, object], count: int = 1, fails: bool = False) -> None:  # noqa: FBT001, FBT002
    install("amdsmi", _AMD, WATTS=watts, COUNT=count, INIT_FAILS=fails)


def watts_of(sample: PowerSample) -> list[float | None]:
    return [device.power_watts for device in sample.devices]


@pytest.mark.parametrize(
    ("told", "watts"),
    [
        ({"current_socket_power": 140, "average_socket_power": "N/A"}, 140.0),
        ({"current_socket_power": "N/A", "average_socket_power": 51}, 51.0),
        ({"current_socket_power": 0xFFFFFFFF, "average_socket_power": 51}, 51.0),
        ({"current_socket_power": 0, "average_socket_power": 0, "socket_power": 33}, 33.0),
        ({"current_socket_power": "N/A"}, None),
    ],
)
def test_amd_power_is_the_first_field_that_holds_watts(
    install: Install, told: dict[str, object], watts: float | None
) -> None:
    amd(install, told, count=2)
    meter = open_amd()
    assert meter is not None
    sample = meter.read()
    assert watts_of(sample) == [watts, watts]
    assert {device.energy_joules for device in sample.devices} == {None}
    meter.close()
    assert watts_of(meter.read()) == [None, None]
    meter.close()


def test_amd_without_gpu_driver_or_extra_is_no_sensor(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    amd(install, {}, count=0)
    assert open_amd() is None
    amd(install, {}, fails=True)
    assert open_amd() is None
    install("amdsmi", "raise OSError('no library')")
    assert open_amd() is None
    monkeypatch.setitem(sys.modules, "amdsmi", None)
    assert open_amd() is None


def test_apple_power_comes_from_the_counters_of_all_parts(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    told = [
        (1000, 2000, None, 0),
        (2000, 4000, None, 0),
        None,
        (3000, 5000, None, 0),
        (None, None, None, None),
        (10, 10, None, 0),
    ]
    install("zeus_apple_silicon", _APPLE, TOLD=told)
    now = [10.0]
    monkeypatch.setattr("engine.power.apple.time.monotonic", lambda: now[0])
    meter = open_apple()
    assert meter is not None
    seen = []
    for _ in told[1:]:
        now[0] += 0.5
        (device,) = meter.read().devices
        seen.append((device.power_watts, device.energy_joules))
    meter.close()
    assert seen == [(6.0, 6.0), (None, None), (2.0, 8.0), (None, None), (None, 0.02)]


def test_apple_elsewhere_or_without_its_extra_is_no_sensor(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("zeus_apple_silicon", _APPLE, TOLD=[(1, 1, 1, 1)])
    monkeypatch.setattr(sys, "platform", "linux")
    assert open_apple() is None
    monkeypatch.setattr(sys, "platform", "darwin")
    assert open_apple() is not None
    monkeypatch.setitem(sys.modules, "zeus_apple_silicon", None)
    assert open_apple() is None
