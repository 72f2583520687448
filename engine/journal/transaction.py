"""One transaction that writes, while other programs write to the same journal.

A transaction that begins by reading cannot wait for another writer: SQLite refuses its first write
at once, for what it read is old by then (sqlite.org/isolation.html). Taking the write lock first,
it waits its turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.journal.sqlite import Database


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """Do all of a block or nothing of it; a block inside another one is a part of that."""
    if db.conn.in_transaction:
        with db.atomic():
            yield
        return
    db.execute("begin immediate")
    try:
        yield
        db.execute("commit")
    except BaseException:
        db.rollback()
        raise
