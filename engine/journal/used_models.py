"""Model files that were used, and the hashes that tell whether a file is still the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from engine.journal.records import ModelRecord
from engine.journal.sqlite import Database
from engine.journal.transaction import writing


def remember(db: Database, model: ModelRecord) -> None:
    """Record that a model file was used; a known hash stays while the file is the same."""
    db.execute(
        """insert into models (path, name, size_bytes, architecture, quantization, last_used_at,
            sha256, crashed, modified_ns) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (path) do update set name = excluded.name, size_bytes = excluded.size_bytes,
            architecture = excluded.architecture, quantization = excluded.quantization,
            last_used_at = excluded.last_used_at, crashed = excluded.crashed,
            sha256 = case when excluded.size_bytes = size_bytes
                and excluded.modified_ns is modified_ns
                then coalesce(excluded.sha256, sha256) else excluded.sha256 end,
            modified_ns = excluded.modified_ns""",
        (
            model.path,
            model.name,
            model.size_bytes,
            model.architecture,
            model.quantization,
            model.last_used_at.isoformat(),
            model.sha256,
            int(model.crashed),
            model.modified_ns,
        ),
    )


def set_hash(db: Database, path: str, sha256: str, deliberation_ids: Sequence[str]) -> None:
    """Record a file's hash once it is known, also for the deliberations that ran on it so far."""
    with writing(db):
        db.execute("update models set sha256 = ? where path = ?", (sha256, path))
        for deliberation_id in deliberation_ids:
            db.execute(
                "update deliberations set model_sha256 = ? where id = ?", (sha256, deliberation_id)
            )


def hash_of(db: Database, path: str) -> str | None:
    """The hash of a file that was used before and has not changed since, or None."""
    row = db.execute("select sha256 from models where path = ?", (path,)).fetchone()
    return row[0] if row is not None else None


def latest_first(db: Database) -> Iterator[ModelRecord]:
    """Models that were used, latest first."""
    for row in db.query("select * from models order by last_used_at desc"):
        yield msgspec.convert(row, ModelRecord, strict=False)
