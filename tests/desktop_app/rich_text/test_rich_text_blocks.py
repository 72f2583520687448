"""Cutting Markdown into blocks."""

from __future__ import annotations

from desktop_app.rich_text.blocks import (
    CODE_PART_CHARACTERS,
    MAX_PARAGRAPH_CHARACTERS,
    Block,
    BlockKind,
    split_blocks,
)


def _kinds(text: str) -> list[tuple[BlockKind, str]]:
    return [(block.kind, block.source) for block in split_blocks(text)]


def test_paragraphs_end_at_empty_lines() -> None:
    assert _kinds("one\ntwo\n\nthree") == [
        (BlockKind.TEXT, "one\ntwo"),
        (BlockKind.TEXT, "three"),
    ]


def test_code_keeps_empty_lines_and_marks_of_other_blocks() -> None:
    code, after = split_blocks("```python\n# a\n\n- b\n```\nafter")
    assert (code.kind, code.source, code.info) == (BlockKind.CODE, "# a\n\n- b", "python")
    assert code.closed
    assert after.source == "after"


def test_open_code_is_not_closed() -> None:
    (code,) = split_blocks("```\nx = 1\n")
    assert not code.closed
    assert code.source == "x = 1\n"


def test_a_fence_of_code_may_hold_shorter_fences() -> None:
    (code,) = split_blocks("````\n```\ninside\n```\n````")
    assert code.source == "```\ninside\n```"


def test_empty_code_is_empty() -> None:
    (code,) = split_blocks("```\n```")
    assert (code.source, code.closed) == ("", True)


def test_long_code_is_cut_at_line_ends_and_loses_nothing() -> None:
    lines = [f"line {number}" for number in range(2_000)]
    blocks = split_blocks("```\n" + "\n".join(lines) + "\n```")
    assert len(blocks) > 2
    assert [block.part for block in blocks] == list(range(len(blocks)))
    assert [block.last_part for block in blocks].count(True) == 1
    assert "\n".join(block.source for block in blocks).split("\n") == lines
    assert max(len(block.source) for block in blocks) < CODE_PART_CHARACTERS + 100


def test_items_count_on_although_each_is_its_own_block() -> None:
    blocks = split_blocks("3. a\n3. b\n\n   more of b\n4. c\n\ntext\n\n1. d")
    items = [block for block in blocks if block.kind is BlockKind.ITEM]
    assert [(item.ordinal, item.follows_item) for item in items] == [
        (3, False),
        (4, True),
        (5, True),
        (1, False),
    ]
    assert items[1].source == "3. b\n\n   more of b"


def test_nested_items_and_code_belong_to_their_item() -> None:
    blocks = split_blocks("- a\n  - b\n\n  ```\n  - code\n\n  more\n  ```\n- c")
    assert [block.kind for block in blocks] == [BlockKind.ITEM, BlockKind.ITEM]
    assert blocks[1].source == "- c"


def test_a_year_at_a_line_start_does_not_open_a_list() -> None:
    assert _kinds("It was in\n1998. Or so") == [(BlockKind.TEXT, "It was in\n1998. Or so")]


def test_hyphens_under_a_paragraph_make_a_heading_not_a_rule() -> None:
    assert _kinds("Title\n---\ntext") == [(BlockKind.TEXT, "Title\n---\ntext")]


def test_display_formulas_are_blocks_of_their_own() -> None:
    text = "before\n$$\na = b\n\n= c\n$$\nafter\n\\[x\\]\n"
    kinds = [(block.kind, block.source) for block in split_blocks(text)]
    assert (BlockKind.MATH, "a = b\n\n= c") in kinds
    assert (BlockKind.MATH, "x") in kinds


def test_formula_marks_that_never_close_are_text() -> None:
    blocks = split_blocks("$$ is money\n\nand more")
    assert [block.kind for block in blocks] == [BlockKind.TEXT, BlockKind.TEXT]


def test_a_formula_still_being_written_is_open() -> None:
    (block,) = split_blocks("$$\n\\frac{a}")
    assert (block.kind, block.closed) == (BlockKind.MATH, False)


def test_endless_paragraphs_are_cut() -> None:
    blocks = split_blocks("word " * 20_000)
    assert max(len(block.source) for block in blocks) <= MAX_PARAGRAPH_CHARACTERS
    assert "".join(block.source for block in blocks) == "word " * 20_000
    assert len(split_blocks("a" * 50_000)) > 10


def test_splitting_can_begin_again_at_a_block() -> None:
    text = "1. a\n2. b\n3. c\n\npara\n\n```\ncode\n```\n"
    blocks = split_blocks(text)
    for index, block in enumerate(blocks):
        previous: Block | None = blocks[index - 1] if index else None
        assert split_blocks(text, block.start, previous) == blocks[index:]
