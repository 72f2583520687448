"""A journal that cannot be used is refused, by its cause, and left byte for byte as it was."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.journal.database import inspect_journal, known_version
from engine.journal.errors import (
    JournalBugError,
    JournalDamagedError,
    JournalDiskFullError,
    JournalError,
    JournalLockedError,
    JournalNewerError,
    JournalReadOnlyError,
    translate,
)
from engine.journal.journal import Journal
from engine.journal.records import MessageRecord, now


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "own" / "journal.db")
    yield journal
    journal.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte, where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or not mount or not unmount:
        pytest.skip("only root can mount a small disk")
    command = [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield place
    subprocess.run([unmount, str(place)], check=True)


def make(path: Path) -> bytes:
    journal = Journal(path)
    journal.create_conversation("c", "kept").result()
    journal.add_message(MessageRecord("m", "c", None, "user", "hello " * 500, now())).result()
    journal.close()
    return path.read_bytes()


def test_a_newer_journal_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    make(path)
    connection = sqlite3.connect(path)
    connection.execute(f"pragma user_version = {known_version() + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(JournalNewerError):
        Journal(path)
    assert path.read_bytes() == before


def test_a_strange_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    connection = sqlite3.connect(path)
    connection.execute("create table recipes (name text)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(JournalDamagedError):
        Journal(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"hello, I am no database" * 9, b"SQLite format 3\x00" * 99])
def test_a_file_that_is_no_database_is_refused_and_untouched(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "j.db"
    path.write_bytes(content)
    with pytest.raises(JournalDamagedError):
        Journal(path)
    assert path.read_bytes() == content


def test_flipped_and_missing_bytes_never_pass_unseen(tmp_path: Path) -> None:
    """Either the journal is refused, or everything in it is still as it was."""
    whole = make(tmp_path / "whole.db")
    chance = random.Random(5)
    refused = 0
    for number in range(60):
        path = tmp_path / f"{number}.db"
        if number % 2:
            damaged = whole[: chance.randrange(100, len(whole))]
        else:
            spot = chance.randrange(100, len(whole) - 64)
            damaged = whole[:spot] + chance.randbytes(64) + whole[spot + 64 :]
        path.write_bytes(damaged)
        try:
            journal = Journal(path)
        except JournalError:
            refused += 1
            assert path.read_bytes() == damaged
            continue
        try:
            journal.messages("c").exception(timeout=30)
        finally:
            journal.close()
    assert refused > 30


def test_a_schema_that_is_not_even_text_is_refused(tmp_path: Path) -> None:
    """SQLite quotes the damaged schema in its message."""
    whole = make(tmp_path / "whole.db")
    name = b"messages"
    spot = whole.index(name + b"messages")  # a table's name, then the name of its table
    damaged = whole.replace(b"CREATE TABLE [messages]", b"CREATE TABLX [messages]", 1)
    path = tmp_path / "damaged.db"
    path.write_bytes(damaged[:spot] + b"\xd8" * len(name) + damaged[spot + len(name) :])
    with pytest.raises(JournalDamagedError):
        Journal(path)


def test_an_empty_file_is_a_new_journal(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    path.touch()
    make(path)
    assert inspect_journal(path).conversations == 1


@pytest.mark.parametrize("place", ["/proc/ponder/journal.db", "{file}/journal.db", "{folder}"])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, place: str) -> None:
    file = tmp_path / "file"
    file.touch()
    path = Path(place.format(file=file, folder=tmp_path))
    with pytest.raises((JournalReadOnlyError, JournalDamagedError)):
        Journal(path)


def fill(journal: Journal) -> list[str]:
    """Add messages until the disk is full; return those that were accepted."""
    accepted: list[str] = []
    for number in range(400):
        record = MessageRecord(f"m{number}", "c", None, "user", "x" * 4000, now())
        error = journal.add_message(record).exception()
        if error is not None:
            assert isinstance(error, JournalDiskFullError)
            assert accepted
            return accepted
        accepted.append(record.message_id)
    raise AssertionError("the disk never filled")


@pytest.mark.parametrize("content", [b"x", b"hello", bytes(99)])
def test_a_file_too_short_for_a_journal_is_not_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "j.db"
    path.write_bytes(content)
    with pytest.raises(JournalDamagedError):
        Journal(path)
    with pytest.raises(JournalDamagedError):
        inspect_journal(path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_newer_journal_is_untouched_also_with_a_log_beside_it(tmp_path: Path) -> None:
    """A newer Ponder was killed: its last rows are in the write-ahead log alone."""
    path = tmp_path / "j.db"
    journal = Journal(path)
    version = known_version() + 1
    journal._do(lambda db: db.execute(f"pragma user_version = {version}").fetchone()).result()
    journal.create_conversation("c", "kept").result()
    for file in tmp_path.glob("j.db*"):
        shutil.copy(file, tmp_path / file.name.replace("j.db", "killed.db"))
    journal.close()
    killed = [tmp_path / "killed.db", tmp_path / "killed.db-wal"]
    before = [file.read_bytes() for file in killed]
    assert len(before[1]) > 0
    with pytest.raises(JournalNewerError):
        Journal(killed[0])
    assert [file.read_bytes() for file in killed] == before


def test_a_damaged_index_is_refused(tmp_path: Path) -> None:
    """The header and the version are well, a page in the middle is not."""
    whole = make(tmp_path / "j.db")
    page = 4096 * (len(whole) // 4096 // 2)
    damaged = whole[:page] + bytes([255]) * 4096 + whole[page + 4096 :]
    (tmp_path / "j.db").write_bytes(damaged)
    with pytest.raises(JournalDamagedError):
        Journal(tmp_path / "j.db")
    assert (tmp_path / "j.db").read_bytes() == damaged


def test_a_journal_held_by_another_program_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.journal.database._BUSY_SECONDS", 0.05)
    path = tmp_path / "j.db"
    make(path)
    journal = Journal(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    try:
        with pytest.raises(JournalLockedError):
            journal.create_conversation("d", "waits").result()
    finally:
        other.execute("rollback")
        other.close()
    journal.create_conversation("d", "goes on").result()
    journal.close()


def test_our_own_mistake_is_told_and_the_journal_goes_on(journal: Journal) -> None:
    orphan = MessageRecord("m", "no such conversation", None, "user", "x", now())
    with pytest.raises(JournalBugError):
        journal.add_message(orphan).result()
    with pytest.raises(ZeroDivisionError):
        journal._do(lambda _: 1 // 0).result()
    journal.create_conversation("c", "well").result()
    assert len(journal.conversations().result()) == 1


def test_a_closed_journal_wrote_everything_and_takes_nothing_more(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db")
    futures = [journal.create_conversation(f"c{number}", "x") for number in range(50)]
    journal.close()
    journal.close()
    assert all(future.done() for future in futures)
    with pytest.raises(JournalBugError):
        journal.create_conversation("late", "x").result()
    assert inspect_journal(tmp_path / "j.db").conversations == 50


def test_only_its_owner_can_read_a_journal(journal: Journal) -> None:
    journal.create_conversation("c", "private").result()
    modes = {file.stat().st_mode & 0o077 for file in journal.path.parent.iterdir()}
    assert modes == {0}


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (sqlite3.SQLITE_FULL, JournalDiskFullError),
        (sqlite3.SQLITE_IOERR_SHMSIZE, JournalDiskFullError),
        (sqlite3.SQLITE_IOERR_WRITE, JournalError),
        (sqlite3.SQLITE_CORRUPT_INDEX, JournalDamagedError),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, JournalLockedError),
        (sqlite3.SQLITE_READONLY_DIRECTORY, JournalReadOnlyError),
        (sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, JournalBugError),
        (None, JournalBugError),
    ],
)
def test_each_result_of_sqlite_is_told_by_who_can_help(
    result: int | None, kind: type[JournalError]
) -> None:
    error = sqlite3.OperationalError("what happened")
    if result is not None:
        error.sqlite_errorcode = result
    translated = translate(error)
    assert type(translated) is kind
    assert translated.detail == "what happened"


def test_health_counts_what_is_shown(journal: Journal) -> None:
    journal.create_conversation("c", "kept")
    journal.create_conversation("d", "deleted")
    journal.delete_conversations(["d"])
    health = journal.health().result()
    assert (health.integrity_ok, health.conversations) == (True, 1)
    assert (health.version, health.path) == (known_version(), str(journal.path))
    assert inspect_journal(journal.path).conversations == 1


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db")
    journal.create_conversation("c", "x").result()
    journal._do(lambda db: db.execute("pragma max_page_count = 40").fetchone()).result()
    accepted = fill(journal)
    assert [m.message_id for m in journal.messages("c").result()] == accepted
    journal.close()
    assert inspect_journal(tmp_path / "j.db").integrity_ok


def test_a_small_disk_that_fills_up_is_told_and_works_again_after_freeing(small_disk: Path) -> None:
    path = small_disk / "j.db"
    filler = small_disk / "other-data"
    journal = Journal(path)
    journal.create_conversation("c", "x").result()
    filler.write_bytes(bytes(400_000))
    accepted = fill(journal)
    assert [m.message_id for m in journal.messages("c").result()] == accepted
    filler.unlink()
    journal.add_message(MessageRecord("after", "c", None, "user", "room", now())).result()
    journal.close()
    again = Journal(path)
    stored = [m.message_id for m in again.messages("c").result()]
    again.close()
    assert stored == [*accepted, "after"]


def test_a_disk_that_is_full_from_the_start_is_told(small_disk: Path) -> None:
    filler = small_disk / "other-data"
    with pytest.raises(OSError, match="space"):
        filler.write_bytes(bytes(2_000_000))
    with pytest.raises((JournalDiskFullError, JournalReadOnlyError)):
        Journal(small_disk / "j.db")
    filler.unlink()
    Journal(small_disk / "j.db").close()


def test_a_folder_without_permission_is_told() -> None:
    """As a real user without rights, since root may write anywhere."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    script = """
import os, pathlib, sys, tempfile
from engine.journal.errors import JournalReadOnlyError
from engine.journal.journal import Journal
place = pathlib.Path(tempfile.mkdtemp())
Journal(place / "j.db").close()
before = (place / "j.db").read_bytes()
os.chmod(place, 0o555); os.chmod(place / "j.db", 0o444)
pid = os.fork()
if pid == 0:
    os.setuid(65534)
    refused = 0
    for name in ("j.db", "new.db"):
        try:
            Journal(place / name)
        except JournalReadOnlyError:
            refused += 1
    os._exit(0 if refused == 2 else 1)
status = os.waitpid(pid, 0)[1]
sys.exit(status >> 8 or (place / "j.db").read_bytes() != before)
"""
    ended = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert ended.returncode == 0, ended.stderr.decode()
