"""Which command starts a child process: an interpreter's module, or a packaged program's name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine.packaged_child import run_child
from engine.worker_command import CHILD_OPTION, Child, child_command, worker_command


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "ponder"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    return program


def test_from_source_the_interpreter_runs_the_module() -> None:
    assert worker_command() == (sys.executable, "-X", "faulthandler", "-m", "engine.worker")
    assert worker_command(background=True)[-1] == "--background"
    assert child_command(Child.EQUIVALENCE)[-1] == "engine.answers.equivalence_worker"


def test_a_packaged_program_starts_the_console_executable_beside_it(packaged: Path) -> None:
    beside = packaged.with_name("ponder-worker")
    beside.touch()
    assert worker_command() == (str(beside), CHILD_OPTION, "worker")
    assert child_command(Child.EQUIVALENCE) == (str(beside), CHILD_OPTION, "equivalence")
    assert worker_command(background=True)[3:] == ("--background",)


def test_the_console_executable_has_the_suffix_of_the_program(
    packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(packaged.with_suffix(".exe")))
    beside = packaged.with_name("ponder-worker.exe")
    beside.touch()
    assert worker_command()[0] == str(beside)


def test_a_packaged_program_without_a_console_executable_starts_itself(packaged: Path) -> None:
    assert worker_command() == (str(packaged), CHILD_OPTION, "worker")


@pytest.mark.parametrize("words", [[], ["window"], ["WORKER"]])
def test_a_child_that_does_not_exist_is_refused(words: list[str]) -> None:
    assert run_child(words) == 2
