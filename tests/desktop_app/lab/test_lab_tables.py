"""Tables of several models: each row says what it is of, and no column is empty."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.lab.findings import Findings
from desktop_app.lab.lab_tables import (
    DifficultyTable,
    LatencyTable,
    QuestionTable,
    TableView,
)
from engine.lab.results import Results, results_of
from tests.desktop_app.lab.made_sweeps import made_sweep


@pytest.fixture(scope="module")
def two_models() -> Results:
    return results_of(made_sweep(["a", "b"], ["vote", "search"]))


@pytest.fixture(scope="module")
def one_model() -> Results:
    return results_of(made_sweep(["a"], ["vote", "search"]))


def head(table: TableView) -> list[object]:
    side = Qt.Orientation.Horizontal
    return [table.rows.headerData(n, side) for n in range(table.rows.columnCount())]


def first_column(table: TableView) -> list[object]:
    return [table.rows.index(row, 0).data() for row in range(table.rows.rowCount())]


def test_times_of_two_models_stand_under_their_names(qtbot: QtBot, two_models: Results) -> None:
    table = LatencyTable()
    qtbot.addWidget(table)
    table.show_results(two_models)
    arms = ["vote", "search 1", "search 2", "search 4"]
    assert first_column(table) == ["a", *arms, "b", *arms]
    assert table.columnSpan(0, 0) == len(head(table))
    assert table.columnSpan(1, 0) == 1
    assert not table.rows.flags(table.rows.index(0, 0)) & Qt.ItemFlag.ItemIsSelectable


def test_one_model_needs_no_name(qtbot: QtBot, two_models: Results, one_model: Results) -> None:
    table = LatencyTable()
    qtbot.addWidget(table)
    table.show_results(two_models)
    table.show_results(one_model)
    assert first_column(table) == ["vote", "search 1", "search 2", "search 4"]
    assert table.columnSpan(0, 0) == 1


def test_tokens_a_joule_have_a_column_where_one_was_measured(
    qtbot: QtBot, two_models: Results
) -> None:
    findings = Findings()
    qtbot.addWidget(findings)
    findings.show_results(two_models)
    assert head(findings.latency) == ["strategy", "median", "90 %", "99 %"]
    findings.show_results(replace(two_models, tokens_per_joule={"vote, b": 2.5}))
    table = findings.latency
    assert head(table)[-1] == "tokens/J"
    last = [table.rows.index(row, 4).data() for row in range(table.rows.rowCount())]
    assert last == ["", *["not available"] * 4, "", "2.5", *["not available"] * 3]


def test_difficulty_of_two_models_stands_under_their_names(
    qtbot: QtBot, two_models: Results
) -> None:
    table = DifficultyTable()
    qtbot.addWidget(table)
    table.show_results(two_models)
    # judged by the half of four samples that did not sort, and searches of two paths
    assert two_models.quintile_samples == 2
    assert head(table) == ["right, %", "easiest", "2", "3", "4", "hardest"]
    rules = ["vote", "search", "weighted", "settled", "coverage"]
    assert first_column(table) == ["a", *rules, "b", *rules]
    searched = two_models.quintiles["search, b"]
    assert table.rows.index(8, 1).data() == f"{100 * searched[0]:.0f}"


def test_a_table_is_as_high_as_its_rows(qtbot: QtBot, two_models: Results) -> None:
    findings = Findings()
    qtbot.addWidget(findings)
    findings.resize(440, 900)
    findings.show_results(two_models)
    findings.show()
    qtbot.waitExposed(findings)
    for table in (findings.latency, findings._difficulty):
        assert table.verticalScrollBar().maximum() == 0
        last = table.visualRect(table.rows.index(table.rows.rowCount() - 1, 0))
        assert table.viewport().rect().contains(last)


def test_it_is_said_which_fifths_differ(qtbot: QtBot, two_models: Results) -> None:
    findings = Findings()
    qtbot.addWidget(findings)
    findings.show_results(replace(two_models, quintile_words=("fifth 4: b beats vote (95 %)",)))
    assert findings._told.text() == "Fifth 4: b beats vote (95 %)."
    findings.show_results(Results())
    assert findings._told.isHidden()


def test_a_tie_is_wrong_only_where_the_right_answer_is_none_of_its_answers(qtbot: QtBot) -> None:
    record = made_sweep(["a"], ["vote"])
    ties = {verdict.place for verdict in record.verdicts if verdict.verdict.tally.is_tie}
    assert ties
    verdicts = tuple(
        msgspec.structs.replace(verdict, right=verdict.right and verdict.place not in ties)
        for verdict in record.verdicts
    )
    lost = min(ties)
    samples = tuple(
        msgspec.structs.replace(sample, right=sample.right and sample.place != lost)
        for sample in record.samples
    )
    table = QuestionTable()
    qtbot.addWidget(table)
    table.show_record(msgspec.structs.replace(record, verdicts=verdicts, samples=samples))
    for place in ties:
        vote = table.rows.index(place.question, 2)
        ends = ", a tie, wrong" if place == lost else ", a tie"
        assert str(vote.data()).endswith(ends)
        marked = vote.data(Qt.ItemDataRole.ForegroundRole) is not None
        assert marked is (place == lost)
