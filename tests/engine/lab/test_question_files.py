"""Question files: what is read, and what each damaged line says."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.answers.equivalence import EquivalenceChecker
from engine.answers.extract import extract_answer
from engine.candidate import ExtractedAnswer
from engine.lab.judging import Judge
from engine.lab.question_files import read_questions
from engine.lab.question_table import Columns, QuestionFileError, guess_columns, reference_answer
from engine.lab.questions import Question


def written(tmp_path: Path, name: str, text: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_json_lines_shaped_like_gsm8k(tmp_path: Path) -> None:
    rows = [{"question": "2+2?", "answer": "two and two\n#### 4"}, {"question": "3?", "answer": 3}]
    path = written(tmp_path, "g.jsonl", "\n".join(map(json.dumps, rows)))
    found = read_questions(path)
    assert found.questions == (Question("2+2?", "4"), Question("3?", "3"))
    assert found.judged
    assert found.digest != read_questions(written(tmp_path, "h.jsonl", json.dumps(rows[0]))).digest


def test_rows_shaped_like_math(tmp_path: Path) -> None:
    row = {"problem": "Half?", "solution": r"So \boxed{\frac{1}{2}}.", "subject": "Algebra"}
    found = read_questions(written(tmp_path, "m.json", json.dumps([row])))
    assert found.questions == (Question("Half?", r"\frac{1}{2}", "Algebra"),)


@pytest.mark.parametrize("answer", ["B", "b", 1, "1", "green"])
def test_rows_shaped_like_multiple_choice(answer: object, tmp_path: Path) -> None:
    row = {"question": "Grass?", "choices": ["red", "green"], "answer": answer}
    found = read_questions(written(tmp_path, "c.jsonl", json.dumps(row)))
    assert found.questions[0] == Question("Grass?\nA) red\nB) green", "B")


@pytest.mark.parametrize("answer", ["B", "b", "1", "green"])
def test_columns_called_a_and_b_hold_a_choice_each(answer: str, tmp_path: Path) -> None:
    table = f"question,A,B,C,answer\nGrass?,red,green,,{answer}\nSky?,black,pink,blue,C\n"
    found = read_questions(written(tmp_path, "c.csv", table))
    assert found.questions == (
        Question("Grass?\nA) red\nB) green", "B"),
        Question("Sky?\nA) black\nB) pink\nC) blue", "C"),
    )


def test_a_column_called_a_alone_is_no_choice(tmp_path: Path) -> None:
    found = read_questions(written(tmp_path, "c.csv", "question,A,C,answer\n2 + 2?,x,y,4\n"))
    assert found.questions == (Question("2 + 2?", "4"),)


@pytest.mark.parametrize(
    ("labels", "answer", "letter"),
    [
        (["1", "2", "3"], "3", "C"),
        (["1", "2", "3"], 1, "A"),
        ([1, 2, 3], "2", "B"),
        (["A", "B", "C"], "b", "B"),
        (["C", "B", "A"], "c", "A"),
        (["x", "y", "z"], "2", "C"),
    ],
)
def test_an_answer_may_be_the_label_of_a_choice(
    labels: list[object], answer: object, letter: str, tmp_path: Path
) -> None:
    texts = ["3", "1", "2"]
    together = {"text": texts, "label": labels}
    each = [{"text": text, "label": label} for text, label in zip(texts, labels, strict=True)]
    for choices in (together, each, json.dumps(each)):
        row = {"question": "Next?", "choices": choices, "answer": answer}
        found = read_questions(written(tmp_path, "c.jsonl", json.dumps(row)))
        assert found.questions[0] == Question("Next?\nA) 3\nB) 1\nC) 2", letter)


def test_csv_with_named_columns(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", '\ufeffq,a\n"Lines\nand, commas?",7\nNo key?,\n')
    found = read_questions(path, Columns("q", "a"))
    assert found.questions == (Question("Lines\nand, commas?", "7"), Question("No key?"))
    assert found.judged  # by those that have an answer


@pytest.mark.parametrize(
    "text",
    [
        "question, answer\nOne and one?, 2\n",
        '"question", "answer"\n"One and one?", "2"\n',
        "question;answer\nOne and one?;2\n",
        "question\tanswerKey\nOne and one?\t2\n",
    ],
)
def test_tables_as_spreadsheets_write_them(tmp_path: Path, text: str) -> None:
    found = read_questions(written(tmp_path, "t.csv", text))
    assert found.questions == (Question("One and one?", "2"),)


def test_an_answer_may_be_true_or_false(tmp_path: Path) -> None:
    rows = '{"question": "Is it?", "answer": true}\n{"question": "Is it not?", "answer": false}'
    found = read_questions(written(tmp_path, "t.jsonl", rows))
    assert [question.answer for question in found.questions] == ["yes", "no"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", '{"question": "x"}\n{broken\n', "line 2"),
        ("a.jsonl", '{"question": "x"}\n[1]\n', "line 2"),
        ("a.jsonl", '{"question": 5}', "line 1: question is no text"),
        ("a.jsonl", '{"question": "x", "answer": [1]}', "line 1: the answer"),
        ("a.jsonl", '{"question": "x", "choices": ["a"], "answer": 0}', "2 to 26 choices"),
        ("a.jsonl", '{"question": "x", "choices": ["a", "b"], "answer": 7}', "none of the choices"),
        (
            "a.jsonl",
            '{"question": "x", "choices": {"text": ["a", "b"], "label": ["1", "2"]}, "answer": 0}',
            "none of their labels",
        ),
        (
            "a.jsonl",
            '{"question": "x", "choices": {"text": ["a", "b"], "label": ["1"]}, "answer": 1}',
            "no label each",
        ),
        (
            "a.jsonl",
            '{"question": "x", "choices": [{"text": "a", "label": 1}, {"text": "b"}], "answer": 1}',
            "no label each",
        ),
        ("a.jsonl", '{"question": "x", "choices": [{"a": 1}, {"b": 2}]}', "a choice is no text"),
        ("a.jsonl", '{"other": "x"}', "no column is called"),
        ("a.jsonl", "", "no column is called"),
        ("a.json", '[{"question": ' + "[" * 5000 + "]" * 5000 + "}]", "recursion"),
        ("a.json", "[1]", "row 1: Expected `object`"),
        ("a.json", '[{"question": "x"}, {"question": NaN}]', "row 2"),
        ("a.json", '[{"question": "x"} {"question": "y"}]', "row 1: the list does not end"),
        ("a.json", '[{"question": "x"}] and more', "row 1: the list does not end"),
        ("a.json", '[{"question": "x"},]', "row 2"),
        ("a.json", '[{"question": "x"}', "row 1: the list does not end"),
        ("a.json", " [ ] ", "no column is called"),
        ("a.csv", 'question,choices\nx,"' + "[" * 5000 + '"\n', "no list"),
        ("a.csv", "question,answer\nx,1,2\n", "line 2"),
        ("a.csv", "question,answer\nx\n", "line 2"),
        ("a.csv", "question,answer\nx,1,2\ny,1\nz\n", "line 2: .* columns; line 4: .* columns"),
        ("a.csv", 'question\n"never closed\n', "line"),
        ("a.txt", "question", "expected"),
        ("a.jsonl", b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    name: str, content: str | bytes, said: str, tmp_path: Path
) -> None:
    with pytest.raises(QuestionFileError, match=said):
        read_questions(written(tmp_path, name, content))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError, match="No such file"):
        read_questions(tmp_path / "none.jsonl")


def test_many_bad_lines_are_counted(tmp_path: Path) -> None:
    rows = "\n".join(json.dumps({"question": ""}) for _ in range(50))
    with pytest.raises(QuestionFileError, match="and 30 more"):
        read_questions(written(tmp_path, "a.jsonl", rows))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", "{}\n" * 250_000),
        ("a.jsonl", "\n" * 4_100_000),
        ("a.json", "[" + "{}," * 250_000 + "{}]"),
        ("a.csv", "question\n" + "?\n" * 210_000),
        ("a.csv", "question\n" + "\n" * 4_100_000),
    ],
    ids=["lines", "empty lines", "list", "table", "empty table"],
)
def test_more_rows_than_can_be_meant_are_refused_soon(
    name: str, content: str, tmp_path: Path
) -> None:
    with pytest.raises(QuestionFileError, match="more than"):
        read_questions(written(tmp_path, name, content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", "x\n" * 10_000),
        ("a.jsonl", json.dumps({"x" * 10_000 + str(n): 1 for n in range(100)})),
        ("a.jsonl", json.dumps({"question": "?", "choices": ["a", "b"], "answer": "c" * 10**6})),
        ("a.csv", ",".join(f"column{n}" for n in range(100_000)) + "\n"),
    ],
    ids=["lines", "columns", "answer", "head"],
)
def test_what_is_wrong_can_be_read(name: str, content: str, tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError) as told:
        read_questions(written(tmp_path, name, content))
    assert len(told.value.detail) < 5000
    assert not content.startswith("x") or "and 9980 more" in told.value.detail


def test_columns_are_guessed_in_any_case() -> None:
    assert guess_columns(["ID", "Problem", "Solution", "Level"]) == Columns(
        "Problem", "Solution", "", "Level"
    )
    assert guess_columns(["id"]) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("a\n#### 1,024", "1,024"),
        ("a\n#### 7\nb\n#### 18 \nThat is all.", "18"),
        (r"\boxed{\sqrt{2}} and more", r"\sqrt{2}"),
        (r"\boxed{open", r"\boxed{open"),
        (r"so \boxed {7} it is", "7"),
        (r"\boxed{7}, or as a \boxed{fraction", "7"),
        ("3 + 4 = 7 #### 7", "7"),
        ("a\n##### Working\nb", "a\n##### Working\nb"),
        (" 12 ", "12"),
    ],
)
def test_the_answer_in_a_reference(text: str, answer: str) -> None:
    assert reference_answer(text) == answer


@given(st.text())
def test_any_reference_is_read(text: str) -> None:
    assert isinstance(reference_answer(text), str)


@pytest.mark.parametrize(
    ("reference", "said", "right"),
    [
        ("3; 5", "\\boxed{3}", False),
        ("3; 5", "Answer: 3", False),
        ("3; 5", "Answer: 3; 9", False),
        ("3; 5", "Answer: 3; 5", True),
        ("3; 5", "The answer is 3, 5.", True),
        ("3", "Answer: 3; this is what was left.", True),
    ],
)
def test_all_of_a_reference_counts(reference: str, said: str, *, right: bool) -> None:
    checker = EquivalenceChecker()
    try:
        judge = Judge(checker)
        question = Question("Which are the roots?", reference)
        assert judge.judge(question, extract_answer(said, question.text)).right is right
    finally:
        checker.close()


def test_answers_are_judged_by_the_rules_of_votes() -> None:
    checker = EquivalenceChecker()
    judge = Judge(checker, {"even": lambda _question, given, _right: int(given) % 2 == 0})
    try:
        half = Question("What is one half?", r"\frac{1}{2}")
        cases = [
            (half, "Answer: 0.5", True, "same-key"),
            (half, "Answer: 2", False, "different"),
            (half, "I do not know", False, "no-answer"),
            (Question("Expand.", "(x+1)^2"), r"\boxed{x^2+2x+1}", True, "symbolic"),
            (Question("Which? A) a B) b", "B"), "Answer: (b)", True, "same-key"),
            (Question("Any even number?", "2", checker="even"), "Answer: 8", True, "checker"),
            (Question("Anything?"), "Answer: 8", None, "no-reference"),
        ]
        for question, response, right, why in cases:
            found = judge.judge(question, extract_answer(response, question.text))
            assert (found.right, found.why) == (right, why), (question, response)
    finally:
        checker.close()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_answer_is_judged_by_the_choices_of_its_own_question(order: tuple[int, int]) -> None:
    sums = (
        Question("What is 2 + 2?\nA) 3\nB) 4", "B"),
        Question("What is 1 + 6?\nA) 4\nB) 7", "B"),
    )
    checker = EquivalenceChecker()
    judge = Judge(checker)
    try:
        for number in order:
            answer = extract_answer("Answer: 4", sums[number].text)
            assert judge.judge(sums[number], answer).right is (number == 0)
    finally:
        checker.close()


def test_the_same_text_is_judged_by_what_it_was_read_as() -> None:
    question = Question("What is 2 + 2?\nA) 3\nB) 4", "B")
    checker = EquivalenceChecker()
    judge = Judge(checker)
    try:
        assert judge.judge(question, ExtractedAnswer("4", "B", "answer-line")).right is True
        assert judge.judge(question, ExtractedAnswer("4", "A", "answer-line")).right is False
    finally:
        checker.close()


def test_parquet_is_read_like_the_others(tmp_path: Path) -> None:
    rows = [
        {"question": "Grass?", "choices": ["red", "green"], "answer": 1, "subject": "Colours"},
        {"question": "Sky?", "choices": ["blue", "black"], "answer": 0, "subject": "Colours"},
    ]
    path = tmp_path / "c*[1].parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    found = read_questions(path)
    assert found.questions[0] == Question("Grass?\nA) red\nB) green", "B", "Colours")
    assert found.questions[1].answer == "A"


def test_parquet_that_is_none_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "x.parquet", b"PAR1 and then nothing of the kind PAR1")
    with pytest.raises(QuestionFileError, match="no Parquet file"):
        read_questions(path)


def test_parquet_with_too_many_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"question": ["why?"] * 200_001}), path)
    with pytest.raises(QuestionFileError, match="more than"):
        read_questions(path)
