"""Prices come from measurements alone, and only as far as those reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from engine.budget import NOTCHES, Budget
from engine.candidate import Candidate, StopReason
from engine.generation import LoadOptions, Sampling
from engine.journal.cost import CostModel, Measured
from engine.journal.journal import Journal
from engine.journal.records import DeliberationRecord, new_id, now
from engine.options import StrategyOptions
from engine.own_thinking import OwnThinking
from engine.power.meter import EnergyReport
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db")
    yield journal
    journal.close()


def think(
    journal: Journal,
    attempts: int,
    seconds: float,
    *,
    joules: float | None = None,
    stopped: StoppedWhy = StoppedWhy.BUDGET_SPENT,
    cut: int = 0,
    model: str = "m.gguf",
    shared: bool = False,
    own_thinking: OwnThinking = OwnThinking.AUTO,
    prompt_read: int | None = None,
    first_token: float = 0.1,
    begun_tokens: int = 0,
    name: str = "",
) -> None:
    """Record a finished deliberation; its last `cut` attempts were not needed any more."""
    name = name or new_id()
    journal.start_deliberation(
        DeliberationRecord(
            name,
            None,
            "vote",
            Budget(samples=attempts),
            Sampling(),
            1,
            model,
            LoadOptions(),
            now(),
            options=StrategyOptions(own_thinking=own_thinking),
        )
    )
    stops = [StopReason.FINISHED] * (attempts - cut) + [StopReason.NOT_NEEDED] * cut
    candidates = [
        Candidate(
            index,
            0,
            index,
            "",
            "r",
            None,
            9,
            0,
            0.0,
            first_token,
            seconds,
            stop,
            begun_tokens=begun_tokens,
        )
        for index, stop in enumerate(stops)
    ]
    for candidate in candidates:
        journal.add_candidate(name, candidate)
    verdict = decide(candidates, tally_votes(candidates), stopped)
    energy = None
    if joules is not None or shared:
        energy = EnergyReport(joules, "counter" if joules else "not available", shared=shared)
    journal.finish_deliberation(name, verdict, seconds, energy, prompt_read).result()


def test_a_measured_number_of_attempts_costs_its_median() -> None:
    model = CostModel([Measured(4, 2.0, 10.0), Measured(4, 40.0, 11.0), Measured(4, 3.0, 99.0)])
    assert model.predict(4).seconds == 3.0
    assert model.predict(4).joules == 11.0
    assert model.predict(4).from_answers == 3


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(7, 5.0), (10, 6.0), (16, 8.0), (32, 16.0), (64, 32.0), (2, 2.0)]
)
def test_between_measured_numbers_a_line_and_beyond_in_proportion(
    attempts: int, seconds: float
) -> None:
    model = CostModel([Measured(4, 4.0, None), Measured(16, 8.0, None)])
    assert model.predict(attempts).seconds == pytest.approx(seconds)


def test_a_law_of_cost_is_followed_between_its_measurements() -> None:
    """Time as design says: a fixed part for reading the weights, then growing with width."""

    def law(attempts: int) -> float:
        return max(3.0, 0.4 * attempts) + 0.5

    measured = [Measured(n, law(n), 50 * law(n)) for n in (1, 4, 8, 16, 64) for _ in range(3)]
    model = CostModel(measured)
    for attempts in range(1, 65):
        prediction = model.predict(attempts)
        assert prediction.seconds == pytest.approx(law(attempts), rel=0.15)
        assert prediction.joules == pytest.approx(50 * law(attempts), rel=0.15)


@pytest.mark.parametrize("attempts", [1, 130, 1000])
def test_more_than_eight_times_away_nothing_is_predicted(attempts: int) -> None:
    prediction = CostModel([Measured(9, 4.0, 1.0), Measured(16, 8.0, 1.0)]).predict(attempts)
    assert (prediction.seconds, prediction.joules) == (None, None)


def test_one_measurement_prices_every_stop_of_the_slider_up_to_eight_times_away() -> None:
    model = CostModel([Measured(8, 4.0, 1.0)])
    prices = [model.predict(notch.attempts).seconds for notch in NOTCHES]
    assert prices == [0.5, 2.0, 4.0, 8.0, 16.0, 32.0]
    assert CostModel([]).predict(4).seconds is None


def test_energy_that_was_not_measured_is_not_predicted() -> None:
    prediction = CostModel([Measured(4, 4.0, None), Measured(4, 6.0, 1.0)]).predict(4)
    assert (prediction.seconds, prediction.joules) == (5.0, 1.0)
    assert CostModel([Measured(4, 4.0, None)]).predict(4).joules is None


def test_the_journal_tells_the_price_of_this_model_and_strategy(journal: Journal) -> None:
    think(journal, 4, 2.0, joules=100.0)
    think(journal, 4, 4.0, joules=300.0)
    think(journal, 4, 99.0, model="other.gguf")
    prediction = journal.cost("m.gguf", "vote").result().predict(4)
    assert (prediction.seconds, prediction.joules, prediction.from_answers) == (3.0, 200.0, 2)
    assert journal.cost("m.gguf", "revise").result().predict(4).seconds is None


def test_reading_a_long_question_is_priced_by_its_tokens(journal: Journal) -> None:
    think(journal, 4, 2.0, joules=100.0, prompt_read=40)
    short = journal.cost("m.gguf", "vote").result()
    assert short.predict(4, 200) == short.predict(4)
    assert not short.predict(4, 4000).reading_known
    # a long one: eight seconds of reading are no part of what four attempts cost
    think(journal, 4, 10.0, joules=500.0, prompt_read=2000, first_token=8.0)
    known = journal.cost("m.gguf", "vote").result()
    assert known.predict(4).seconds == pytest.approx(2.0)
    assert known.predict(4).joules == pytest.approx(100.0)
    read = known.predict(4, 4000)
    assert read.seconds == pytest.approx(18.0)
    assert read.joules == pytest.approx(900.0)
    assert known.predict(8, 4000).seconds == pytest.approx(20.0)


def test_what_shared_the_machine_prices_nothing(journal: Journal) -> None:
    think(journal, 4, 2.0, joules=100.0)
    think(journal, 4, 9.0, joules=900.0, shared=True)
    think(journal, 4, 9.0, shared=True)
    prediction = journal.cost("m.gguf", "vote").result().predict(4)
    assert (prediction.seconds, prediction.joules, prediction.from_answers) == (2.0, 100.0, 1)
    assert [speed.answers for speed in journal.speeds("m.gguf").result()] == [1]


def test_the_rest_of_a_cut_answer_prices_no_whole_one(journal: Journal) -> None:
    think(journal, 1, 8.0)
    for _ in range(3):
        think(journal, 1, 1.0, begun_tokens=900)
    assert journal.cost("m.gguf", "vote").result().predict(1).seconds == 8.0
    (speed,) = journal.speeds("m.gguf").result()
    assert speed.answers == 1


def test_a_settled_vote_counts_the_attempts_that_were_worked_on(journal: Journal) -> None:
    for _ in range(2):
        think(journal, 16, 6.0, stopped=StoppedWhy.SETTLED, cut=9)
    assert journal.cost("m.gguf", "vote").result().predict(16).seconds == 6.0


@pytest.mark.parametrize(
    "stopped", [StoppedWhy.CANCELLED, StoppedWhy.ANSWERED_NOW, StoppedWhy.TIME_UP]
)
def test_what_a_person_or_a_limit_cut_short_is_no_measurement(
    journal: Journal, stopped: StoppedWhy
) -> None:
    for _ in range(3):
        think(journal, 4, 1.0, stopped=stopped)
    assert journal.cost("m.gguf", "vote").result().predict(4).from_answers == 0


def test_only_the_latest_measurements_count(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.journal.cost._LATEST", 3)
    for seconds in (90.0, 90.0, 90.0, 1.0, 2.0, 3.0):
        think(journal, 1, seconds)
    assert journal.cost("m.gguf", "vote").result().predict(1).seconds == 2.0


def test_what_a_model_costs_without_its_thought_is_learned_apart(journal: Journal) -> None:
    for seconds in (60.0, 62.0):
        think(journal, 4, seconds)
    for seconds in (3.0, 5.0):
        think(journal, 4, seconds, own_thinking=OwnThinking.OFF)
    assert journal.cost("m.gguf", "vote").result().predict(4).seconds == 61.0
    off = journal.cost("m.gguf", "vote", OwnThinking.OFF).result()
    assert off.predict(4).seconds == 4.0
    assert journal.cost("m.gguf", "vote", OwnThinking.HIGH).result().predict(4).seconds is None


def test_what_was_broken_off_and_gone_on_with_prices_nothing(journal: Journal) -> None:
    for broken_off in ("failed", "interrupted"):
        name = new_id()
        think(journal, 8, 80.0, joules=800.0, name=name)
        record = journal.deliberation(name).result()
        assert record is not None
        journal.start_deliberation(record)
        if broken_off == "failed":
            journal.fail_deliberation(name, "worker-died", "")
        else:
            journal.interrupt_running()
        think(journal, 9, 10.0, joules=100.0, name=name)
        record = journal.deliberation(name).result()
        assert record is not None
        assert record.total_seconds == 90.0
        assert record.energy is not None
        assert record.energy.joules is None
    assert journal.cost("m.gguf", "vote").result().predict(9).seconds is None
    assert journal.speeds("m.gguf").result() == []


def test_what_failed_before_anything_was_written_is_measured_when_it_is_tried_again(
    journal: Journal,
) -> None:
    think(journal, 1, 9.0, name="other")
    record = journal.deliberation("other").result()
    assert record is not None
    journal.start_deliberation(msgspec.structs.replace(record, deliberation_id="d"))
    journal.fail_deliberation("d", "model-memory", "")
    think(journal, 8, 80.0, joules=800.0, name="d")
    assert journal.cost("m.gguf", "vote").result().predict(8).joules == 800.0


def test_what_another_model_went_on_with_is_its_record_and_prices_neither(
    journal: Journal,
) -> None:
    think(journal, 8, 8.0, joules=80.0, model="small.gguf", name="d")
    journal.set_model_hash("small.gguf", "5" * 64, ("d",))
    think(journal, 16, 1600.0, joules=9000.0, model="large.gguf", name="d")
    record = journal.deliberation("d").result()
    assert record is not None
    assert (record.model_path, record.model_sha256) == ("large.gguf", None)
    assert record.total_seconds == 1608.0
    for model in ("small.gguf", "large.gguf"):
        assert journal.cost(model, "vote").result().predict(16).seconds is None
        assert journal.speeds(model).result() == []
