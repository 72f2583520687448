"""The log file: where it is, what goes in."""

from __future__ import annotations

import faulthandler
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.log import open_log


def test_our_rooms_are_logged_and_closing_ends_it(tmp_path: Path) -> None:
    was_enabled = faulthandler.is_enabled()
    log = open_log(tmp_path / "logs")
    logging.getLogger("desktop_app.window").info("window opened")
    logging.getLogger("someone.else").info("not ours")
    log.close()
    log.close()
    logging.getLogger("desktop_app.window").info("too late")
    text = log.path.read_text()
    assert "window opened" in text
    assert "not ours" not in text
    assert "too late" not in text
    if was_enabled:
        faulthandler.enable()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):  # noqa: PT011 - the system's own text
        open_log(tmp_path / "file" / "logs")


FULL_FOR_A_WHILE = """
import logging, resource, sys
from pathlib import Path
from desktop_app.log import open_log

log = open_log(Path(sys.argv[1]))
ours = logging.getLogger("desktop_app.window")
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
for number in range(50):
    ours.info("no room for number %s", number)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
ours.info("room again")
resource.setrlimit(resource.RLIMIT_FSIZE, (log.path.stat().st_size, most))
ours.info("no room at the end")
log.close()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit to a file's size")
def test_a_full_disk_is_said_once_and_the_log_goes_on_when_there_is_room(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_FOR_A_WHILE, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("ponder: The log is not written: ")
    assert done.stderr.count("\n") == 1
    assert "room again" in (tmp_path / "ponder.log").read_text()
