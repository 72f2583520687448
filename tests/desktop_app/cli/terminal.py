"""A person's terminal: `ponder` with words, a keyboard and a folder of its own, run to its end.

Starting Python and importing everything takes longer than most of what is asked. So `ponder` runs
the program in the test's own process, from its words to its exit code, with real workers and files.
`ponder_process` is for what only a process of its own shows: bytes, pipes and the interpreter.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from desktop_app.__main__ import main


def ponder(
    *words: str | Path, home: Path, given: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the program here.

    Args:
        words: What follows `ponder`.
        home: Where it keeps its files.
        given: What standard input holds.
        environment: More variables.
    """
    arguments = [str(word) for word in words]
    out, complaints = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as person,
        redirect_stdout(out),
        redirect_stderr(complaints),
    ):
        for name, value in (environment | {"PONDER_HOME": str(home)}).items():
            person.setenv(name, value)
        person.setattr(sys, "stdin", io.StringIO(given))
        try:
            status = main(arguments)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), complaints.getvalue())


def ponder_process(
    *words: str | Path, home: Path, given: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the program as a process; see `ponder`."""
    return subprocess.run(
        [sys.executable, "-m", "desktop_app", *words],
        input=given,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=os.environ | environment | {"PONDER_HOME": str(home)},
    )
