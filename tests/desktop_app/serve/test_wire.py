"""Which requests are understood, and what is said of the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop_app.serve.refusals import RefusalError
from desktop_app.serve.wire import MOST_MESSAGES, conversation, json_reply, read_request
from engine.conversation_length import LONGEST_CONVERSATION
from engine.generation import JsonReply, Message

ASKED: dict[str, Any] = {"messages": [{"role": "user", "content": "How many?"}]}


def body(**fields: Any) -> bytes:
    return json.dumps(ASKED | fields).encode()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 0}, "n"),
        ({"n": 129}, "n"),
        ({"n": "two"}, "n"),
        ({"temperature": 2.1}, "temperature"),
        ({"temperature": -0.1}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"top_p": 1.1}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": -1}, "max_completion_tokens"),
        ({"max_tokens": 2**40}, "max_tokens"),
        ({"seed": 2**63}, "seed"),
        ({"stop": ["x"] * 17}, "stop"),
        ({"stop": ["x", ""]}, "stop"),
        ({"stop": "x" * 101}, "stop"),
        ({"stop": 1}, "stop"),
        ({"top_k": -1}, "top_k"),
        ({"min_p": 1.5}, "min_p"),
        ({"repetition_penalty": 0}, "repetition_penalty"),
        ({"verbosity": "high"}, "verbosity"),
        ({"guided_json": {"type": "object"}}, "guided_json"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"logprobs": True}, "logprobs"),
        ({"frequency_penalty": 2.1}, "frequency_penalty"),
        ({"logit_bias": {"1": 3}}, "logit_bias"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
            "response_format.json_schema.name",
        ),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a b"}}},
            "response_format.json_schema.name",
        ),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"messages": "hello"}, "messages"),
        ({"chat_template_kwargs": 5}, "chat_template_kwargs"),
        ({"chat_template_kwargs": {"thinking": 1}}, "chat_template_kwargs.thinking"),
        ({"messages": [{"content": "no role"}]}, "messages[0].role"),
        (
            {"messages": [{"role": "assistant", "content": "", "tool_calls": [{"id": "1"}]}]},
            "messages[0].tool_calls",
        ),
        ({f"field{number}": 1 for number in range(101)}, None),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(
    fields: dict[str, Any], param: str | None
) -> None:
    with pytest.raises(RefusalError) as caught:
        read_request(body(**fields))
    assert (caught.value.status, caught.value.param) == (400, param)
    assert caught.value.body()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "text",
    [
        b'{"messages": [], "chat_template_kwargs": {"a\xff": 1}}',
        b'{"messages": [], "response_format": {"type": "json_object", "schema": {"a": "\xff"}}}',
    ],
)
def test_bytes_that_are_no_utf_8_are_refused_wherever_they_stand(text: bytes) -> None:
    with pytest.raises(RefusalError) as caught:
        read_request(text)
    assert (caught.value.status, caught.value.code) == (400, "invalid_json")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(RefusalError) as caught:
        read_request(text)
    assert caught.value.status == 400


def test_values_that_ask_for_nothing_are_fine() -> None:
    neutral = {
        "stop": "", "tools": [], "tool_choice": "auto", "logprobs": False, "logit_bias": {},
        "presence_penalty": 0.0, "modalities": ["text"], "n": None, "temperature": None,
        "response_format": {"type": "text"}, "user": "somebody", "store": False,
    }  # fmt: skip
    assert read_request(body(**neutral))[1] == ()


def test_fields_that_are_not_known_are_named() -> None:
    asked = {"role": "user", "content": "How many?", "name": "Ada", "refusal": None}
    options = {"include_usage": True, "include_tea": True}
    fields = body(sampels=3, messages=[asked], stream=True, stream_options=options)
    assert read_request(fields)[1] == ("messages[].name", "sampels", "stream_options.include_tea")


def test_what_the_reply_is_to_be_is_read_as_it_was_written() -> None:
    schema = {"type": "integer", "maximum": 1.50}
    wanted = {"name": "count", "schema": schema, "strict": True, "tea": 1}
    request, ignored = read_request(
        body(response_format={"type": "json_schema", "json_schema": wanted})
    )
    assert json_reply(request) == JsonReply(json.dumps(schema), "count", strict=True)
    assert ignored == ("response_format.json_schema.tea",)
    request, _ = read_request(body(response_format={"type": "json_object", "schema": {"a": 1}}))
    assert json_reply(request) == JsonReply('{"a": 1}')
    assert json_reply(read_request(body())[0]) is None


def test_what_a_template_is_told_is_read_and_what_is_not_known_of_it_is_named() -> None:
    told = {"enable_thinking": False, "xml_tools": True, "thinking_budget": 9}
    request, ignored = read_request(body(chat_template_kwargs=told))
    assert request.chat_template_kwargs is not None
    assert request.chat_template_kwargs.enable_thinking is False
    assert ignored == ("chat_template_kwargs.thinking_budget", "chat_template_kwargs.xml_tools")
    assert read_request(body(chat_template_kwargs=None))[1] == ()


def test_a_mark_of_the_byte_order_is_no_fault() -> None:
    assert read_request(b"\xef\xbb\xbf" + body())[0].messages[0].content == "How many?"


def test_the_newer_name_of_the_token_limit_counts() -> None:
    request, _ = read_request(body(max_tokens=5, max_completion_tokens=7))
    assert request.token_limit == 7


def test_an_error_never_repeats_a_value() -> None:
    with pytest.raises(RefusalError) as caught:
        read_request(body(messages=[{"role": "user", "content": {"secret": "plum"}}]))
    assert "plum" not in caught.value.message
    assert caught.value.param == "messages[0].content"


def test_parts_of_text_are_joined_and_developers_are_the_system() -> None:
    request, _ = read_request(
        body(
            messages=[
                {"role": "developer", "content": "Be short."},
                {"role": "assistant", "content": "Yes?", "refusal": None},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "How "},
                        {"type": "text", "text": "many?"},
                    ],
                },
            ]
        )
    )
    assert conversation(request) == (
        Message("system", "Be short."),
        Message("assistant", "Yes?"),
        Message("user", "How many?"),
    )


@pytest.mark.parametrize(
    ("messages", "param", "word"),
    [
        ([], "messages", "last"),
        ([{"role": "assistant", "content": "Yes?"}], "messages", "last"),
        ([{"role": "user", "content": " "}], "messages", "empty"),
        ([{"role": "tool", "content": "x"}], "messages[0].role", "one of"),
        ([{"role": "user"}], "messages[0].content", "text"),
        (
            [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}],
            "messages[0].content",
            "images",
        ),
    ],
)
def test_a_conversation_is_text_and_ends_with_a_question(
    messages: list[dict[str, Any]], param: str, word: str
) -> None:
    request, _ = read_request(body(messages=messages))
    with pytest.raises(RefusalError) as caught:
        conversation(request)
    assert caught.value.param == param
    assert word in caught.value.message


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["a"] * (MOST_MESSAGES + 1), "array_above_max_length"),
        (["a" * LONGEST_CONVERSATION, "a"], "context_length_exceeded"),
    ],
)
def test_a_conversation_has_bounds(texts: list[str], code: str) -> None:
    request, _ = read_request(body(messages=[{"role": "user", "content": text} for text in texts]))
    with pytest.raises(RefusalError) as caught:
        conversation(request)
    assert (caught.value.status, caught.value.param, caught.value.code) == (400, "messages", code)
    assert len(caught.value.message) < 100
