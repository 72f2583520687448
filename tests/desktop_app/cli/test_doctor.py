"""`ponder doctor` where the engine does not come up."""

from __future__ import annotations

import json
import sys

import pytest

import engine.client
from desktop_app.cli.doctor import run_doctor


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise SystemExit(1)", "it said nothing"),
        ("import sys; print(file=sys.stderr); raise SystemExit(1)", "it said nothing"),
        ("raise SystemExit('no such library')", "no such library"),
    ],
)
def test_an_engine_that_ends_at_once_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], program: str, said: str
) -> None:
    monkeypatch.setattr(engine.client, "worker_command", lambda: (sys.executable, "-c", program))
    assert run_doctor(as_json=True) == 4
    report = json.loads(capsys.readouterr().out)
    assert report["engine"] == {"llama.cpp": "the engine process ended", "last line": said}
