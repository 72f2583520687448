"""Conversations of other programs become one tree of what was said."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.journal.errors import JournalImportError
from engine.journal.importing import ImportedConversation, read_conversations
from engine.journal.journal import Journal

TALK = [("user", "How many?"), ("assistant", "Four."), ("user", "Sure?"), ("assistant", "Yes.")]


def read(value: object) -> ImportedConversation:
    (conversation,) = read_conversations(json.dumps(value).encode())
    return conversation


def branch(conversation: ImportedConversation) -> list[tuple[str, str]]:
    """(role, text) from the root to the leaf that is shown, the newest one without any."""
    by_id = {message.message_id: message for message in conversation.messages}
    message = by_id.get(conversation.leaf_id or "") or conversation.messages[-1]
    told: list[tuple[str, str]] = [(message.role, message.content)]
    while message.parent_id is not None:
        message = by_id[message.parent_id]
        told.append((message.role, message.content))
    return told[::-1]


def plain(talk: list[tuple[str, str]] = TALK) -> list[dict[str, str]]:
    return [{"role": role, "content": text} for role, text in talk]


def llama_page() -> dict[str, Any]:
    nodes: list[dict[str, Any]] = [
        {"id": "r", "type": "root", "parent": None, "role": "system", "content": ""}
    ]
    nodes += [
        {
            "id": str(n), "type": "text", "parent": str(n - 1) if n else "r", "role": role,
            "content": text, "timestamp": 1_700_000_000_000 + n,
        }
        for n, (role, text) in enumerate(TALK)
    ]  # fmt: skip
    nodes.append({**nodes[2], "id": "other", "content": "Five."})
    return {"conv": {"id": "c", "name": "Boxes", "currNode": "3"}, "messages": nodes}


def open_webui() -> dict[str, Any]:
    messages: dict[str, dict[str, Any]] = {
        f"m{n}": {
            "id": f"m{n}", "parentId": f"m{n - 1}" if n else None, "childrenIds": [], "role": role,
            "content": text, "timestamp": 1_700_000_000 + n,
        }
        for n, (role, text) in enumerate(TALK)
    }  # fmt: skip
    messages["other"] = {**messages["m1"], "id": "other", "content": "Five."}
    history = {"messages": messages, "currentId": "m3"}
    return {"id": "c", "title": "Boxes", "chat": {"title": "Boxes", "history": history}}


def lm_studio() -> dict[str, Any]:
    def said(text: str) -> dict[str, Any]:
        return {"type": "singleStep", "role": "user", "content": [{"type": "text", "text": text}]}

    def answered(text: str) -> dict[str, Any]:
        thought = {"type": "thinking", "title": "Thought"}
        steps = [
            {"type": "contentBlock", "style": thought, "content": [{"type": "text", "text": "Hm"}]},
            {"type": "contentBlock", "content": [{"type": "text", "text": text}]},
            {"type": "debugInfoBlock", "debugInfo": "x"},
        ]
        return {"type": "multiStep", "role": "assistant", "steps": steps}

    versions = [
        [said("How many?")],
        [answered("Five."), answered("Four.")],
        [said("Sure?")],
        [answered("Yes.")],
    ]
    messages = [{"versions": v, "currentlySelected": len(v) - 1} for v in versions]
    return {"name": "Boxes", "createdAt": 1_700_000_000_000, "messages": messages}


def chatgpt() -> dict[str, Any]:
    def node(
        name: str, parent: str | None, role: str, parts: list[Any], kind: str = "text"
    ) -> dict[str, Any]:
        content = {"content_type": kind, "parts": parts}
        message = {"author": {"role": role}, "content": content, "create_time": 1_700_000_000.5}
        return {"id": name, "message": message, "parent": parent, "children": []}

    nodes: list[dict[str, Any]] = [
        {"id": "r", "message": None, "parent": None, "children": ["s"]},
        node("s", "r", "system", [""]),
        node("0", "s", "user", ["How many?"]),
        node("1", "0", "assistant", ["Four."]),
        node("other", "0", "assistant", ["Five."]),
        node(
            "2", "1", "user", [{"content_type": "image_asset_pointer"}, "Sure?"], "multimodal_text"
        ),
        node("call", "2", "assistant", [], "code"),
        node("tool", "call", "tool", ["42"]),
        node("3", "tool", "assistant", ["Yes."]),
    ]
    mapping = {each["id"]: each for each in nodes}
    return {"title": "Boxes", "create_time": 1.0, "mapping": mapping, "current_node": "3"}


@pytest.mark.parametrize(
    ("value", "versions", "left_out"),
    [
        (plain(), 1, 0),
        ({"title": "Boxes", "messages": plain()}, 1, 0),
        (llama_page(), 2, 0),
        (open_webui(), 2, 0),
        (lm_studio(), 2, 0),
        (chatgpt(), 2, 2),
    ],
    ids=["plain", "messages", "llama.cpp", "Open WebUI", "LM Studio", "ChatGPT"],
)
def test_what_was_said_comes_over(value: object, versions: int, left_out: int) -> None:
    conversation = read(value)
    assert branch(conversation) == TALK
    assert conversation.title in {"", "Boxes"}
    answers = sorted(m.content for m in conversation.messages if m.role == "assistant")
    assert answers == (["Five."] if versions == 2 else []) + ["Four.", "Yes."]
    assert conversation.left_out == left_out
    assert all(message.deliberation_id is None for message in conversation.messages)


def test_a_list_of_many_is_many() -> None:
    found = read_conversations(json.dumps([chatgpt(), open_webui(), llama_page()]).encode())
    assert [branch(conversation) for conversation in found] == [TALK] * 3
    lines = b"\n".join(json.dumps({"messages": plain()}).encode() for _ in range(3))
    assert len(read_conversations(lines)) == 3


def test_instructions_stand_first_and_once() -> None:
    told = plain([("system", "Be short."), *TALK[:2], ("system", "Be long."), *TALK[2:]])
    assert branch(read(told)) == [("system", "Be short."), *TALK]


def test_instructions_stand_before_every_branch() -> None:
    page = open_webui()
    messages = page["chat"]["history"]["messages"]
    messages["late"] = {"parentId": None, "role": "system", "content": "Be short."}
    conversation = read(page)
    assert branch(conversation) == [("system", "Be short."), *TALK]
    assert sum(message.parent_id is None for message in conversation.messages) == 1
    export = chatgpt()
    export["mapping"]["s"]["message"]["content"]["parts"] = ["Be short."]
    assert branch(read(export)) == [("system", "Be short."), *TALK]


def test_later_instructions_are_counted_among_what_is_left_out() -> None:
    conversation = read(plain([TALK[0], ("system", "Be long."), ("developer", "b"), TALK[1]]))
    assert branch(conversation) == TALK[:2]
    assert conversation.left_out == 2


@pytest.mark.parametrize(
    "value",
    [
        {"chat": {"history": {"messages": {"": {"role": "user", "content": "x"}}}}},
        {"conv": {}, "messages": [{"parent": None, "role": "user", "content": "x"}] * 2},
        {"mapping": {"": {"message": {"author": {"role": "user"}, "content": {"parts": ["x"]}}}}},
        {"mapping": {"a": {"message": {"content": {"content_type": []}}}}},
        {"mapping": {"a": {"message": {"author": [], "content": 4}, "parent": []}}},
        {"messages": [{"versions": [{"role": {}, "content": [[[]]]}], "currentlySelected": []}]},
        [{"role": ["user"], "content": {"text": 4}}],
    ],
)
def test_odd_names_and_types_end_in_a_tree_or_in_nothing(value: object) -> None:
    for conversation in read_conversations(json.dumps(value).encode()):
        assert all(message.parent_id is None for message in conversation.messages)


def test_a_side_branch_at_every_step_copies_no_text() -> None:
    nodes = [{"id": "0", "parent": None, "role": "user", "content": "Why?"}]
    for n in range(1, 300):
        nodes.append({"id": str(n), "parent": str(n - 1), "role": "assistant", "content": "x" * 99})
        nodes.append({"id": f"s{n}", "parent": str(n), "role": "user", "content": "And?"})
    conversation = read({"conv": {}, "messages": nodes})
    assert sum(len(message.content) for message in conversation.messages) < 100 * 600


def test_what_one_speaker_said_in_parts_is_one_answer() -> None:
    told = plain([*TALK[:1], ("assistant", "Let me see."), ("tool", "4"), ("assistant", "Four.")])
    conversation = read(told)
    assert branch(conversation) == [TALK[0], ("assistant", "Let me see.\n\nFour.")]
    assert conversation.left_out == 1


def test_parts_that_are_no_text_are_left_out() -> None:
    parts = [{"type": "image_url", "image_url": {"url": "x"}}, {"type": "text", "text": "Which?"}]
    assert branch(read([{"role": "user", "content": parts}])) == [("user", "Which?")]
    assert read_conversations(json.dumps([{"role": "user", "content": parts[:1]}]).encode()) == []


def test_moments_never_run_backwards() -> None:
    page = llama_page()
    page["messages"][2]["timestamp"] = "2001-01-01T00:00:00"
    page["messages"][3]["timestamp"] = 1e300
    page["messages"][4]["timestamp"] = "9999-12-31T23:59:59"
    first, *_ = messages = read(page).messages
    assert first.created_at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert all(message.created_at >= first.created_at for message in messages)


def test_a_circle_is_refused() -> None:
    page = llama_page()
    page["messages"][1]["parent"] = "3"
    with pytest.raises(JournalImportError, match="circle"):
        read(page)
    page = llama_page()
    page["messages"][1]["id"] = "2"
    with pytest.raises(JournalImportError, match="same id"):
        read(page)


def test_a_long_chain_is_taken_over_in_time(tmp_path: Path) -> None:
    talk = [("user", "More?"), ("assistant", "More.")] * 5_000
    conversation = read(plain(talk))
    assert branch(conversation) == talk
    journal = Journal(tmp_path / "journal.db")
    try:
        journal.import_conversations([conversation]).result()
        assert len(journal.messages(conversation.conversation_id).result()) == 10_000
    finally:
        journal.close()
