"""Question sets: what a sweep asks, with the answers it is judged by, and the files they come in.

A file is read whole or not at all: every line that makes no sense is named, with what is wrong.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

import msgspec

QUESTION_SUFFIXES: Final = (".jsonl", ".json", ".ndjson", ".csv", ".parquet")
_LARGEST_BYTES: Final = 256 * 2**20
_MOST_ROWS: Final = 200_000
_PARQUET_MEMORY: Final = "1GB"
_LONGEST_QUESTION: Final = 100_000
_MOST_NAMED: Final = 20
"""So many bad lines are named; the others are counted."""
_QUESTION_COLUMNS: Final = ("question", "problem", "prompt", "input", "text")
_ANSWER_COLUMNS: Final = (
    *("answer", "final_answer", "answerkey", "answer_key", "correct_answer", "target", "label"),
    *("solution", "output"),
)
_CHOICE_COLUMNS: Final = ("choices", "options", "endings")
_GROUP_COLUMNS: Final = ("family", "subject", "category", "level", "type")
_HASHES: Final = re.compile(r"####[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_DELIMITERS: Final = ",;\t"
"""Of a table's columns; spreadsheets write a semicolon where a comma stands in numbers."""
_BOXED: Final = "\\boxed{"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Question(msgspec.Struct, frozen=True):
    """One question.

    Attributes:
        text: What is asked, choices included.
        answer: The right answer, or None where nobody knows; then only agreement is measured.
        group: A part of the set it belongs to, such as a subject, or "".
        checker: How its answers are checked, by name; "" is equality of answers.
    """

    text: str
    answer: str | None = None
    group: str = ""
    checker: str = ""


class QuestionSet(msgspec.Struct, frozen=True):
    """Questions in an order.

    Attributes:
        name: What people call it.
        source: Where it came from: a file's name, a generator with its seed, a repository.
        questions: In order.
    """

    name: str
    source: str
    questions: tuple[Question, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the questions and answers, to tell whether two sweeps asked the same."""
        return hashlib.sha256(msgspec.json.encode(self.questions)).hexdigest()

    @property
    def judged(self) -> bool:
        """Whether any question has an answer to be judged by; accuracy is of those that have."""
        return any(question.answer is not None for question in self.questions)


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which columns of a table say what.

    Attributes:
        question: The question's text.
        answer: The right answer, or "" without one.
        choices: Choices to number with letters, or "". A structure of `text` and `label`, or a
            list of such, names them, so that the answer may be a label.
        group: A part of the set, or "".
    """

    question: str
    answer: str = ""
    choices: str = ""
    group: str = ""


class QuestionFileError(Exception):
    """A file is no question set.

    Attributes:
        code: Its place among the error texts.
        detail: Which lines, and what is wrong with each.
    """

    code: ClassVar[str] = "question-file"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


Row = Mapping[str, object]


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


def guess_columns(names: Iterable[str]) -> Columns | None:
    """Return which columns seem to say what; None without one for the question."""
    known = {name.casefold(): name for name in names}

    def first(wanted: Sequence[str]) -> str:
        return next((known[name] for name in wanted if name in known), "")

    question = first(_QUESTION_COLUMNS)
    if not question:
        return None
    return Columns(question, first(_ANSWER_COLUMNS), first(_CHOICE_COLUMNS), first(_GROUP_COLUMNS))


def questions_from(rows: Sequence[tuple[int, Row]], columns: Columns) -> tuple[Question, ...]:
    """Make questions of rows.

    Raises:
        QuestionFileError: Some rows make no sense, or there are none.
    """
    questions: list[Question] = []
    problems: list[str] = []
    for line, row in rows:
        try:
            questions.append(_question(row, columns))
        except ValueError as error:
            problems.append(f"line {line}: {error}")
    if problems:
        more = len(problems) - _MOST_NAMED
        named = "; ".join(problems[:_MOST_NAMED])
        raise QuestionFileError(f"{named}; and {more} more" if more > 0 else named)
    if not questions:
        raise QuestionFileError("there is no question in it")
    return tuple(questions)


def column_names(rows: Sequence[tuple[int, Row]]) -> tuple[str, ...]:
    """Return the names of all columns, in the order they appear."""
    return tuple(dict.fromkeys(name for _, row in rows for name in row))


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


def sure_columns(rows: Sequence[tuple[int, Row]]) -> Columns:
    """Return which columns seem to say what.

    Raises:
        QuestionFileError: None seems to hold the question.
    """
    names = column_names(rows)
    found = guess_columns(names)
    if found is None:
        raise QuestionFileError(
            f"no column is called {', '.join(_QUESTION_COLUMNS)}; it has {', '.join(names)}"
        )
    return found


def reference_answer(text: str) -> str:
    r"""Return the answer in a reference solution: after `####`, in `\boxed{}`, else all of it.

    Source: the layouts of GSM8K (arXiv 2110.14168) and MATH (arXiv 2103.03874).
    """
    if found := _HASHES.findall(text):
        return str(found[-1])
    start = text.rfind(_BOXED)
    if start >= 0:
        depth = 0
        for place in range(start + len(_BOXED) - 1, len(text)):
            depth += {"{": 1, "}": -1}.get(text[place], 0)
            if depth == 0:
                return text[start + len(_BOXED) : place].strip()
    return text.strip()


def _question(row: Row, columns: Columns) -> Question:
    text = row.get(columns.question)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{columns.question} is no text")
    if len(text) > _LONGEST_QUESTION:
        raise ValueError(f"{columns.question} is longer than {_LONGEST_QUESTION} characters")
    answer = row.get(columns.answer) if columns.answer else None
    group = row.get(columns.group) if columns.group else ""
    if not columns.choices:
        said = _plain_answer(answer)
    else:
        choices, labels = _choices(row.get(columns.choices))
        said = _choice_letter(answer, choices, labels)
        lines = [f"{letter}) {choice}" for letter, choice in zip(_LETTERS, choices, strict=False)]
        text = "\n".join([text.strip(), *lines])
    return Question(text.strip(), said, str(group or ""))


def _plain_answer(answer: object) -> str | None:
    if answer is None or answer == "":
        return None
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if not isinstance(answer, str | int | float):
        raise ValueError("the answer is neither text nor a number")  # noqa: TRY004 - told by line
    return reference_answer(str(answer)) or None


def _choices(value: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The choices, and what the table itself calls them, such as 1 to 4, where it does."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            raise ValueError("the choices are no list") from None
    texts, labels = value, None
    if isinstance(value, Mapping):
        texts, labels = value.get("text"), value.get("label")
    elif isinstance(value, list | tuple) and all(isinstance(one, Mapping) for one in value):
        texts = [one.get("text") for one in value]
        labels = [one.get("label") for one in value if "label" in one]
    if not isinstance(texts, list | tuple) or not 2 <= len(texts) <= len(_LETTERS):
        raise ValueError("there must be 2 to 26 choices")
    if any(text is None or isinstance(text, Mapping) for text in texts):
        raise ValueError("a choice is no text")
    called = tuple(map(_folded, labels)) if isinstance(labels, list | tuple) else ()
    if labels and not len(called) == len(set(called)) == len(texts):
        raise ValueError("the choices have no label each")
    return tuple(map(str, texts)), called


def _choice_letter(answer: object, choices: Sequence[str], labels: Sequence[str]) -> str | None:
    if answer is None or answer == "":
        return None
    if _folded(answer) in labels:
        return _LETTERS[labels.index(_folded(answer))]
    if isinstance(answer, str) and answer.strip() in choices:
        return _LETTERS[choices.index(answer.strip())]
    if labels:
        raise ValueError(f"{answer!r} is none of the choices and none of their labels")
    if isinstance(answer, str) and answer.strip().upper() in set(_LETTERS[: len(choices)]):
        return answer.strip().upper()
    number = int(str(answer)) if str(answer).isdecimal() else -1
    if not 0 <= number < len(choices):
        raise ValueError(f"{answer!r} is none of the choices")
    return _LETTERS[number]


def _folded(label: object) -> str:
    return str(label).strip().casefold()


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
        raise QuestionFileError("; ".join(problems[:_MOST_NAMED]))
    return found
