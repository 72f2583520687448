"""A model file named on the command line, as a file manager does it, opens the window with it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import desktop_app.app
from desktop_app.__main__ import main


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    windows: list[list[str]] = []

    def run_window(words: list[str]) -> int:
        windows.append(words)
        return 0

    monkeypatch.setattr(desktop_app.app, "run_window", run_window)
    monkeypatch.setattr("desktop_app.__main__.has_display", lambda *_facts: True)
    return windows


def test_a_file_opens_the_window_with_it(opened: list[list[str]], tmp_path: Path) -> None:
    model = tmp_path / "a model.gguf"
    model.touch()
    assert main([str(model)]) == 0
    assert opened == [[str(model)]]


def test_the_words_of_the_process_count_when_none_are_given(
    opened: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["ponder", str(tmp_path)])
    assert main() == 0
    assert opened == [[str(tmp_path)]]


def test_a_file_that_is_not_there_opens_nothing(
    opened: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "gone.gguf")]) == 2
    assert opened == []
    assert "gone.gguf" in capsys.readouterr().err
