"""What the top bar tells of this machine."""

from __future__ import annotations

import psutil
import pytest
from pytestqt.qtbot import QtBot

from desktop_app.window.load_feed import LoadFeed
from desktop_app.window.top_bar import TopBar
from engine.machine import MachineLoad
from engine.power.meter import DeviceReading, PowerSample

LOAD = MachineLoad(87.4, 5_100_000_000, 16_000_000_000)
GPU = DeviceReading(
    "NVIDIA GeForce RTX 4070",
    power_watts=212.0,
    temperature_celsius=41.0,
    memory_used_bytes=6_100_000_000,
    memory_total_bytes=12_000_000_000,
)
PACKAGE = DeviceReading("CPU package", power_watts=45.0)


@pytest.mark.parametrize(
    ("devices", "told"),
    [
        ((), "CPU 87 % · 5.1 / 16 GB"),
        ((GPU,), "RTX 4070 · 41 °C · 6.1 / 12 GB"),
        ((PACKAGE,), "CPU package · 45 W · CPU 87 % · 5.1 / 16 GB"),
    ],
)
def test_a_device_is_told_and_the_machine_where_it_has_no_memory_of_its_own(
    qtbot: QtBot, devices: tuple[DeviceReading, ...], told: str
) -> None:
    bar = TopBar()
    qtbot.addWidget(bar)
    bar.show_load(LOAD)
    bar.show_power(PowerSample(1.0, devices))
    assert bar._machine.text() == told
    assert bar._machine.toolTip().endswith("CPU 87 % · 5.1 / 16 GB")
    bar.show_power(None)
    assert bar._machine.text() == "CPU 87 % · 5.1 / 16 GB"


def test_the_machine_is_read_while_the_window_is_seen(qtbot: QtBot) -> None:
    bar = TopBar()
    qtbot.addWidget(bar)
    feed = LoadFeed(bar)
    feed._timer.setInterval(1)
    with qtbot.waitSignal(feed._timer.timeout):
        pass
    assert bar._machine.text() == ""
    bar.show()
    qtbot.waitUntil(lambda: "GB" in bar._machine.text())
    feed.close()


def test_a_machine_that_does_not_tell_is_not_shown(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = TopBar()
    qtbot.addWidget(bar)
    bar.show_load(LOAD)
    bar.show()
    monkeypatch.setattr(psutil, "PROCFS_PATH", "/no/such/folder")
    feed = LoadFeed(bar)
    feed._timer.setInterval(1)
    qtbot.waitUntil(lambda: bar._machine.text() == "")
    assert bar._machine.toolTip() == ""
    feed.close()
