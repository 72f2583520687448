"""Colours code with Pygments, which is imported for the first finished code block only.

It must not know Qt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Final

MAX_HIGHLIGHTED_CHARACTERS = 30_000
"""Colouring costs about 1 ms for each 1,000 characters; longer code stays plain."""
_COSTLY = re.compile(r"[^\n]{401}|\s{101}")
"""What lexers need the square of its length for, or worse: a long line, a long gap."""
_KEPT: Final = 64
"""Pieces of code whose colours are kept."""


class CodeRole(StrEnum):
    """What a piece of code is, as far as its colour is concerned."""

    PLAIN = "plain"
    KEYWORD = "keyword"
    STRING = "string"
    NUMBER = "number"
    COMMENT = "comment"
    NAME = "name"


@lru_cache(maxsize=_KEPT)
def highlight(code: str, language: str) -> tuple[tuple[CodeRole, str], ...]:
    """Cut code into pieces of one role; together they are exactly the code.

    A list is written anew while it grows, and each time the code of its items is asked for again.

    Args:
        code: The code.
        language: Its name as written on the fence; unknown names give plain code.
    """
    if not language or len(code) > MAX_HIGHLIGHTED_CHARACTERS or _COSTLY.search(code):
        return ((CodeRole.PLAIN, code),)
    return tuple(_pieces(code, language))


def _pieces(code: str, language: str) -> Iterator[tuple[CodeRole, str]]:
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
