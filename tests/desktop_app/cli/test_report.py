"""What the terminal prints of votes and of an engine elsewhere, from values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop_app.cli.report import (
    LiveLines,
    candidate_line,
    choice_text,
    json_report,
    verdict_lines,
    votes_line,
)
from desktop_app.gathered import Gathered
from desktop_app.settings import Electricity
from desktop_app.words.electricity import use_electricity_price
from desktop_app.words.model_text import model_row
from engine.candidate import Candidate, StopReason
from engine.generation import ModelReport
from engine.options import StrategyChoice
from engine.protocol import CandidateFinished, Progressed, VerdictReached, WorkerSilent
from engine.session import EnergyMeasured, SessionEvent
from engine.tally import GroupingMethod, Tally, tally_votes
from engine.verdict import Outcome, StoppedWhy, decide
from models.library import LibraryModel
from models.places import Origin
from tests.desktop_app.remote_reports import HERE, THERE, remote_report
from tests.desktop_app.thinking.deliberations import NAME, REPORT, answers, candidate

_FIELDS = Path(__file__).parents[3] / "docs" / "json.md"


def gathered(done: list[Candidate], tally: Tally | None = None) -> Gathered:
    verdict = decide(done, tally or tally_votes(done), StoppedWhy.BUDGET_SPENT)
    found = Gathered()
    events: list[SessionEvent] = [CandidateFinished(NAME, one) for one in done]
    for event in (*events, EnergyMeasured(NAME, REPORT, {}), VerdictReached(NAME, verdict, 4.5)):
        found.take(event)
    return found


def thinking() -> Gathered:
    return gathered([replace(one, machine="127.0.0.1:8080") for one in answers("4", "4", "5")])


def test_a_candidate_names_its_machine() -> None:
    assert candidate_line(thinking().candidates[0]).endswith("  on 127.0.0.1:8080")
    assert " on " not in candidate_line(answers("4")[0])


def test_every_field_of_the_object_is_in_the_document() -> None:
    text = _FIELDS.read_text(encoding="utf-8")
    about, _, others = text.partition("## The others")
    report = json.loads(json_report(thinking(), remote_report(HERE), "vote"))
    told = {name for name in report if f"| `{name}` |" in about}
    assert told == set(report)
    inner = {*report["model"], *report["timing"], *report["energy"], *report["candidates"][0]}
    assert {name for name in inner if f"`{name}`" not in about} == set()
    facts = model_row(LibraryModel("a", Path("a"), (), 1, 1, Origin.OWN, None), whole=True)
    assert {name for name in facts if f"`{name}`" not in others} == set()
    for value in (*Outcome, *StoppedWhy, *GroupingMethod):
        assert f"`{value}`" in about, value


def test_one_token_is_one_token() -> None:
    one, two = (replace(answers("4")[0], tokens=count) for count in (1, 2))
    assert "    1 token" in candidate_line(one)
    assert "1 tokens" not in candidate_line(one)
    assert "    2 tokens" in candidate_line(two)


def test_the_votes_that_auto_saw_are_said() -> None:
    choice = StrategyChoice("vote", 64, 2, 4, until=8)

    def told(*given: str) -> str:
        return choice_text(choice, tally_votes(answers(*given)))

    assert told("4", "5", "4", "6") == "2 of the first 4 agree: on to 8, of up to 64"
    assert told("4", "5", "4", "5", "4") == "1 vote ahead after 5: on to 8, of up to 64"
    assert told("4", "5", "4", "5", "4", "5") == "tied at 3 after 6: on to 8, of up to 64"


def energy(model: ModelReport) -> tuple[str, bool]:
    said = verdict_lines(thinking(), model)[-1]
    scope = json.loads(json_report(thinking(), model, "vote"))["energy"]["this_computer_only"]
    return next(part for part in said.split(" · ") if "J (" in part), scope


def test_energy_is_this_computers_when_another_machine_works_too() -> None:
    assert energy(remote_report(HERE)) == ("2900 J (NVML, counter)", False)
    pool = remote_report(HERE, THERE)
    assert energy(pool) == ("2900 J (NVML, counter, this computer only)", True)


def test_the_last_line_tells_what_the_energy_cost_where_a_price_is_known() -> None:
    use_electricity_price(Electricity(0.36, "€"))
    try:
        assert energy(remote_report(HERE))[0] == "2900 J (NVML, counter), 0.00029 €"
    finally:
        use_electricity_price(Electricity())


def test_a_tie_names_all_that_tie() -> None:
    done = answers("4", "4", "5", "6")
    tally = tally_votes(done, weights={0: 0.1, 1: 0.2, 2: 0.3, 3: 0.2})
    said = verdict_lines(gathered(done, tally), remote_report(HERE))
    assert said[1] == "No majority: 4 (2), 5 (1), which weigh the same"


def test_what_breaks_a_tie_is_no_weight_to_show() -> None:
    done = answers("4", "5")
    tally = tally_votes(done, weights={0: 1.001, 1: 1.0005})
    assert votes_line(tally).startswith("4 ×1   5 ×1   settled")
    assert votes_line(tally_votes(done, weights={0: 1.5, 1: 1.0})).startswith("4 ×1 (1.50)   5 ×1")


def test_what_is_watched_goes_where_prints_go_now(capsys: pytest.CaptureFixture[str]) -> None:
    lines = LiveLines()
    lines.watch(Progressed(NAME, 1.0))  # how far it is, is told in a terminal only
    lines.watch(CandidateFinished(NAME, answers("4")[0]))
    assert capsys.readouterr().out == f"{candidate_line(answers('4')[0])}\n"


def test_a_silent_engine_is_told_of_even_where_only_the_end_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = LiveLines(quiet=True)
    lines.watch(CandidateFinished(NAME, answers("4")[0]))
    lines.watch(WorkerSilent())
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("ponder: The engine gives no sign of life: ")


def cut_lines(*done: Candidate) -> list[str]:
    lines = verdict_lines(gathered(list(done)), remote_report(HERE))
    return lines[lines.index("", 1) + 2 :]


def test_a_cut_answer_says_how_to_get_more() -> None:
    whole, cut = candidate(0, "4"), candidate(0, "4", stop=StopReason.TOKEN_BUDGET)
    more = "cut at the limit of tokens; --max-tokens N allows more."
    assert cut_lines(whole) == []
    assert cut_lines(cut) == [f"The answer was {more}"]
    thinking = candidate(0, None, stop=StopReason.TOKEN_BUDGET, response="")
    assert cut_lines(thinking, replace(thinking, index=1)) == [f"Every candidate was {more}"]
    full = candidate(0, "4", stop=StopReason.CONTEXT_FULL)
    assert cut_lines(full) == ["The answer was cut where the context is full."]
    assert cut_lines(replace(whole, thought_cut=True)) == [
        "Its thought was cut at its limit of tokens; --thought-tokens N allows more."
    ]


def test_a_line_says_where_a_thought_was_cut() -> None:
    cut = replace(candidate(0, "4"), thought_cut=True, thought_tokens=30)
    assert candidate_line(cut).endswith("  thought cut at 30 tokens")
    inside = replace(cut, stop=StopReason.TOKEN_BUDGET, response="", answer=None)
    assert "token limit" not in candidate_line(inside)
