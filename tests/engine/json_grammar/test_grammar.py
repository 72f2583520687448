"""What replies a schema lets through, and which schemas are refused."""

from __future__ import annotations

import json
import random
import time
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import SchemaError
from engine.json_grammar.grammar import grammar_of
from engine.json_grammar.schema import LONGEST_SCHEMA
from tests.engine.json_grammar.conftest import Accepts

PERSON: dict[str, Any] = {
    "title": "Person",
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 3},
        "age": {"type": "integer", "minimum": 0, "maximum": 120},
        "kind": {"enum": ["a", "ab", 1, None]},
        "friends": {"type": "array", "items": {"$ref": "#"}, "maxItems": 2},
    },
    "required": ["name"],
}
EXTRA = {"properties": {"ab": {"type": "integer"}}, "additionalProperties": {"type": "null"}}
BOTH = {
    "allOf": [
        {"properties": {"a": {"type": "integer"}, "b": {"minimum": 3}}, "required": ["a"]},
        {"$ref": "#/$defs/b"},
    ],
    "$defs": {"b": {"type": "object", "properties": {"b": {"maximum": 4}}, "required": ["b"]}},
}


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        (
            PERSON,
            ['{"name":"é"}', '{\n  "name": "a",\n  "age": 120\n}', '{"name":"a","kind":"ab"}',
             '{"name":"a","kind":null,"friends":[{"name":"b","friends":[]}]}',
             r'{"name":"\"\u00e9\\"}'],
            ["{}", '{"name":""}', '{"name":"abcd"}', '{"age":1,"name":"a"}', '{"name":"a"',
             '{"name":"a","age":121}', '{"name":"a","age":-1}', '{"name":"a","age":01}',
             '{"name":"a","kind":"b"}', '{"name":"a","x":1}', '{"name":"a",}',
             '{"name":"a","friends":[{}]}', '{"name":"a\tb"}', r'{"name":"\ud800"}'],
        ),
        (
            EXTRA,
            ["{}", '{"ab":1}', '{"ab":1,"abc":null,"a":null}', '{"":null}', '{"x":null}'],
            ['{"ab":null}', '{"x":1}', '{"x":null,"ab":1}', r'{"\u0061b":null}'],
        ),
        (BOTH, ['{"a":1,"b":3}', '{"a":1,"b":3.5}'], ['{"a":1}', '{"a":1,"b":5}', '{"b":3}']),
        (
            {"type": "array", "prefixItems": [{"const": 1}, {"type": "boolean"}]},
            ["[1,true]", "[ 1, false ]"], ["[1]", "[1,true,2]", "[2,true]"],
        ),
        (
            {"type": "array", "items": {"type": ["string", "null"]}, "minItems": 2, "maxItems": 3},
            ['["a",null]', '["","",""]'], ['["a"]', '["a","b","c","d"]', "[1,2]"],
        ),
        ({"anyOf": [{"$ref": "#"}, {"type": "boolean"}]}, ["true"], ["1", "null"]),
        (
            {"type": "string", "format": "date"},
            ['"2024-02-28"'], ['"2024-02-30"', '"2024-2-1"', '"0000-01-01"'],
        ),
        ({"type": "string", "format": "email"}, ['"anything"'], ["1"]),
        ({"const": {"a": [1.0, "x\"\\"]}}, [r'{"a":[1,"x\"\\"]}'], ['{"a":[1]}']),
        ({"type": "object"}, ["{}", '{"a":{"b":[1,-2.5e3,null]}}'], ["[]", "1", '{"a":1e999}']),
        ({}, ["1", '"a"', "[]", "{}"], ["", "nul", "NaN", "'a'"]),
    ],
)  # fmt: skip
def test_a_schema_lets_through_what_keeps_to_it(
    accepts: Accepts, schema: object, right: list[str], wrong: list[str]
) -> None:
    assert [text for text in right if not accepts(schema, text)] == []
    assert [text for text in wrong if accepts(schema, text)] == []


def test_numbers_keep_within_any_bounds(accepts: Accepts) -> None:
    draw = random.Random(5)
    wrong = []
    for _ in range(60):
        least = Decimal(draw.randint(-3000, 3000)).scaleb(-draw.randint(0, 3))
        most = least + Decimal(draw.randint(1000, 5000)).scaleb(-draw.randint(0, 3))
        kind = draw.choice(["integer", "number"])
        low, high = (draw.choice([f"m{end}", f"exclusiveM{end}"]) for end in ("inimum", "aximum"))
        schema = f'{{"type":"{kind}","{low}":{least},"{high}":{most}}}'
        numbers = [least, most, *(least + Decimal(draw.randint(-999, 3999)) / 1000 for _ in "1234")]
        for number in numbers:
            tried = number.to_integral_value() if kind == "integer" else number
            above = tried >= least if low == "minimum" else tried > least
            below = tried <= most if high == "maximum" else tried < most
            try:
                taken = accepts(schema, f"{tried:f}")
            except SchemaError:
                taken = False  # no whole number lies between
            if tried and taken != (above and below):
                wrong.append((schema, f"{tried:f}"))
    assert wrong == []


def nested(word: str, target: str = "null") -> dict[str, Any]:
    """Forty definitions, each of which names the next one twice."""
    named: dict[str, Any] = {
        f"d{i}": {word: [{"$ref": f"#/$defs/d{i + 1}"}, {"$ref": f"#/$defs/d{i + 1}"}]}
        for i in range(40)
    }
    return {"$ref": "#/$defs/d0", "$defs": named | {"d40": {"type": target}}}


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"$ref": "file:///etc/passwd"}, "within the schema"),
        ({"$ref": "https://127.0.0.1:1/schema.json"}, "within the schema"),
        ({"$ref": "#/$defs/none"}, "leads nowhere"),
        ({"$ref": "#"}, "no value"),
        ({"properties": {"a": {"pattern": "(a+)+$"}}}, "pattern"),
        ({"type": "array", "uniqueItems": True}, "uniqueItems"),
        ({"not": {}}, "not"),
        ({"type": "array", "minItems": 10**9}, "minItems"),
        ({"type": "string", "minLength": -1}, "minLength"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "below"),
        ({"type": "integer", "minimum": 2, "maximum": 1}, "no number"),
        ('{"type":"integer","minimum":1e999999}', "digits"),
        ('{"type":"integer","minimum":1e999999999}', "digits"),
        ('{"type":"number","maximum":-1e999999999}', "digits"),
        ('{"minimum":1e99999999999999999999}', "no JSON"),
        ({"enum": []}, "enum"),
        ({"enum": [*range(1001)]}, "enum"),
        ({"type": "any"}, "type"),
        ({"type": [["string"]]}, "type"),
        ({"properties": {"a": 5}}, "something else"),
        ({"required": [1], "type": "object"}, "required"),
        ({"const": "\ud800"}, "half a character"),
        ({"allOf": [{"minimum": 1}, {"minimum": "a"}]}, "minimum"),
        (nested("anyOf"), "100 forms"),
        (
            {
                "anyOf": [{"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}]}] * 99,
                "$defs": {
                    "a": {"enum": [str(i) for i in range(2500)]},
                    "b": {"enum": [str(i) for i in range(5000, 7500)]},
                },
            },
            "combinations",
        ),
        (nested("allOf"), "combinations"),
        ('{"a":' * 100 + "1" + "}" * 100, "levels deep"),
        ('{"a":' * 9000 + "1" + "}" * 9000, "no JSON"),
        (" " * (LONGEST_SCHEMA + 1), "longer"),
        ("[]", "object"),
    ],
)  # fmt: skip
def test_a_hostile_schema_is_refused_soon_and_says_why(schema: object, why: str) -> None:
    started = time.thread_time()
    with pytest.raises(SchemaError) as caught:
        grammar_of(schema if isinstance(schema, str) else json.dumps(schema))
    assert why in caught.value.detail
    assert time.thread_time() - started < 2


def test_a_schema_of_a_huge_number_is_worked_out_by_nobody(accepts: Accepts) -> None:
    assert accepts('{"type":"integer","const":1e999999}', "1e999999")


def test_large_schemas_become_grammars_that_llama_cpp_takes(accepts: Accepts) -> None:
    many = {"type": "object", "properties": {f"k{i}": {"type": "string"} for i in range(1000)}}
    assert accepts(many, '{"k7":"a","k900":"b"}')
    assert not accepts(many, '{"k900":"a","k7":"b"}')
    prefixes = {"enum": ["a" * length for length in range(300)]}
    assert accepts(prefixes, '"aaaa"')
    lists = {"items": {"items": {}, "maxItems": 2000}, "maxItems": 10**9}
    assert accepts(lists, "[[1],[]]")
