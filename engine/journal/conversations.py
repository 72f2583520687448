"""Conversations and their messages: statements over one connection.

Plain functions, so that the one thread that owns the connection is the only place with state.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from engine.journal import folders, unsent
from engine.journal.records import ConversationSummary, Listing, MessageRecord, Status, now
from engine.journal.sqlite import Database
from engine.journal.transaction import writing
from engine.journal.tree_order import from_roots

_LIST = """
{hits}
select c.id, c.title, c.updated_at, c.leaf_id, c.model_path, c.pinned_at,
    f.id as folder_id, f.name as folder,
    {found},
    (select count(*) from messages m where m.conversation_id = c.id) as message_count,
    exists (select 1 from messages m where m.conversation_id = c.id and m.role = 'assistant'
        and m.deliberation_id is null) as imported,
    d.strategy as last_strategy, d.status as last_status,
    (select count(*) from candidates k where k.deliberation_id = d.id
        and (k.tokens > 0 or k.stop <> 'not-needed')) as last_attempts
from conversations c
left join folders f on f.id = c.folder_id and f.deleted_at is null
{joined}
left join deliberations d on d.id = (
    select m.deliberation_id from messages m join deliberations x on x.id = m.deliberation_id
    where m.conversation_id = c.id
    order by m.created_at desc, m.rowid desc limit 1)
where c.deleted_at is null {condition}
order by c.pinned_at is null, {order} c.updated_at desc, c.rowid desc
limit :limit offset :offset
"""
_IN_FOLDERS = """case when c.pinned_at is null then f.id is null end,
    case when c.pinned_at is null then f.name end collate nocase,
    case when c.pinned_at is null then f.rowid end,"""
_IN_OPEN_FOLDERS = "and (f.id is null or f.collapsed = 0 or c.pinned_at is not null)"
_IN_FOLDER = "and f.name = :folder collate nocase"

_ADD_MESSAGE = """
insert into messages (id, conversation_id, parent_id, role, content, created_at, deliberation_id)
values (?, ?, ?, ?, ?, ?, ?)
"""

_HITS = """
with hits as materialized (select rowid as r from messages_fts where messages_fts match :match),
newest as (
    select m.conversation_id as id, m.id as message_id, m.rowid as r, max(m.created_at)
    from hits join messages m on m.rowid = hits.r group by m.conversation_id)
"""
"""The newest hit of each conversation, of one pass through the index."""
_FOUND = """and (n.id is not null or c.rowid in (
    select rowid from conversations_fts where conversations_fts match :match))"""
_SNIPPET = """
select snippet(messages_fts, 0, char(2), '', '…', 12) as snippet
from messages_fts where messages_fts match :match and rowid = :hit
"""
_NOT_SOUGHT = {"hits": "", "found": "null as found_id, null as hit", "joined": ""}
_SOUGHT = {
    "hits": _HITS,
    "found": "n.message_id as found_id, n.r as hit",
    "joined": "left join newest n on n.id = c.id",
}
_HIT_MARK = "\x02"
_BEFORE_HIT = 16
"""Characters of a snippet in front of the hit: with more it would stand where a row is cut off."""


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


def set_pinned(db: Database, ids: Sequence[str], *, pinned: bool) -> dict[str, str | None]:
    """List conversations above the others, or among them again.

    Returns:
        Since when each of them was pinned before, for `put_back_pins`.
    """
    moment = _text(now()) if pinned else None
    with writing(db):
        before = {each: _pinned_at(db, each) for each in ids}
        put_back_pins(db, dict.fromkeys(ids, moment))
    return before


def put_back_pins(db: Database, before: Mapping[str, str | None]) -> None:
    """Pin conversations since when they were, or not."""
    with writing(db):
        for conversation_id, moment in before.items():
            db.execute(
                "update conversations set pinned_at = ? where id = ?", (moment, conversation_id)
            )


def _pinned_at(db: Database, conversation_id: str) -> str | None:
    row: Any = db.execute(
        "select pinned_at from conversations where id = ?", (conversation_id,)
    ).fetchone()
    return row[0] if row else None


def delete(db: Database, ids: Iterable[str]) -> None:
    """Hide conversations until they are purged or restored."""
    moment = _text(now())
    with writing(db):
        for conversation_id in ids:
            db.execute(
                "update conversations set deleted_at = ? where id = ?", (moment, conversation_id)
            )


def restore(db: Database, ids: Iterable[str]) -> None:
    """Undo `delete`."""
    with writing(db):
        for conversation_id in ids:
            db.execute(
                "update conversations set deleted_at = null where id = ?", (conversation_id,)
            )


def purge(db: Database) -> None:
    """Really delete what was deleted.

    Freed pages are overwritten (`secure_delete`). The search index only marks a deleted row until
    its segments merge, so it is built anew; the write-ahead log still holds the old pages, so it
    is emptied.
    """
    with writing(db):
        # one after another, as SQLite follows a chain of a thousand messages no further
        db.execute(
            "update messages set parent_id = null where conversation_id in"
            " (select id from conversations where deleted_at is not null)"
        )
        deleted = db.execute("delete from conversations where deleted_at is not null").rowcount
        unsent.forget_gone(db)
        folders.purge(db)
        if deleted:
            for index in ("messages_fts", "conversations_fts"):
                db.execute(f"insert into {index} ({index}) values ('rebuild')")
    db.execute("pragma wal_checkpoint(truncate)").fetchone()


def set_leaf(db: Database, conversation_id: str, message_id: str | None) -> None:
    """Remember which branch is shown."""
    db.execute("update conversations set leaf_id = ? where id = ?", (message_id, conversation_id))


def set_model(db: Database, conversation_id: str, model_path: str) -> None:
    """Remember a conversation's model."""
    db.execute(
        "update conversations set model_path = ? where id = ?", (model_path, conversation_id)
    )


def listing(db: Database, search: str, limit: int, offset: int) -> Listing:
    """List conversations as the window does: folder by folder, or all that a search finds."""
    known = tuple(folders.summaries(db))
    if search.strip():
        return Listing(known, tuple(summaries(db, search, limit, offset)))
    query = _LIST.format(condition=_IN_OPEN_FOLDERS, order=_IN_FOLDERS, **_NOT_SOUGHT)
    rows = db.query(query, {"limit": limit, "offset": offset})
    return Listing(known, tuple(map(_summary, rows)))


def summaries(
    db: Database, search: str, limit: int, offset: int, folder: str | None = None
) -> list[ConversationSummary]:
    """List conversations, pinned ones and then the newest first.

    With a search, those whose title or text has every word. Words match from their beginning, in
    any case and with or without accents; signs between them mean nothing.

    Args:
        db: The journal.
        search: Words, or "".
        limit: How many at most.
        offset: How many to leave out at the beginning.
        folder: Name of the only folder to list, in any case; None for all conversations.
    """
    parameters: dict[str, str | int] = {"limit": limit, "offset": offset}
    within = ""
    if folder is not None:
        within, parameters["folder"] = _IN_FOLDER, folder
    words = re.findall(r"[^\W_]+", search)
    if words:
        parameters["match"] = " ".join(f'"{word}"*' for word in words)
        query = _LIST.format(condition=f"{_FOUND} {within}", order="", **_SOUGHT)
    elif search.strip():
        return []
    else:
        query = _LIST.format(condition=within, order="", **_NOT_SOUGHT)
    rows = list(db.query(query, parameters))
    return [_summary(row, _snippet(db, row["hit"], parameters)) for row in rows]


def summary(db: Database, conversation_id: str) -> ConversationSummary | None:
    """One conversation's row of the list, or None when there is none or it is hidden."""
    query = _LIST.format(condition="and c.id = :id", order="", **_NOT_SOUGHT)
    rows = db.query(query, {"id": conversation_id, "limit": 1, "offset": 0})
    return next((_summary(row) for row in rows), None)


def _around_hit(snippet: str) -> str:
    """The words around a hit, in one line, with few of them in front."""
    before, _, behind = " ".join(snippet.split()).partition(_HIT_MARK)
    if len(before) > _BEFORE_HIT:
        _, _, last = before[-_BEFORE_HIT:].partition(" ")
        before = f"…{last}"
    return (before + behind).replace(_HIT_MARK, "")


def _snippet(db: Database, hit: int | None, parameters: dict[str, str | int]) -> str:
    """The words around a hit, given the row of its message."""
    if hit is None:
        return ""
    row = next(db.query(_SNIPPET, {"match": parameters["match"], "hit": hit}), None)
    return "" if row is None else _around_hit(row["snippet"])


def _summary(row: dict[str, Any], snippet: str = "") -> ConversationSummary:
    return ConversationSummary(
        conversation_id=row["id"],
        title=row["title"],
        updated_at=datetime.fromisoformat(row["updated_at"]),
        message_count=row["message_count"],
        leaf_id=row["leaf_id"],
        model_path=row["model_path"],
        last_strategy=row["last_strategy"] or "",
        last_failed=row["last_status"] == Status.FAILED,
        last_attempts=row["last_attempts"],
        snippet=snippet,
        found_id=row["found_id"],
        imported=bool(row["imported"]),
        pinned=row["pinned_at"] is not None,
        folder_id=row["folder_id"],
        folder=row["folder"] or "",
    )


def add_message(db: Database, message: MessageRecord) -> None:
    """Add a message below its parent and make it the shown branch."""
    with writing(db):
        db.execute(_ADD_MESSAGE, _row(message))
        db.execute(
            "update conversations set updated_at = max(updated_at, ?), leaf_id = ? where id = ?",
            (_text(message.created_at), message.message_id, message.conversation_id),
        )


def set_instructions(db: Database, message: MessageRecord) -> None:
    """Make a message without a parent the root of its conversation, or change the root's text."""
    with writing(db):
        changed = db.execute(
            "update messages set content = ? where id = ?", (message.content, message.message_id)
        ).rowcount
        if changed:
            return
        db.execute(
            "insert into messages (id, conversation_id, role, content, created_at)"
            " values (?, ?, ?, ?, ?)",
            (
                message.message_id,
                message.conversation_id,
                message.role,
                message.content,
                _text(message.created_at),
            ),
        )
        db.execute(
            "update messages set parent_id = ?"
            " where conversation_id = ? and parent_id is null and id <> ?",
            (message.message_id, message.conversation_id, message.message_id),
        )


def update_message(db: Database, message_id: str, content: str) -> None:
    """Replace a message's text."""
    db.execute("update messages set content = ? where id = ?", (content, message_id))


def messages(db: Database, conversation_id: str) -> list[MessageRecord]:
    """The whole tree, oldest first, but none before what it follows: clocks are set back."""
    rows = db.query(
        "select id as message_id, conversation_id, parent_id, role, content, created_at,"
        " deliberation_id from messages where conversation_id = ? order by created_at, rowid",
        (conversation_id,),
    )
    told = [msgspec.convert(row, MessageRecord, strict=False) for row in rows]
    return from_roots(told, lambda each: each.message_id, lambda each: each.parent_id)


def add_whole(
    db: Database,
    conversation_id: str,
    title: str,
    tree: Sequence[MessageRecord],
    leaf_id: str | None,
    folder_id: str | None,
) -> None:
    """Add a conversation with its messages, parents first; it stands in the list by the latest."""
    moments = sorted(_text(message.created_at) for message in tree)
    db.execute(
        "insert into conversations (id, title, created_at, updated_at, folder_id)"
        " values (?, ?, ?, ?, ?)",
        (conversation_id, title, moments[0], moments[-1], folder_id),
    )
    db.conn.executemany(_ADD_MESSAGE, map(_row, tree))
    set_leaf(db, conversation_id, leaf_id or tree[-1].message_id)


def leaf_of(db: Database, conversation_id: str) -> str | None:
    """The end of the branch that is shown, or None."""
    row: Any = db.execute(
        "select leaf_id from conversations where id = ?", (conversation_id,)
    ).fetchone()
    return row[0] if row else None


def title_of(db: Database, conversation_id: str) -> str:
    """A conversation's title, or ""."""
    row: Any = db.execute(
        "select title from conversations where id = ?", (conversation_id,)
    ).fetchone()
    return str(row[0]) if row else ""


def _row(message: MessageRecord) -> tuple[str | None, ...]:
    return (
        message.message_id,
        message.conversation_id,
        message.parent_id,
        message.role,
        message.content,
        _text(message.created_at),
        message.deliberation_id,
    )


def _text(moment: datetime) -> str:
    return moment.isoformat()
