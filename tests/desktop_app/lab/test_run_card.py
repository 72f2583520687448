"""What a sweep's card says of an engine elsewhere."""

from __future__ import annotations

import msgspec
from pytestqt.qtbot import QtBot

from desktop_app.lab.power_view import PowerView
from desktop_app.lab.run_card import ran_elsewhere, run_card
from engine.lab.costs import PowerFindings
from engine.protocol import PROTOCOL_VERSION, WorkerReady
from tests.desktop_app.remote_reports import HERE, THERE, remote_report

READY = WorkerReady(PROTOCOL_VERSION, 1, "build", (), False)  # noqa: FBT003 - its fields


def test_servers_are_named_and_nothing_is_said_of_weights() -> None:
    card = run_card(READY, [remote_report(HERE, THERE)])
    facts = card.models["/e/pool.engine.json"]
    assert facts["context_tokens"] == "not stated"
    assert facts["server 2"].startswith("gpu-2:8000, vLLM, qwen, 64 side by side")
    assert not {"parameters", "layers_on_gpu", "sha256"} & facts.keys()
    assert ran_elsewhere(card)
    assert not ran_elsewhere(run_card(READY, [remote_report(HERE)]))


def test_processes_that_share_a_model_are_told() -> None:
    report = msgspec.structs.replace(remote_report(HERE), endpoints=(), threads=8, processes=4)
    facts = run_card(READY, [report]).models[report.path]
    assert facts["threads"] == "8, in 4 processes"
    alone = msgspec.structs.replace(report, processes=1)
    assert run_card(READY, [alone]).models[report.path]["threads"] == "8"


def test_power_is_said_to_be_this_computers(qtbot: QtBot) -> None:
    view = PowerView()
    qtbot.addWidget(view)
    found = PowerFindings(
        label="NVML", window="instant", mean_watts=10.0, peak_watts=20.0, idle_watts=5.0,
        surges=1, trace=(),
    )  # fmt: skip
    view.show_power(found, elsewhere=True)
    assert view.about.startswith("this computer only · NVML, instant")
    view.show_power(found)
    assert view.about.startswith("NVML, instant")
