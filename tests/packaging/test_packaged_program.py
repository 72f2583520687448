"""The first code of the packaged program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import packaged_program
import pytest
from package_contents import EXCLUDED_MODULES

import engine.packaged_child
from engine.worker_command import CHILD_OPTION

ROOT = Path(__file__).resolve().parents[2]


def test_programs_that_we_start_get_the_systems_libraries_back() -> None:
    changed = {"LD_LIBRARY_PATH": "/usr/lib/ponder/_internal", "LD_LIBRARY_PATH_ORIG": "/opt/lib"}
    packaged_program.restore_library_path(changed)
    assert changed == {"LD_LIBRARY_PATH": "/opt/lib"}
    untouched = {"LD_LIBRARY_PATH": "/usr/lib/ponder/_internal", "HOME": "/h"}
    packaged_program.restore_library_path(untouched)
    assert untouched == {"HOME": "/h"}


def test_it_is_the_child_that_the_command_line_names(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run_child(words: list[str]) -> int:
        asked.append(words)
        return 7

    monkeypatch.setattr(engine.packaged_child, "run_child", run_child)
    monkeypatch.setattr(sys, "argv", ["ponder-worker", CHILD_OPTION, "worker", "--background"])
    monkeypatch.setattr(packaged_program, "restore_library_path", lambda _environment: None)
    assert packaged_program.main() == 7
    assert asked == [["worker", "--background"]]


def test_pyqtgraph_imports_with_the_qt_modules_that_are_packaged(tmp_path: Path) -> None:
    missing = [name for name in EXCLUDED_MODULES if name.startswith("PySide6.")]
    code = (
        "import sys, packaged_program\n"
        "packaged_program.leave_out_opengl()\n"
        f"for name in {missing!r}: sys.modules.setdefault(name, None)\n"
        "import PySide6.QtWidgets, desktop_app.lab.lab_window\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'packaging'}"}
    environment |= {"QT_QPA_PLATFORM": "offscreen", "PONDER_HOME": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", code], check=False, env=environment)
    assert ended.returncode == 0
