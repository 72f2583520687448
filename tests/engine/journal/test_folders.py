"""Folders of conversations: listed, filled, removed and brought back, carried in a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.journal.export import to_json_line
from engine.journal.importing import read_conversations
from engine.journal.journal import Journal
from engine.journal.records import FolderSummary, MessageRecord, now


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Conversations a to e, each newer than the last; b and d in Work, c in art."""
    journal = Journal(tmp_path / "journal.db")
    for name in "abcde":
        journal.create_conversation(name, f"title {name}")
        journal.add_message(MessageRecord(f"m{name}", name, None, "user", f"about {name}", now()))
    journal.create_folder("work", "Work")
    journal.create_folder("art", "art")
    journal.move_to_folder(["b", "d"], "work")
    journal.move_to_folder(["c"], "art")
    yield journal
    journal.close()


def listed(journal: Journal, search: str = "") -> list[str]:
    return [each.conversation_id for each in journal.listing(search).result().conversations]


def folder_of(journal: Journal, conversation_id: str) -> str:
    summary = journal.conversation(conversation_id).result()
    assert summary is not None
    return summary.folder


def test_folders_come_by_name_before_what_is_in_none(journal: Journal) -> None:
    listing = journal.listing().result()
    assert listing.folders == (FolderSummary("art", "art", 1), FolderSummary("work", "Work", 2))
    assert [(c.conversation_id, c.folder) for c in listing.conversations] == [
        ("c", "art"), ("d", "Work"), ("b", "Work"), ("e", ""), ("a", ""),
    ]  # fmt: skip
    assert [c.conversation_id for c in journal.conversations().result()] == list("edcba")


def test_a_pinned_one_stays_on_top_and_in_its_folder(journal: Journal) -> None:
    journal.pin_conversations(["b", "a"], pinned=True)
    journal.collapse_folder("work", collapsed=True)
    assert listed(journal) == ["b", "a", "c", "e"]
    assert folder_of(journal, "b") == "Work"


def test_pages_go_on_where_the_last_one_ended(journal: Journal) -> None:
    pages = [journal.listing("", 2, offset).result().conversations for offset in (0, 2, 4)]
    assert [c.conversation_id for page in pages for c in page] == ["c", "d", "b", "e", "a"]


def test_a_collapsed_folder_hides_its_own_from_the_list_and_not_from_a_search(
    journal: Journal,
) -> None:
    journal.collapse_folder("work", collapsed=True)
    assert listed(journal) == ["c", "e", "a"]
    assert listed(journal, "title") == list("edcba")
    assert listed(journal, "about b") == ["b"]
    assert [f.collapsed for f in journal.folders().result()] == [False, True]


def test_a_removed_folder_leaves_its_conversations_and_comes_back_with_them(
    journal: Journal,
) -> None:
    journal.remove_folder("work")
    assert listed(journal) == ["c", "e", "d", "b", "a"]
    assert [f.name for f in journal.folders().result()] == ["art"]
    journal.move_to_folder(["d"], "art")
    journal.restore_folder("work")
    assert [folder_of(journal, name) for name in "bd"] == ["Work", "art"]


def test_a_removed_folder_is_gone_for_good_once_it_is_purged(
    journal: Journal, tmp_path: Path
) -> None:
    journal.remove_folder("work")
    journal.purge_deleted().result()
    assert folder_of(journal, "b") == ""
    rows = sqlite3.connect(tmp_path / "journal.db")
    assert rows.execute("select name from folders").fetchall() == [("art",)]
    assert rows.execute(
        "select count(*) from conversations where folder_id = 'work'"
    ).fetchone() == (0,)
    rows.close()


def test_many_are_moved_and_put_back_where_each_was(journal: Journal) -> None:
    before = journal.move_to_folder(["a", "b", "c"], "work").result()
    assert [folder_of(journal, name) for name in "abc"] == ["Work"] * 3
    journal.put_back_in_folders(before)
    assert [folder_of(journal, name) for name in "abc"] == ["", "Work", "art"]


def test_many_are_pinned_and_put_back_as_each_was(journal: Journal) -> None:
    journal.pin_conversations(["a"], pinned=True)
    before = journal.pin_conversations(["a", "b"], pinned=True).result()
    journal.put_back_pins(before)
    pinned = [c.conversation_id for c in journal.conversations().result() if c.pinned]
    assert pinned == ["a"]


def test_many_are_deleted_and_restored_at_once(journal: Journal) -> None:
    journal.delete_conversations(["a", "b"])
    assert listed(journal) == ["c", "d", "e"]
    assert [f.count for f in journal.folders().result()] == [1, 1]
    journal.restore_conversations(["a", "b"])
    assert listed(journal) == ["c", "d", "b", "e", "a"]


def test_a_folders_name_travels_in_a_file(journal: Journal, tmp_path: Path) -> None:
    file = b"".join(to_json_line(journal.export(name).result()) for name in "abc")
    there = Journal(tmp_path / "there.db")
    there.create_folder("known", "WORK")
    there.import_conversations(read_conversations(file)).result()
    assert {c.title: c.folder for c in there.conversations().result()} == {
        "title a": "", "title b": "WORK", "title c": "art",
    }  # fmt: skip
    assert [(f.name, f.count) for f in there.folders().result()] == [("art", 1), ("WORK", 1)]
    there.close()


def test_those_of_one_folder_are_listed_by_its_name(journal: Journal) -> None:
    found = journal.conversations("title", folder="work").result()
    assert [c.conversation_id for c in found] == ["d", "b"]
    assert journal.conversations(folder="nowhere").result() == []
