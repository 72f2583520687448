"""JSON values as answers: equal values are one, whatever they look like."""

from __future__ import annotations

import pytest

from engine.answers.json_value import json_answer, parse_json, write_json


def key(text: str) -> str:
    answer = json_answer(text, complete=True)
    assert answer is not None
    assert answer.rule == "json"
    return answer.key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":1,"b":[true,null]}', ' {\n"b": [ true , null ],\t"a": 1.0 }'),
        ("1", "1.0"),
        ("100", "1e2"),
        ("0.5", "5E-1"),
        ("0", "-0.0"),
        ("1e400", "10e399"),
        (r'"\u00e9\/"', '"é/"'),
        ('{"a":1,"a":2}', '{"a":2}'),
    ],
)
def test_equal_values_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "true"), ("1", '"1"'), ("[1,2]", "[2,1]"), ("0.1", "0.10000000000000000001"),
        ("{}", "[]"), ('"a"', '"A"'), ('{"a":null}', "{}"), ("null", '"null"'),
        ('["' + "a" * 500 + '"]', '["' + "a" * 499 + 'b"]'),
    ],
)  # fmt: skip
def test_other_values_have_other_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize(
    "text", ["", "Sure: {}", "{}{}", "NaN", "{'a':1}", "[1,]", "01", "[" * 5000 + "]" * 5000]
)
def test_what_is_no_json_is_no_answer(text: str) -> None:
    assert json_answer(text, complete=True) is None


def test_what_was_cut_short_is_no_answer_even_if_it_looks_whole() -> None:
    assert json_answer("12", complete=False) is None


def test_a_key_is_short_and_can_be_sent_whatever_the_value_holds() -> None:
    assert len(key('["' + "a" * 100_000 + '"]')) < 100
    assert key(r'"\ud800"').encode() == rb'"\ud800"'
    answer = json_answer('["' + "a" * 1000 + '"]', complete=True)
    assert answer is not None
    assert len(answer.text) == 300
    half = json_answer(r'{ "b": "\ud800", "a": "é" }', complete=True)
    assert half is not None
    assert half.text == r'{"b":"\ud800","a":"\u00e9"}'


def test_a_value_is_written_as_it_was_read() -> None:
    assert write_json(parse_json('{"b": 1.50, "a": "é"}'), ascii_only=False) == '{"b":1.5,"a":"é"}'
