"""Colours code with Pygments, which is imported for the first finished code block only.

It must not know Qt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

MAX_HIGHLIGHTED_CHARACTERS = 30_000
"""Colouring costs about 1 ms for each 1,000 characters; longer code stays plain."""
_COSTLY = re.compile(r"[^\n]{401}|\s{101}")
"""What lexers need the square of its length for, or worse: a long line, a long gap."""


class CodeRole(StrEnum):
    """What a piece of code is, as far as its colour is concerned."""

    PLAIN = "plain"
    KEYWORD = "keyword"
    STRING = "string"
    NUMBER = "number"
    COMMENT = "comment"
    NAME = "name"


def highlight(code: str, language: str) -> Iterator[tuple[CodeRole, str]]:
    """Cut code into pieces of one role; together they are exactly the code.

    Args:
        code: The code.
        language: Its name as written on the fence; unknown names give plain code.
    """
    if not language or len(code) > MAX_HIGHLIGHTED_CHARACTERS or _COSTLY.search(code):
        yield CodeRole.PLAIN, code
        return
    from pygments.lexers import get_lexer_by_name
    from pygments.token import (
        Comment,
        Keyword,
        Name,
        Number,
        Operator,
        String,
        _TokenType,
        is_token_subtype,
    )
    from pygments.util import ClassNotFound

    roles: tuple[tuple[_TokenType, CodeRole], ...] = (
        (Comment, CodeRole.COMMENT),
        (Keyword, CodeRole.KEYWORD),
        (Operator.Word, CodeRole.KEYWORD),
        (Name.Tag, CodeRole.KEYWORD),
        (String, CodeRole.STRING),
        (Number, CodeRole.NUMBER),
        (Name.Function, CodeRole.NAME),
        (Name.Class, CodeRole.NAME),
        (Name.Decorator, CodeRole.NAME),
        (Name.Attribute, CodeRole.NAME),
    )
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        yield CodeRole.PLAIN, code
        return
    known: dict[_TokenType, CodeRole] = {}
    for kind, text in lexer.get_tokens(code):
        role = known.get(kind)
        if role is None:
            role = next(
                (role for parent, role in roles if is_token_subtype(kind, parent)), CodeRole.PLAIN
            )
            known[kind] = role
        yield role, text
