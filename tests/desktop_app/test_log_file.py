"""The log file: where it is, what goes in."""

from __future__ import annotations

import faulthandler
import logging
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
