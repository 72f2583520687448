"""Whose power is shown: this computer's, which is said when other machines work too."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from desktop_app.chat.answer import Answer
from desktop_app.power_feed import PowerFeed
from desktop_app.thinking.panel import DeliberationPanel
from desktop_app.thinking.sections import Remark
from desktop_app.top_bar import TopBar
from engine.budget import Budget
from engine.generation import ModelReport
from engine.power.meter import PowerSample
from tests.desktop_app.remote_reports import HERE, THERE, remote_report
from tests.desktop_app.thinking.deliberations import REPORT, answers, record_of


class Meters:
    """A session without a sensor of its own."""

    def __init__(self, model: ModelReport | None) -> None:
        self.model = model
        self.sampler = None

    def power_samples(self, since_seconds: float) -> Sequence[PowerSample]:
        assert since_seconds >= 0
        return ()


def remark(qtbot: QtBot, model: ModelReport | None, answer: Answer) -> str:
    panel, bar = DeliberationPanel(), TopBar()
    for widget in (panel, bar):
        qtbot.addWidget(widget)
    feed = PowerFeed(Meters(model), panel, bar)
    feed.show_answer(answer)
    feed.close()
    return panel.findChildren(Remark)[-1].text()


@pytest.mark.parametrize(
    ("model", "begins"),
    [
        (remote_report(HERE, THERE), "this computer only: NVML"),
        (remote_report(HERE), "NVML"),
        (None, "NVML"),
    ],
)
def test_while_it_thinks_the_loaded_engine_tells(
    qtbot: QtBot, model: ModelReport | None, begins: str
) -> None:
    answer = Answer.fresh("d", "m", "vote", Budget(4))
    answer.energy = REPORT
    assert remark(qtbot, model, answer).startswith(begins)


@pytest.mark.parametrize(
    ("machine", "begins"),
    [("gpu-2:8000", "this computer only: NVML"), ("127.0.0.1:8080", "NVML"), ("", "NVML")],
)
def test_afterwards_the_candidates_tell_whatever_is_loaded(
    qtbot: QtBot, machine: str, begins: str
) -> None:
    done = [replace(one, machine=machine) for one in answers("4", "4")]
    answer = Answer.recorded(replace(record_of(done), energy=REPORT), "m")
    assert remark(qtbot, remote_report(THERE), answer).startswith(begins)
    evidence = answer.evidence()
    assert evidence is not None
    assert evidence.elsewhere is begins.startswith("this")
