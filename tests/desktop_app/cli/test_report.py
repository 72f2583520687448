"""What the terminal prints of votes and of an engine elsewhere, from values."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from desktop_app.cli.report import (
    LiveLines,
    candidate_line,
    json_report,
    verdict_lines,
    votes_line,
)
from desktop_app.gathered import Gathered
from engine.candidate import Candidate
from engine.generation import ModelReport
from engine.protocol import CandidateFinished, Progressed, VerdictReached
from engine.session import EnergyMeasured, SessionEvent
from engine.tally import Tally, tally_votes
from engine.verdict import StoppedWhy, decide
from tests.desktop_app.remote_reports import HERE, THERE, remote_report
from tests.desktop_app.thinking.deliberations import NAME, REPORT, answers


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


def energy(model: ModelReport) -> tuple[str, bool]:
    said = verdict_lines(thinking(), model)[-1]
    scope = json.loads(json_report(thinking(), model, "vote"))["energy"]["this_computer_only"]
    return next(part for part in said.split(" · ") if "J (" in part), scope


def test_energy_is_this_computers_when_another_machine_works_too() -> None:
    assert energy(remote_report(HERE)) == ("2900 J (NVML, counter)", False)
    pool = remote_report(HERE, THERE)
    assert energy(pool) == ("2900 J (NVML, counter, this computer only)", True)


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
