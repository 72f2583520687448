"""Whose power is shown: this computer's, which is said when other machines work too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from desktop_app.chat.answer import Answer
from desktop_app.thinking.panel import DeliberationPanel
from desktop_app.thinking.sections import Remark
from desktop_app.window.power_feed import PowerFeed
from desktop_app.window.top_bar import TopBar
from engine.budget import Budget
from engine.generation import ModelReport
from engine.power.meter import PowerSample
from engine.power.sampler import PowerSampler
from tests.desktop_app.remote_reports import HERE, THERE, remote_report
from tests.desktop_app.thinking.deliberations import REPORT, answers, record_of
from tests.engine.power.test_sampler import RecitedMeter


class Meters:
    """A session, without a sensor of its own unless it is given one."""

    def __init__(
        self,
        model: ModelReport | None,
        sampler: PowerSampler | None = None,
        samples: Sequence[PowerSample] = (),
    ) -> None:
        self.model = model
        self.sampler = sampler
        self._samples = samples

    def power_samples(self, since_seconds: float) -> Sequence[PowerSample]:
        return [sample for sample in self._samples if sample.at_seconds >= since_seconds]


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


class WatchedPanel(DeliberationPanel):
    """A panel that remembers which readings it was given."""

    moments: tuple[float, ...] = ()

    def set_power(self, samples: Sequence[PowerSample], *rest: Any, **more: Any) -> None:
        self.moments = tuple(sample.at_seconds for sample in samples)
        super().set_power(samples, *rest, **more)


def test_an_answer_that_is_looked_at_again_has_its_own_readings_only(qtbot: QtBot) -> None:
    panel, bar = WatchedPanel(), TopBar()
    for widget in (panel, bar):
        qtbot.addWidget(widget)
    answer = Answer.recorded(record_of(answers("4", "4")), "m")
    answer.view.started_at, answer.view.elapsed_seconds = 100.0, 7.0
    answer.view.earlier_seconds = 5.0  # of a first run, whose readings are another trace
    sampler = PowerSampler(RecitedMeter())
    samples = [PowerSample(at, ()) for at in (90.0, 98.0, 101.0, 101.9, 102.5, 160.0)]
    feed = PowerFeed(Meters(None, sampler, samples), panel, bar)
    feed.show_answer(answer)
    feed.close()
    assert panel.moments == (98.0, 101.0, 101.9)
