"""One instance at a time, over a real local socket."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from desktop_app.app import tell_of_no_answer
from desktop_app.window.single_instance import Claim, RaiseWindow, SingleInstance, server_name

SECOND = """
import sys
from PySide6.QtCore import QCoreApplication
from desktop_app.window.single_instance import Claim, RaiseWindow, SingleInstance
app = QCoreApplication([])
told = SingleInstance(sys.argv[1]).claim(RaiseWindow(sys.argv[2]))
sys.exit({Claim.FIRST: 0, Claim.TOLD: 7}[told])
"""


@pytest.fixture
def name(tmp_path: Path) -> str:
    return server_name(tmp_path)


def test_a_second_start_hands_its_file_to_the_first(qtbot: QtBot, name: str) -> None:
    first = SingleInstance(name)
    assert first.claim(RaiseWindow()) is Claim.FIRST
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
    assert first.claim(RaiseWindow()) is Claim.FIRST
    first.close()
    next_one = SingleInstance(name)
    assert next_one.claim(RaiseWindow()) is Claim.FIRST
    next_one.close()


@pytest.mark.usefixtures("qapp")
def test_a_name_left_by_a_killed_process_is_taken_over(name: str) -> None:
    source = SECOND.replace("sys.exit", "print") + "import os; os._exit(9)\n"
    done = subprocess.run(
        [sys.executable, "-c", source, name, ""], env=dict(os.environ), check=False, timeout=60
    )
    assert done.returncode == 9
    next_one = SingleInstance(name)
    assert next_one.claim(RaiseWindow()) is Claim.FIRST
    next_one.close()


def test_nonsense_on_the_socket_is_ignored(qtbot: QtBot, name: str) -> None:
    first = SingleInstance(name)
    assert first.claim(RaiseWindow()) is Claim.FIRST
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


@pytest.mark.usefixtures("qapp")
def test_a_first_one_that_does_not_answer_is_told_of(name: str) -> None:
    hanging = QLocalServer()  # its events are never looked at
    assert hanging.listen(name)
    second = SingleInstance(name, answer_milliseconds=50)
    assert second.claim(RaiseWindow()) is Claim.NO_ANSWER
    hanging.close()


@pytest.mark.usefixtures("qapp")
def test_a_first_one_that_ends_without_an_answer_leaves_the_place(name: str) -> None:
    source = """
import sys
from PySide6.QtNetwork import QLocalServer
server = QLocalServer()
server.listen(sys.argv[1])
print("here", flush=True)
server.waitForNewConnection(20_000)
"""
    command = [sys.executable, "-c", source, name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"here\n"
        second = SingleInstance(name)
        assert second.claim(RaiseWindow()) is Claim.FIRST
    second.close()


def test_what_is_said_of_it(qtbot: QtBot, capsys: pytest.CaptureFixture[str]) -> None:
    read: list[str] = []

    def close_box() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        read.append(f"{box.text()} {box.informativeText()}")
        box.accept()

    QTimer.singleShot(0, close_box)
    tell_of_no_answer()
    qtbot.waitUntil(lambda: len(read) == 1)
    for said in (read[0], capsys.readouterr().err):
        assert "does not answer" in said
        assert "start it again" in said


def test_each_data_folder_has_its_own_name(tmp_path: Path) -> None:
    assert server_name(tmp_path / "a") != server_name(tmp_path / "b")
