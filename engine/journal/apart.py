"""Deliberations that belong to no conversation: answers that were given to other programs.

Those that still run are left alone, for what is yet to come of them needs its place.
"""

from __future__ import annotations

from typing import Final

from engine.journal.sqlite import Database
from engine.journal.transaction import writing

_APART: Final = """message_id is null and status != 'running' and id not in
    (select deliberation_id from messages where deliberation_id is not null)"""


def count(db: Database) -> int:
    """How many have ended and are kept."""
    row = db.execute(f"select count(*) from deliberations where {_APART}").fetchone()
    return int(row[0])


def delete(db: Database) -> int:
    """Delete them with their candidates, drafts, steps and what was measured; return how many.

    Freed pages are overwritten; the write-ahead log, which still holds the old ones, is emptied.
    """
    with writing(db):
        deleted = db.execute(f"delete from deliberations where {_APART}").rowcount
    db.execute("pragma wal_checkpoint(truncate)").fetchone()
    return deleted
