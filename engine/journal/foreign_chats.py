"""Conversations as other programs write them, brought to one form: a tree of what was said.

Known by their shape, as none of them says its name: a plain list of messages (the form of OpenAI's
API and of files for training), llama.cpp's web page, Open WebUI, LM Studio and ChatGPT's export.
Only text comes over. It must not know ids or records of ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from engine.journal.errors import JournalImportError
from engine.journal.records import in_utc, now

SaidBy = Literal["system", "user", "assistant"]
_SPEAKERS: Final[Mapping[str, SaidBy]] = {
    "system": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "model": "assistant",
}
_MILLISECONDS_FROM: Final = 1e11
"""A moment above this is in milliseconds: in seconds it would be after the year 5000."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message.

    Attributes:
        node_id: Its name in the file.
        parent_id: What it follows, or None.
        role: Who said it.
        text: What was said.
        moment: When; never before what it follows.
    """

    node_id: str
    parent_id: str | None
    role: SaidBy
    text: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class ForeignChat:
    """A conversation of another program.

    Attributes:
        title: Its title, or "".
        said: Its messages, parents first.
        leaf_id: The last message of the branch that was shown, or None.
        left_out: Messages without text, or of nobody who speaks here.
    """

    title: str
    said: tuple[Said, ...]
    leaf_id: str | None
    left_out: int


@dataclass(frozen=True, slots=True)
class _Node:
    """A message before it is known whether it says anything."""

    node_id: str
    parent_id: str | None
    role: str
    text: str
    moment: datetime | None


def foreign_chat(value: object) -> ForeignChat | None:
    """Return a conversation of a form that is known, or None.

    Raises:
        JournalImportError: The form is known, and its messages are no tree.
    """
    for shape in (_plain, _llama_page, _open_webui, _lm_studio, _chatgpt):
        found = shape(value)
        if found is not None:
            title, nodes, leaf_id = found
            return _joined(title, nodes, leaf_id)
    return None


_Found = tuple[str, list[_Node], str | None]


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
        _Node(
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
        _Node(
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
        _Node(
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
    nodes = [_Node("system", None, "system", _text_of(value.get("systemPrompt")), begun)]
    last = "system"
    for place, message in enumerate(messages):
        versions = [version for version in message["versions"] if isinstance(version, dict)]
        for number, version in enumerate(versions):
            name, role = f"{place}.{number}", _text_of(version.get("role"))
            nodes.append(_Node(name, last, role, _lm_studio_text(version), begun))
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
        nodes.append(_Node(str(name), _name_of(node.get("parent")), _text_of(role), text, moment))
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


# --- one tree -------------------------------------------------------------------------------------


def _joined(title: str, nodes: list[_Node], leaf_id: str | None) -> ForeignChat:
    """Leave out who says nothing, and join what one speaker said in several messages."""
    kept, stands_for = _speaking(_parents_first(nodes))
    followed_by = Counter(said.parent_id for said in kept)
    told: dict[str, Said] = {}
    parts: dict[str, list[str]] = {}
    joined: dict[str | None, str] = {}
    for said in kept:
        before = told.get(said.parent_id) if said.parent_id is not None else None
        if (
            before is not None
            and before.role == said.role == "assistant"
            and followed_by[said.parent_id] == 1
        ):
            del told[before.node_id]
            joined[before.node_id] = said.node_id
            parts[said.node_id] = parts.pop(before.node_id)
            parts[said.node_id].append(said.text)
            told[said.node_id] = replace(said, parent_id=before.parent_id)
        else:
            parts[said.node_id] = [said.text]
            told[said.node_id] = said
    shown = stands_for.get(leaf_id) if leaf_id is not None else None
    while shown in joined:
        shown = joined[shown]
    spoken = {said.node_id for said in kept}
    return ForeignChat(
        title.strip(),
        tuple(replace(said, text="\n\n".join(parts[name])) for name, said in told.items()),
        shown,
        sum(_is_missed(node) and node.node_id not in spoken for node in nodes),
    )


def _is_missed(node: _Node) -> bool:
    """Whether somebody misses a message that is left out: a root and empty instructions are not."""
    return bool(node.text.strip()) or node.role not in {"", "system"}


def _parents_first(nodes: list[_Node]) -> Iterable[_Node]:
    """Order the tree from its roots on.

    Raises:
        JournalImportError: Two have one name, or some follow each other in a circle.
    """
    named = {node.node_id: node for node in nodes}
    if len(named) != len(nodes):
        raise JournalImportError("two messages have the same id")
    below: dict[str | None, list[_Node]] = {}
    for node in nodes:
        below.setdefault(node.parent_id if node.parent_id in named else None, []).append(node)
    ordered: list[_Node] = []
    waiting = below.get(None, [])
    while waiting:
        ordered += waiting
        waiting = [child for node in waiting for child in below.get(node.node_id, [])]
    if len(ordered) != len(nodes):
        raise JournalImportError("messages follow each other in a circle")
    return ordered


def _speaking(ordered: Iterable[_Node]) -> tuple[list[Said], dict[str | None, str | None]]:
    """Those who say something, and for each node the last of them up to there.

    Instructions come first, and everything that follows nothing follows them.
    """
    nodes = list(ordered)
    first = _instructions(nodes)
    stands_for: dict[str | None, str | None] = {None: None}
    kept: dict[str, Said] = {}
    if first is not None:
        stands_for[None] = first.node_id
        nodes = [first, *(node for node in nodes if node is not first)]
    for node in nodes:
        before = None if node is first else stands_for.get(node.parent_id, stands_for[None])
        role = _SPEAKERS.get(node.role)
        if role is None or not node.text.strip() or (role == "system" and node is not first):
            stands_for[node.node_id] = before
            continue
        earliest = kept[before].moment if before is not None else None
        moment = node.moment or earliest or now()
        kept[node.node_id] = Said(
            node.node_id, before, role, node.text, max(moment, earliest or moment)
        )
        stands_for[node.node_id] = node.node_id
    return list(kept.values()), stands_for


def _instructions(ordered: list[_Node]) -> _Node | None:
    """The first instructions before which nobody speaks, or None."""
    begun: set[str] = set()
    for node in ordered:
        role = _SPEAKERS.get(node.role) if node.text.strip() else None
        if node.parent_id in begun or role in {"user", "assistant"}:
            begun.add(node.node_id)
        elif role == "system":
            return node
    return None
