"""Conversations as other programs write them, brought to one form: a tree of what was said.

Known by their shape, as none of them says its name: a plain list of messages (the form of OpenAI's
API and of files for training), llama.cpp's web page, Open WebUI, LM Studio and ChatGPT's export.
Only text comes over. What the messages come to is `foreign_tree`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from engine.journal.foreign_tree import ForeignChat, Node, joined
from engine.journal.records import in_utc

_MILLISECONDS_FROM: Final = 1e11
"""A moment above this is in milliseconds: in seconds it would be after the year 5000."""


def foreign_chat(value: object) -> ForeignChat | None:
    """Return a conversation of a form that is known, or None.

    Raises:
        JournalImportError: The form is known, and its messages are no tree.
    """
    for shape in (_plain, _llama_page, _open_webui, _lm_studio, _chatgpt):
        found = shape(value)
        if found is not None:
            title, nodes, leaf_id = found
            return joined(title, nodes, leaf_id)
    return None


_Found = tuple[str, list[Node], str | None]


def _plain(value: object) -> _Found | None:
    """`[{"role", "content"}, …]`, or the same under "messages"."""
    title = ""
    if isinstance(value, dict):
        title, value = _text_of(value.get("title")), value.get("messages")
    if not isinstance(value, list) or not all(
        isinstance(message, dict) and "role" in message and "parent" not in message
        for message in value
    ):
        return None
    nodes = [
        Node(
            str(place),
            str(place - 1) if place else None,
            _text_of(message["role"]),
            _text_of(message.get("content")),
            _moment(message.get("timestamp") or message.get("created_at")),
        )
        for place, message in enumerate(value)
    ]
    return title, nodes, None


def _llama_page(value: object) -> _Found | None:
    """`{"conv": {"name", "currNode"}, "messages": [{"id", "parent", "role", "content"}]}`."""
    if not isinstance(value, dict) or not isinstance(value.get("conv"), dict):
        return None
    conversation, messages = value["conv"], value.get("messages")
    if not isinstance(messages, list):
        return None
    nodes = [
        Node(
            _name_of(message.get("id")) or f"message {place}",
            _name_of(message.get("parent")),
            "" if message.get("type") == "root" else _text_of(message.get("role")),
            _text_of(message.get("content")),
            _moment(message.get("timestamp")),
        )
        for place, message in enumerate(messages)
        if isinstance(message, dict)
    ]
    return _text_of(conversation.get("name")), nodes, _name_of(conversation.get("currNode"))


def _open_webui(value: object) -> _Found | None:
    """`{"chat": {"title", "history": {"messages": {id: {…}}, "currentId"}}}`."""
    chat = value.get("chat") if isinstance(value, dict) else None
    history = chat.get("history") if isinstance(chat, dict) else None
    messages = history.get("messages") if isinstance(history, dict) else None
    if (
        not isinstance(chat, dict)
        or not isinstance(history, dict)
        or not isinstance(messages, dict)
    ):
        return None
    nodes = [
        Node(
            str(name),
            _name_of(message.get("parentId")),
            _text_of(message.get("role")),
            _text_of(message.get("content")),
            _moment(message.get("timestamp")),
        )
        for name, message in messages.items()
        if isinstance(message, dict)
    ]
    return _text_of(chat.get("title")), nodes, _name_of(history.get("currentId"))


def _lm_studio(value: object) -> _Found | None:
    """`{"name", "systemPrompt", "messages": [{"versions": […], "currentlySelected"}]}`."""
    messages = value.get("messages") if isinstance(value, dict) else None
    if (
        not isinstance(value, dict)
        or not isinstance(messages, list)
        or not messages
        or not all(isinstance(m, dict) and isinstance(m.get("versions"), list) for m in messages)
    ):
        return None
    begun = _moment(value.get("createdAt"))
    nodes = [Node("system", None, "system", _text_of(value.get("systemPrompt")), begun)]
    last = "system"
    for place, message in enumerate(messages):
        versions = [version for version in message["versions"] if isinstance(version, dict)]
        for number, version in enumerate(versions):
            name, role = f"{place}.{number}", _text_of(version.get("role"))
            nodes.append(Node(name, last, role, _lm_studio_text(version), begun))
        shown = message.get("currentlySelected")
        if versions:
            known = isinstance(shown, int) and 0 <= shown < len(versions)
            last = f"{place}.{shown if known else len(versions) - 1}"
    return _text_of(value.get("name")), nodes, last


def _lm_studio_text(version: Mapping[str, object]) -> str:
    """What a version says; thoughts and calls of tools are steps of their own kind."""
    steps = version.get("steps")
    if not isinstance(steps, list):
        return _text_of(version.get("content"))
    said = []
    for step in steps:
        style = step.get("style") if isinstance(step, dict) else None
        thought = isinstance(style, dict) and style.get("type") == "thinking"
        if isinstance(step, dict) and step.get("type") == "contentBlock" and not thought:
            said.append(_text_of(step.get("content")))
    return "\n\n".join(text for text in said if text.strip())


def _chatgpt(value: object) -> _Found | None:
    """`{"title", "current_node", "mapping": {id: {"message", "parent", "children"}}}`."""
    mapping = value.get("mapping") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(mapping, dict):
        return None
    nodes = []
    for name, node in mapping.items():
        if not isinstance(node, dict):
            continue
        message = node.get("message")
        message = message if isinstance(message, dict) else {}
        author, content = message.get("author"), message.get("content")
        role = author.get("role") if isinstance(author, dict) else None
        said = isinstance(content, dict) and _text_of(content.get("content_type")) in _CHATGPT_TEXTS
        text = _text_of(content.get("parts")) if isinstance(content, dict) and said else ""
        moment = _moment(message.get("create_time"))
        nodes.append(Node(str(name), _name_of(node.get("parent")), _text_of(role), text, moment))
    return _text_of(value.get("title")), nodes, _name_of(value.get("current_node"))


_CHATGPT_TEXTS: Final = frozenset({"text", "multimodal_text"})


# --- what they say --------------------------------------------------------------------------------


def _text_of(value: object) -> str:
    """A text, or the texts among the parts of a message."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return _text_of(value["text"]) if isinstance(value.get("text"), str) else ""
    if isinstance(value, list):
        return "\n".join(text for part in value if (text := _text_of_part(part)))
    return ""


def _text_of_part(part: object) -> str:
    """A part is a text or holds one; lists within lists say nothing."""
    return "" if isinstance(part, list) else _text_of(part)


def _name_of(value: object) -> str | None:
    """A node's name, which some programs write as a number; -1 is none."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value in {"", -1}:
        return None
    return str(value)


def _moment(value: object) -> datetime | None:
    """A moment in seconds or milliseconds since 1970, or in ISO 8601."""
    try:
        if isinstance(value, str):
            return in_utc(datetime.fromisoformat(value))
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            seconds = value / 1000 if value > _MILLISECONDS_FROM else value
            return in_utc(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        pass
    return None
