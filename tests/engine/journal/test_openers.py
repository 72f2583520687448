"""What another program thinks about is not called interrupted while that program lives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.journal.journal import Journal
from engine.journal.records import Status
from tests.engine.journal.test_journal import deliberation

_OTHER = """
import pathlib, sys
from engine.journal.journal import Journal
from tests.engine.journal.test_journal import deliberation

journal = Journal(pathlib.Path(sys.argv[1]))
print(deliberation(journal), flush=True)
sys.stdin.read()
journal.close()
"""


def other_program(path: Path) -> tuple[subprocess.Popen[str], str]:
    """A program with the journal open, and the id of what it thinks about."""
    child = subprocess.Popen(
        [sys.executable, "-c", _OTHER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    return child, child.stdout.readline().strip()


def test_only_what_nobody_thinks_about_any_more_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    first = Journal(path)
    left_behind = deliberation(first)
    first.close()
    child, running = other_program(path)
    second = Journal(path)
    try:
        assert second.interrupt_running().result() == [left_behind]
        stored = second.deliberation(running).result()
        assert stored is not None
        assert stored.status is Status.RUNNING
        child.kill()
        child.communicate()
        assert second.interrupt_running().result() == [running]
    finally:
        child.kill()
        child.communicate()
        second.close()


def test_a_program_that_ends_takes_its_note_away(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    child, running = other_program(path)
    journal = Journal(path)
    child.communicate("")
    assert child.returncode == 0
    assert journal.interrupt_running().result() == [running]
    journal.close()
    assert not (tmp_path / ".open").exists()
