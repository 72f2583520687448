"""Text that would stop the window while it is typeset, coloured or laid out is shown plainly."""

from __future__ import annotations

import pytest

from desktop_app.rich_text.blocks import MAX_PARAGRAPH_CHARACTERS, BlockKind, split_literal
from desktop_app.rich_text.formulas import typeset
from desktop_app.rich_text.highlighting import CodeRole, highlight


@pytest.mark.parametrize(
    ("before", "after"),
    [(r"\sqrt{1+", "}"), ("x^{", "}"), (r"\frac{1}{", "}"), (r"\left(", r"\right)"), ("{", "}")],
)
def test_a_formula_is_typeset_as_deep_as_it_takes_no_time(before: str, after: str) -> None:
    deep = [before * depth + "x" + after * depth for depth in (4, 16)]
    assert typeset(deep[0], 16.0, "#000000", display=True) is not None
    assert typeset(deep[1], 16.0, "#000000", display=True) is None


@pytest.mark.parametrize("code", ["x" * 2000, "x\n" + " " * 1500 + "y", "a b " * 500])
@pytest.mark.parametrize("language", ["systemd", "python"])
def test_code_of_long_lines_has_no_colours(code: str, language: str) -> None:
    assert list(highlight(code, language)) == [(CodeRole.PLAIN, code)]


def test_ordinary_code_has_colours() -> None:
    roles = {role for role, _text in highlight("def f(x):\n    return x  # why\n", "python")}
    assert {CodeRole.KEYWORD, CodeRole.COMMENT} <= roles


def test_an_unbroken_question_is_cut_where_its_layout_would_take_long() -> None:
    text = "x" * 100_000
    blocks = split_literal(text)
    assert "".join(block.source for block in blocks) == text
    assert {block.kind for block in blocks} == {BlockKind.TEXT}
    assert max(len(block.source) for block in blocks) <= MAX_PARAGRAPH_CHARACTERS


def test_the_same_code_is_coloured_once() -> None:
    first = highlight("def g(y):\n    return y\n", "python")
    assert highlight("def g(y):\n    return y\n", "python") is first
