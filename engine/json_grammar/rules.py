"""Rules of a grammar, gathered under short names; how texts and choices among them are written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from engine.errors import SchemaError

_MOST_CHARACTERS: Final = 400_000
"""Of all rules together."""
_PLAIN: Final = r"\"\\\x00-\x1F"
"""What no string of JSON holds as it is, within a class of characters."""


class Rules:
    """The rules of one grammar."""

    def __init__(self) -> None:
        self._rules: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._size = 0

    def reserve(self) -> str:
        """Return a name whose rule comes later."""
        name = f"r{len(self._rules)}"
        self._rules[name] = ""
        return name

    def fill(self, name: str, expression: str) -> None:
        """Say what a name stands for.

        Raises:
            SchemaError: The rules have become too many.
        """
        self._rules[name] = expression
        self._size += len(expression)
        if self._size > _MOST_CHARACTERS:
            raise SchemaError("it asks for more rules than can be kept")

    def named(self, expression: str) -> str:
        """Return the name of an expression."""
        if expression not in self._names:
            self._names[expression] = name = self.reserve()
            self.fill(name, expression)
        return self._names[expression]

    def text(self) -> str:
        """All of them, a line each."""
        return "".join(f"{name} ::= {rule}\n" for name, rule in self._rules.items())

    def choice(self, texts: Iterable[str]) -> str:
        """Return the name of what is one of some texts.

        Texts that begin alike share that beginning, so that no step has to follow all of them.
        """
        start = self.reserve()
        left = [(start, sorted(set(texts)))]
        while left:
            name, among = left.pop()
            ways = []
            for same in _by_first_character(among):
                begin = _common_beginning(same)
                if len(same) == 1:
                    ways.append(literal(begin))
                    continue
                rest = [text[len(begin) :] for text in same]
                further = self.reserve()
                left.append((further, [text for text in rest if text]))
                ways.append(f"{literal(begin)} {further}{'?' if '' in rest else ''}")
            self.fill(name, " | ".join(ways))
        return start

    def other_than(self, names: Iterable[str]) -> str:
        """Return the name of a string, in quotes, that is none of some."""
        plain = self.named(f"[^{_PLAIN}]")
        tree: dict[str, Any] = {}
        for name in names:
            if json.dumps(name, ensure_ascii=False) != f'"{name}"':
                continue  # only an escape could write it, and none is allowed here
            node = tree
            for character in name:
                node = node.setdefault(character, {})
            node[""] = {}
        start = self.reserve()
        left = [(start, tree)]
        while left:
            rule, node = left.pop()
            further = {character: sub for character, sub in node.items() if character}
            ways = [f"[^{_PLAIN}{''.join(map(_in_class, further))}] {plain}*"]
            for character, sub in further.items():
                below = self.reserve()
                left.append((below, sub))
                ways.append(f"{literal(character)} {below}")
            if "" not in node:
                ways.append('""')
            self.fill(rule, " | ".join(ways))
        return rf'"\"" {start} "\""'


def literal(text: str) -> str:
    """Return a text as grammars write it.

    Raises:
        SchemaError: It holds half a character.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SchemaError("a text in it holds half a character") from error
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def quoted(text: str) -> str:
    """Return a JSON string as grammars write it."""
    return literal(json.dumps(text, ensure_ascii=False))


def repeated(rule: str, least: int, most: int | None) -> str:
    """Return something so often, where None is without end."""
    if (least, most) == (1, 1):
        return rule
    return f"{rule}{{{least},{'' if most is None else most}}}"


def built_in() -> Mapping[str, str]:
    """Rules that every grammar of JSON has."""
    return _BUILT_IN


_BUILT_IN: Final = {
    "ws": r'( " " | "\n" [ \t]{0,20} )?',
    "hex": "[0-9a-fA-F]",
    "char": (
        rf'[^{_PLAIN}] | "\\" ( ["\\/bfnrt] | "u" '
        "( [0-9a-cefA-CEF] hex hex hex | [dD] [0-7] hex hex ) )"
    ),
    "string": r'"\"" char* "\""',
    "integer": '"-"? ( "0" | [1-9] [0-9]{0,14} )',
    "number": 'integer ( "." [0-9]{1,15} )? ( [eE] [-+]? [1-9] [0-9]? )?',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "object": '"{" ws ( pair ( "," ws pair )* ws )? "}"',
    "pair": 'string ":" ws value',
    "array": '"[" ws ( value ( "," ws value )* ws )? "]"',
    "value": "object | array | string | number | boolean | null",
}


def _by_first_character(texts: list[str]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(text[:1], []).append(text)
    return list(groups.values())


def _common_beginning(texts: list[str]) -> str:
    first, last = min(texts), max(texts)
    length = next((i for i, c in enumerate(first) if last[i] != c), len(first))
    return first[:length]


def _in_class(character: str) -> str:
    return f"\\U{ord(character):08X}"
