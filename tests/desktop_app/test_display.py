"""Whether a window can be shown: a display that is named must also answer."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.display import has_display


def ponder(*words: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    }
    return subprocess.run(
        [sys.executable, "-m", "desktop_app", *words],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=kept | {"PONDER_HOME": str(home)} | environment,
    )


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there is always a display")
def test_a_file_needs_a_display(tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    done = ponder(str(model), home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"ponder: there is no display to open {model} in; "
        "'ponder ask --model' asks a model in the terminal\n"
    )


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there is always a display")
def test_a_display_that_is_gone_is_none(tmp_path: Path) -> None:
    done = ponder(home=tmp_path, DISPLAY=":4099")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("There is no display")


def test_help_says_that_a_file_may_be_given(tmp_path: Path) -> None:
    said = " ".join(ponder("--help", home=tmp_path).stdout.split())
    assert "'ponder FILE' opens the window with that model" in said


@pytest.mark.parametrize(
    ("environment", "platform", "shown"),
    [
        ({}, "linux", False),
        ({}, "darwin", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({"QT_QPA_PLATFORM": "xcb"}, "linux", False),
        ({"DISPLAY": ":4099"}, "linux", False),
        ({"DISPLAY": "unix:4099.0"}, "linux", False),
        ({"WAYLAND_DISPLAY": "wayland-4099", "XDG_RUNTIME_DIR": "/nowhere"}, "linux", False),
        ({"DISPLAY": "something else"}, "linux", True),
    ],
)
def test_what_is_named_must_answer(
    environment: dict[str, str], platform: str, *, shown: bool
) -> None:
    assert has_display(environment, platform) is shown


def test_what_answers_is_a_display(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as wayland, socket.socket() as x11:
        wayland.bind(str(tmp_path / "w"))
        wayland.listen()
        x11.bind(("127.0.0.1", 0))
        x11.listen()
        number = x11.getsockname()[1] - 6000
        here = {"WAYLAND_DISPLAY": "w", "XDG_RUNTIME_DIR": str(tmp_path)}
        assert has_display(here, "linux")
        assert has_display({"WAYLAND_DISPLAY": str(tmp_path / "w")}, "linux")
        assert has_display({"DISPLAY": f"127.0.0.1:{number}.0"}, "linux")
    assert not has_display(here, "linux")
