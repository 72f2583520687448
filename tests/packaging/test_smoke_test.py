"""The test of the package in a clean system: its parts, and, where it can be had, all of it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import smoke_test
from clean_root import archive, mounted_under
from progress import SetupError
from virtual_screen import NotSeenError

LACKING = smoke_test.missing_needs(smoke_test.newest_package(smoke_test.ROOT / "dist"))


@pytest.mark.skipif(bool(LACKING), reason=LACKING)
@pytest.mark.timeout(900)
def test_the_package_works_in_a_clean_system() -> None:
    subprocess.run([sys.executable, smoke_test.__file__], check=True)


def test_without_a_package_the_reason_is_told() -> None:
    assert "make package" in smoke_test.missing_needs(None)


def test_without_tools_their_packages_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(shutil, "which", lambda _tool: None)
    told = smoke_test.missing_needs(tmp_path / "ponder_1_amd64.deb")
    assert told == "missing: debootstrap xvfb xdotool imagemagick"


def test_the_verdict_is_read_once_it_is_there(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    assert smoke_test.read_verdict(journal) is None
    connection = sqlite3.connect(journal)
    assert smoke_test.read_verdict(journal) is None
    connection.execute("create table deliberations (status text, verdict text)")
    connection.execute("insert into deliberations values ('running', null)")
    connection.commit()
    assert smoke_test.read_verdict(journal) is None
    connection.execute("insert into deliberations values ('finished', ?)", (json.dumps({"a": 1}),))
    connection.commit()
    connection.close()
    assert smoke_test.read_verdict(journal) == {"a": 1}


def test_the_address_of_the_api_is_read_from_what_it_says() -> None:
    told = "ponder-stories answers at http://127.0.0.1:39053/v1 (Ctrl+C ends it)\n"
    assert smoke_test.address_in(told) == "http://127.0.0.1:39053/v1"
    assert smoke_test.address_in("ponder: something else\n") is None


def test_what_is_not_as_it_should_be_ends_the_test() -> None:
    with pytest.raises(NotSeenError, match="the sky is green"):
        smoke_test.check("the sky is green", holds=False)
    with pytest.raises(NotSeenError, match="a star"):
        smoke_test.wait_for("a star", lambda: None, 0.0)


def test_the_archive_is_the_one_that_this_machine_uses() -> None:
    told = "Other stable http://127.0.0.1/other\nDebian some-updates http://127.0.0.1/updates\n"
    told += "Debian some http://127.0.0.1/debian"
    assert archive(told, "some") == "http://127.0.0.1/debian"
    with pytest.raises(SetupError, match="no source of Debian another"):
        archive(told, "another")


def test_what_is_still_mounted_in_a_folder_is_seen() -> None:
    mounts = "1 0 8:1 / / rw - ext4 a rw\n2 1 0:5 / /t/place/dev rw - devtmpfs d rw\n"
    mounts += "3 1 0:5 / /t/placed rw - tmpfs t rw\n"
    assert mounted_under(Path("/t/place"), mounts) == ["/t/place/dev"]
