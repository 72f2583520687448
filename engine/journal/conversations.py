"""Conversations and their messages: statements over one connection."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec
from sqlite_utils import Database

from engine.journal.records import ConversationSummary, MessageRecord, now

_LIST = """
select c.id, c.title, c.updated_at, c.leaf_id, c.model_path,
    (select count(*) from messages m where m.conversation_id = c.id) as message_count,
    d.strategy as last_strategy,
    (select count(*) from candidates k where k.deliberation_id = d.id) as last_attempts
from conversations c
left join deliberations d on d.id = (
    select m.deliberation_id from messages m
    where m.conversation_id = c.id and m.deliberation_id is not null
    order by m.created_at desc, m.rowid desc limit 1)
where c.deleted_at is null {condition}
order by c.updated_at desc, c.rowid desc limit :limit offset :offset
"""


def create(db: Database, conversation_id: str, title: str) -> None:
    """Start a conversation."""
    moment = _text(now())
    db.execute(
        "insert into conversations (id, title, created_at, updated_at) values (?, ?, ?, ?)",
        (conversation_id, title, moment, moment),
    )


def rename(db: Database, conversation_id: str, title: str) -> None:
    """Change a title."""
    db.execute("update conversations set title = ? where id = ?", (title, conversation_id))


def delete(db: Database, conversation_id: str) -> None:
    """Hide a conversation until it is purged or restored."""
    db.execute(
        "update conversations set deleted_at = ? where id = ?", (_text(now()), conversation_id)
    )


def restore(db: Database, conversation_id: str) -> None:
    """Undo `delete`."""
    db.execute("update conversations set deleted_at = null where id = ?", (conversation_id,))


def purge(db: Database) -> None:
    """Really delete what was deleted, from the search index too; pages are overwritten."""
    db.execute("delete from conversations where deleted_at is not null")
    db.execute("insert into messages_fts (messages_fts) values ('optimize')")


def set_leaf(db: Database, conversation_id: str, message_id: str | None) -> None:
    """Remember which branch is shown."""
    db.execute("update conversations set leaf_id = ? where id = ?", (message_id, conversation_id))


def set_model(db: Database, conversation_id: str, model_path: str) -> None:
    """Remember a conversation's model."""
    db.execute(
        "update conversations set model_path = ? where id = ?", (model_path, conversation_id)
    )


def summaries(db: Database, search: str, limit: int, offset: int) -> list[ConversationSummary]:
    """List conversations, newest first; with a search, those whose title or text has every word."""
    condition = ""
    parameters: dict[str, str | int] = {"limit": limit, "offset": offset}
    words = re.findall(r"\w+", search)
    if words:
        match = " ".join(f'"{word}"*' for word in words)
        titles = " and ".join(f"c.title like :word{number}" for number in range(len(words)))
        condition = f"""and (({titles}) or c.id in (
            select m.conversation_id from messages_fts f join messages m on m.rowid = f.rowid
            where messages_fts match :match))"""
        parameters |= {"match": match}
        parameters |= {f"word{number}": f"%{word}%" for number, word in enumerate(words)}
    elif search.strip():
        return []
    rows = db.query(_LIST.format(condition=condition), parameters)
    return [
        ConversationSummary(
            conversation_id=row["id"],
            title=row["title"],
            updated_at=datetime.fromisoformat(row["updated_at"]),
            message_count=row["message_count"],
            leaf_id=row["leaf_id"],
            model_path=row["model_path"],
            last_strategy=row["last_strategy"] or "",
            last_attempts=row["last_attempts"],
        )
        for row in rows
    ]


def add_message(db: Database, message: MessageRecord) -> None:
    """Add a message below its parent and make it the shown branch."""
    with db.atomic():
        db.execute(
            "insert into messages (id, conversation_id, parent_id, role, content, created_at,"
            " deliberation_id) values (?, ?, ?, ?, ?, ?, ?)",
            (
                message.message_id,
                message.conversation_id,
                message.parent_id,
                message.role,
                message.content,
                _text(message.created_at),
                message.deliberation_id,
            ),
        )
        db.execute(
            "update conversations set updated_at = ?, leaf_id = ? where id = ?",
            (_text(message.created_at), message.message_id, message.conversation_id),
        )


def update_message(db: Database, message_id: str, content: str) -> None:
    """Replace a message's text."""
    db.execute("update messages set content = ? where id = ?", (content, message_id))


def messages(db: Database, conversation_id: str) -> list[MessageRecord]:
    """The whole tree, oldest first."""
    rows = db.query(
        "select id as message_id, conversation_id, parent_id, role, content, created_at,"
        " deliberation_id from messages where conversation_id = ? order by created_at, rowid",
        (conversation_id,),
    )
    return [msgspec.convert(row, MessageRecord, strict=False) for row in rows]


def title_of(db: Database, conversation_id: str) -> str:
    """A conversation's title, or ""."""
    row: Any = db.execute(
        "select title from conversations where id = ?", (conversation_id,)
    ).fetchone()
    return str(row[0]) if row else ""


def _text(moment: datetime) -> str:
    return moment.isoformat()
