"""A question whose replies are JSON: asked in the terminal, thought about longer in the window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop_app.cli.main import run_command
from models.builtin import SMALL, builtin_models
from tests.desktop_app.window_driver import Driver


def test_it_is_thought_about_longer_as_it_was_asked(
    driver: Driver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = tmp_path / "count.json"
    count = {"type": "object", "properties": {"count": {"const": 7}}, "required": ["count"]}
    schema.write_text(json.dumps(count))
    model = str(builtin_models()[SMALL])
    words = ["ask", "How many?", "--model", model, "--schema", str(schema), "--samples", "2"]
    assert run_command([*words, "--full-budget"]) == 0
    assert json.loads(capsys.readouterr().out)["count"] == 7
    driver.work.open_file(Path(model))
    driver.wait(lambda: driver.work.models.state.takes_questions)
    driver.chat.conversations_changed.emit()  # another program wrote
    driver.wait(lambda: bool(driver.listed()))
    driver.chat.open_conversation(driver.listed()[0].conversation_id)
    driver.wait(lambda: len(driver.chat.turns()) == 2)
    driver.chat.think_longer(driver.chat.turns()[-1].message_id)
    driver.wait(lambda: not driver.chat.busy)
    view = driver.window.panel.view
    assert view is not None
    done = [live.finished for live in view.candidates.values()]
    assert len(done) == 4
    assert {one.answer.rule for one in done if one is not None and one.answer} == {"json"}
    assert all(one is not None and json.loads(one.response)["count"] == 7 for one in done)
