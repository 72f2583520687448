"""What the system lacks is installed by root, told to anybody else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import system_libraries
from progress import SetupError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="apt-get is a Debian program")

ABSENT = {"libponder-absent.so.9": "libponder-absent9"}


@pytest.fixture
def apt_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a small apt-get first on the path; it writes its arguments into the returned file."""
    calls = tmp_path / "apt-calls"
    calls.touch()
    program = tmp_path / "bin" / "apt-get"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> "{calls}"\nexit "${{APT_STATUS:-0}}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("sys.platform", "linux")
    return calls


def lack_a_window_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries, "QT_LIBRARIES", ABSENT)


def test_a_complete_system_is_left_alone(
    apt_calls: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(system_libraries, "QT_LIBRARIES", {})
    assert system_libraries.provide(tmp_path / "log", environment_exists=True, build=False)
    assert apt_calls.read_text() == ""


def test_root_installs_only_what_is_missing(
    apt_calls: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lack_a_window_library(monkeypatch)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    complete = system_libraries.provide(tmp_path / "log", environment_exists=True, build=False)
    install = "-o DPkg::Lock::Timeout=300 install --yes --no-install-recommends libponder-absent9"
    assert apt_calls.read_text().splitlines() == ["update", install]
    assert not complete  # the small apt-get installed nothing, and that is not hidden


def test_anybody_else_is_told_the_exact_command(
    apt_calls: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lack_a_window_library(monkeypatch)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert not system_libraries.provide(tmp_path / "log", environment_exists=True, build=False)
    command = "sudo apt-get install --no-install-recommends libponder-absent9"
    assert command in capsys.readouterr().out
    assert apt_calls.read_text() == ""


@pytest.mark.usefixtures("apt_calls")
def test_without_the_network_the_terminal_can_still_be_set_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lack_a_window_library(monkeypatch)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("APT_STATUS", "100")
    assert not system_libraries.provide(tmp_path / "log", environment_exists=True, build=False)
    assert "Later, run:" in capsys.readouterr().out


@pytest.mark.usefixtures("apt_calls")
def test_a_missing_compiler_stops_the_set_up_of_anybody_but_root(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(system_libraries, "has_compiler", lambda: False)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SetupError) as caught:
        system_libraries.provide(tmp_path / "log", environment_exists=True, build=True)
    assert "g++" in caught.value.what
    assert "sudo apt-get install" in caught.value.next_step


def test_a_compiler_is_looked_for_on_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not system_libraries.has_compiler()
    (tmp_path / "clang++").touch(mode=0o755)
    assert system_libraries.has_compiler()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names of Linux libraries")
def test_a_library_is_present_when_the_loader_finds_it() -> None:
    assert system_libraries.is_loadable("libc.so.6")
    assert not system_libraries.is_loadable(next(iter(ABSENT)))
