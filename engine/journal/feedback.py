"""What a person says of deliberations: statements over one connection.

A row exists only while something is said, and goes with its deliberation.
"""

from __future__ import annotations

import msgspec

from engine.feedback import Feedback, Thumb
from engine.journal.errors import JournalMissingError
from engine.journal.records import now
from engine.journal.sqlite import Database
from engine.journal.transaction import writing

_NOTHING = Feedback()


def of(db: Database, deliberation_id: str) -> Feedback:
    """What was said of a deliberation.

    Raises:
        JournalMissingError: It is not in the journal.
    """
    known = db.execute("select 1 from deliberations where id = ?", (deliberation_id,)).fetchone()
    if known is None:
        raise JournalMissingError("no such deliberation")
    rows = db.query(
        "select thumb, thumb_candidate, preferred from feedback where deliberation_id = ?",
        (deliberation_id,),
    )
    row = next(rows, None)
    return _NOTHING if row is None else msgspec.convert(row, Feedback)


def set_thumb(db: Database, deliberation_id: str, candidate: int, thumb: Thumb | None) -> Feedback:
    """Record what a person thinks of the answer, or take it back.

    Args:
        db: The journal.
        deliberation_id: Which deliberation.
        candidate: Index of the candidate that is shown as the answer.
        thumb: What they think, or None to take it back.

    Returns:
        Everything that is said of the deliberation now.

    Raises:
        JournalMissingError: The deliberation or the candidate is not in the journal.
    """
    with writing(db):
        before = of(db, deliberation_id)
        _check_candidate(db, deliberation_id, candidate)
        about = candidate if thumb is not None else None
        return keep(
            db,
            deliberation_id,
            msgspec.structs.replace(before, thumb=thumb, thumb_candidate=about),
        )


def prefer(db: Database, deliberation_id: str, candidate: int | None) -> Feedback:
    """Record which candidate a person prefers, or take it back with None.

    Returns:
        Everything that is said of the deliberation now.

    Raises:
        JournalMissingError: The deliberation or the candidate is not in the journal.
    """
    with writing(db):
        before = of(db, deliberation_id)
        if candidate is not None:
            _check_candidate(db, deliberation_id, candidate)
        return keep(db, deliberation_id, msgspec.structs.replace(before, preferred=candidate))


def _check_candidate(db: Database, deliberation_id: str, candidate: int) -> None:
    found = db.execute(
        "select 1 from candidates where deliberation_id = ? and number = ?",
        (deliberation_id, candidate),
    ).fetchone()
    if found is None:
        raise JournalMissingError(f"no candidate {candidate}")


def keep(db: Database, deliberation_id: str, said: Feedback) -> Feedback:
    """Record everything that is said of a deliberation; returns it."""
    if said == _NOTHING:
        db.execute("delete from feedback where deliberation_id = ?", (deliberation_id,))
    else:
        db.execute(
            "insert or replace into feedback values (?, ?, ?, ?, ?)",
            (
                deliberation_id,
                said.thumb,
                said.thumb_candidate,
                said.preferred,
                now().isoformat(),
            ),
        )
    return said
