"""What every test runs under: no screen, folders of its own, no stray warning, no left thread."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_FOLDER_VARIABLES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")

_LIBRARY_THREADS = ("QThread", "pymonitor", "asyncio_", "Dummy-")
"""Threads of libraries, which end with the process."""


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the person's own journal and settings out of reach, also of child processes."""
    monkeypatch.setenv("PONDER_HOME", str(tmp_path / "home"))
    for variable in _FOLDER_VARIABLES:
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))


@pytest.fixture(autouse=True)
def _no_unexpected_log(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """Fail a test that logs a warning it is not marked to expect."""
    yield
    if request.node.get_closest_marker("expects_log"):
        return
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    unexpected = [record for record in records if record.levelno >= logging.WARNING]
    assert not unexpected, f"unexpected log: {unexpected[0].getMessage()}"


@pytest.fixture(autouse=True)
def _no_left_thread() -> Iterator[None]:
    """Fail a test that leaves a thread which would keep the process alive."""
    before = set(threading.enumerate())
    yield
    left = [
        thread
        for thread in threading.enumerate()
        if thread not in before
        and thread.is_alive()
        and not thread.daemon
        and not thread.name.startswith(_LIBRARY_THREADS)
    ]
    for thread in left:
        thread.join(timeout=10)
    alive = [thread.name for thread in left if thread.is_alive()]
    assert not alive, f"a thread was left running: {alive}"
