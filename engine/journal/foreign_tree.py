"""What was said in another program, as one tree: who says nothing is left out.

Instructions stand before every branch, and what one speaker said in several messages is one. It
must not know how a program writes its files, nor ids or records of ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from engine.journal.errors import JournalImportError
from engine.journal.records import now
from engine.journal.tree_order import from_roots

SaidBy = Literal["system", "user", "assistant"]
_SPEAKERS: Final[Mapping[str, SaidBy]] = {
    "system": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "model": "assistant",
}


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
class Node:
    """A message as it stands in a file.

    Attributes:
        node_id: Its name there.
        parent_id: What it follows, or None.
        role: Who said it, in that program's words; "" where nobody did.
        text: What was said, perhaps nothing.
        moment: When, or None where the file does not say.
    """

    node_id: str
    parent_id: str | None
    role: str
    text: str
    moment: datetime | None


def joined(title: str, nodes: list[Node], leaf_id: str | None) -> ForeignChat:
    """Leave out who says nothing, and join what one speaker said in several messages.

    Args:
        title: Of the conversation, or "".
        nodes: Its messages in any order.
        leaf_id: The node that was shown last, or None.

    Raises:
        JournalImportError: The messages are no tree.
    """
    kept, stands_for = _speaking(_parents_first(nodes))
    followed_by = Counter(said.parent_id for said in kept)
    told: dict[str, Said] = {}
    parts: dict[str, list[str]] = {}
    goes_on_in: dict[str | None, str] = {}
    for said in kept:
        before = told.get(said.parent_id) if said.parent_id is not None else None
        if (
            before is not None
            and before.role == said.role != "system"
            and followed_by[said.parent_id] == 1
        ):
            del told[before.node_id]
            goes_on_in[before.node_id] = said.node_id
            parts[said.node_id] = parts.pop(before.node_id)
            parts[said.node_id].append(said.text)
            told[said.node_id] = replace(said, parent_id=before.parent_id)
        else:
            parts[said.node_id] = [said.text]
            told[said.node_id] = said
    shown = stands_for.get(leaf_id) if leaf_id is not None else None
    while shown in goes_on_in:
        shown = goes_on_in[shown]
    spoken = {said.node_id for said in kept}
    return ForeignChat(
        title.strip(),
        tuple(replace(said, text="\n\n".join(parts[name])) for name, said in told.items()),
        shown,
        sum(_is_missed(node) and node.node_id not in spoken for node in nodes),
    )


def _is_missed(node: Node) -> bool:
    """Whether somebody misses a message that is left out: a root and empty instructions are not."""
    return bool(node.text.strip()) or node.role not in {"", "system"}


def _parents_first(nodes: list[Node]) -> Iterable[Node]:
    """Order the tree from its roots on.

    Raises:
        JournalImportError: Two have one name, or some follow each other in a circle.
    """
    named = {node.node_id: node for node in nodes}
    if len(named) != len(nodes):
        raise JournalImportError("two messages have the same id")
    ordered = from_roots(
        nodes,
        lambda node: node.node_id,
        lambda node: node.parent_id if node.parent_id in named else None,
    )
    if len(ordered) != len(nodes):
        raise JournalImportError("messages follow each other in a circle")
    return ordered


def _speaking(ordered: Iterable[Node]) -> tuple[list[Said], dict[str | None, str | None]]:
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


def _instructions(ordered: list[Node]) -> Node | None:
    """The first instructions before which nobody speaks, or None."""
    begun: set[str] = set()
    for node in ordered:
        role = _SPEAKERS.get(node.role) if node.text.strip() else None
        if node.parent_id in begun or role in {"user", "assistant"}:
            begun.add(node.node_id)
        elif role == "system":
            return node
    return None
