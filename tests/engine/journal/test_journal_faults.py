"""A journal that cannot be used is refused and left alone; what was accepted survives a kill."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from engine.journal.database import inspect_journal, known_version
from engine.journal.errors import (
    JournalDamagedError,
    JournalDiskFullError,
    JournalError,
    JournalNewerError,
    JournalReadOnlyError,
)
from engine.journal.journal import Journal
from engine.journal.migrations import APPLICATION_ID
from engine.journal.records import MessageRecord, now

_WRITER = """
import sys, pathlib
from engine.journal.journal import Journal
from engine.journal.records import MessageRecord, now
journal = Journal(pathlib.Path(sys.argv[1]))
start = int(sys.argv[2])
journal.create_conversation(f"c{start}", "killed").result()
for number in range(start, start + 100_000):
    record = MessageRecord(f"m{number}", f"c{start}", None, "user", "text", now())
    journal.add_message(record).result()
    print(number, flush=True)
"""


def make(path: Path) -> bytes:
    journal = Journal(path)
    journal.create_conversation("c", "kept").result()
    journal.add_message(MessageRecord("m", "c", None, "user", "hello " * 500, now())).result()
    journal.close()
    return path.read_bytes()


def test_accepted_messages_survive_a_kill_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    chance = random.Random(11)
    accepted: set[str] = set()
    for attempt in range(12):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path), str(attempt * 1_000_000)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        for _ in range(chance.randint(1, 60)):
            accepted.add(f"m{writer.stdout.readline().strip()}")
        os.kill(writer.pid, signal.SIGKILL)
        accepted |= {f"m{line.strip()}" for line in writer.stdout if line.endswith("\n")}
        writer.wait()
        writer.stdout.close()
    assert inspect_journal(path).integrity_ok
    journal = Journal(path)
    stored = {
        message.message_id
        for attempt in range(12)
        for message in journal.messages(f"c{attempt * 1_000_000}").result()
    }
    journal.close()
    assert accepted <= stored


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


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db")
    journal.create_conversation("c", "x").result()
    journal._do(lambda db: db.execute("pragma max_page_count = 40").fetchone()).result()
    kept = 0
    with pytest.raises(JournalDiskFullError):
        for number in range(200):
            record = MessageRecord(f"m{number}", "c", None, "user", "x" * 4000, now())
            journal.add_message(record).result()
            kept += 1
    assert kept > 0
    assert len(journal.messages("c").result()) == kept
    journal.close()
    assert inspect_journal(tmp_path / "j.db").integrity_ok


def test_an_older_journal_is_backed_up_before_it_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    connection = sqlite3.connect(path)
    connection.execute(f"pragma application_id = {APPLICATION_ID}")
    connection.execute("create table old_notes (text)")
    connection.execute("insert into old_notes values ('kept')")
    connection.commit()
    connection.close()
    Journal(path).close()
    (backup,) = tmp_path.glob("j.before-*.db")
    assert sqlite3.connect(backup).execute("select text from old_notes").fetchone() == ("kept",)
    assert inspect_journal(path).version == known_version()
