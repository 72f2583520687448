"""One instance at a time, over a real local socket."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from desktop_app.window.single_instance import RaiseWindow, SingleInstance, server_name

SECOND = """
import sys
from PySide6.QtCore import QCoreApplication
from desktop_app.window.single_instance import RaiseWindow, SingleInstance
app = QCoreApplication([])
sys.exit(0 if SingleInstance(sys.argv[1]).claim(RaiseWindow(sys.argv[2])) else 7)
"""


@pytest.fixture
def name(tmp_path: Path) -> str:
    return server_name(tmp_path)


def test_a_second_start_hands_its_file_to_the_first(qtbot: QtBot, name: str) -> None:
    first = SingleInstance(name)
    assert first.claim(RaiseWindow())
    with qtbot.waitSignal(first.raised, timeout=20_000) as raised:
        second = subprocess.Popen(
            [sys.executable, "-c", SECOND, name, "/m/a model.gguf"], env=dict(os.environ)
        )
    assert raised.args == ["/m/a model.gguf"]
    assert second.wait(timeout=20) == 7
    first.close()


@pytest.mark.usefixtures("qapp")
def test_after_the_first_is_gone_the_next_is_first(name: str) -> None:
    first = SingleInstance(name)
    assert first.claim(RaiseWindow())
    first.close()
    next_one = SingleInstance(name)
    assert next_one.claim(RaiseWindow())
    next_one.close()


@pytest.mark.usefixtures("qapp")
def test_a_name_left_by_a_killed_process_is_taken_over(name: str) -> None:
    source = SECOND.replace("sys.exit(0 if ", "claimed = (0 if ") + "\nimport os; os._exit(9)\n"
    done = subprocess.run(
        [sys.executable, "-c", source, name, ""], env=dict(os.environ), check=False, timeout=60
    )
    assert done.returncode == 9
    next_one = SingleInstance(name)
    assert next_one.claim(RaiseWindow())
    next_one.close()


def test_nonsense_on_the_socket_is_ignored(qtbot: QtBot, name: str) -> None:
    first = SingleInstance(name)
    assert first.claim(RaiseWindow())
    told: list[str] = []
    first.raised.connect(told.append)
    socket = QLocalSocket()
    socket.connectToServer(name)
    assert socket.waitForConnected(2000)
    socket.write(b"hello\n")
    socket.write(b'{"model_path": "/m.gguf"}\n')
    socket.flush()
    other = QLocalSocket()
    other.connectToServer(name)
    other.write(b'{"model_path": "/other.gguf"}\n')
    other.flush()
    qtbot.waitUntil(lambda: "/other.gguf" in told, timeout=5000)
    socket.abort()
    other.abort()
    first.close()


def test_each_data_folder_has_its_own_name(tmp_path: Path) -> None:
    assert server_name(tmp_path / "a") != server_name(tmp_path / "b")
