"""The window as a process of its own: started twice, raised, ended by a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from desktop_app.folders import folders
from desktop_app.window.single_instance import server_name
from engine.journal.database import inspect_journal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to end it with")


def _start(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "desktop_app", *words],
        stderr=subprocess.PIPE,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )


def _wait_until_it_listens(process: subprocess.Popen[bytes]) -> None:
    from PySide6.QtNetwork import QLocalSocket

    deadline = time.monotonic() + 60
    connected = False
    while not connected:
        assert process.poll() is None, "it ended early"
        assert time.monotonic() < deadline
        socket = QLocalSocket()
        socket.connectToServer(server_name(folders().data))
        connected = socket.waitForConnected(200)
        socket.abort()


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not (path.exists() and path.stat().st_size):
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_start_hands_over_and_a_signal_quits_like_closing(number: int) -> None:
    first = _start()
    try:
        _wait_until_it_listens(first)
        second = _start()
        _, complaint = second.communicate(timeout=60)
        assert second.returncode == 0, complaint
        assert first.poll() is None
        _wait_for(folders().journal)
        first.send_signal(number)
        _, complaint = first.communicate(timeout=60)
    finally:
        first.kill()
    assert first.returncode == 0, complaint
    assert b"Traceback" not in complaint
    assert inspect_journal(folders().journal).integrity_ok
    assert folders().settings.exists()
