"""Sweeps: their plans, samples, verdicts and costs: statements over one connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from engine.candidate import Candidate
from engine.journal.errors import JournalUnreadableError, SweepAmbiguousError, SweepUnknownError
from engine.journal.sqlite import Database
from engine.journal.transaction import writing
from engine.journal.unreadable import reading
from engine.lab.forecast import ENOUGH_SAMPLES, Pace
from engine.lab.plan import Arm, SweepPlan
from engine.lab.records import (
    IMPORTED,
    Place,
    RunCard,
    SampleRecord,
    Stretch,
    SweepRecord,
    SweepStatus,
    SweepSummary,
    VerdictRecord,
)
from engine.power.meter import EnergyReport
from engine.verdict import Verdict

T = TypeVar("T")


def start(db: Database, sweep_id: str, name: str, created_at: str, plan: SweepPlan) -> None:
    """Record a plan before anything of it is done."""
    db.execute(
        "insert into sweeps (id, name, created_at, plan, status) values (?, ?, ?, ?, 'running')",
        (sweep_id, name, created_at, _json(plan)),
    )


def set_status(db: Database, sweep_id: str, status: SweepStatus, why: str) -> None:
    """Record where it stands."""
    db.execute("update sweeps set status = ?, why = ? where id = ?", (status, why, sweep_id))


def set_card(db: Database, sweep_id: str, card: RunCard) -> None:
    """Record what it runs on."""
    db.execute("update sweeps set card = ? where id = ?", (_json(card), sweep_id))


def delete(db: Database, sweep_id: str) -> None:
    """Forget all of it."""
    db.execute("delete from sweeps where id = ?", (sweep_id,))


def add_sample(db: Database, sweep_id: str, sample: SampleRecord) -> None:
    """Record a finished sample."""
    place, candidate = sample.place, sample.candidate
    db.execute(
        "insert or replace into sweep_samples values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            sweep_id,
            place.arm,
            place.question,
            place.repeat,
            candidate.index,
            sample.group_key,
            sample.right,
            sample.why,
            sample.corrected,
            candidate.tokens,
            candidate.seconds,
            candidate.confidence,
            candidate.score,
            _json(candidate),
        ),
    )


def add_verdict(db: Database, sweep_id: str, record: VerdictRecord) -> None:
    """Record a verdict, and which group each of its samples voted in."""
    place = record.place
    where = (sweep_id, place.arm, place.question, place.repeat)
    groups = [
        (group.key, *where, number)
        for group in record.verdict.tally.groups
        for number in group.candidates
    ]
    with writing(db):
        db.conn.executemany(
            """update sweep_samples set group_key = ? where sweep_id = ? and arm = ?
                and question = ? and repeat = ? and number = ?""",
            groups,
        )
        db.execute(
            "insert or replace into sweep_verdicts values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *where,
                record.verdict.answer,
                record.right,
                record.why,
                record.corrected,
                record.tokens,
                record.seconds,
                _json(record.verdict),
            ),
        )


def add_stretch(db: Database, sweep_id: str, stretch: Stretch) -> None:
    """Record what some time cost."""
    energy = None if stretch.energy is None else _json(stretch.energy)
    db.execute(
        "insert into sweep_stretches values (?, ?, ?, ?, ?, ?, ?)",
        (
            sweep_id,
            stretch.arm,
            stretch.started_at,
            stretch.seconds,
            stretch.tokens,
            energy,
            _json(stretch.watts),
        ),
    )


def correct(db: Database, sweep_id: str, place: Place, group_key: str, right: bool | None) -> None:  # noqa: FBT001 - the word itself
    """Record what a person says of one answer to a question; None takes it back."""
    where = (sweep_id, place.arm, place.question, place.repeat)
    with writing(db):
        db.execute(
            """update sweep_samples set corrected = ? where sweep_id = ? and arm = ?
                and question = ? and repeat = ? and group_key = ?""",
            (right, *where, group_key),
        )
        for record in _verdicts(db, sweep_id, where[1:]):
            if _winner(record.verdict) == group_key:
                db.execute(
                    """update sweep_verdicts set corrected = ? where sweep_id = ? and arm = ?
                        and question = ? and repeat = ?""",
                    (right, *where),
                )


def _winner(verdict: Verdict) -> str | None:
    """The key of the group that the verdict speaks for, if it speaks for one."""
    for group in verdict.tally.groups:
        if verdict.chosen is None and group.label == verdict.answer:
            return group.key
        if verdict.chosen in group.candidates:  # it may write the answer in a way of its own
            return group.key
    return None


def summaries(db: Database) -> list[SweepSummary]:
    """All sweeps, latest first; those that cannot be read say so, and why."""
    rows = db.query(
        """select s.*, (select count(*) from sweep_samples x where x.sweep_id = s.id) as samples
        from sweeps s order by s.created_at desc, s.rowid desc"""
    )
    return [_summary_or_trouble(row) for row in rows]


def read(db: Database, sweep_id: str) -> SweepRecord:
    """All of a sweep, by its id or the beginning that only it has.

    Raises:
        SweepUnknownError: There is none, or there are several.
        JournalUnreadableError: It is damaged, or of another version.
    """
    row = _row_of(db, sweep_id)
    with reading(f"sweep {row['id']}"):
        return _read(db, row)


def summary(db: Database, sweep_id: str) -> SweepSummary:
    """A sweep as it is listed, by its id or the beginning that only it has, readable or not.

    Raises:
        SweepUnknownError: There is none, or there are several.
    """
    return _summary_or_trouble(_row_of(db, sweep_id))


def _row_of(db: Database, sweep_id: str) -> dict[str, object]:
    rows = list(
        db.query(
            """select s.*, (select count(*) from sweep_samples x where x.sweep_id = s.id)
                as samples from sweeps s where substr(s.id, 1, length(:begins)) = :begins""",
            {"begins": sweep_id},
        )
    )
    if not rows or not sweep_id:
        raise SweepUnknownError(repr(sweep_id[:80]))
    if len(rows) > 1:
        raise SweepAmbiguousError(f"{len(rows)} with {sweep_id[:80]!r}")
    return rows[0]


def _read(db: Database, row: dict[str, object]) -> SweepRecord:
    full_id = str(row["id"])
    return SweepRecord(
        _summary(row),
        _read_json(row["plan"], SweepPlan),
        _read_json(row["card"], RunCard),
        tuple(_sample(found) for found in _rows_of(db, "sweep_samples", full_id, "number")),
        tuple(_verdicts(db, full_id)),
        tuple(
            Stretch(
                found["arm"],
                found["started_at"],
                found["seconds"],
                found["tokens"],
                _read_json(found["energy"], EnergyReport) if found["energy"] else None,
                _read_json(found["watts"], tuple[float, ...]),
            )
            for found in db.query(
                "select * from sweep_stretches where sweep_id = ? order by rowid", (full_id,)
            )
        ),
    )


def paces(db: Database) -> list[Pace]:
    """What samples took in the latest sweeps of this machine, by model and strategy."""
    found: dict[tuple[str, str], Pace] = {}
    latest = "select id, plan from sweeps where why != ? order by created_at desc, rowid desc"
    for row in db.query(latest, (IMPORTED,)):
        try:
            with reading(f"sweep {row['id']}"):
                arms = _read_json(row["plan"], SweepPlan).arms
        except JournalUnreadableError:
            continue  # the list of sweeps tells of it
        for key, pace in _paces_of(db, row["id"], arms).items():
            known = found.get(key)
            if known is None:
                found[key] = pace
            elif known.samples < ENOUGH_SAMPLES:
                found[key] = known.with_other(pace)
    return list(found.values())


def _paces_of(db: Database, sweep_id: str, arms: Sequence[Arm]) -> dict[tuple[str, str], Pace]:
    """What the samples of one sweep took."""
    asked = _by_arm(db, "count(*) as verdicts", "sweep_verdicts", sweep_id)
    came = _by_arm(db, "count(*) as samples", "sweep_samples", sweep_id)
    costs = _by_arm(
        db,
        """sum(seconds) as seconds,
        case when count(json_extract(energy, '$.joules')) = count(*)
            then sum(json_extract(energy, '$.joules')) end as joules""",
        "sweep_stretches",
        sweep_id,
    )
    found: dict[tuple[str, str], Pace] = {}
    for number in came.keys() & costs.keys():
        arm, cost = arms[number], costs[number]
        verdicts = asked[number]["verdicts"] if number in asked else 0
        pace = Pace(
            arm.model_path,
            arm.strategy,
            samples=came[number]["samples"],
            seconds=cost["seconds"],
            joules=cost["joules"],
            planned=arm.budget.attempts * verdicts,
        )
        key = (arm.model_path, arm.strategy)
        found[key] = found[key].with_other(pace) if key in found else pace
    return found


def _by_arm(db: Database, what: str, table: str, sweep_id: object) -> dict[int, dict[str, Any]]:
    rows = db.query(f"select arm, {what} from {table} where sweep_id = ? group by arm", (sweep_id,))
    return {row["arm"]: row for row in rows}


def insert(db: Database, sweep_id: str, record: SweepRecord) -> None:
    """Record a whole sweep that came from a file, under a new id; it is finished."""
    summary = record.summary
    with writing(db):
        start(db, sweep_id, summary.name, summary.created_at, record.plan)
        set_card(db, sweep_id, record.card)
        set_status(db, sweep_id, SweepStatus.FINISHED, IMPORTED)
        for sample in record.samples:
            add_sample(db, sweep_id, sample)
        for verdict in record.verdicts:
            add_verdict(db, sweep_id, verdict)
        for stretch in record.stretches:
            add_stretch(db, sweep_id, stretch)


def _rows_of(db: Database, table: str, sweep_id: str, last: str) -> Sequence[dict[str, object]]:
    return list(
        db.query(
            f"select * from {table} where sweep_id = ? order by arm, question, repeat, {last}",
            (sweep_id,),
        )
    )


def _verdicts(
    db: Database, sweep_id: str, place: Sequence[object] | None = None
) -> list[VerdictRecord]:
    rows = _rows_of(db, "sweep_verdicts", sweep_id, "repeat")
    return [
        VerdictRecord(
            msgspec.convert(row, Place, strict=False),
            _read_json(row["verdict"], Verdict),
            _flag(row["right"]),
            str(row["why"]),
            int(str(row["tokens"])),
            float(str(row["seconds"])),
            _flag(row["corrected"]),
        )
        for row in rows
        if place is None or [row["arm"], row["question"], row["repeat"]] == list(place)
    ]


def _sample(row: dict[str, object]) -> SampleRecord:
    key = row["group_key"]
    return SampleRecord(
        msgspec.convert(row, Place, strict=False),
        _read_json(row["record"], Candidate),
        None if key is None else str(key),
        _flag(row["right"]),
        str(row["why"]),
        _flag(row["corrected"]),
    )


def _summary_or_trouble(row: dict[str, object]) -> SweepSummary:
    try:
        with reading(f"sweep {row['id']}"):
            return _summary(row)
    except JournalUnreadableError as error:
        return SweepSummary(
            str(row["id"]),
            str(row["name"]),
            str(row["created_at"]),
            SweepStatus.UNREADABLE,
            error.detail,
            int(str(row["samples"])),
            attempts=0,
        )


def _summary(row: dict[str, object]) -> SweepSummary:
    plan = _read_json(row["plan"], SweepPlan)
    return SweepSummary(
        str(row["id"]),
        str(row["name"]),
        str(row["created_at"]),
        SweepStatus(str(row["status"])),
        str(row["why"]),
        int(str(row["samples"])),
        plan.attempts,
    )


def _flag(value: object) -> bool | None:
    return None if value is None else bool(value)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _read_json(text: object, kind: type[T]) -> T:
    return msgspec.json.decode(str(text), type=kind)
