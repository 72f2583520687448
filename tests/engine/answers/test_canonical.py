"""Answer keys: which writings of an answer are one vote, and which are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.answers.canonical import canonical_key, is_simple


@pytest.mark.parametrize(
    "same",
    [
        ["42", "42.0", " 42 ", "+42", "42.", "$42$", "\\text{42}", "42 apples", "**42**", "$42"],
        ["1/2", "0.5", ".50", "\\frac{1}{2}", "\\dfrac{1}{2}", "\\frac12", "2/4", "5e-1", "\u00bd"],
        ["-3", "\u22123", "-3.00", "$-3$", "-$3", "\\(-3\\)"],
        ["1,234", "1234", "1 234", "1234 km", "€1,234", "1{,}234", "1,234.00 dollars"],
        ["50%", "50 %", "50 percent", "50\\%", "$50\\%$"],
        ["B", "(B)", "b", "\\text{B}", "**B**", "B."],
        ["Paris", "paris", "the Paris.", "  PARIS ", "*Paris*"],
        ["3.5 km/h", "7/2", "3.5km/h", "3.5 kilometres per hour", "3.5\\text{ km/h}"],
        ["1 1/2", "3/2", "1.5", "1\\frac{1}{2}", "1\u00bd"],
        ["-1/2", "-\\frac{1}{2}", "\\frac{-1}{2}", "\\frac{1}{-2}"],
        ["2 million", "2000000", "2,000,000", "2 million people", "2e6", "2 \\times 10^{6}"],
        ["12", "5 + 7 = 12", "2 * (1 + 5) = 12", "x = 5 + 7 = 12"],
        ["90", "90°", "90^\\circ", "90^{\\circ}", "90 degrees"],
        ["7", "seven", "x = 7", "about 7", "7 (seven)", "\\boxed{7}", "7 m^2", "7 m\u00b2", "7 €"],
        ["x+1", "x + 1", "$x+1$"],
        ["2\\sqrt{2}", "2 \\sqrt{2}", "\\(2\\sqrt{2}\\)"],
        ["(1,2)", "(1, 2)", "\\left(1, 2\\right)"],
        ["Isn't", "isn\u2019t"],
        ["1,-2", "1, -2", "1 , -2", "1; -2"],
        ["2:3", "2 : 3"],
        ["3 PM", "3:00 pm", "3 p.m.", "03:00 PM"],
        ["word " * 200, " word" * 200],
    ],
)
def test_these_are_one_answer(same: list[str]) -> None:
    assert {text: canonical_key(text) for text in same} == dict.fromkeys(
        same, canonical_key(same[0])
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [("1/3", "0.3333"), ("50%", "0.5"), ("50%", "50"), ("12", "-12"), ("A", "B"), ("1.2", "12"),
     ("Paris", "Lyon"), ("x^2", "x^3"), ("1", "1e9"), ("2x", "2"), ("3i", "3"), ("5 or 6", "5"),
     ("2 pi", "2"), ("5\u00b2", "52"), ("x\u00b2", "x2"), ("1\\frac{1}{2}", "11/2"), ("3 x", "3"),
     ("5 million", "5"), ("2 dozen", "2"), ("\\frac{a+b}{c}", "a+b/c"), ("5 (mod 7)", "5"),
     ("X", "x + 0"), ("7:30", "7"), ("12/25/2020", "12/25"), ("3 to 5", "3"), ("1,5", "15"),
     ("word " * 200 + "a", "word " * 200 + "b"), ("9" * 70, "9" * 71), ("a^B", "a^b"),
     ("3 AM", "3 PM"), ("44 BC", "44 AD"), ("100, 200", "100,200"),
     ("5 degrees below zero", "5 degrees"), ("10 dollars loss", "10 dollars profit")],
)  # fmt: skip
def test_these_are_different_answers(first: str, second: str) -> None:
    assert canonical_key(first) != canonical_key(second)


@pytest.mark.parametrize("text", ["", "  ", "**", "$$", ".", "\\text{}", "''"])
def test_nothing_has_no_key(text: str) -> None:
    assert canonical_key(text) == ""


@given(
    st.one_of(
        st.text(max_size=80),
        st.text(alphabet="0123456789.,/%$ -+e\\frac{}^xkm()*", max_size=24),
        st.lists(
            st.sampled_from(
                ["\\text{", "\\frac{", "}", "{", "$", "the ", "a ", "B", "12", "/", ".5", "%",
                 " km", "**", "\\", "pi", "million", "=", "-", ",", "x", " ", "½",
                 "²", "ß", "İ"]
            ),
            max_size=8,
        ).map("".join),
    )
)  # fmt: skip
def test_a_key_is_its_own_key(text: str) -> None:
    key = canonical_key(text)
    assert canonical_key(key) == key


@pytest.mark.parametrize(
    ("text", "simple"),
    [("42", True), ("-1/2", True), ("50%", True), ("Paris", True), ("New York", True), ("B", True),
     ("x+1", False), ("2\\sqrt{2}", False), ("2x", False), ("pi", False), ("(1,2)", False),
     ("x-1", False), ("-x", False), ("well-known", True), ("1, -2", False),
     ("3 pm", True), ("2:3", True)],
)  # fmt: skip
def test_only_expressions_are_worth_computing(text: str, *, simple: bool) -> None:
    assert is_simple(canonical_key(text)) is simple


@given(st.fractions(max_denominator=10_000))
def test_fractions_are_exact(value: object) -> None:
    assert canonical_key(str(value)) == str(value)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("text", ["9" * 1_000_000, "{" * 1_000_000, "1," * 500_000])
def test_hostile_lengths_cost_nothing(text: str) -> None:
    for size in (100, 300, 1_000_000):
        assert len(canonical_key(text * (size // len(text)))) < 1000


@pytest.mark.parametrize(
    "different",
    [
        ("7 April", "7 March", "7 May", "7"),
        ("20% increase", "20% decrease"),
        ("5 miles north", "5 miles south"),
        ("10 days later", "10 days earlier"),
        ("12 noon", "12 midnight"),
        ("2 thirds", "2 quarters", "2"),
        ("3 R2", "3 R3", "3"),
        ("A-B-C", "A-C-B"),
        ("2024/1/5", "2024/5/1"),
        ("19:15", "07:15", "7:15"),
    ],
)
def test_words_that_matter_are_no_units(different: tuple[str, ...]) -> None:
    assert len({canonical_key(text) for text in different}) == len(different)


@pytest.mark.parametrize(
    "same",
    [
        ("19:15", "7:15 PM", "7:15 p.m."),
        ("07:15", "7:15 am"),
        ("00:30", "12:30 am"),
        ("12 apples", "12", "12 more apples"),
        ("-2", "minus 2", "negative 2"),
    ],
)
def test_one_time_and_one_number_have_one_key(same: tuple[str, ...]) -> None:
    assert len({canonical_key(text) for text in same}) == 1


def test_an_order_is_nothing_to_compute() -> None:
    assert all(is_simple(canonical_key(text)) for text in ("A-B-C", "2024/1/5"))
