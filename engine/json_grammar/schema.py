"""A JSON schema read as what it allows: plain forms, without references and combinations.

A schema is hostile input. References lead only within it, everything is counted, and what could
not be kept is refused by name: nothing of it is passed over unsaid but what only describes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

from engine.answers.json_value import parse_json, write_json
from engine.errors import SchemaError

LONGEST_SCHEMA: Final = 65_536
"""Characters."""
_DEEPEST: Final = 64
_MOST_WAYS: Final = 100
"""Forms of one value beside each other."""
_MOST_WORK: Final = 20_000
"""Schemas that are looked at, the same one each time it is."""
_CHARACTERS_OF_WORK: Final = 100
_ENTRIES_OF_WORK: Final = 10
_REFUSED: Final[dict[str, tuple[object, ...]]] = {
    "not": (),
    "if": (),
    "then": (),
    "else": (),
    "patternProperties": ({},),
    "propertyNames": (True, {}),
    "minProperties": (0,),
    "maxProperties": (),
    "dependentRequired": ({},),
    "dependentSchemas": ({},),
    "dependencies": ({},),
    "contains": (),
    "minContains": (),
    "maxContains": (),
    "uniqueItems": (False,),
    "multipleOf": (1,),
    "pattern": (),
    "$dynamicRef": (),
    "$recursiveRef": (),
}
"""What cannot be kept by rules, and the values that ask for nothing."""
_TYPES: Final = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "prefixItems", "minItems", "maxItems"},
    "string": {"minLength", "maxLength", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
}
"""Types, and the words that mean one where none is named."""
_KNOWN_TYPES: Final = frozenset({*_TYPES, "integer", "boolean", "null"})
_KEPT: Final = frozenset({"type", "enum", "const"}).union(*_TYPES.values())
_COMBINED: Final = frozenset({"$ref", "anyOf", "oneOf", "allOf"})
_WORDS: Final = _KEPT | _COMBINED | _REFUSED.keys()
_LARGER: Final = frozenset({"minItems", "minLength", "minimum", "exclusiveMinimum"})
_SMALLER: Final = frozenset({"maxItems", "maxLength", "maximum", "exclusiveMaximum"})

Form = dict[str, Any]
"""One plain way to be: a `type`, or an `enum` or `const`, with the words that go with it; `{}` is
any value."""


def read_schema(text: str) -> Any:
    """Read a schema.

    Raises:
        SchemaError: It is too long, too deep, no JSON, or neither an object nor true.
    """
    if len(text) > LONGEST_SCHEMA:
        raise SchemaError(f"it is longer than {LONGEST_SCHEMA:,} characters")
    try:
        schema = parse_json(text)
    except ValueError as error:
        raise SchemaError("it is no JSON") from error
    if not isinstance(schema, dict) and schema is not True:
        raise SchemaError("it must be a JSON object")
    level, depth = [schema], 0
    while level:
        if depth > _DEEPEST:
            raise SchemaError(f"it is nested more than {_DEEPEST} levels deep")
        level, depth = [below for value in level for below in _within(value)], depth + 1
    return schema


class Forms:
    """Finds the plain forms of the parts of one schema.

    Args:
        schema: What `read_schema` has read.
    """

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._work = 0

    def of(self, part: Any) -> list[Form]:
        """Return the forms that a part of it allows.

        Raises:
            SchemaError: It cannot be kept.
        """
        return self._of(part, ())

    def meant_by(self, part: Any) -> Any:
        """Return what a part means that is a reference and nothing else; else itself."""
        for _ in range(_DEEPEST):
            if not isinstance(part, dict) or "$ref" not in part or len(part.keys() & _WORDS) > 1:
                break
            part = self._target(part["$ref"])
        return part

    def key_of(self, forms: list[Form]) -> str:
        """Return what tells forms apart; writing it is work, too."""
        key = write_json(forms)
        self._count(len(key) // _CHARACTERS_OF_WORK)
        return key

    def _of(self, part: Any, within: tuple[str, ...]) -> list[Form]:
        self._count(1)
        if part is True:
            return [{}]
        if part is False:
            return []
        if not isinstance(part, dict):
            raise SchemaError("where a schema belongs stands something else")
        if len(within) > _DEEPEST:
            raise SchemaError(f"references lead on more than {_DEEPEST} times")
        _refuse(part)
        forms = _typed({word: part[word] for word in part if word in _KEPT})
        if "$ref" in part:
            reference = part["$ref"]
            if reference in within:
                return []  # what is itself or something else is something else
            forms = self._both(forms, self._of(self._target(reference), (*within, reference)))
        for word in ("anyOf", "oneOf"):
            if word in part:
                ways = [way for one in _schemas(part[word], word) for way in self._of(one, within)]
                forms = self._both(forms, _few(ways))
        for one in _schemas(part["allOf"], "allOf") if "allOf" in part else ():
            forms = self._both(forms, self._of(one, within))
        return _few(forms)

    def _both(self, some: Sequence[Form], others: Sequence[Form]) -> list[Form]:
        """Every way to be one of some and one of others."""
        work = len(others) * sum(map(_size, some)) + len(some) * sum(map(_size, others))
        self._count(len(some) * len(others) + work // _ENTRIES_OF_WORK)
        joined = (_joined(one, other) for one in some for other in others)
        return _few([form for form in joined if form is not None])

    def _count(self, work: int) -> None:
        self._work += work
        if self._work > _MOST_WORK:
            raise SchemaError("it asks for more combinations than can be kept")

    def _target(self, reference: Any) -> Any:
        """What a reference within the schema means; none leads anywhere else."""
        if not isinstance(reference, str) or (reference != "#" and reference[:2] != "#/"):
            raise SchemaError("a $ref may only lead within the schema, as in #/$defs/name")
        target = self._schema
        for step in reference.split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(target, dict) and name in target:
                target = target[name]
            elif isinstance(target, list) and name.isdecimal() and int(name[:6]) < len(target):
                target = target[int(name[:6])]
            else:
                raise SchemaError("a $ref leads nowhere")
        return target


def _within(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _size(form: Form) -> int:
    """How many entries the values of its words have."""
    return sum(len(value) for value in form.values() if isinstance(value, list | dict))


def _few(forms: list[Form]) -> list[Form]:
    if len(forms) > _MOST_WAYS:
        raise SchemaError(f"a value has more than {_MOST_WAYS} forms")
    return forms


def _refuse(part: Mapping[str, Any]) -> None:
    for word in part.keys() & _REFUSED.keys():
        if part[word] not in _REFUSED[word]:
            raise SchemaError(f"{word} cannot be kept while a reply is written")


def _schemas(value: Any, word: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise SchemaError(f"{word} must be a list of schemas")
    return value


def _typed(words: Form) -> list[Form]:
    """What words without combinations allow, one form for each type."""
    types = words.get("type")
    if types is None:
        if "enum" in words or "const" in words:
            return [words]
        meant = [kind for kind, belonging in _TYPES.items() if belonging & words.keys()]
        return [_of_type(words, kind) for kind in meant] or [{}]
    for kind in types if isinstance(types, list) else [types]:
        if not isinstance(kind, str) or kind not in _KNOWN_TYPES:
            raise SchemaError("a type must be one of " + ", ".join(sorted(_KNOWN_TYPES)))
    return [_of_type(words, kind) for kind in ([types] if isinstance(types, str) else types)]


def _of_type(words: Form, kind: str) -> Form:
    kept = _TYPES.get("number" if kind == "integer" else kind, set()) | {"enum", "const"}
    return {"type": kind} | {word: value for word, value in words.items() if word in kept}


def _joined(one: Form, other: Form) -> Form | None:
    """What is both, or None where nothing can be."""
    joined = dict(one)
    for word, value in other.items():
        if word not in one or one[word] == value:
            joined[word] = value
        elif word == "type":
            if {one[word], value} != {"integer", "number"}:
                return None
            joined[word] = "integer"
        elif (both := _both_of(word, one[word], value)) is not None:
            joined[word] = both
        else:
            return None
    return joined


def _both_of(word: str, one: Any, other: Any) -> Any:
    """What two values of one word come to together, or None where nothing can be both."""
    if word in {"format", "prefixItems"}:
        raise SchemaError(f"two kinds of {word} cannot be kept together")
    join = _JOINS.get(word, _all_of)
    try:
        return join(one, other)
    except TypeError as error:
        raise SchemaError(f"{word} has a value that makes no sense") from error


def _all_of(one: Any, other: Any) -> Any:
    return {"allOf": [one, other]}


def _values_of_both(one: Any, other: Any) -> Any:
    if not isinstance(one, list) or not isinstance(other, list):
        raise TypeError
    known = {write_json(value, in_order=False) for value in other}
    return [value for value in one if write_json(value, in_order=False) in known]


def _least(one: Any, other: Any) -> Any:
    return min(one, other)


def _most(one: Any, other: Any) -> Any:
    return max(one, other)


def _properties_of_both(one: Any, other: Any) -> Any:
    shared = {name: {"allOf": [one[name], other[name]]} for name in one if name in other}
    return one | other | {name: both for name, both in shared.items() if one[name] != other[name]}


_JOINS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "const": lambda _one, _other: None,
    "enum": _values_of_both,
    "required": lambda one, other: [*one, *other],
    "properties": _properties_of_both,
    **dict.fromkeys(_LARGER, _most),
    **dict.fromkeys(_SMALLER, _least),
}
