"""A conversation as a tree: versions, branches, and what the model is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desktop_app.chat.conversation import Conversation, title_from
from engine.generation import Role
from engine.journal.records import MessageRecord


def message(name: str, parent: str | None, role: Role, text: str = "") -> MessageRecord:
    return MessageRecord(name, "c", parent, role, text or name, datetime(2026, 1, 1, tzinfo=UTC))


def talk() -> Conversation:
    conversation = Conversation("c")
    for record in (
        message("q1", None, "user"),
        message("a1", "q1", "assistant"),
        message("q2", "a1", "user"),
        message("a2", "q2", "assistant"),
    ):
        conversation.add(record)
    return conversation


def shown(conversation: Conversation) -> list[str]:
    return [record.message_id for record in conversation.branch()]


def test_another_version_of_a_question_hides_what_followed_the_old_one() -> None:
    conversation = talk()
    conversation.add(message("q1b", None, "user"))
    assert shown(conversation) == ["q1b"]
    assert conversation.version_of("q1b") == (2, 2)
    assert conversation.show_version("q1b", -1) == "a2"
    assert shown(conversation) == ["q1", "a1", "q2", "a2"]
    assert conversation.show_version("q1", -1) is None


def test_an_older_version_shows_its_newest_branch() -> None:
    conversation = talk()
    conversation.add(message("a1b", "q1", "assistant"))
    conversation.show_version("a1b", -1)
    conversation.add(message("a2b", "q2", "assistant"))
    conversation.show_version("a1", 1)
    conversation.show_version("a1b", -1)
    assert shown(conversation) == ["q1", "a1", "q2", "a2b"]


def test_a_restored_conversation_shows_its_leaf_or_the_newest() -> None:
    records = list(talk().messages.values())
    assert shown(Conversation.restored("c", records, "a1")) == ["q1", "a1"]
    assert shown(Conversation.restored("c", records, "gone")) == ["q1", "a1", "q2", "a2"]
    assert shown(Conversation.restored("c", [], None)) == []


def test_the_model_is_told_the_branch_up_to_the_question() -> None:
    told = talk().context_for("q2")
    assert [(m.role, m.content) for m in told] == [
        ("user", "q1"),
        ("assistant", "a1"),
        ("user", "q2"),
    ]


def test_a_question_whose_answer_never_came_is_not_told() -> None:
    conversation = talk()
    conversation.replace_text("a1", "  ")
    assert [(m.role, m.content) for m in conversation.context_for("q2")] == [("user", "q2")]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How many?", "How many?"),
        ("  How\n many  apples? ", "How many apples?"),
        (
            "One two three four five six seven eight nine",
            "One two three four five six seven eight…",
        ),
        ("x" * 90, "x" * 40 + "…"),
    ],
)
def test_a_title_is_the_start_of_the_question(question: str, title: str) -> None:
    assert title_from(question) == title
