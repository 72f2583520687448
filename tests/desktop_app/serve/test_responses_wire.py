"""Which requests to `/v1/responses` are understood, and what is said of the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop_app.serve.effort import spending
from desktop_app.serve.refusals import RefusalError
from desktop_app.serve.responses_wire import read_responses_request, responses_words
from desktop_app.serve.wire import ChatRequest, conversation, json_reply
from engine.budget import Budget
from engine.generation import JsonReply, Message


def read(**fields: Any) -> tuple[ChatRequest, tuple[str, ...]]:
    body = json.dumps({"input": "How many?"} | fields).encode()
    with responses_words():
        _, chat, ignored = read_responses_request(body)
        conversation(chat)
        spending(chat)
    return chat, ignored


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": 5}, "input"),
        ({"input": []}, "input"),
        ({"input": "  "}, "input"),
        ({"input": [{"role": "assistant", "content": "4"}]}, "input"),
        ({"input": [{"role": "robot", "content": "4"}]}, "input[0].role"),
        ({"input": [{"content": "4"}]}, "input[0].role"),
        ({"input": [{"role": "user"}]}, "input[0].content"),
        ({"instructions": "Be brief.", "input": [{"role": "user"}]}, "input[0].content"),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input[0].content"),
        ({"input": [{"type": "function_call_output", "output": "4"}]}, "input[0].type"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input[0].type"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"max_output_tokens": "many"}, "max_output_tokens"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"reasoning": "high"}, "reasoning"),
        ({"temperature": 2.1}, "temperature"),
        ({"samples": 0}, "samples"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"text": {"format": {"type": "json_schema"}}}, "text.format.name"),
        ({"text": {"format": {"type": "json_schema", "name": "a b"}}}, "text.format.name"),
        ({"text": {"verbosity": "low"}}, "text.verbosity"),
        ({"tools": [{"type": "web_search"}]}, "tools"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"background": True}, "background"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt"),
        ({"truncation": "auto"}, "truncation"),
        ({"include": ["message.output_text.logprobs"]}, "include"),
        ({"stream_options": {}}, "stream_options"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_its_name_here(
    fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(RefusalError) as caught:
        read(**fields)
    assert (caught.value.status, caught.value.param) == (400, param)
    assert "messages" not in caught.value.message
    assert "response_format" not in caught.value.message


def test_a_text_alone_is_a_question() -> None:
    chat, ignored = read(instructions="Be brief.", reasoning={"effort": "high"})
    assert conversation(chat) == (Message("system", "Be brief."), Message("user", "How many?"))
    assert spending(chat) == ("vote", Budget(samples=32))
    assert ignored == ()


def test_what_an_earlier_answer_gave_can_be_sent_back_whole() -> None:
    chat, ignored = read(
        input=[
            {"role": "developer", "content": "Count."},
            {"role": "user", "content": [{"type": "input_text", "text": "How many?"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "content": [], "status": None},
            {
                "type": "message",
                "id": "msg_1",
                "status": "completed",
                "role": "assistant",
                "phase": None,
                "content": [{"type": "output_text", "text": "4", "annotations": []}],
            },
            {"type": "message", "role": "user", "content": "Sure?"},
        ],
        include=["reasoning.encrypted_content"],
        store=False,
        metadata={"a": "b"},
        truncation="disabled",
        tools=[],
    )
    assert conversation(chat) == (
        Message("system", "Count."),
        Message("user", "How many?"),
        Message("assistant", "4"),
        Message("user", "Sure?"),
    )
    assert ignored == ()


def test_a_schema_is_asked_for_under_text() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    wanted = {"type": "json_schema", "name": "count", "schema": schema, "strict": True}
    chat, _ = read(text={"format": wanted})
    assert json_reply(chat) == JsonReply(json.dumps(schema), "count", strict=True)
    chat, _ = read(text={"format": {"type": "json_object"}})
    assert json_reply(chat) == JsonReply("")
    chat, _ = read(text={"format": {"type": "text"}})
    assert json_reply(chat) is None


def test_fields_that_are_not_known_are_named() -> None:
    _, ignored = read(
        sampels=1,
        reasoning={"effort": None, "budget": 3},
        text={"format": {"type": "text", "shape": 1}, "font": "a"},
        input=[{"role": "user", "content": "How many?", "mood": "good"}],
    )
    assert ignored == (
        "input[].mood", "reasoning.budget", "sampels", "text.font", "text.format.shape",
    )  # fmt: skip
