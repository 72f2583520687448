"""A file a person asked for: whole or not at all, and never over another without their word."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.error_text import ERROR_TEXTS
from desktop_app.output_file import (
    OutputDiskFullError,
    OutputError,
    OutputExistsError,
    OutputFolderMissingError,
    write_whole,
)
from desktop_app.preference_export import NoPreferencesError

LINES = [b"one\n", b"two\n"]


def test_a_file_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write_whole(path, LINES, replace=False)
    assert path.read_bytes() == b"one\ntwo\n"
    assert [file.name for file in tmp_path.iterdir()] == ["out.jsonl"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_there_stays_unless_it_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("mine")
    with pytest.raises(OutputExistsError):
        write_whole(path, LINES, replace=False)
    assert path.read_text() == "mine"
    write_whole(path, LINES, replace=True)
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_link_is_followed(tmp_path: Path) -> None:
    path, link = tmp_path / "real.jsonl", tmp_path / "link.jsonl"
    path.write_text("old")
    link.symlink_to(path)
    write_whole(link, LINES, replace=True)
    assert link.is_symlink()
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_missing_folder_and_a_folder_in_its_place_are_said(tmp_path: Path) -> None:
    with pytest.raises(OutputFolderMissingError):
        write_whole(tmp_path / "no" / "out.jsonl", LINES, replace=True)
    with pytest.raises(OutputError) as error:
        write_whole(tmp_path, LINES, replace=True)
    assert error.value.code == "output-not-writable"


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, OutputDiskFullError), (errno.EIO, OutputError)]
)
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, number: int, kind: type[OutputError]
) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("mine")

    def failing() -> Iterator[bytes]:
        yield b"one\n"
        raise OSError(number, os.strerror(number))

    with pytest.raises(OutputError) as error:
        write_whole(path, failing(), replace=True)
    assert type(error.value) is kind
    assert path.read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["out.jsonl"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_full_device_is_no_file_to_replace() -> None:
    with pytest.raises(OutputError):
        write_whole(Path("/dev/full"), LINES, replace=True)
    assert not Path("/dev/full").is_file()


def test_every_error_has_a_text() -> None:
    def codes(base: type[OutputError]) -> set[str]:
        return {base.code}.union(*(codes(kind) for kind in base.__subclasses__()))

    assert NoPreferencesError.code in codes(OutputError)
    assert codes(OutputError) <= ERROR_TEXTS.keys()
