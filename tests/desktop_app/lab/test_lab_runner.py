"""Reading sweeps for the window: what was asked for meanwhile is read too."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop_app.deliveries import Deliveries
from desktop_app.lab.lab_runner import LabRunner
from desktop_app.lab.question_sources import generated_set
from engine.journal.journal import Journal
from engine.lab.plan import SweepPlan, make_plan

PATIENCE_MILLISECONDS = 20_000


def test_a_sweep_that_was_chosen_while_another_could_not_be_read_is_shown(
    qtbot: QtBot, tmp_path: Path
) -> None:
    questions = generated_set("stories", 2)
    plan = make_plan(questions, [Path("m.gguf")], ["vote"], [1], SweepPlan(questions, ()))
    journal = Journal(tmp_path / "journal.db")
    try:
        journal.start_sweep("there", "there", plan).result()
        errors: list[BaseException] = []
        runner = LabRunner(journal, Deliveries(errors.append))
        shown: list[str] = []
        runner.shown.connect(lambda found: shown.append(found.record.summary.sweep_id))
        runner.look_at("gone")
        runner.look_at("there")
        qtbot.waitUntil(lambda: shown == ["there"], timeout=PATIENCE_MILLISECONDS)
        assert len(errors) == 1
    finally:
        journal.close()
