"""The first code of the packaged program."""

from __future__ import annotations

import sys

import engine.packaged_child
import packaged_program
import pytest

from engine.worker_command import CHILD_OPTION


def test_programs_that_we_start_get_the_systems_libraries_back() -> None:
    changed = {"LD_LIBRARY_PATH": "/usr/lib/ponder/_internal", "LD_LIBRARY_PATH_ORIG": "/opt/lib"}
    packaged_program.restore_library_path(changed)
    assert changed == {"LD_LIBRARY_PATH": "/opt/lib"}
    untouched = {"LD_LIBRARY_PATH": "/usr/lib/ponder/_internal", "HOME": "/h"}
    packaged_program.restore_library_path(untouched)
    assert untouched == {"HOME": "/h"}


def test_it_is_the_child_that_the_command_line_names(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(engine.packaged_child, "run_child", lambda words: asked.append(words) or 7)
    monkeypatch.setattr(sys, "argv", ["ponder-worker", CHILD_OPTION, "worker", "--background"])
    monkeypatch.setattr(packaged_program, "restore_library_path", lambda _environment: None)
    assert packaged_program.main() == 7
    assert asked == [["worker", "--background"]]
