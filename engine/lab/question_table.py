"""Tables as question sets: which column says what, and each row as a question.

A table makes sense as a whole or not at all: every row that does not is named by its line, with
what is wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import ClassVar, Final

import msgspec

from engine.answers.boxed import behind_hashes, boxed
from engine.lab.questions import Question

MOST_NAMED: Final = 20
"""So many bad lines are named; the others are counted."""
_LONGEST_NAMED: Final = 200
"""So many characters of what is wrong, or of a column's name, are told."""
_LONGEST_QUESTION: Final = 100_000
_QUESTION_COLUMNS: Final = ("question", "problem", "prompt", "input", "text")
_ANSWER_COLUMNS: Final = (
    *("answer", "final_answer", "answerkey", "answer_key", "correct_answer", "target", "label"),
    *("solution", "output"),
)
_CHOICE_COLUMNS: Final = ("choices", "options", "endings")
_GROUP_COLUMNS: Final = ("family", "subject", "category", "level", "type")
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Row = Mapping[str, object]


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which columns of a table say what.

    Attributes:
        question: The question's text.
        answer: The right answer, or "" without one.
        choices: Choices to number with letters, or "". A structure of `text` and `label`, or a
            list of such, names them, so that the answer may be a label. Where there is none,
            columns called A, B and so on hold one choice each.
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


class QuestionSetUnknownError(QuestionFileError):
    """There is neither a file nor a generated set of this name."""

    code = "question-set-unknown"


class Problems:
    """Lines that make no sense: the first ones are named, the others counted.

    Attributes:
        count: How many there are.
    """

    def __init__(self) -> None:
        self.count = 0
        self._named: list[str] = []

    def add(self, line: int, problem: object) -> None:
        """Take note of one."""
        self.count += 1
        if self.count <= MOST_NAMED:
            self._named.append(f"line {line}: {str(problem)[:_LONGEST_NAMED]}")

    def refuse(self) -> None:
        """Refuse the file if there was any.

        Raises:
            QuestionFileError: There was.
        """
        if self.count:
            more = self.count - MOST_NAMED
            named = "; ".join(self._named)
            raise QuestionFileError(f"{named}; and {more} more" if more > 0 else named)


def column_names(rows: Sequence[tuple[int, Row]]) -> tuple[str, ...]:
    """Return the names of all columns, in the order they appear."""
    return tuple(dict.fromkeys(name for _, row in rows for name in row))


def guess_columns(names: Iterable[str]) -> Columns | None:
    """Return which columns seem to say what; None without one for the question."""
    known = {name.casefold(): name for name in names}

    def first(wanted: Sequence[str]) -> str:
        return next((known[name] for name in wanted if name in known), "")

    question = first(_QUESTION_COLUMNS)
    if not question:
        return None
    return Columns(question, first(_ANSWER_COLUMNS), first(_CHOICE_COLUMNS), first(_GROUP_COLUMNS))


def sure_columns(rows: Sequence[tuple[int, Row]]) -> Columns:
    """Return which columns seem to say what.

    Raises:
        QuestionFileError: None seems to hold the question.
    """
    names = column_names(rows)
    found = guess_columns(names)
    if found is None:
        raise QuestionFileError(
            f"no column is called {', '.join(_QUESTION_COLUMNS)}; it has {_told(names)}"
        )
    return found


def questions_from(rows: Sequence[tuple[int, Row]], columns: Columns) -> tuple[Question, ...]:
    """Make questions of rows.

    Raises:
        QuestionFileError: Some rows make no sense, there are none, or a column is not there.
    """
    names = column_names(rows)
    wanted = (columns.question, columns.answer, columns.choices, columns.group)
    missing = [name for name in wanted if name and name not in names]
    if rows and missing:
        raise QuestionFileError(
            f"no column is called {missing[0][:_LONGEST_NAMED]}; it has {_told(names)}"
        )
    questions: list[Question] = []
    problems = Problems()
    lettered = () if columns.choices else _lettered(set(names) - set(wanted))
    for line, row in rows:
        try:
            questions.append(_question(row, columns, lettered))
        except ValueError as error:
            problems.add(line, error)
    problems.refuse()
    if not questions:
        raise QuestionFileError("there is no question in it")
    return tuple(questions)


def reference_answer(text: str) -> str:
    r"""Return the answer in a reference solution: after `####`, in `\boxed{}`, else all of it."""
    if found := behind_hashes(text):
        return found[-1]
    return next(boxed(text), text).strip()


def _told(names: Sequence[str]) -> str:
    """Names of columns, as many as can be read."""
    told = ", ".join(name[:_LONGEST_NAMED] for name in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{told} and {more} more" if more > 0 else told or "none"


def _lettered(names: Set[str]) -> tuple[str, ...]:
    """The columns A, B and so on, in either case; none where A stands alone."""
    for letters in (_LETTERS, _LETTERS.lower()):
        found = tuple(itertools.takewhile(names.__contains__, letters))
        if len(found) > 1:
            return found
    return ()


def _question(row: Row, columns: Columns, lettered: Sequence[str]) -> Question:
    text = row.get(columns.question)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{columns.question} is no text")
    if len(text) > _LONGEST_QUESTION:
        raise ValueError(f"{columns.question} is longer than {_LONGEST_QUESTION} characters")
    answer = row.get(columns.answer) if columns.answer else None
    group = row.get(columns.group) if columns.group else ""
    if not columns.choices and not lettered:
        said = _plain_answer(answer)
    else:
        cells = (row.get(letter) for letter in lettered)
        given = [cell for cell in cells if cell is not None and cell != ""] if lettered else None
        choices, labels = _choices(row.get(columns.choices) if given is None else given)
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
