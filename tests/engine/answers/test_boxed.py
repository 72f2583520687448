"""Marked answers: boxes with balanced braces, and what stands behind hashes."""

from __future__ import annotations

import time

import pytest

from engine.answers.boxed import behind_hashes, boxed
from engine.answers.extract import extract_answer
from engine.lab.question_table import reference_answer


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"\boxed{12} and \boxed{\frac{1}{2}}", [r"\frac{1}{2}", "12"]),
        ("\\boxed {12} and \\boxed\n{13}", ["13", "12"]),
        (r"\boxed{1 + \boxed{2}}", ["2", r"1 + \boxed{2}"]),
        (r"\boxed{open and \boxed{12}", ["12"]),
        (r"} \boxed{12} }", ["12"]),
        (r"\boxed{}", [""]),
        (r"{12} \boxed 12 \fbox{12}", []),
    ],
)
def test_boxes_are_found_where_their_braces_balance(text: str, found: list[str]) -> None:
    assert list(boxed(text)) == found


def test_boxes_in_boxes_are_read_in_time() -> None:
    started = time.process_time()
    assert next(boxed(r"\boxed{" * 200_000 + "}" * 200_000)) == ""
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("one\n#### 1,024 \r\n####7", ["1,024", "7"]),
        ("3 + 4 = 7 #### 7", ["7"]),
        ("##### Working\n### Answer", []),
        ("####\n7", []),
    ],
)
def test_answers_are_found_behind_hashes(text: str, found: list[str]) -> None:
    assert behind_hashes(text) == found


@pytest.mark.parametrize(
    "text",
    ["steps\n#### 18", "9 + 9 = 18 #### 18", r"\boxed {18}", r"\boxed{18} in a \boxed{box"],
)
def test_a_response_and_a_reference_are_read_alike(text: str) -> None:
    answer = extract_answer(text)
    assert answer is not None
    assert answer.text == reference_answer(text) == "18"
