"""Answer keys: which writings of an answer are one vote, and which are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.answers.canonical import canonical_key


@pytest.mark.parametrize(
    "same",
    [
        ["42", "42.0", " 42 ", "+42", "42.", "$42$", "\\text{42}", "42 apples", "**42**", "$42"],
        ["1/2", "0.5", ".50", "\\frac{1}{2}", "\\dfrac{1}{2}", "2/4", "5e-1"],
        ["-3", "\u22123", "-3.00"],
        ["1,234", "1234", "1 234", "1234 km", "€1,234"],
        ["50%", "50 %", "50 percent", "50\\%"],
        ["B", "(B)", "b", "\\text{B}"],
        ["Paris", "paris", "the Paris.", "  PARIS ", "*Paris*"],
        ["3.5 km/h", "7/2"],
        ["1 1/2", "3/2", "1.5"],
    ],
)
def test_these_are_one_answer(same: list[str]) -> None:
    assert {canonical_key(text) for text in same} == {canonical_key(same[0])}


@pytest.mark.parametrize(
    ("first", "second"),
    [("1/3", "0.3333"), ("50%", "0.5"), ("50%", "50"), ("12", "-12"), ("A", "B"), ("1.2", "12"),
     ("Paris", "Lyon"), ("x^2", "x^3"), ("1", "1e9")],
)  # fmt: skip
def test_these_are_different_answers(first: str, second: str) -> None:
    assert canonical_key(first) != canonical_key(second)


@given(st.text(max_size=80))
def test_any_text_has_a_key_and_keys_are_their_own_keys(text: str) -> None:
    key = canonical_key(text)
    assert canonical_key(text) == key
    if key.lstrip("-").isdecimal() and key.isascii():
        assert canonical_key(key) == key


@given(st.fractions(max_denominator=10_000))
def test_fractions_are_exact(value: object) -> None:
    assert canonical_key(str(value)) == str(value)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("text", ["9" * 1_000_000, "{" * 1_000_000, "1," * 500_000])
def test_hostile_lengths_cost_nothing(text: str) -> None:
    assert len(canonical_key(text)) < 2000
