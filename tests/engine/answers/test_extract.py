"""Extraction: the rules in their order, each with what it must and must not take."""

from __future__ import annotations

import pytest

from engine.answers.extract import extract_answer

CHOICES = "Which is a mammal?\nA) trout\nB) whale\nC) wasp"


@pytest.mark.parametrize(
    ("response", "question", "text", "rule"),
    [
        ("So \\boxed{12} or rather \\boxed{\\frac{1}{2}}.", "", "\\frac{1}{2}", "boxed"),
        ("It is \\boxed{a{b}c}", "", "a{b}c", "boxed"),
        ("broken \\boxed{12\nAnswer: 7", "", "7", "answer-line"),
        ("12+5=17\nAnswer: 17", "", "17", "answer-line"),
        ("Answer: 3\nNo wait.\nAnswer: 4", "", "4", "answer-line"),
        ("**Final Answer:** 1,250 km", "", "1,250 km", "answer-line"),
        ("Thus the answer is 42. That was easy.", "", "42", "answer-line"),
        ("The answer is Paris", "", "Paris", "answer-line"),
        ("steps\n#### 18", "", "18", "hashes"),
        ("I choose option B because whales are mammals.", CHOICES, "B", "choice"),
        ("B", CHOICES, "B", "choice"),
        ("First 3 boxes, then 36 pens in all.", "How many pens?", "36", "last-number"),
        ("It costs $1,250.50 now", "How much is it?", "$1,250.50", "last-number"),
    ],
)
def test_a_rule_fires(response: str, question: str, text: str, rule: str) -> None:
    answer = extract_answer(response, question)
    assert answer is not None
    assert (answer.text, answer.rule) == (text, rule)


@pytest.mark.parametrize(
    ("response", "question"),
    [
        ("Paris was founded in 250 BC.", "Tell me about Paris"),
        ("I am a small demonstration model and can only answer number stories.", "hello"),
        ("Option B sounds nice", "Which colour do you like?"),
        ("", "How many?"),
        ("Answer:", "Why?"),
    ],
)
def test_prose_has_no_answer(response: str, question: str) -> None:
    assert extract_answer(response, question) is None


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text", ["\\boxed{" * 200_000, "answer is " * 100_000, "1" * 1_000_000, " \t" * 500_000]
)
def test_hostile_text_is_read_in_time(text: str) -> None:
    extract_answer(text, "How many?")
    assert len(text) >= 1_000_000
