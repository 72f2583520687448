"""Replies that are JSON, asked for by OpenAI's client."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from pydantic import BaseModel, Field

from models.builtin import builtin_model_path
from tests.desktop_app.serve.api_place import QUESTION, ApiPlace, Serve, ponder_of


class Count(BaseModel, extra="forbid", strict=True):
    """What is asked for."""

    count: int = Field(ge=0, le=99)
    sure: float = Field(ge=0, le=1)
    words: list[str] = Field(max_length=2)


def wanted(schema: object, **more: Any) -> Any:
    return {"type": "json_schema", "json_schema": {"name": "count", "schema": schema, **more}}


@pytest.fixture
def place(serve: Serve) -> ApiPlace:
    return serve(builtin_model_path())


def test_the_builtin_model_replies_by_a_schema_and_its_values_vote(place: ApiPlace) -> None:
    with place.client() as client:
        reply = client.chat.completions.create(
            model="ponder",
            messages=QUESTION,
            response_format=wanted(Count.model_json_schema(), strict=True),
            seed=4,
            max_tokens=300,
            extra_body={"samples": 6},
        )
    report = ponder_of(reply)
    whole = [c for c in report["candidates"] if c["stop"] == "finished"]
    assert whole
    for candidate in whole:
        Count.model_validate_json(candidate["text"])
        assert candidate["rule"] == "json"
    assert reply.choices[0].finish_reason == "stop"
    Count.model_validate_json(reply.choices[0].message.content or "")


def test_the_client_parses_a_reply_itself(place: ApiPlace) -> None:
    with place.client() as client:
        reply = client.chat.completions.parse(
            model="ponder", messages=QUESTION, response_format=Count, reasoning_effort="none"
        )
    parsed = reply.choices[0].message.parsed
    assert parsed is not None
    assert 0 <= parsed.count <= 99


def test_a_reply_streams_as_it_is_written(place: ApiPlace) -> None:
    schema = {
        "properties": {
            "words": {
                "type": "array",
                "items": {"type": "string", "maxLength": 9},
                "minItems": 60,
                "maxItems": 60,
            }
        },
        "required": ["words"],
    }
    with place.client() as client:
        stream = client.chat.completions.create(
            model="ponder",
            messages=QUESTION,
            response_format=wanted(schema),
            stream=True,
            seed=3,
            extra_body={"samples": 1},
        )
        texts = [c.delta.content for chunk in stream for c in chunk.choices if c.delta.content]
    assert len(texts) > 1
    assert len(json.loads("".join(texts))["words"]) == 60


def test_a_reply_that_was_cut_says_so(place: ApiPlace) -> None:
    long = {"type": "string", "minLength": 200}
    with place.client() as client:
        reply = client.chat.completions.create(
            model="ponder",
            messages=QUESTION,
            response_format=wanted(long),
            max_tokens=20,
            extra_body={"samples": 2},
        )
    assert reply.choices[0].finish_reason == "length"
    assert (reply.choices[0].message.content or "").startswith('"')
    assert ponder_of(reply)["answer"] is None


@pytest.mark.parametrize("stream", [False, True])
def test_a_schema_that_cannot_be_kept_is_refused_by_name(place: ApiPlace, stream: bool) -> None:  # noqa: FBT001
    hostile = {"properties": {"a": {"$ref": "file:///etc/passwd"}}}
    with place.client() as client, pytest.raises(openai.APIError) as caught:
        list(
            client.chat.completions.create(
                model="ponder", messages=QUESTION, response_format=wanted(hostile), stream=stream
            )
        )
    assert isinstance(caught.value, openai.BadRequestError) or stream
    assert (caught.value.code, caught.value.param) == ("invalid_json_schema", "response_format")
    assert "$ref" in caught.value.message
    assert "passwd" not in caught.value.message


def test_equal_values_are_one_vote_however_they_are_written(serve: Serve) -> None:
    texts = ['{"a":1,"b":[2]}', '{"a":7}', '{\n  "b": [2.0], "a": 1.0 }', "Answer: 7", "[1"]
    with serve([{"text": text} for text in texts]) as place, place.client() as client:
        reply = client.chat.completions.create(
            model="",
            messages=QUESTION,
            n=2,
            response_format={"type": "json_object"},
            extra_body={"samples": 5},
        )
    report = ponder_of(reply)
    assert [(vote["answer"], vote["count"]) for vote in report["votes"]] == [
        ('{"a":1,"b":[2]}', 2),
        ('{"a":7}', 1),
    ]
    assert (report["grouping"], report["no_answer"]) == ("exact", 2)
    assert json.loads(reply.choices[0].message.content or "") == {"a": 1, "b": [2]}
    assert json.loads(reply.choices[1].message.content or "") == {"a": 7}
