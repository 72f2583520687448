"""Deliberations, their candidates, and the models they ran on: statements over one connection."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from engine.budget import Budget
from engine.candidate import Candidate
from engine.generation import JsonReply, LoadOptions, Sampling
from engine.journal import feedback
from engine.journal.errors import JournalUnreadableError
from engine.journal.records import (
    DeliberationRecord,
    DraftRecord,
    RecordedDeliberations,
    Status,
)
from engine.journal.sqlite import Database
from engine.journal.transaction import writing
from engine.journal.unreadable import reading
from engine.options import StrategyChoice, StrategyOptions
from engine.power.meter import EnergyReport
from engine.power.trace import joined_report
from engine.step import Step
from engine.verdict import Verdict

_log = logging.getLogger(__name__)
_BEGUN: Final = """(exists (select 1 from candidates c where c.deliberation_id = excluded.id)
    or exists (select 1 from steps s where s.deliberation_id = excluded.id))"""
"""Whether a deliberation that is reopened has anything to build on."""


def start(db: Database, record: DeliberationRecord) -> None:
    """Record a deliberation before it is sent; thinking longer reopens the same one.

    What a stretch took that was broken off is not known, so that the sum is not either. The model
    is the one that thinks now; where another one began, the deliberation prices neither.
    """
    db.execute(
        f"""insert into deliberations (id, message_id, strategy, budget, sampling, seed, model_path,
            model_sha256, load_options, started_at, status, options, json_reply)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?)
        on conflict (id) do update set budget = excluded.budget, status = 'running',
            error_code = '', error_detail = '', promoted = null,
            total_seconds = case when status = 'finished' or not {_BEGUN} then total_seconds
                else coalesce(total_seconds, 0.0) end,
            energy = case when status = 'finished' or not {_BEGUN} then energy end,
            mixed = mixed or ({_BEGUN} and
                (status <> 'finished' or model_path <> excluded.model_path)),
            model_sha256 = case when model_path = excluded.model_path then model_sha256 end,
            model_path = excluded.model_path, load_options = excluded.load_options""",
        (
            record.deliberation_id,
            record.message_id,
            record.strategy,
            _json(record.budget),
            _json(record.sampling),
            record.seed,
            record.model_path,
            record.model_sha256,
            _json(record.load_options),
            record.started_at.isoformat(),
            _json(record.options),
            _json(record.json_reply) if record.json_reply is not None else None,
        ),
    )


def add_whole(db: Database, record: DeliberationRecord) -> None:
    """Add a deliberation that ran elsewhere, with everything that is known of it."""
    deliberation_id = record.deliberation_id
    start(db, record)
    for candidate in record.candidates:
        add_candidate(db, deliberation_id, candidate)
    save_drafts(db, deliberation_id, record.drafts)
    set_energy(db, deliberation_id, record.joules_by_candidate)
    for step in record.steps:
        add_step(db, deliberation_id, step)
    if record.choice is not None:
        set_choice(db, deliberation_id, record.choice)
    feedback.keep(db, deliberation_id, record.feedback)
    db.execute(
        "update deliberations set status = ?, verdict = ?, total_seconds = ?, energy = ?,"
        " error_code = ?, error_detail = ?, promoted = ? where id = ?",
        (
            record.status,
            _json(record.verdict) if record.verdict else None,
            record.total_seconds,
            _json(record.energy) if record.energy else None,
            record.error_code,
            record.error_detail,
            record.promoted,
            deliberation_id,
        ),
    )


def set_seed(db: Database, deliberation_id: str, seed: int) -> None:
    """Record the seed that was drawn."""
    db.execute("update deliberations set seed = ? where id = ?", (seed, deliberation_id))


def set_budget(db: Database, deliberation_id: str, budget: Budget) -> None:
    """Record a budget that was changed while running."""
    db.execute("update deliberations set budget = ? where id = ?", (_json(budget), deliberation_id))


def save_drafts(db: Database, deliberation_id: str, drafts: Sequence[DraftRecord]) -> None:
    """Replace the text in flight."""
    with writing(db):
        db.conn.executemany(
            "insert or replace into drafts values (?, ?, ?, ?, ?)",
            [
                (deliberation_id, draft.index, draft.thought, draft.response, draft.tokens)
                for draft in drafts
            ],
        )


def add_candidate(db: Database, deliberation_id: str, candidate: Candidate) -> None:
    """Record a finished candidate; its draft is no longer needed."""
    answer = candidate.answer
    with writing(db):
        db.execute(
            "insert or replace into candidates values (?, ?, ?, ?, ?, ?, ?, null, ?)",
            (
                deliberation_id,
                candidate.index,
                answer.text if answer else None,
                answer.key if answer else None,
                candidate.tokens,
                candidate.seconds,
                candidate.stop,
                _json(candidate),
            ),
        )
        db.execute(
            "delete from drafts where deliberation_id = ? and number = ?",
            (deliberation_id, candidate.index),
        )


def add_step(db: Database, deliberation_id: str, step: Step) -> None:
    """Record a finished step of a search."""
    db.execute(
        "insert or replace into steps values (?, ?, ?)", (deliberation_id, step.index, _json(step))
    )


def set_choice(db: Database, deliberation_id: str, choice: StrategyChoice) -> None:
    """Record what `auto` decided."""
    db.execute("update deliberations set choice = ? where id = ?", (_json(choice), deliberation_id))


def set_energy(db: Database, deliberation_id: str, joules: Mapping[int, float]) -> None:
    """Record the energy attributed to candidates."""
    with writing(db):
        db.conn.executemany(
            "update candidates set joules = ? where deliberation_id = ? and number = ?",
            [(value, deliberation_id, index) for index, value in joules.items()],
        )


def finish(
    db: Database,
    deliberation_id: str,
    verdict: Verdict,
    total_seconds: float,
    energy: EnergyReport | None,
    prompt_read: int | None = None,
) -> None:
    """Record the verdict; time and energy add to those of an earlier stretch."""
    with writing(db):
        row = db.execute(
            "select total_seconds, energy from deliberations where id = ?", (deliberation_id,)
        ).fetchone()
        if row and row[0] is not None:
            before = msgspec.json.decode(row[1], type=EnergyReport) if row[1] else None
            energy = joined_report(before, row[0], energy, total_seconds)
            total_seconds += row[0]
        db.execute(
            "update deliberations set status = 'finished', verdict = ?, total_seconds = ?,"
            " energy = ?, prompt_read = coalesce(prompt_read, ?) where id = ?",
            (
                _json(verdict),
                total_seconds,
                _json(energy) if energy else None,
                prompt_read,
                deliberation_id,
            ),
        )
        db.execute("delete from drafts where deliberation_id = ?", (deliberation_id,))


def fail(db: Database, deliberation_id: str, code: str, detail: str) -> None:
    """Record a failure; finished candidates stay."""
    db.execute(
        "update deliberations set status = 'failed', error_code = ?, error_detail = ? where id = ?",
        (code, detail, deliberation_id),
    )


def promote(db: Database, deliberation_id: str, index: int) -> None:
    """Record that the person prefers another candidate."""
    db.execute("update deliberations set promoted = ? where id = ?", (index, deliberation_id))


def load(db: Database, deliberation_id: str) -> DeliberationRecord | None:
    """Everything of one deliberation, or None.

    Raises:
        JournalUnreadableError: It is damaged, or of another version.
    """
    row = next(db.query("select * from deliberations where id = ?", (deliberation_id,)), None)
    return None if row is None else _record(db, row)


def of_conversation(db: Database, conversation_id: str) -> RecordedDeliberations:
    """Every deliberation of a conversation, oldest first."""
    rows = list(
        db.query(
            "select * from deliberations where id in (select deliberation_id from messages"
            " where conversation_id = ?) order by started_at",
            (conversation_id,),
        )
    )
    records: list[DeliberationRecord] = []
    unreadable: list[str] = []
    for row in rows:
        try:
            records.append(_record(db, row))
        except JournalUnreadableError:
            _log.warning("the record of deliberation %s cannot be read", row["id"])
            unreadable.append(row["id"])
    return RecordedDeliberations(tuple(records), tuple(unreadable))


def interrupt_running(db: Database, before: datetime | None = None) -> list[str]:
    """Mark what was running when the program last ended; return the ids.

    Args:
        db: The journal.
        before: What began later is another program's, which may still run it; None where there is
            no other.
    """
    last = "9999" if before is None else before.isoformat()
    left_behind = "status = 'running' and started_at < ?"
    with writing(db):
        found = db.execute(f"select id from deliberations where {left_behind}", (last,)).fetchall()
        db.execute(f"update deliberations set status = 'interrupted' where {left_behind}", (last,))
    return [name for (name,) in found]


def _record(db: Database, row: dict[str, Any]) -> DeliberationRecord:
    with reading(f"deliberation {row['id']}"):
        return _read(db, row)


def _read(db: Database, row: dict[str, Any]) -> DeliberationRecord:
    deliberation_id = row["id"]
    stored = list(
        db.query(
            "select number, joules, record from candidates where deliberation_id = ?"
            " order by number",
            (deliberation_id,),
        )
    )
    drafts = db.query(
        "select number as 'index', thought, response, tokens from drafts where deliberation_id = ?"
        " order by number",
        (deliberation_id,),
    )
    steps = db.execute(
        "select record from steps where deliberation_id = ? order by number", (deliberation_id,)
    )
    return DeliberationRecord(
        deliberation_id=deliberation_id,
        message_id=row["message_id"],
        strategy=row["strategy"],
        budget=msgspec.json.decode(row["budget"], type=Budget),
        sampling=msgspec.json.decode(row["sampling"], type=Sampling),
        seed=row["seed"],
        model_path=row["model_path"],
        load_options=msgspec.json.decode(row["load_options"], type=LoadOptions),
        started_at=datetime.fromisoformat(row["started_at"]),
        status=Status(row["status"]),
        model_sha256=row["model_sha256"],
        verdict=msgspec.json.decode(row["verdict"], type=Verdict) if row["verdict"] else None,
        total_seconds=row["total_seconds"],
        energy=msgspec.json.decode(row["energy"], type=EnergyReport) if row["energy"] else None,
        error_code=row["error_code"],
        error_detail=row["error_detail"],
        candidates=tuple(msgspec.json.decode(c["record"], type=Candidate) for c in stored),
        drafts=tuple(msgspec.convert(draft, DraftRecord) for draft in drafts),
        joules_by_candidate={c["number"]: c["joules"] for c in stored if c["joules"] is not None},
        promoted=row["promoted"],
        feedback=feedback.of(db, deliberation_id),
        options=msgspec.json.decode(row["options"], type=StrategyOptions),
        choice=msgspec.json.decode(row["choice"], type=StrategyChoice) if row["choice"] else None,
        steps=tuple(msgspec.json.decode(step, type=Step) for (step,) in steps),
        json_reply=(
            msgspec.json.decode(row["json_reply"], type=JsonReply) if row["json_reply"] else None
        ),
    )


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()
