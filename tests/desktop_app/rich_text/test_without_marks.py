"""One plain line of what a model wrote, where there is no room for more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.rich_text.without_marks import without_marks


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("42", "42"),
        ("**12 apples** in `the basket`, see $x^2$", "12 apples in the basket, see x²"),
        (r"$\frac{28}{14} = 2$", "28/14 = 2"),
        (r"\(\frac{x + 1}{2} \times \sqrt{9}\)", "(x + 1)/2 × √9"),
        (r"$10^{-3}\,\text{m}$", "10⁻³ m"),
        (r"$\int_0^1 x$", r"\int_0^1 x"),
        ("2**10 and $5", "2**10 and $5"),
        ("2*x*y", "2*x*y"),
        ("- 5", "- 5"),
        ("> 3", "> 3"),
        (">= 3", ">= 3"),
        ("+ 7", "+ 7"),
        ("2**3 + 4**2 = 24", "2**3 + 4**2 = 24"),
        ("(2)**(3)**(4)", "(2)**(3)**(4)"),
        (r"$90^\circ$", "90°"),
        (r"$3 \times 4$", "3 × 4"),
        ("x*y + x*z", "x*y + x*z"),
        ("x**2*y**3", "x**2*y**3"),
        ("**42**.", "42."),
        ("[click](http://evil.example/)", "[click](http://evil.example/)"),
        ("* one\n* two", "one two"),
        ("# Title", "Title"),
        ("snake_case_name", "snake_case_name"),
        ("a < b & c", "a < b & c"),
        ("```\ncode\n```", "code"),
        ("", ""),
        ("***", "***"),
    ],
)
def test_marks_are_left_out_and_nothing_else(written: str, said: str) -> None:
    assert without_marks(written) == said


@given(st.text(max_size=500))
def test_it_is_one_line_and_says_something_where_the_text_does(text: str) -> None:
    said = without_marks(text)
    assert said == " ".join(said.split())
    assert bool(said) == bool(text.split())
