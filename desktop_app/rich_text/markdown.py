r"""Parses one block of Markdown into tokens: CommonMark, tables, strikethrough and formulas.

HTML is text here, and an image is a link. It must not know Qt.
"""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

MAX_NESTING = 12
"""Deeper quotes and lists are drawn flat."""
_CLOSING = {"$$": "$$", "\\(": "\\)", "\\[": "\\]", "$": "$"}


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.before("emphasis", "times", _times)
    return parser


@cache
def _literal_parser() -> MarkdownIt:
    parser = MarkdownIt("zero")
    parser.enable(["newline"])
    parser.inline.ruler.before("newline", "formula", _formula)
    return parser


def parse(source: str, *, literal: bool = False) -> list[Token]:
    """Parse a block; inline content is in the `children` of its `inline` tokens.

    Formulas arrive as tokens of type `math_inline` and `math_display`, their LaTeX in `content`.

    Args:
        source: The Markdown.
        literal: Take everything but formulas and line ends as it stands, as in a question, where
            `2*3*4` means just that.
    """
    return (_literal_parser() if literal else _parser()).parse(source)


def _times(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 (the rule's signature)
    """Read the star of `24*36` as a multiplication sign, not as the start of emphasis."""
    place = state.pos
    if state.src[place] != "*" or not 0 < place < len(state.src) - 1:
        return False
    before, after = state.src[place - 1], state.src[place + 1]
    if not (before.isdigit() or before == ")") or not (after.isdigit() or after == "("):
        return False
    if not silent:
        state.pending += "*"
    state.pos += 1
    return True


def _formula(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 (the rule's signature)
    r"""Read `$..$`, `$$..$$`, `\(..\)` or `\[..\]`; money such as $5 and $10 stays text."""
    source, start = state.src, state.pos
    opening = next((mark for mark in _CLOSING if source.startswith(mark, start)), None)
    if opening is None:
        return False
    closing = _CLOSING[opening]
    body = start + len(opening)
    end = _closing(source, closing, body)
    if end < 0 or not source[body:end].strip():
        return False
    after = end + len(closing)
    if opening == "$" and (
        source[body].isspace()
        or source[end - 1].isspace()
        or source[after : after + 1].isdigit()
        or (start > 0 and source[start - 1].isalnum())
    ):
        return False
    if not silent:
        kind = "math_display" if opening in {"$$", "\\["} else "math_inline"
        token = state.push(kind, "", 0)
        token.content = source[body:end].strip()
        token.markup = opening
    state.pos = after
    return True


def _closing(source: str, mark: str, start: int) -> int:
    """Where an unescaped closing mark stands, or -1."""
    end = source.find(mark, start)
    while end > 0 and mark[0] == "$" and source[end - 1] == "\\":
        end = source.find(mark, end + 1)
    return end
