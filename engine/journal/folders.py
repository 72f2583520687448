"""Folders of conversations: statements over one connection.

A folder that is removed is only hidden until it is purged, and so are the places of what was in it:
undoing it finds everything where it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.journal.records import FolderSummary, new_id, now
from engine.journal.sqlite import Database
from engine.journal.transaction import writing


def summaries(db: Database) -> list[FolderSummary]:
    """All folders, by name."""
    rows = db.query(
        "select f.id, f.name, f.collapsed, (select count(*) from conversations c"
        " where c.folder_id = f.id and c.deleted_at is null) as count"
        " from folders f where f.deleted_at is null order by f.name collate nocase, f.rowid"
    )
    return [
        FolderSummary(row["id"], row["name"], row["count"], bool(row["collapsed"])) for row in rows
    ]


def create(db: Database, folder_id: str, name: str) -> None:
    """Make a folder."""
    db.execute(
        "insert into folders (id, name, created_at) values (?, ?, ?)",
        (folder_id, name, now().isoformat()),
    )


def rename(db: Database, folder_id: str, name: str) -> None:
    """Change a folder's name."""
    db.execute("update folders set name = ? where id = ?", (name, folder_id))


def set_collapsed(db: Database, folder_id: str, *, collapsed: bool) -> None:
    """List what is in a folder no longer, or again."""
    db.execute("update folders set collapsed = ? where id = ?", (int(collapsed), folder_id))


def remove(db: Database, folder_id: str) -> None:
    """Hide a folder until it is purged or restored."""
    db.execute("update folders set deleted_at = ? where id = ?", (now().isoformat(), folder_id))


def restore(db: Database, folder_id: str) -> None:
    """Undo `remove`."""
    db.execute("update folders set deleted_at = null where id = ?", (folder_id,))


def purge(db: Database) -> None:
    """Really remove what was removed."""
    db.execute("delete from folders where deleted_at is not null")


def move(db: Database, ids: Sequence[str], folder_id: str | None) -> dict[str, str | None]:
    """Keep conversations in a folder, or in none.

    Returns:
        The folder that each was in before, for `put_back`.
    """
    with writing(db):
        before = {each: _folder_of(db, each) for each in ids}
        put_back(db, dict.fromkeys(ids, folder_id))
    return before


def put_back(db: Database, before: Mapping[str, str | None]) -> None:
    """Keep each conversation in the folder that it was in."""
    with writing(db):
        for conversation_id, folder_id in before.items():
            db.execute(
                "update conversations set folder_id = ? where id = ?", (folder_id, conversation_id)
            )


def name_of(db: Database, conversation_id: str) -> str:
    """The name of the folder that a conversation is in, or ""."""
    row: Any = db.execute(
        "select f.name from conversations c join folders f on f.id = c.folder_id"
        " where c.id = ? and f.deleted_at is null",
        (conversation_id,),
    ).fetchone()
    return str(row[0]) if row else ""


def called(db: Database, name: str) -> str:
    """The id of the oldest folder of a name, in any case; of a new one where there is none."""
    row: Any = db.execute(
        "select id from folders where name = ? collate nocase and deleted_at is null"
        " order by rowid limit 1",
        (name,),
    ).fetchone()
    if row:
        return str(row[0])
    folder_id = new_id()
    create(db, folder_id, name)
    return folder_id


def _folder_of(db: Database, conversation_id: str) -> str | None:
    row: Any = db.execute(
        "select folder_id from conversations where id = ?", (conversation_id,)
    ).fetchone()
    return row[0] if row else None
