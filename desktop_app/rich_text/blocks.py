"""Cuts growing Markdown into blocks that can be drawn once and kept.

It exists because a streamed answer changes at its end only: everything before the last two blocks
never has to be parsed, highlighted or laid out again. It is coarser than CommonMark (a list item
with all it contains is one block) and leaves everything inside a block to the Markdown parser. It
must not know Qt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

MAX_PARAGRAPH_CHARACTERS = 4_000
"""A longer paragraph is cut at a space: laying out one line of text costs its whole length."""
CODE_PART_CHARACTERS = 3_000
"""Longer code is cut at a line end into parts that are drawn and coloured one by one."""

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n]*)$")
_ITEM = re.compile(r"^( {0,3})([-*+]|(\d{1,9})[.)])([ \t]+|$)")
_HEADING = re.compile(r"^ {0,3}#{1,6}([ \t]|$)")
_RULE = re.compile(r"^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_MATH_OPEN = re.compile(r"^ {0,3}(\$\$|\\\[)")


class BlockKind(StrEnum):
    """What has to be done with a block."""

    TEXT = "text"
    ITEM = "item"
    CODE = "code"
    MATH = "math"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of Markdown.

    Attributes:
        kind: What it is.
        start: Where it starts in the whole text, in characters.
        source: Its Markdown. Of code and formulas only the content, without the marks.
        info: The language named on a code fence.
        closed: Whether its end was seen, so that more text cannot change it.
        ordinal: Number of an item in a numbered list.
        follows_item: Whether the block before is an item of the same list.
        part: Which part of one code block it is, from 0.
        last_part: Whether no further part of that code block follows.
    """

    kind: BlockKind
    start: int
    source: str
    info: str = ""
    closed: bool = True
    ordinal: int | None = None
    follows_item: bool = False
    part: int = 0
    last_part: bool = True


def split_blocks(text: str, start: int = 0, previous: Block | None = None) -> list[Block]:
    """Cut Markdown into blocks.

    Args:
        text: The whole text.
        start: Where to begin, the start of a block that an earlier call returned.
        previous: The block that ends there, which numbers a list that goes on.
    """
    return _Splitter(text, start, previous).run()


def split_literal(text: str) -> list[Block]:
    """Cut a text in which only code fences and formulas are special, as in a question."""
    blocks: list[Block] = []
    for block in split_blocks(text):
        if block.kind in {BlockKind.CODE, BlockKind.MATH}:
            blocks.append(block)
            continue
        before = blocks[-1] if blocks and blocks[-1].kind is BlockKind.TEXT else None
        gap = "" if before is None else text[before.start + len(before.source) : block.start]
        whole = len(before.source) + len(block.source) if before is not None else 0
        if before is not None and gap.count("\n") <= 1 and whole <= MAX_PARAGRAPH_CHARACTERS:
            blocks.pop()
            source = before.source + gap + block.source
            blocks.append(Block(BlockKind.TEXT, before.start, source))
        else:
            blocks.append(Block(BlockKind.TEXT, block.start, block.source))
    return blocks


class _Splitter:
    """One pass over the lines."""

    def __init__(self, text: str, start: int, previous: Block | None) -> None:
        self._text = text
        self._position = start
        self._blocks: list[Block] = []
        self._previous = previous

    def run(self) -> list[Block]:
        while self._position < len(self._text):
            line, end = self._line(self._position)
            if not line.strip():
                self._position = end
            elif fence := _FENCE.match(line):
                if fence[1][0] == "`" and "`" in fence[2]:
                    self._take_text(item=None)
                else:
                    self._take_code(fence)
            elif _MATH_OPEN.match(line) and self._take_math(line):
                pass
            else:
                item = None if _RULE.match(line) else _ITEM.match(line)
                self._take_text(item)
        return self._blocks

    def _line(self, position: int) -> tuple[str, int]:
        """The line at a position, without its end, and where the next one starts."""
        end = self._text.find("\n", position)
        if end < 0:
            return self._text[position:], len(self._text)
        return self._text[position:end], end + 1

    def _add(self, block: Block, end: int) -> None:
        self._blocks.append(block)
        self._previous = block
        self._position = end

    def _take_code(self, fence: re.Match[str]) -> None:
        start = self._position
        mark, info = fence[1], fence[2].strip()
        close = re.compile(rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$", re.MULTILINE)
        _, body = self._line(start)
        found = close.search(self._text, body)
        if found is None:
            source, end, closed = self._text[body:], len(self._text), False
        else:
            source = self._text[body : max(body, found.start() - 1)]
            end, closed = self._line(found.start())[1], True
        language = info.split()[0] if info else ""
        parts = _code_parts(source)
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            block = Block(
                BlockKind.CODE,
                start,
                part,
                language,
                closed=closed or not last,
                part=number,
                last_part=last,
            )
            self._add(block, end)

    def _take_math(self, line: str) -> bool:
        start = self._position
        mark = "$$" if line.lstrip().startswith("$$") else "\\["
        close = "$$" if mark == "$$" else "\\]"
        body = self._text.index(mark, start) + 2
        end = self._text.find(close, body)
        if end < 0:
            blank = self._text.find("\n\n", body)
            if blank >= 0:  # never closed: the marks were no formula, or it is broken
                return False
            source = self._text[body:]
            self._add(Block(BlockKind.MATH, start, source, closed=False), len(self._text))
            return True
        rest, after = self._line(end + 2)
        if rest.strip(" \t.,;"):
            return False  # text goes on behind it: part of a paragraph
        self._add(Block(BlockKind.MATH, start, self._text[body:end].strip()), after)
        return True

    def _take_text(self, item: re.Match[str] | None) -> None:
        """Take a paragraph, heading, quote, table or one list item with all it contains."""
        start = self._position
        first, position = self._line(start)
        offset = 0
        if item is not None:
            offset = item.end() if item[4] and len(item[4]) <= 4 else item.end(2) + 1
        blank_before = False
        heading = bool(_HEADING.match(first)) and item is None
        fence: str | None = None
        while position < len(self._text) and not heading:
            line, end = self._line(position)
            if not line.strip():
                if item is None:
                    break
                blank_before = True
                position = end
                continue
            indent = len(line) - len(line.lstrip(" "))
            inside = item is not None and indent >= offset
            if inside:
                fence = _fence_after(fence, line)
            elif fence is not None or blank_before or self._interrupts(line, item is not None):
                break
            blank_before = False
            position = end
            if position - start > MAX_PARAGRAPH_CHARACTERS and item is None:
                break
        if position - start > MAX_PARAGRAPH_CHARACTERS and item is None:
            cut = self._text.rfind(" ", start, start + MAX_PARAGRAPH_CHARACTERS)
            position = cut + 1 if cut > start else start + MAX_PARAGRAPH_CHARACTERS
        ordinal, follows = self._number(item)
        source = self._text[start:position].rstrip("\n")
        kind = BlockKind.TEXT if item is None else BlockKind.ITEM
        closed = position < len(self._text)
        block = Block(kind, start, source, closed=closed, ordinal=ordinal, follows_item=follows)
        self._add(block, position)

    def _number(self, item: re.Match[str] | None) -> tuple[int | None, bool]:
        """The number of an item, and whether it goes on with the list before it."""
        if item is None:
            return None, False
        before = self._previous
        same = (
            before is not None
            and before.kind is BlockKind.ITEM
            and (before.ordinal is None) == (item[3] is None)
        )
        if item[3] is None:
            return None, same
        if same and before is not None and before.ordinal is not None:
            return before.ordinal + 1, True
        return int(item[3]), False

    @staticmethod
    def _interrupts(line: str, in_item: bool) -> bool:  # noqa: FBT001 (a fact, not a mode)
        """Whether a line starts something new although no blank line stands before it."""
        if fence := _FENCE.match(line):
            return not (fence[1][0] == "`" and "`" in fence[2])
        if _HEADING.match(line) or _MATH_OPEN.match(line):
            return True
        if _RULE.match(line):
            # Under a paragraph three hyphens make it a heading.
            return in_item or line.lstrip()[0] != "-"
        item = _ITEM.match(line)
        return item is not None and bool(item[4]) and (in_item or item[3] in {None, "1"})


def _code_parts(source: str) -> list[str]:
    """Cut code at line ends; the line end between two parts belongs to neither."""
    parts: list[str] = []
    start = 0
    while len(source) - start > CODE_PART_CHARACTERS:
        cut = source.find("\n", start + CODE_PART_CHARACTERS)
        if cut < 0:
            break
        parts.append(source[start:cut])
        start = cut + 1
    return [*parts, source[start:]]


def _fence_after(fence: str | None, line: str) -> str | None:
    """The mark of the code fence that is open after a line inside an item."""
    stripped = line.strip()
    if fence is not None:
        return None if stripped.startswith(fence) and not stripped.strip(fence[0]) else fence
    opening = _FENCE.match(stripped)
    return opening[1] if opening else None
