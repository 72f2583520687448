"""The portable folder: its size and its largest parts."""

from __future__ import annotations

from pathlib import Path

import portable
import pytest
from progress import SetupError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "_internal" / "large").mkdir(parents=True)
    (tmp_path / "ponder").write_bytes(b"1" * 30)
    (tmp_path / "_internal" / "large" / "a").write_bytes(b"1" * 40)
    (tmp_path / "_internal" / "large" / "b").write_bytes(b"1" * 10)
    (tmp_path / "_internal" / "link").symlink_to("large/a")
    return tmp_path


def test_a_size_counts_every_file_once(folder: Path) -> None:
    assert portable.size_bytes(folder) == 80


def test_the_largest_parts_come_first(folder: Path) -> None:
    assert portable.largest_parts(folder, 2) == [("_internal/large", 50), ("ponder", 30)]


def test_an_unknown_way_to_build_llama_cpp_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="abacus"):
        portable.make_environment(tmp_path / "e", "abacus", tmp_path)
