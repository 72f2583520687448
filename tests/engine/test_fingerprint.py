"""The hash of a model file: worked out beside the thinking, given to those that waited."""

from __future__ import annotations

import hashlib
import queue
from concurrent.futures import Future
from pathlib import Path

import pytest

from engine.fingerprint import Fingerprint, modified_ns

Found = queue.SimpleQueue[tuple[str, tuple[str, ...]]]


@pytest.fixture
def found() -> Found:
    return queue.SimpleQueue()


def _fingerprint(path: Path, found: Found, known: Future[str | None]) -> Fingerprint:
    return Fingerprint(path, known, lambda sha256, ids: found.put((sha256, ids)))


def _model(folder: Path) -> tuple[Path, str]:
    path = folder / "m.gguf"
    path.write_bytes(b"GGUF" * 2_000_000)
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def test_those_that_wait_are_given_the_hash_and_later_ones_at_once(
    tmp_path: Path, found: Found
) -> None:
    path, sha256 = _model(tmp_path)
    known: Future[str | None] = Future()
    fingerprint = _fingerprint(path, found, known)
    fingerprint.give_to("a")
    fingerprint.give_to("b")
    known.set_result(None)
    assert found.get(timeout=60) == (sha256, ("a", "b"))
    fingerprint.give_to("c")
    assert found.get(timeout=60) == (sha256, ("c",))


def test_a_known_hash_is_not_worked_out_again(tmp_path: Path, found: Found) -> None:
    known: Future[str | None] = Future()
    known.set_result("abc")
    _fingerprint(tmp_path / "gone.gguf", found, known)
    assert found.get(timeout=60) == ("abc", ())


def test_a_journal_that_fails_does_not_keep_the_hash_away(tmp_path: Path, found: Found) -> None:
    path, sha256 = _model(tmp_path)
    known: Future[str | None] = Future()
    known.set_exception(OSError("disk"))
    _fingerprint(path, found, known)
    assert found.get(timeout=60) == (sha256, ())


def test_a_cancelled_hash_is_told_to_nobody(tmp_path: Path, found: Found) -> None:
    path, _ = _model(tmp_path)
    known: Future[str | None] = Future()
    fingerprint = _fingerprint(path, found, known)
    fingerprint.give_to("a")
    fingerprint.cancel()
    known.set_result(None)
    other: Future[str | None] = Future()
    other.set_result("other")
    _fingerprint(path, found, other)
    assert found.get(timeout=60) == ("other", ())
    assert found.empty()


def test_the_time_of_change_is_none_for_a_file_that_is_gone(tmp_path: Path) -> None:
    path, _ = _model(tmp_path)
    assert modified_ns(path) == path.stat().st_mtime_ns
    assert modified_ns(tmp_path / "gone") is None
