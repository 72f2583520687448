"""Files of earlier versions: upgraded with their rows, after a backup, or left as they were."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.journal.database import inspect_journal, known_version
from engine.journal.errors import JournalBugError, JournalDiskFullError
from engine.journal.journal import Journal
from engine.journal.migrations import APPLICATION_ID, journal_migrations
from engine.journal.records import Status
from engine.journal.sqlite import Database
from engine.verdict import Outcome

_VERSION_1 = Path(__file__).with_name("journal_v1.sql")


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    """A journal of the first schema: one conversation, one deliberation of two candidates."""
    path = tmp_path / "journal.db"
    connection = sqlite3.connect(path)
    connection.executescript(_VERSION_1.read_text(encoding="utf-8"))
    connection.close()
    return path


@contextmanager
def failing_step() -> Iterator[None]:
    """Add one more step for a while, which changes much and then fails."""

    def m999_fails(db: Database) -> None:
        db.execute("delete from messages")
        db.execute("create table half (done)")
        db.execute("insert into nowhere values (1)")

    journal_migrations()(m999_fails)
    try:
        yield
    finally:
        journal_migrations._migrations.pop()


def test_the_first_version_opens_with_all_its_rows(version_1: Path) -> None:
    journal = Journal(version_1)
    (summary,) = journal.conversations().result()
    assert (summary.title, summary.message_count) == ("Über Äpfel", 2)
    assert (summary.last_strategy, summary.last_attempts) == ("vote", 2)
    assert [m.content for m in journal.messages("c1").result()][1] == "So **4**."
    record = journal.deliberation("d1").result()
    assert record is not None
    assert (record.status, record.seed) == (Status.FINISHED, 7)
    assert record.verdict is not None
    assert record.verdict.outcome is Outcome.MAJORITY
    assert record.energy is not None
    assert record.energy.joules == 3.0
    assert [m.name for m in journal.models().result()] == ["Model"]
    journal.close()
    assert inspect_journal(version_1).version == known_version()


def test_what_later_versions_search_covers_old_rows(version_1: Path) -> None:
    journal = Journal(version_1)
    assert len(journal.conversations("aepfel").result()) == 0
    assert len(journal.conversations("apfel uber").result()) == 1
    assert len(journal.conversations("apples left").result()) == 1
    journal.close()


def test_a_backup_is_made_once_before_the_upgrade(version_1: Path) -> None:
    Journal(version_1).close()
    Journal(version_1).close()
    others = [file for file in version_1.parent.iterdir() if file != version_1]
    assert [file.name for file in others] == [f"journal.before-{known_version()}.v1.db"]
    backup = sqlite3.connect(others[0])
    assert backup.execute("select title from conversations").fetchone() == ("Über Äpfel",)
    assert backup.execute("pragma user_version").fetchone() == (1,)
    assert backup.execute("pragma integrity_check").fetchone() == ("ok",)
    backup.close()


def old_backups(journal: Path) -> list[Path]:
    """Backups of four earlier upgrades, the oldest first, and files that are none of ours."""
    backups = [journal.with_name(f"journal.before-{n}.v{n - 1}.db") for n in (12, 9, 10, 11)]
    others = ["journal.before-2.v1.db.part.txt", "other.before-2.v1.db", "journal.before-trip.db"]
    files = [*backups, *map(journal.with_name, others)]
    for age, file in enumerate(files):
        file.write_text("kept")
        os.utime(file, (1000 + age, 1000 + age))
    return backups


def test_the_newest_three_backups_are_kept(version_1: Path) -> None:
    backups = old_backups(version_1)
    before = set(version_1.parent.iterdir())
    Journal(version_1).close()
    made = version_1.with_name(f"journal.before-{known_version()}.v1.db")
    assert set(version_1.parent.iterdir()) == before - set(backups[:2]) | {made}


def test_the_backup_just_made_stays_however_late_the_others_are(version_1: Path) -> None:
    backups = old_backups(version_1)
    for backup in backups:
        os.utime(backup, (2**33, 2**33))
    Journal(version_1).close()
    assert version_1.with_name(f"journal.before-{known_version()}.v1.db").exists()
    assert sum(backup.exists() for backup in backups) == 2


def test_an_upgrade_that_fails_deletes_no_backup(version_1: Path) -> None:
    backups = old_backups(version_1)
    with failing_step(), pytest.raises(JournalBugError):
        Journal(version_1)
    assert all(backup.exists() for backup in backups)


def test_a_new_journal_needs_no_backup(tmp_path: Path) -> None:
    Journal(tmp_path / "journal.db").close()
    assert [file.name for file in tmp_path.iterdir()] == ["journal.db"]


def test_an_upgrade_that_fails_changes_no_row(version_1: Path) -> None:
    with failing_step(), pytest.raises(JournalBugError):
        Journal(version_1)
    connection = sqlite3.connect(version_1)
    assert connection.execute("pragma user_version").fetchone() == (1,)
    assert connection.execute("select count(*) from messages").fetchone() == (2,)
    assert connection.execute("select 1 from sqlite_master where name = 'half'").fetchall() == []
    connection.close()
    Journal(version_1).close()
    assert inspect_journal(version_1).version == known_version()


def test_a_step_that_fails_on_a_new_journal_leaves_it_new(tmp_path: Path) -> None:
    with failing_step(), pytest.raises(JournalBugError):
        Journal(tmp_path / "journal.db")
    Journal(tmp_path / "journal.db").close()
    assert inspect_journal(tmp_path / "journal.db").version == known_version()


def test_without_room_for_a_backup_nothing_is_changed(
    version_1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = version_1.read_bytes()
    connect = sqlite3.connect

    def connect_to_small_disk(place: Path | str, **options: object) -> sqlite3.Connection:
        connection = connect(place, **options)  # type: ignore[call-overload]
        if str(place).endswith(".part"):
            connection.execute("pragma max_page_count = 2")
        return connection  # type: ignore[no-any-return]

    monkeypatch.setattr("engine.journal.database.sqlite3.connect", connect_to_small_disk)
    with pytest.raises(JournalDiskFullError):
        Journal(version_1)
    assert version_1.read_bytes() == before
    assert list(version_1.parent.iterdir()) == [version_1]


def test_the_upgrade_keeps_foreign_keys_on_afterwards(version_1: Path) -> None:
    journal = Journal(version_1)
    assert journal._do(lambda db: db.execute("pragma foreign_keys").fetchone()).result() == (1,)
    journal.delete_conversations(["c1"])
    journal.purge_deleted().result()
    assert journal.health().result().candidates == 0
    journal.close()


def test_an_unfinished_first_write_is_taken_back(tmp_path: Path) -> None:
    """Killed between SQLite's first page and the end of its rollback journal."""
    path = tmp_path / "journal.db"
    connection = sqlite3.connect(tmp_path / "other.db", isolation_level=None)
    connection.execute("pragma cache_size = 1")
    connection.execute("begin immediate")
    connection.execute(f"pragma application_id = {APPLICATION_ID}")
    connection.execute("create table half (done)")
    connection.executemany("insert into half values (?)", [("x" * 500,)] * 500)
    for name in ("other.db", "other.db-journal"):
        content = (tmp_path / name).read_bytes()
        (tmp_path / name.replace("other", "journal")).write_bytes(content)
    connection.execute("rollback")
    connection.close()
    assert path.stat().st_size > 0
    Journal(path).close()
    assert inspect_journal(path).version == known_version()
