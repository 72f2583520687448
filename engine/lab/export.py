"""A sweep as files: tables for a spreadsheet, JSON from which it can be read back and compared."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

import msgspec

from engine.lab.plan import arm_labels
from engine.lab.question_table import QuestionFileError
from engine.lab.records import SweepRecord
from engine.lab.results import Results
from engine.lab.sweep_checks import check

FORMAT: Final = "ponder-sweep-1"
_LARGEST_BYTES: Final = 2**30


class SweepFileError(QuestionFileError):
    """A file is no sweep that this version can read."""

    code = "sweep-file"


class SweepMissingError(SweepFileError):
    """There is no such file."""

    code = "file-missing"


class SweepFile(msgspec.Struct, frozen=True):
    """A sweep in a file.

    Attributes:
        format: Which layout.
        sweep: All of it.
    """

    format: str
    sweep: SweepRecord


def to_json(record: SweepRecord) -> bytes:
    """Return all of a sweep as JSON, indented."""
    return msgspec.json.format(msgspec.json.encode(SweepFile(FORMAT, record)), indent=1)


class _AnyFile(msgspec.Struct, frozen=True):
    """What a file of any version says."""

    format: str


def from_json(content: bytes) -> SweepRecord:
    """Read a sweep that another person exported.

    Raises:
        SweepFileError: It is none, of another version, or contradicts itself.
    """
    try:
        form = msgspec.json.decode(content, type=_AnyFile).format
        if form != FORMAT:
            raise SweepFileError(f"this is {form[:80]!r}; this version reads {FORMAT!r}")
        found = msgspec.json.decode(content, type=SweepFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SweepFileError(f"this is no exported sweep: {error}") from error
    try:
        check(found.sweep)
    except ValueError as error:
        raise SweepFileError(str(error)) from error
    return found.sweep


def read_sweep(path: Path) -> SweepRecord:
    """Read an exported sweep from a file.

    Raises:
        SweepMissingError: There is no such file.
        SweepFileError: It cannot be read, is too large, or is none.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise SweepFileError(f"{path.name} is larger than {_LARGEST_BYTES // 2**30} GB")
        return from_json(path.read_bytes())
    except FileNotFoundError as error:
        raise SweepMissingError(str(path)) from error
    except OSError as error:
        raise SweepFileError(f"{path.name}: {error.strerror}") from error


def curves_csv(results: Results) -> str:
    """Return one row for each point of each curve."""
    rows: list[list[object]] = [
        [
            curve.model,
            curve.rule,
            point.budget,
            point.accuracy.value,
            point.accuracy.low,
            point.accuracy.high,
            point.samples,
            point.tokens,
            _blank(point.seconds),
            _blank(point.joules),
            results.questions,
        ]
        for curve in results.curves
        for point in curve.points
    ]
    head = (
        "model,rule,budget,accuracy,accuracy_low_95,accuracy_high_95,samples,tokens,"
        "seconds_shared_by_tokens,joules_shared_by_tokens,questions"
    )
    return _csv(head.split(","), rows)


def samples_csv(record: SweepRecord) -> str:
    """Return one row for each stored sample, texts left out; counted from 1 as everywhere."""
    rows: list[list[object]] = []
    labels = arm_labels(record.plan.arms)
    for sample in record.samples:
        place, candidate = sample.place, sample.candidate
        answer = candidate.answer
        rows.append(
            [
                labels[place.arm],
                place.question + 1,
                place.repeat + 1,
                candidate.index + 1,
                answer.text if answer else "",
                answer.rule if answer else "",
                _blank(sample.group_key),
                _blank(sample.right),
                sample.why,
                _blank(sample.corrected),
                candidate.tokens,
                candidate.seconds,
                _blank(candidate.confidence),
                _blank(candidate.score),
                candidate.seed,
            ]
        )
    head = (
        "arm,question,repeat,sample,answer,rule,vote_group,right,judged_by,corrected,tokens,"
        "seconds,confidence,score,seed"
    )
    return _csv(head.split(","), rows)


def _csv(head: list[str], rows: list[list[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_safe(value) for value in row] for row in rows)
    return text.getvalue()


def _safe(value: object) -> object:
    """An answer that a spreadsheet would take for a formula gets a mark before it."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value


def _blank(value: object) -> object:
    return "" if value is None else value
