"""Question files: JSON Lines, JSON, CSV and Parquet as rows, and as question sets."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

import msgspec

from engine.lab.question_table import (
    MOST_NAMED,
    Columns,
    QuestionFileError,
    Row,
    questions_from,
    sure_columns,
)
from engine.lab.questions import QuestionSet

QUESTION_SUFFIXES: Final = (".jsonl", ".json", ".ndjson", ".csv", ".parquet")
_LARGEST_BYTES: Final = 256 * 2**20
_MOST_ROWS: Final = 200_000
_PARQUET_MEMORY: Final = "1GB"
_DELIMITERS: Final = ",;\t"
"""Of a table's columns; spreadsheets write a semicolon where a comma stands in numbers."""


def read_questions(path: Path, columns: Columns | None = None) -> QuestionSet:
    """Read a question set from a file.

    Args:
        path: `.jsonl`, `.json`, `.csv` or `.parquet`.
        columns: Which say what; guessed where None.

    Raises:
        QuestionFileError: It is none; the detail names lines.
    """
    rows = read_rows(path)
    questions = questions_from(rows, columns or sure_columns(rows))
    return QuestionSet(path.stem, path.name, questions)


def read_rows(path: Path) -> list[tuple[int, Row]]:
    """Return the rows of a `.jsonl`, `.json`, `.csv` or `.parquet` file with their line numbers.

    Raises:
        QuestionFileError: It cannot be read as such.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise QuestionFileError(f"{path.name} is larger than {_LARGEST_BYTES // 2**20} MB")
        if path.suffix.casefold() == ".parquet":
            return _parquet_rows(path)
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise QuestionFileError(f"{path.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise QuestionFileError(f"{path.name} is not UTF-8 text") from error
    suffix = path.suffix.casefold()
    if suffix == ".csv":
        return _csv_rows(text)
    if suffix in {".jsonl", ".json", ".ndjson"}:
        return _json_rows(text)
    raise QuestionFileError(f"{path.name}: expected {', '.join(QUESTION_SUFFIXES)}")


def _csv_rows(text: str) -> list[tuple[int, Row]]:
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)  # the first one where none is there
    reader = csv.DictReader(
        io.StringIO(text, newline=""), strict=True, delimiter=delimiter, skipinitialspace=True
    )
    rows: list[tuple[int, Row]] = []
    try:
        for row in reader:
            if None in row or None in row.values():
                raise QuestionFileError(f"line {reader.line_num}: it has another number of columns")
            rows.append((reader.line_num, row))
    except csv.Error as error:
        raise QuestionFileError(f"line {reader.line_num}: {error}") from error
    return rows


def _parquet_rows(path: Path) -> list[tuple[int, Row]]:
    """Rows of a Parquet file, read by DuckDB with little memory and no extensions."""
    import duckdb  # a large library that most runs do not need

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _PARQUET_MEMORY,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        with duckdb.connect(config=settings) as connection:
            found = connection.execute(
                "select * from read_parquet([?]) limit ?", [str(path), _MOST_ROWS + 1]
            )
            names = [str(column[0]) for column in found.description or ()]
            rows = found.fetchall()
    except duckdb.Error as error:
        said = str(error).partition("\n")[0].replace(str(path), path.name)
        raise QuestionFileError(
            f"{path.name} is no Parquet file that can be read: {said}"
        ) from error
    if len(rows) > _MOST_ROWS:
        raise QuestionFileError(f"{path.name} has more than {_MOST_ROWS} rows")
    return [
        (number, dict(zip(names, map(_plain_value, row), strict=True)))
        for number, row in enumerate(rows, start=1)
    ]


def _plain_value(value: object) -> object:
    """Dates and decimals as their text; text, numbers, lists and structures as they are."""
    if value is None or isinstance(value, str | bool | int | float | list | tuple | dict):
        return value
    return str(value)


def _json_rows(text: str) -> list[tuple[int, Row]]:
    stripped = text.lstrip()
    if stripped.startswith("["):
        try:
            rows = msgspec.json.decode(stripped, type=list[dict[str, object]])
        except (msgspec.DecodeError, RecursionError) as error:
            raise QuestionFileError(str(error)) from error
        return list(enumerate(rows, start=1))
    found: list[tuple[int, Row]] = []
    problems = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append((number, msgspec.json.decode(line, type=dict[str, object])))
        except (msgspec.DecodeError, RecursionError) as error:
            problems.append(f"line {number}: {error}")
    if problems:
        raise QuestionFileError("; ".join(problems[:MOST_NAMED]))
    return found
