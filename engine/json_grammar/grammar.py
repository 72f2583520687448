"""From a JSON schema to a grammar: rules by which only such a value can be written.

Objects have their keys in the schema's order, and keys that it does not name only where it says
`additionalProperties`. `oneOf` means `anyOf`, and a format without rules of its own any text.
"""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from typing import Any, Final

from engine.answers.json_value import is_whole, write_json
from engine.errors import SchemaError
from engine.json_grammar.numbers import Bounds, integer_within, number_within
from engine.json_grammar.rules import Rules, built_in, quoted, repeated
from engine.json_grammar.schema import Form, Forms, read_schema

_MOST_REPEATED: Final = 2000
"""Of items or characters that are counted one by one; llama.cpp has a rule for each."""
_MOST_REPEATED_IN_ALL: Final = 20_000
_MOST_RULES: Final = 5000
_MOST_CHOICES: Final = 1000
_FORMATS: Final = {
    "time": '( [01] [0-9] | "2" [0-3] ) ":" [0-5] [0-9] ":" [0-5] [0-9] ( "." [0-9]{1,6} )? '
    '( "Z" | [-+] ( [01] [0-9] | "2" [0-3] ) ":" [0-5] [0-9] )',
    "uuid": 'hex{8} "-" hex{4} "-" hex{4} "-" hex{4} "-" hex{12}',
}
_DAYS: Final = (
    '[1-9] [0-9]{3} "-" ( ( "0" [13578] | "1" [02] ) "-" ( "0" [1-9] | [12] [0-9] | "3" [01] ) '
    '| ( "0" [469] | "11" ) "-" ( "0" [1-9] | [12] [0-9] | "30" ) '
    '| "02-" ( "0" [1-9] | "1" [0-9] | "2" [0-8] ) )'
)
"""Dates that every year has."""

ANY_OBJECT: Final = '{"type":"object"}'
"""The schema of any object."""
START: Final = "reply"
"""The rule that stands for the whole value."""


def grammar_of(schema: str) -> str:
    """Return rules in GBNF, of which `START` is the value that a schema describes.

    Args:
        schema: JSON schema as text.

    Raises:
        SchemaError: It is no schema, or cannot be kept.
    """
    read = read_schema(schema)
    return _Builder(read).text()


class _Builder:
    """Makes one grammar. What is left to do waits in a list: no schema is deeper than it."""

    def __init__(self, schema: Any) -> None:
        self._rules = Rules()
        self._forms = Forms(schema)
        self._names: dict[str, str] = {}
        self._known: dict[int, tuple[Any, str]] = {}
        """By the identity of a part, which is held with it."""
        self._left: deque[tuple[str, list[Form]]] = deque()
        self._repeated = 0
        self._start = self._rule(schema, "it")

    def text(self) -> str:
        """All rules."""
        while self._left:
            name, forms = self._left.popleft()
            self._rules.fill(name, " | ".join(f"( {self._form(form)} )" for form in forms))
        lines = "".join(f"{name} ::= {rule}\n" for name, rule in built_in().items())
        return f"{START} ::= {self._start}\n{lines}{self._rules.text()}"

    def _rule(self, part: Any, what: str) -> str:
        """The name of what a part of the schema allows."""
        part = self._forms.meant_by(part)
        known = self._known.get(id(part))
        if known is not None:
            return known[1]
        forms = self._forms.of(part)
        if not forms:
            raise SchemaError(f"{what} can have no value")
        key = self._forms.key_of(forms)
        if key not in self._names:
            if len(self._names) >= _MOST_RULES:
                raise SchemaError("it has too many parts")
            self._names[key] = name = self._rules.reserve()
            self._left.append((name, forms))
        self._known[id(part)] = part, self._names[key]
        return self._names[key]

    def _form(self, form: Form) -> str:
        kind = form.get("type", "value")
        if "enum" in form or "const" in form:
            return self._one_of(form)
        make = {"object": self._object, "array": self._array, "string": self._string}.get(kind)
        if make is not None:
            return make(form)
        bounds = _bounds(form)
        if bounds == Bounds():
            return str(kind)
        return integer_within(bounds) if kind == "integer" else number_within(bounds)

    def _one_of(self, form: Form) -> str:
        values = form.get("enum", [form.get("const")])
        if not isinstance(values, list):
            raise SchemaError("enum must be a list")
        for word in form.keys() - {"type", "enum", "const", "format"}:
            raise SchemaError(f"{word} does not go with enum or const")
        if "enum" in form and "const" in form:
            values = [value for value in values if _same(value, form["const"])]
        values = [value for value in values if _is_of(value, form.get("type"))]
        if not 0 < len(values) <= _MOST_CHOICES:
            raise SchemaError(f"enum must have 1 to {_MOST_CHOICES:,} values of its type")
        return self._rules.choice(write_json(value, ascii_only=False) for value in values)

    # --- objects ----------------------------------------------------------------------------------

    def _object(self, form: Form) -> str:
        properties, required = form.get("properties", {}), form.get("required", [])
        extra = form.get("additionalProperties", not properties and not required)
        if not isinstance(properties, dict):
            raise SchemaError("properties must be an object")
        if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
            raise SchemaError("required must be a list of names")
        named = dict(properties) | {n: True for n in required if n not in properties}
        further = self._further(extra, named)
        later = self._rules.named(f'( "," ws {further} )* ws' if further else "ws")
        first = self._rules.named(f'{further} {later} | ""' if further else '""')
        # from the last key to the first: what stands there first, and what behind another one
        for name, part in reversed(named.items()):
            if name not in required and not self._forms.of(part):
                continue  # a key that can have no value is left out
            value = self._rule(part, "a key that is required")
            pair = self._rules.named(f'{quoted(name)} ":" ws {value} {later}')
            optional = name not in required
            first = self._rules.named(f"{pair} | {first}") if optional else pair
            later = self._rules.named(f'"," ws {pair}' + (f" | {later}" if optional else ""))
        return f'"{{" ws {first} "}}"'

    def _further(self, extra: Any, named: dict[str, Any]) -> str:
        """A key that the schema does not name, with its value, or ""."""
        if extra is False or not self._forms.of(extra):
            return ""
        value = self._rule(extra, "a further key")
        key = self._rules.other_than(named) if named else "string"
        return self._rules.named(f'{key} ":" ws {value}')

    # --- arrays, texts ----------------------------------------------------------------------------

    def _array(self, form: Form) -> str:
        first = form.get("prefixItems", [])
        items = form.get("items", True)
        if not isinstance(first, list):
            raise SchemaError("prefixItems must be a list")
        if isinstance(items, list):
            raise SchemaError("a list of items is written as prefixItems")
        least, most = self._times(form, "minItems", "maxItems")
        if most is not None and most < len(first):
            first = first[: max(most, least)]
        begun = [self._rule(part, "an item") for part in first]
        named = ' "," ws '.join(begun)
        least = max(0, least - len(begun))
        most = None if most is None else most - len(begun)
        if "items" not in form and begun and least == 0:
            most = 0  # a list whose items are named one by one has no others
        allowed = (most is None or most > 0) and bool(self._forms.of(items))
        if not allowed:
            if least:
                raise SchemaError("a list can have no items, and must have some")
            return f'"[" ws {named} ws "]"' if named else '"[" ws "]"'
        item = self._rule(items, "an item")
        another = self._rules.named(f'"," ws {item}')
        if begun:
            more = self._rules.named(repeated(another, least, most))
            return f'"[" ws {named} {more} ws "]"'
        left = None if most is None else most - 1
        more = self._rules.named(repeated(another, max(0, least - 1), left))
        return f'"[" ws ( {item} {more} ws ){"" if least else "?"} "]"'

    def _string(self, form: Form) -> str:
        least, most = self._times(form, "minLength", "maxLength")
        kind = form.get("format")
        if kind is not None and not isinstance(kind, str):
            raise SchemaError("format must be a text")
        inner = _format(kind)
        if inner is not None:
            if "minLength" in form or "maxLength" in form:
                raise SchemaError(f"the format {kind} has a length of its own")
            return rf'"\"" {inner} "\""'
        if least == 0 and most is None:
            return "string"
        return rf'"\"" {self._rules.named(repeated("char", least, most))} "\""'

    def _times(self, form: Form, fewest: str, most: str) -> tuple[int, int | None]:
        """How often something may be there; an upper limit that is high is lowered."""
        least, limit = _whole(form, fewest), _whole(form, most)
        if (least or 0) > _MOST_REPEATED:
            raise SchemaError(f"{fewest} may be {_MOST_REPEATED:,} at most")
        if limit is not None and limit < (least or 0):
            raise SchemaError(f"{most} is below {fewest}")
        limit = None if limit is None else min(limit, _MOST_REPEATED)
        self._repeated += limit if limit is not None else least or 0
        if self._repeated > _MOST_REPEATED_IN_ALL:
            raise SchemaError("its lengths come to more rules than can be kept")
        return least or 0, limit


def _format(kind: str | None) -> str | None:
    if kind == "date":
        return _DAYS
    if kind == "date-time":
        return f'{_DAYS} "T" {_FORMATS["time"]}'
    return _FORMATS.get(kind or "")


def _whole(form: Form, word: str) -> int | None:
    number = form.get(word)
    if number is None:
        return None
    if not isinstance(number, Decimal) or number < 0 or number > 10**9 or not is_whole(number):
        raise SchemaError(f"{word} must be a whole number, at least 0")
    return int(number)


def _bounds(form: Form) -> Bounds:
    bounds = Bounds()
    for word, is_open in (("minimum", False), ("exclusiveMinimum", True)):
        if word in form:
            bounds = bounds.above(_number(form, word), is_open=is_open)
    for word, is_open in (("maximum", False), ("exclusiveMaximum", True)):
        if word in form:
            bounds = bounds.below(_number(form, word), is_open=is_open)
    return bounds


def _number(form: Form, word: str) -> Decimal:
    number = form[word]
    if not isinstance(number, Decimal):
        raise SchemaError(f"{word} must be a number")
    return number


def _same(one: Any, other: Any) -> bool:
    return write_json(one, in_order=False) == write_json(other, in_order=False)


def _is_of(value: Any, kind: str | None) -> bool:
    match value:
        case None:
            return kind in (None, "null")
        case bool():
            return kind in (None, "boolean")
        case str():
            return kind in (None, "string")
        case Decimal():
            return kind in (None, "number") or (kind == "integer" and is_whole(value))
        case list():
            return kind in (None, "array")
    return kind in (None, "object")
