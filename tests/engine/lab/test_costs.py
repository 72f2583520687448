"""What a sweep took and will take, worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.lab.costs import power_findings, rates_of, total_joules, watts_by_second
from engine.lab.forecast import Pace, forecast, forecast_left
from engine.lab.plan import SweepPlan, make_plan
from engine.lab.questions import Question, QuestionSet
from engine.lab.records import (
    Place,
    RunCard,
    Stretch,
    SweepRecord,
    SweepStatus,
    SweepSummary,
    VerdictRecord,
)
from engine.lab.stretches import Stretches
from engine.power.meter import DeviceReading, EnergyReport, PowerSample, SensorWindow
from engine.tally import Tally
from engine.verdict import Outcome, StoppedWhy, Verdict

QUESTIONS = QuestionSet("two", "by hand", (Question("a?", "1"), Question("b?", "2")))


def plan(strategies: list[str], budgets: list[int]) -> SweepPlan:
    return make_plan(QUESTIONS, [Path("m.gguf")], strategies, budgets, SweepPlan(QUESTIONS, ()))


def stretch(arm: int, seconds: float, tokens: int, joules: float | None) -> Stretch:
    report = None
    if joules is not None:
        report = EnergyReport(joules, "counter", "NVML", idle_watts=20.0, peak_watts=50.0, surges=1)
    return Stretch(arm, "2026-01-01T00:00:00+00:00", seconds, tokens, report, (30.0, 50.0))


def record(*stretches: Stretch) -> SweepRecord:
    summary = SweepSummary("s", "n", "2026-01-01", SweepStatus.FINISHED, "", 0, 0)
    return SweepRecord(summary, plan(["vote"], [4]), RunCard(), (), (), stretches)


def test_a_token_costs_its_share_of_the_machine() -> None:
    found = rates_of(record(stretch(0, 10.0, 100, 40.0), stretch(0, 30.0, 300, 160.0)), 0)
    assert found.seconds == pytest.approx(40 / 400)
    assert found.joules == pytest.approx(200 / 400)
    assert found.tokens_per_joule == pytest.approx(2.0)
    assert found.joules_of(10) == pytest.approx(5.0)


def test_energy_that_was_not_measured_throughout_is_not_available() -> None:
    partly = record(stretch(0, 10.0, 100, 40.0), stretch(0, 10.0, 100, None))
    assert rates_of(partly, 0).joules is None
    assert rates_of(partly, 0).seconds == pytest.approx(0.1)
    assert total_joules(partly.stretches) is None
    assert rates_of(partly, 1).seconds is None


def test_time_before_the_first_sample_ends_belongs_to_its_tokens() -> None:
    slow = record(
        stretch(0, 60.0, 0, 120.0), stretch(0, 60.0, 0, 120.0), stretch(0, 60.0, 90, 60.0)
    )
    assert rates_of(slow, 0).seconds == pytest.approx(2.0)
    assert rates_of(slow, 0).joules == pytest.approx(300 / 90)


def test_a_moment_that_no_sensor_saw_does_not_hide_the_energy_of_the_rest() -> None:
    moment = record(stretch(0, 10.0, 100, 40.0), stretch(0, 0.01, 0, None))
    assert rates_of(moment, 0).joules == pytest.approx(0.4)
    longer = record(stretch(0, 10.0, 100, 40.0), stretch(0, 60.0, 0, None))
    assert rates_of(longer, 0).joules is None


def test_power_over_running_time_leaves_pauses_out() -> None:
    found = power_findings((stretch(0, 2.0, 10, 80.0), stretch(1, 2.0, 10, 80.0)))
    assert found is not None
    assert found.trace == ((0.0, 30.0), (1.0, 50.0), (2.0, 30.0), (3.0, 50.0))
    assert found.mean_watts == pytest.approx(40.0)
    assert (found.peak_watts, found.idle_watts, found.peak_to_idle) == (50.0, 20.0, 2.5)
    assert found.surges == 2
    assert power_findings((stretch(0, 1.0, 1, None),)) is None


def test_watts_of_each_second() -> None:
    trace = [(9.9, 1.0), (10.2, 10.0), (10.7, 20.0), (12.5, 40.0)]
    assert watts_by_second(trace, 10.0) == (15.0, 15.0, 40.0)
    assert watts_by_second([], 0.0) == ()


def test_a_forecast_rests_on_what_was_measured() -> None:
    paces = [
        Pace("m.gguf", "vote", 100, 50.0, 200.0),
        Pace("m.gguf", "revise", 40, 40.0, None),
        Pace("other.gguf", "vote", 9000, 1.0, 1.0),
    ]
    found = forecast(plan(["vote"], [1, 4]), paces)
    assert (found.samples, found.from_samples, found.unknown) == (8, 100, ())
    assert found.seconds == pytest.approx(4.0)
    assert found.joules == pytest.approx(16.0)
    both = forecast(plan(["vote", "revise"], [4]), paces)
    assert both.seconds == pytest.approx(4.0 + 8.0)
    assert both.joules is None


def test_what_needs_fewer_samples_than_planned_costs_what_it_took() -> None:
    paces = [Pace("m.gguf", "auto", 100, 50.0, None, planned=400)]
    assert forecast(plan(["auto"], [4]), paces).seconds == pytest.approx(8 * 50.0 / 400)


def test_another_strategy_of_the_model_is_better_than_nothing() -> None:
    paces = [Pace("m.gguf", "vote", 100, 50.0, None)]
    assert forecast(plan(["search"], [4]), paces).seconds == pytest.approx(4.0)


def test_what_is_left_is_priced_arm_by_arm() -> None:
    """Two questions each: the cheap arm is done, the dear one is not, and the other way round."""
    both = plan(["vote", "revise"], [4])
    paces = [Pace("m.gguf", "vote", 100, 10.0, 100.0), Pace("m.gguf", "revise", 100, 500.0, 900.0)]
    said = Verdict(Outcome.NOTHING, None, None, Tally(), StoppedWhy.BUDGET_SPENT)
    summary = SweepSummary("s", "n", "2026-01-01", SweepStatus.PAUSED, "", 0, 0)
    for done, seconds, joules in ((0, 8 * 5.0, 8 * 9.0), (1, 8 * 0.1, 8 * 1.0)):
        verdicts = tuple(
            VerdictRecord(Place(done, question, 0), said, None, "no-reference", 1, 1.0)
            for question in range(2)
        )
        left = forecast_left(SweepRecord(summary, both, RunCard(), (), verdicts, ()), paces)
        assert left.seconds == pytest.approx(seconds)
        assert left.joules == pytest.approx(joules)


def test_a_sweep_is_not_idle_between_its_own_stretches() -> None:
    meter = Rising()
    stretches = Stretches(meter, ())  # type: ignore[arg-type]
    for known in (None, 8.0):
        stretches.idle_watts = known
        stretches.begin(0)
        ended = stretches.end()
        assert ended is not None
        assert ended.energy is not None
        assert ended.energy.idle_watts == known


class Rising:
    """Readings of a minute before now, all of them while working."""

    label, scope = "r", "everything"
    window: SensorWindow = "instant"

    def samples_between(self, start_seconds: float, end_seconds: float) -> list[PowerSample]:
        steps = int((end_seconds - start_seconds) / 0.05) + 1
        return [
            PowerSample(start_seconds + n * 0.05, (DeviceReading("d", 60.0, None, None),))
            for n in range(steps)
        ]


def test_too_little_measured_predicts_nothing() -> None:
    few = [Pace("m.gguf", "vote", 3, 1.0, 1.0)]
    found = forecast(plan(["vote"], [4]), few)
    assert found.seconds is None
    assert found.joules is None
    assert found.unknown == ("vote, m",)
