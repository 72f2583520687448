"""What is written and not sent yet, one text a conversation: statements over one connection."""

from __future__ import annotations

from engine.journal.sqlite import Database


def keep(db: Database, conversation_id: str, content: str) -> None:
    """Remember what is written in a conversation, "" for one that was not begun; or forget it."""
    if content:
        db.execute("insert or replace into unsent values (?, ?)", (conversation_id, content))
    else:
        db.execute("delete from unsent where conversation_id = ?", (conversation_id,))


def texts(db: Database) -> dict[str, str]:
    """What is written, by conversation, those that are there."""
    rows = db.execute(
        "select u.conversation_id, u.content from unsent u"
        " left join conversations c on c.id = u.conversation_id"
        " where u.conversation_id = '' or (c.id is not null and c.deleted_at is null)"
    )
    return dict(rows.fetchall())


def forget_gone(db: Database) -> None:
    """Forget what was written in conversations that are really deleted."""
    db.execute(
        "delete from unsent where conversation_id <> ''"
        " and conversation_id not in (select id from conversations)"
    )
