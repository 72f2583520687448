"""What energy costs, as people read it, wherever it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from desktop_app.chat.transcript_figures import full_text
from desktop_app.chat.turn import Evidence, VoteShare
from desktop_app.cli.main import run_command
from desktop_app.folders import folders
from desktop_app.lab.forecast_text import forecast_words
from desktop_app.lab.lab_top import LabTop
from desktop_app.settings import Electricity, Settings, save_settings
from desktop_app.window.current_settings import CurrentSettings
from desktop_app.words.electricity import format_cost, use_electricity_price, with_cost
from engine.lab.forecast import Forecast
from engine.lab.sweep_control import SweepProgress

KWH = 3_600_000.0


@pytest.fixture(autouse=True)
def no_price_afterwards() -> Iterator[None]:
    yield
    use_electricity_price(Electricity())


@pytest.mark.parametrize(
    ("joules", "cost"),
    [
        (10 * KWH, "3.20 €"),
        (1234 * KWH, "394.88 €"),
        (KWH, "0.32 €"),
        (KWH / 10, "0.032 €"),
        (4200.0, "0.00037 €"),
        (30.0, "0.000003 €"),
        (1.0, "< 0.000001 €"),
        (0.0, "< 0.000001 €"),
        (None, ""),
    ],
)
def test_costs_have_two_figures_and_no_more_than_six_decimals(
    joules: float | None, cost: str
) -> None:
    use_electricity_price(Electricity(0.32, "€"))
    assert format_cost(joules) == cost


def test_without_a_price_nothing_is_said() -> None:
    assert format_cost(KWH) == ""
    assert with_cost("4.2 kJ", 4200.0) == "4.2 kJ"


def test_without_a_currency_the_number_stands_alone() -> None:
    use_electricity_price(Electricity(0.5))
    assert with_cost("3.6 MJ", KWH) == "3.6 MJ (0.50)"


def test_a_forecast_tells_time_energy_and_cost() -> None:
    found = Forecast(100, 7200.0, 2 * KWH, 500, ())
    assert "about 7.2 MJ (2.00 kWh)," in forecast_words(found)
    use_electricity_price(Electricity(0.32, "€"))
    assert "about 7.2 MJ (2.00 kWh, 0.64 €)," in forecast_words(found)


def test_a_running_sweep_tells_what_it_has_cost(qtbot: QtBot) -> None:
    use_electricity_price(Electricity(0.32, "€"))
    top = LabTop()
    qtbot.addWidget(top)
    top.show_progress(SweepProgress(5, 10, 3.0, 3.0, KWH, "vote"))
    assert top._status.text().endswith("3.6 MJ (0.32 €) so far")


@pytest.mark.usefixtures("qapp")
def test_the_window_takes_another_price_at_once() -> None:
    current = CurrentSettings(Settings(), folders(), None)  # type: ignore[arg-type]
    current.apply(replace(Settings(), electricity=Electricity(0.25, "$")))
    assert format_cost(KWH) == "0.25 $"


def test_the_terminal_reads_the_price_from_the_settings() -> None:
    save_settings(folders().settings, replace(Settings(), electricity=Electricity(0.25, "$")))
    assert run_command(["lab", "list"]) == 0
    assert format_cost(KWH) == "0.25 $"


@pytest.mark.usefixtures("qapp")
def test_an_answers_tooltip_tells_what_it_cost() -> None:
    evidence = Evidence(candidates=4, votes=4, groups=(VoteShare("1", 4),), joules=4200.0)
    assert "electricity" not in full_text(evidence)
    use_electricity_price(Electricity(0.32, "€"))
    assert "electricity: 0.00037 €" in full_text(evidence).splitlines()
