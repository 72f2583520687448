"""The lab's window over a real sweep of the built-in model."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMessageBox, QPlainTextEdit, QPushButton, QTextBrowser
from pytestqt.qtbot import QtBot

from desktop_app.lab import setup_panel
from desktop_app.lab.curve_view import AXES, CurveView
from desktop_app.lab.findings import Findings
from desktop_app.lab.import_dialog import ImportDialog
from desktop_app.lab.lab_session import LabSession
from desktop_app.lab.lab_window import LabWindow
from desktop_app.lab.question_sources import question_set
from desktop_app.lab.sentences import FIRST
from desktop_app.look.centred_page import CentredPage
from desktop_app.settings import ChatSettings
from desktop_app.settings_pages.settings_dialog import SettingsDialog
from desktop_app.settings_pages.settings_form import OptionalNumber
from desktop_app.window.leaving import work_under_way
from desktop_app.window.shortcuts import Command
from engine.lab.plan import make_plan
from engine.lab.question_table import Columns
from engine.lab.questions import Question, QuestionSet
from engine.lab.records import SweepStatus
from engine.lab.results import results_of
from models.builtin import builtin_model_path
from models.hub import Hub
from tests.desktop_app.lab.made_sweeps import made_sweep
from tests.desktop_app.window_driver import Driver
from tests.models.hub_server import HubServer


class Lab:
    """One window's lab as a person uses it."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        driver.wait(lambda: bool(driver.work.library.library.models))
        driver.work.on_command(Command.LAB)
        assert self.session.window is not None
        self.window.setup.choose_model(builtin_model_path())

    @property
    def session(self) -> LabSession:
        return self.driver.work.lab

    @property
    def window(self) -> LabWindow:
        assert self.session.window is not None
        return self.session.window

    def press(self, text: str) -> None:
        buttons = [b for b in self.window.findChildren(QPushButton) if b.text() == text]
        assert buttons[0].isEnabled()
        buttons[0].click()

    def words(self) -> str:
        return "\n".join(label.text() for label in self.window.findChildren(QLabel))

    @property
    def dialog(self) -> ImportDialog:
        assert self.session.imports.dialog is not None
        return self.session.imports.dialog

    def import_file(self, path: Path) -> None:
        before = self.session.imports.dialog
        self.session.imports.read_file(path)
        self.driver.wait(lambda: self.session.imports.dialog is not before)

    def run(self, questions: int, budgets: str, strategies: list[str]) -> None:
        self.window.setup.set_up(questions=questions, budgets=budgets, strategies=strategies)
        self.press("Start")
        self.driver.wait(lambda: self.session.runner.running)

    def wait_end(self) -> None:
        self.driver.wait(lambda: not self.session.runner.running)
        self.driver.wait(lambda: "questions" in self.words() and "finished ·" in self.words())


@pytest.fixture
def lab(driver: Driver) -> Lab:
    return Lab(driver)


def test_what_has_no_forecast_is_tried_and_then_has_one(lab: Lab) -> None:
    setup = lab.window.setup
    setup.set_up(questions=200, budgets="4", strategies=["vote"])
    lab.driver.wait(lambda: "No forecast" in lab.words())
    lab.press("Try a few")
    lab.driver.wait(lambda: lab.session.runner.running)
    lab.driver.wait(lambda: not lab.session.runner.running)
    lab.driver.wait(
        lambda: bool(re.search(r"stopped · \d+ of 200 questions · .+ left", lab.words()))
    )
    lab.driver.wait(lambda: "No forecast" not in lab.words())
    tries = [b for b in setup.findChildren(QPushButton) if b.text() == "Try a few"]
    assert [button.isVisible() for button in tries] == [False]


def test_a_sweep_runs_again_from_its_menu(lab: Lab) -> None:
    lab.run(5, "4", ["vote"])
    lab.wait_end()
    shown = lab.session._shown
    assert shown is not None
    lab.window.setup.set_up(questions=3, budgets="1", strategies=["revise"])
    action = next(a for a in lab.window.top.findChildren(QAction) if "again" in a.text())
    action.trigger()
    lab.driver.wait(lambda: lab.session.runner.running)
    lab.wait_end()
    lab.driver.wait(lambda: lab.session._shown is not shown)
    again = lab.session._shown
    assert again is not None
    assert again.record.summary.sweep_id != shown.record.summary.sweep_id
    assert again.record.plan == shown.record.plan
    assert [s.candidate.response for s in again.record.samples] == [
        s.candidate.response for s in shown.record.samples
    ]


def test_a_sweep_is_set_up_watched_and_read(lab: Lab, tmp_path: Path) -> None:
    lab.run(5, "1, 4", ["vote", "auto"])
    lab.wait_end()
    table = lab.window.questions.rows
    assert table.rowCount() == 5
    for row in range(5):
        vote = table.index(row, 2)
        wrong = str(vote.data()).endswith(", wrong")
        assert wrong == (vote.data(Qt.ItemDataRole.ForegroundRole) is not None)
        assert wrong or str(vote.data()).startswith(f"{table.index(row, 1).data()} · ")
    assert len(lab.window.curves.drawn) == 5
    for axis in AXES[:3]:
        lab.window.curves.show_axis(axis)
        assert len(lab.window.curves.drawn) == 5
    lab.window.curves.show_axis(AXES[3])
    assert not lab.window.curves.drawn  # no power sensor here: nothing is drawn as nothing
    lab.window.curves.show_axis(AXES[0])
    for form in ("html", "json", "csv", "samples", "png", "svg"):
        path = tmp_path / f"sweep.{form}"
        lab.session.save(form, path)
        lab.driver.wait(path.exists)
        assert path.stat().st_size > 100


def test_it_asks_as_the_chat_does(lab: Lab, tmp_path: Path) -> None:
    settings, current = lab.driver.work.settings, lab.driver.work.current_settings
    replace = msgspec.structs.replace
    current.apply(
        replace(
            settings,
            sampling=replace(settings.sampling, temperature=0.5, seed=3),
            thinking=replace(settings.thinking, tokens_per_candidate=7),
            chat=ChatSettings("Be short."),
        )
    )
    assert "temperature 0.5, at most 7 tokens, your instructions" in lab.words()
    lab.window.setup._repeats.setValue(2)
    lab.run(2, "2", ["vote"])
    lab.wait_end()
    (summary,) = lab.driver.journal.sweeps().result()
    record = lab.driver.journal.sweep(summary.sweep_id).result()
    assert record.plan.instructions == "Be short."
    assert (record.plan.sampling.temperature, record.plan.sampling.seed) == (0.5, None)
    assert len(record.samples) == 8, "two questions, twice, two samples"
    assert {sample.candidate.tokens for sample in record.samples} == {7}
    lab.session.save("html", tmp_path / "sweep.html")
    lab.driver.wait((tmp_path / "sweep.html").exists)
    assert "at most 7 tokens, instructions: Be short." in (tmp_path / "sweep.html").read_text()
    lab.press("Change…")
    assert lab.window.findChild(SettingsDialog) is not None


def test_a_sweep_that_begins_while_another_one_is_composed_is_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    composing = threading.Event()

    def held(*arguments: Any) -> QuestionSet:
        composing.wait()
        return question_set(*arguments)

    lab.window.setup.set_up(questions=20, budgets="8", strategies=["vote"])
    lab.session.runner.start(lab.window.setup.plan(), "earlier")
    lab.driver.wait(lambda: lab.session.runner.running)
    monkeypatch.setattr(setup_panel, "question_set", held)
    lab.session._start(lab.window.setup._composing(), trial=False)
    composing.set()
    lab.driver.wait(lambda: "another sweep has begun meanwhile" in lab.words())
    assert [sweep.name for sweep in lab.driver.journal.sweeps().result()] == ["earlier"]
    lab.session.runner.stop()
    lab.driver.wait(lambda: not lab.session.runner.running)


def test_all_findings_are_shown_when_asked_for(lab: Lab) -> None:
    lab.run(6, "1, 4", ["vote", "auto"])
    lab.wait_end()
    shown = lab.session._shown
    assert shown is not None
    words = [f"{told[0].upper()}{told[1:]}" for told in shown.results.words]
    assert len(words) > FIRST
    assert words[FIRST] not in lab.words()
    lab.press(f"All {len(words)} findings…")
    page = lab.window._words.dialog
    assert page is not None
    everything = page.findChild(QTextBrowser)
    assert isinstance(everything, QTextBrowser)
    assert everything.toPlainText().split("\n") == [f"{sentence}." for sentence in words]


def test_questions_are_composed_off_the_windows_thread(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def told(*arguments: Any) -> QuestionSet:
        threads.append(threading.current_thread().name)
        return question_set(*arguments)

    monkeypatch.setattr(setup_panel, "question_set", told)
    lab.run(2, "1", ["vote"])
    lab.wait_end()
    assert threads == ["lab-questions"]


def test_a_learned_table_is_used_in_chat(lab: Lab) -> None:
    lab.run(20, "1, 8", ["vote"])
    lab.wait_end()
    assert "A vote " in lab.words()
    lab.press("Use this policy in chat")
    thinking = lab.driver.work.settings.thinking
    assert thinking.strategy == "auto"
    (table,) = thinking.auto_tables.values()
    assert thinking.options_for("/models/ponder-stories.gguf").policy == table.rows
    assert max(row.attempts for row in table.rows) <= 8
    lab.run(2, "4", ["auto"])
    lab.wait_end()
    summary = lab.driver.journal.sweeps().result()[0]
    (arm,) = lab.driver.journal.sweep(summary.sweep_id).result().plan.arms
    assert (arm.strategy, arm.options.policy) == ("auto", table.rows)
    assert "auto 4 (learned table)" in arm.labelled("ponder-stories")


def test_a_stopped_sweep_is_gone_on_with_and_its_ends_are_told(lab: Lab) -> None:
    runner = lab.session.runner
    ends: list[tuple[object, float]] = []
    runner.ended.connect(lambda status, seconds: ends.append((status, seconds)))
    lab.run(10, "8", ["vote"])
    seen: list[object] = []
    runner.progressed.connect(seen.append)
    lab.driver.wait(lambda: bool(seen))
    (said,) = work_under_way(lab.driver.work).sentences()
    assert re.fullmatch(r"A sweep is running \(\d+ of 80 samples\); it can be resumed\.", said)
    lab.press("Pause")
    assert work_under_way(lab.driver.work).sentences() == []
    lab.press("Stop")
    lab.driver.wait(lambda: not lab.session.runner.running)
    summaries = lab.driver.journal.sweeps().result()
    assert summaries[0].status is SweepStatus.PAUSED
    lab.driver.wait(lambda: "stopped ·" in lab.words())
    lab.press("Go on")
    lab.driver.wait(lambda: lab.session.runner.running)
    lab.wait_end()
    assert lab.driver.journal.sweeps().result()[0].samples == 80
    assert [status for status, _ in ends] == [SweepStatus.PAUSED, SweepStatus.FINISHED]
    assert all(0 < seconds < 240 for _, seconds in ends)
    assert work_under_way(lab.driver.work).sentences() == []


def test_a_window_that_is_closed_stops_the_sweep_and_the_next_one_shows_it(
    lab: Lab, open_window: Callable[..., Driver]
) -> None:
    lab.run(40, "64", ["vote"])
    seen: list[object] = []
    lab.session.runner.progressed.connect(seen.append)
    lab.driver.wait(lambda: bool(seen))
    lab.driver.quit()
    again = Lab(open_window())
    again.driver.wait(lambda: "stopped ·" in again.words())
    assert not again.session.runner.running


def test_what_makes_no_sense_is_said(lab: Lab, tmp_path: Path) -> None:
    lab.window.setup.set_up(questions=5, budgets="many", strategies=["vote"])
    lab.press("Start")
    assert "whole numbers" in lab.words()
    assert not lab.session.runner.running
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"question": 5}')
    lab.import_file(bad)
    assert "line 1" in lab.dialog.about
    lab.dialog.reject()
    lab.session.imports.read_file(tmp_path / "nothing.jsonl")
    lab.driver.wait(lambda: "nothing.jsonl" in lab.words())


def test_a_file_of_questions_is_asked(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"asked": "What is 2 plus 3?", "said": "5"}\n')
    lab.import_file(path)
    lab.dialog.choose(Columns("asked", "said"))
    lab.dialog.accept()
    lab.driver.wait(lambda: lab.window.setup.plan().questions.source == "mine.jsonl")
    lab.press("Start")
    lab.driver.wait(lambda: lab.session.runner.running)
    lab.wait_end()
    assert lab.window.questions.rows.rowCount() == 1


def test_a_curve_is_hidden_and_read_under_the_pointer(lab: Lab, qtbot: QtBot) -> None:
    lab.run(3, "1, 2", ["vote"])
    lab.wait_end()
    view: CurveView = lab.window.curves
    first = view.drawn[0]
    view.set_hidden(first, hidden=True)
    assert first not in view.drawn
    view.set_hidden(first, hidden=False)
    assert first in view.drawn
    view.point_at(QPointF(-1000, -1000))
    assert view.readout == ""
    view.point_at(view.place_of(first))
    assert first in view.readout
    qtbot.wait(1)
    view.point_at(QPointF(-1000, -1000))
    assert view.readout == ""


def test_a_limit_that_nothing_measures_begins_no_sweep(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.lab.measured_limits.open_meter", lambda: None)
    limit = next(
        number
        for number in lab.window.findChildren(OptionalNumber)
        if number.accessibleName() == "Stop above this temperature"
    )
    limit.setValue(80)
    lab.window.setup.set_up(questions=2, budgets="1", strategies=["vote"])
    lab.press("Start")
    bar = lab.window.message_bar
    lab.driver.wait(lambda: bar.message is not None)
    assert bar.message is not None
    assert bar.message.title == "Nothing here measures this limit"
    assert not lab.session.runner.running


def test_an_axis_that_nothing_measured_says_so(qtbot: QtBot) -> None:
    view = CurveView()
    qtbot.addWidget(view)
    view.show_curves(results_of(made_sweep(["a"], ["vote"])).curves)
    titles = []
    for axis in AXES:
        view.show_axis(axis)
        titles.append(view._plot.getAxis("bottom").labelText)
    assert [title for title in titles if title.endswith(": not measured")] == [
        "energy a question, J: not measured"
    ]


def test_every_model_of_a_sweep_has_its_learned_table(qtbot: QtBot) -> None:
    findings = Findings()
    qtbot.addWidget(findings)
    findings.show_results(results_of(made_sweep(["a", "b"], ["vote"], (1, 8))))
    told: list[str] = []
    findings.policy_chosen.connect(lambda _policy, model: told.append(model))
    texts = [label.text() for label in findings.learned.findChildren(QLabel)]
    assert [texts.count(name) for name in ("a", "b")] == [1, 1]
    buttons = {button.text(): button for button in findings.learned.findChildren(QPushButton)}
    buttons["Use with b"].click()
    assert told == ["b.gguf"]
    buttons["Use with a"].click()
    assert told == ["b.gguf", "a.gguf"]
    findings.show_results(results_of(made_sweep(["a"], ["vote"], (1, 2))))
    (said,) = (label for label in findings.learned.findChildren(QLabel) if not label.isHidden())
    assert "teaches auto" in said.text()


def test_a_zoom_stays_until_another_axis_is_chosen(lab: Lab) -> None:
    lab.run(3, "1, 2, 4", ["vote"])
    lab.wait_end()
    view: CurveView = lab.window.curves
    box = view._plot.getPlotItem().vb

    def in_sight() -> tuple[float, float, float, float]:
        (left, right), (low, high) = box.viewRange()
        return left, right, low, high

    view.show_all()
    box.setRange(xRange=(0.1, 0.2), yRange=(30, 40), padding=0)
    box.sigRangeChangedManually.emit([True, True])
    zoomed = in_sight()
    view.show_curves(view._curves)
    assert in_sight() == pytest.approx(zoomed)
    view.show_axis(AXES[1])
    lab.driver.wait(lambda: in_sight()[1] > 0.5)
    assert in_sight()[3] > 50
    last = view._places[2]
    view.point_at(box.mapViewToScene(QPointF(last[0], last[1])))
    assert view._readout.anchor.x() == 1.0  # to the left of a point at the right


def test_nothing_is_left_of_the_last_sweep_that_is_deleted(lab: Lab) -> None:
    empty = lab.window.findChild(CentredPage)
    assert isinstance(empty, CentredPage)
    assert empty.isVisibleTo(lab.window)
    lab.run(3, "1, 2", ["vote"])
    lab.wait_end()
    assert not empty.isVisibleTo(lab.window)
    lab.window.delete_requested.emit(lab.session.runner.looked_at)
    lab.driver.wait(lambda: lab.window.questions.rows.rowCount() == 0)
    assert not lab.window.curves.drawn
    assert "finished" not in lab.words()
    assert empty.isVisibleTo(lab.window)


@pytest.mark.expects_log
def test_a_sweep_that_cannot_be_read_is_deleted_and_no_other(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = QuestionSet("one", "here", (Question("?"),))
    plan = make_plan(questions, [builtin_model_path()], ["vote"], [2])
    journal = lab.driver.work._journal
    for name in ("whole", "broken"):
        journal.start_sweep(name, f"sweep {name}", plan).result()
    with sqlite3.connect(journal.path) as connection:
        connection.execute("update sweeps set plan = '{}' where id = 'broken'")
    connection.close()
    lab.driver.work.on_command(Command.LAB)
    box = lab.window.top._sweeps
    lab.driver.wait(lambda: box.count() == 2 and lab.window._record is not None)
    row = box.findData("broken")
    box.setCurrentIndex(row)
    box.activated.emit(row)
    lab.driver.wait(lambda: lab.session.runner.looked_at == "broken" and box.currentIndex() == row)
    assert lab.window._record is None, "no other sweep is shown under its name"
    asked: list[str] = []

    def answer(_parent: object, _title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return QMessageBox.StandardButton.Yes

    monkeypatch.setattr(QMessageBox, "question", answer)
    lab.window.top.delete_requested.emit()
    lab.driver.wait(lambda: box.count() == 1)
    assert "sweep broken and its 0 samples" in asked[0]
    assert [sweep.sweep_id for sweep in journal.sweeps().result()] == ["whole"]


def test_answers_of_any_kind_are_counted_before_an_import(lab: Lab, tmp_path: Path) -> None:
    rows = [{"question": f"{n}?", "answer": n} for n in range(60)]
    rows += [{"question": "which?", "answer": ""}, {"question": "all?", "answer": [1, 2]}]
    path = tmp_path / "mixed.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    lab.import_file(path)
    assert "; 1 without a right answer" in lab.dialog.about
    lab.dialog.reject()


def test_no_more_is_estimated_than_an_imported_set_has(lab: Lab) -> None:
    setup = lab.window.setup
    setup.add_set(QuestionSet("two", "by hand", (Question("a?", "1"), Question("b?", "2"))))
    setup._count.setValue(200)
    outline = setup.outline()
    assert outline is not None
    assert len(outline.questions.questions) == 2


def test_a_paused_sweep_waits_and_is_continued(lab: Lab) -> None:
    lab.run(10, "8", ["vote"])
    lab.driver.wait(lambda: lab.driver.journal.sweeps().result()[0].samples > 0)
    lab.press("Pause")
    lab.driver.wait(lambda: "waiting" in lab.words())
    before = lab.driver.journal.sweeps().result()[0].samples
    assert 0 < before < 80
    lab.press("Continue")
    lab.wait_end()
    assert lab.driver.journal.sweeps().result()[0].samples == 80


def test_a_wrong_judgement_is_corrected_by_hand(lab: Lab) -> None:
    lab.run(4, "1, 4", ["vote"])
    lab.wait_end()
    lab.window.questions.opened.emit(0)
    dialog = lab.window.question
    assert dialog is not None
    record = lab.driver.journal.sweep(lab.session.runner.looked_at).result()
    asked = record.plan.questions.questions[0].text
    assert asked in [field.toPlainText() for field in dialog.findChildren(QPlainTextEdit)]
    assert "Answer" in dialog.text.toPlainText()
    before = record.verdicts[0].counts_right
    (dialog.wrong if before else dialog.right).click()
    lab.driver.wait(lambda: dialog.judged.isEnabled())
    told = lab.driver.journal.sweep(lab.session.runner.looked_at).result().verdicts[0]
    assert told.right is before
    assert told.counts_right is not before
    dialog.judged.click()
    lab.driver.wait(lambda: not dialog.judged.isEnabled())
    dialog.reject()


def test_a_shared_sweep_is_imported_and_compared(lab: Lab, tmp_path: Path) -> None:
    lab.run(4, "1, 4", ["vote"])
    lab.wait_end()
    first = lab.session.runner.looked_at
    lab.session.save("json", tmp_path / "sweep.json")
    lab.driver.wait((tmp_path / "sweep.json").exists)
    lab.session.import_sweep(tmp_path / "sweep.json")
    lab.driver.wait(lambda: lab.session.runner.looked_at != first)
    lab.session.runner.compare_with(first)
    # the votes of both; the other rules wait in the legend
    lab.driver.wait(lambda: len(lab.window.curves.drawn) == 2)
    assert "not distinguishable" in lab.words()
    (tmp_path / "bad.json").write_text("{}")
    lab.session.import_sweep(tmp_path / "bad.json")
    lab.driver.wait(lambda: "no exported sweep" in lab.words())


def test_the_estimate_rests_on_earlier_sweeps(lab: Lab) -> None:
    lab.driver.wait(lambda: "was not swept on this machine before" in lab.words())
    lab.run(5, "1, 4", ["vote"])
    lab.wait_end()
    lab.driver.wait(lambda: "from 20 samples measured" in lab.words())
    assert "was not swept on this machine before" not in lab.words()


def test_questions_come_from_the_hub(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubServer() as hub:
        rows = b'{"question": "What is 2 plus 3?", "answer": "five\\n#### 5"}\n'
        hub.add("datasets/ada/sums", {"test.jsonl": rows})
        monkeypatch.setattr(lab.session.imports, "_open_hub", lambda: Hub(endpoint=hub.endpoint))
        monkeypatch.setattr(lab.session.imports, "_folder", tmp_path)
        lab.session.imports.choose_dataset()
        dialog = lab.session.imports.datasets
        assert dialog is not None
        dialog.name.setText("ada/nothing")
        dialog.name.returnPressed.emit()
        lab.driver.wait(lambda: "ada/nothing" in dialog.about)
        dialog.name.setText("ada/sums")
        dialog.name.returnPressed.emit()
        lab.driver.wait(lambda: dialog.files.count() == 1)
        dialog.get.click()
        lab.driver.wait(lambda: lab.session.imports.dialog is not None)
        lab.dialog.accept()
        lab.driver.wait(lambda: "hub:ada/sums" in lab.window.setup.plan().questions.source)
    assert lab.window.setup.plan().questions.questions[0].answer == "5"
