"""Conversations from the content of a file: Ponder's own exports, and those of other programs.

A file is hostile input. Everything in it gets an id of its own, so that an import adds and never
replaces; what does not fit together is refused whole. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from engine.journal.errors import JournalImportError
from engine.journal.export import FORMAT, ExportedConversation
from engine.journal.exported_checks import check
from engine.journal.foreign_chats import foreign_chat
from engine.journal.foreign_tree import ForeignChat
from engine.journal.records import (
    DeliberationRecord,
    MessageRecord,
    Status,
    in_utc,
    new_id,
)
from engine.journal.tree_order import from_roots

_OWN_FORMATS: Final = "ponder-conversation-"
_ROLES: Final = frozenset({"system", "user", "assistant"})


class ImportedConversation(msgspec.Struct, frozen=True):
    """A conversation that is not in the journal yet.

    Attributes:
        conversation_id: Its new id.
        title: Its title, or "".
        messages: Its tree, parents before children.
        deliberations: Its deliberations.
        leaf_id: End of the branch to show.
        left_out: Messages that had nothing a conversation here can hold: pictures, calls of tools.
        folder: Name of the folder that it is kept in, or "".
    """

    conversation_id: str
    title: str
    messages: tuple[MessageRecord, ...]
    deliberations: tuple[DeliberationRecord, ...]
    leaf_id: str | None
    left_out: int = 0
    folder: str = ""


def read_conversations(content: bytes) -> list[ImportedConversation]:
    """Return the conversations of a file, those without a message left out.

    Args:
        content: JSON (one conversation or a list) or JSON Lines.

    Raises:
        JournalImportError: It is nothing that is known, or contradicts itself.
    """
    found: list[ImportedConversation] = []
    for place, value in _values(content.removeprefix(b"\xef\xbb\xbf")):
        try:
            found.append(_conversation(value))
        except JournalImportError as error:
            raise type(error)(f"{place}: {error.detail}") from error
    return [conversation for conversation in found if conversation.messages]


def _values(content: bytes) -> Iterator[tuple[str, object]]:
    """(where it stands, what it says) of each conversation."""
    lines = [(n, line) for n, line in enumerate(content.splitlines(), 1) if line.strip()]
    if len(lines) > 1 and _is_json(lines[0][1]):
        for number, line in lines:
            yield f"line {number}", _decoded(line, f"line {number}")
        return
    value = _decoded(content, "the file")
    many = isinstance(value, list) and not _are_messages(value)
    for number, each in enumerate(value if isinstance(value, list) and many else [value], 1):
        yield f"conversation {number}", each


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _decoded(content: bytes, place: str) -> object:
    try:
        decoded: object = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise JournalImportError(f"{place} is not JSON ({error})") from error
    return decoded


def _are_messages(values: list[object]) -> bool:
    return bool(values) and all(isinstance(v, dict) and "role" in v for v in values)


def _conversation(value: object) -> ImportedConversation:
    if isinstance(value, dict) and str(value.get("format", "")).startswith(_OWN_FORMATS):
        return _own(value)
    chat = foreign_chat(value)
    if chat is None:
        raise JournalImportError("its form is not known")
    return _foreign(chat)


# --- other programs' ------------------------------------------------------------------------------


def _foreign(chat: ForeignChat) -> ImportedConversation:
    conversation_id = new_id()
    ids = {said.node_id: new_id() for said in chat.said}
    messages = tuple(
        MessageRecord(
            ids[said.node_id],
            conversation_id,
            None if said.parent_id is None else ids[said.parent_id],
            said.role,
            said.text,
            said.moment,
        )
        for said in chat.said
    )
    leaf_id = None if chat.leaf_id is None else ids.get(chat.leaf_id)
    return ImportedConversation(conversation_id, chat.title, messages, (), leaf_id, chat.left_out)


# --- our own --------------------------------------------------------------------------------------


def _own(value: dict[str, object]) -> ImportedConversation:
    if value["format"] != FORMAT:
        raise JournalImportError(f"{str(value['format'])[:40]!r} is of another version")
    try:
        told = msgspec.convert(value, ExportedConversation, str_keys=True)
    except (msgspec.ValidationError, ValueError) as error:
        raise JournalImportError(str(error)) from error
    _check_tree(told)
    ids = _Renamed(
        new_id(),
        _new_ids((message.message_id for message in told.messages), "message"),
        _new_ids((record.deliberation_id for record in told.deliberations), "deliberation"),
        frozenset(told.unreadable),
    )
    return ImportedConversation(
        ids.conversation,
        told.title,
        tuple(_message(message, ids) for message in _parents_first(told.messages)),
        tuple(_deliberation(record, ids) for record in told.deliberations),
        None if told.leaf_id is None else ids.messages.get(told.leaf_id),
        folder=told.folder,
    )


class _Renamed(NamedTuple):
    """Ids by those in the file.

    Attributes:
        conversation: The conversation's.
        messages: Messages'.
        deliberations: Deliberations'.
        left_out: Deliberations whose records were damaged; of their answers there is the text.
    """

    conversation: str
    messages: dict[str, str]
    deliberations: dict[str, str]
    left_out: frozenset[str]

    def deliberation(self, name: str | None) -> str | None:
        """The one that an answer names; one of its own where the file has none of that name."""
        if name is None or (name in self.left_out and name not in self.deliberations):
            return None
        return self.deliberations.get(name, new_id())


def _message(message: MessageRecord, ids: _Renamed) -> MessageRecord:
    if message.role not in _ROLES:
        raise JournalImportError(f"nobody is called {message.role!r}")
    return msgspec.structs.replace(
        message,
        message_id=ids.messages[message.message_id],
        conversation_id=ids.conversation,
        parent_id=ids.messages[message.parent_id] if message.parent_id is not None else None,
        created_at=_moment(message.created_at),
        deliberation_id=ids.deliberation(message.deliberation_id),
    )


def _deliberation(record: DeliberationRecord, ids: _Renamed) -> DeliberationRecord:
    check(record)
    return msgspec.structs.replace(
        record,
        deliberation_id=ids.deliberations[record.deliberation_id],
        message_id=ids.messages[record.message_id or ""],
        started_at=_moment(record.started_at),
        # the name alone: what another machine measured must not predict for this one
        model_path=record.model_path.replace("\\", "/").rpartition("/")[2],
        status=Status.INTERRUPTED if record.status is Status.RUNNING else record.status,
    )


def _check_tree(told: ExportedConversation) -> None:
    """Refuse instructions amid a talk, and messages and deliberations that do not name each other.

    Raises:
        JournalImportError: There are such.
    """
    roots = [message for message in told.messages if message.parent_id is None]
    if any(message.role == "system" for message in told.messages) and (
        len(roots) != 1
        or any((message.role == "system") != (message is roots[0]) for message in told.messages)
    ):
        raise JournalImportError("instructions stand before all else, and once")
    known = {record.deliberation_id for record in told.deliberations}
    answers = {(m.deliberation_id, m.message_id) for m in told.messages}
    answers = {(name, message_id) for name, message_id in answers if name in known}
    if answers != {(record.deliberation_id, record.message_id) for record in told.deliberations}:
        raise JournalImportError("messages and deliberations contradict each other")


def _moment(told: datetime) -> datetime:
    try:
        return in_utc(told)
    except ValueError as error:
        raise JournalImportError(str(error)) from error


def _new_ids(known: Iterable[str], what: str) -> dict[str, str]:
    ids: dict[str, str] = {}
    for old in known:
        if old in ids:
            raise JournalImportError(f"two {what}s have the same id")
        ids[old] = new_id()
    return ids


def _parents_first(messages: tuple[MessageRecord, ...]) -> list[MessageRecord]:
    """Order a tree from its roots on; brothers keep their order."""
    ordered = from_roots(messages, lambda each: each.message_id, lambda each: each.parent_id)
    if len(ordered) != len(messages):
        raise JournalImportError("a message stands below none that is there")
    return ordered
