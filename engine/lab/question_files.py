"""Question files: JSON Lines, JSON, CSV and Parquet as rows, and as question sets."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from engine.lab.question_table import (
    Columns,
    Problems,
    QuestionFileError,
    Row,
    questions_from,
    sure_columns,
)
from engine.lab.questions import QuestionSet

QUESTION_SUFFIXES: Final = (".jsonl", ".json", ".ndjson", ".csv", ".parquet")
_LARGEST_BYTES: Final = 256 * 2**20
_MOST_ROWS: Final = 200_000
_MOST_LINES: Final = 20 * _MOST_ROWS
"""Empty ones, and those inside of a table's cells, count too."""
_LONGEST_LINE: Final = 2**24
_SPACE: Final = re.compile(r"[ \t\n\r]*")
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
        _lines(text, newline=""), strict=True, delimiter=delimiter, skipinitialspace=True
    )
    rows: list[tuple[int, Row]] = []
    problems = Problems()
    try:
        for row in reader:
            _check_count(len(rows) + problems.count)
            if None in row or None in row.values():
                problems.add(reader.line_num, "it has another number of columns")
            else:
                rows.append((reader.line_num, row))
    except csv.Error as error:
        problems.add(reader.line_num, error)
    problems.refuse()
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
    _check_count(len(rows) - 1)
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
    start = _after_space(text, 0)
    if text[start : start + 1] == "[":
        return list(enumerate(_listed(text, start + 1), start=1))
    found: list[tuple[int, Row]] = []
    problems = Problems()
    for number, line in enumerate(_lines(text, newline="\n"), start=1):
        if line.isspace():
            continue
        _check_count(len(found) + problems.count)
        try:
            found.append((number, msgspec.json.decode(line, type=dict[str, object])))
        except (msgspec.DecodeError, RecursionError) as error:
            problems.add(number, error)
    problems.refuse()
    return found


def _listed(text: str, place: int) -> Iterator[Row]:
    """The objects of a list in JSON, one after another, so that a long one is refused early."""
    find_end, number, sign = json.JSONDecoder().raw_decode, 0, ","
    place = _after_space(text, place)
    if text[place : place + 1] == "]":
        sign, place = "]", place + 1
    while sign == ",":
        _check_count(number)
        number += 1
        try:
            begin = _after_space(text, place)
            _, end = find_end(text, begin)
            yield msgspec.json.decode(text[begin:end], type=dict[str, object])
        except (ValueError, msgspec.DecodeError, RecursionError) as error:
            raise QuestionFileError(f"row {number}: {error}") from error
        place = _after_space(text, end)
        sign, place = text[place : place + 1], place + 1
    if sign != "]" or _after_space(text, place) < len(text):
        raise QuestionFileError(f"row {number}: the list does not end behind it")


def _after_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _lines(text: str, newline: str) -> Iterator[str]:
    """Lines with their ends, no more and no longer ones than can be meant."""
    for number, line in enumerate(io.StringIO(text, newline=newline)):
        if number >= _MOST_LINES:
            raise QuestionFileError(f"it has more than {_MOST_LINES} lines")
        if len(line) > _LONGEST_LINE:
            raise QuestionFileError(
                f"line {number + 1}: it is longer than {_LONGEST_LINE} characters"
            )
        yield line


def _check_count(before: int) -> None:
    """Refuse one row more than can be meant.

    Raises:
        QuestionFileError: So many were there before.
    """
    if before >= _MOST_ROWS:
        raise QuestionFileError(f"it has more than {_MOST_ROWS} rows")
