"""Conversations to a file of many and from files, for the window and the terminal alike.

It waits for the journal and the disk, so the window calls it off its thread. It must not know Qt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from desktop_app.chat.conversation import title_from
from desktop_app.expected_error import ExpectedError
from desktop_app.output_file import OutputError, write_whole
from desktop_app.words.one_line import in_one_line

if TYPE_CHECKING:  # keeps SQLite out of the window's start
    from engine.journal.importing import ImportedConversation
    from engine.journal.journal import Journal

_PAGE: Final = 200
_LONGEST_TITLE: Final = 200
LONGEST_FOLDER_NAME: Final = 80
MOST_BYTES: Final = 512 * 2**20


class NoConversationsError(OutputError):
    """There is no conversation to write."""

    code = "conversations-none"


class NoFolderError(ExpectedError):
    """No folder of conversations has this name."""

    code = "folder-unknown"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came over from a file.

    Attributes:
        first_id: The conversation to show.
        leaf_id: End of its branch to show, or None.
        count: How many conversations there are.
        left_out: Messages that hold nothing but pictures, calls of tools and the like.
    """

    first_id: str
    leaf_id: str | None
    count: int
    left_out: int


def json_of(journal: Journal, conversation_id: str) -> str:
    """Everything of one conversation as JSON to read.

    Raises:
        JournalError: The journal cannot be read.
    """
    from engine.journal.export import to_json

    return to_json(journal.export(conversation_id).result())


def export_conversations(
    journal: Journal, path: Path, *, replace: bool, only: Sequence[str] | None = None
) -> int:
    """Write conversations, one JSON object a line, and return how many there are.

    Args:
        journal: Where they are recorded.
        path: The file.
        replace: Whether a file that is there may be replaced.
        only: Which of them; None for all.

    Raises:
        OutputError: There is nothing to write, or it cannot be written.
        JournalError: The journal cannot be read.
    """
    from engine.journal.export import to_json_line

    ids = list(_ids(journal) if only is None else only)
    if not ids:
        raise NoConversationsError
    lines = (to_json_line(journal.export(conversation_id).result()) for conversation_id in ids)
    write_whole(path, lines, replace=replace)
    return len(ids)


def import_conversations(journal: Journal, path: Path) -> Imported:
    """Add the conversations of a file, all or none.

    Args:
        journal: Where they are recorded.
        path: A file of Ponder's, or of another program whose form is known.

    Raises:
        JournalError: The file cannot be read or used, or the journal cannot be written.
    """
    from engine.journal.errors import ImportMissingError, JournalImportError
    from engine.journal.importing import read_conversations

    try:
        if path.exists() and not path.is_file():
            raise JournalImportError(f"{path.name} is not a file")
        if path.stat().st_size > MOST_BYTES:
            raise JournalImportError(f"{path.name} is larger than {MOST_BYTES >> 20} MiB")
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ImportMissingError(str(path)) from error
    except OSError as error:
        raise JournalImportError(str(error)) from error
    found = [_titled(conversation) for conversation in read_conversations(content)]
    if not found:
        raise JournalImportError("there is no message in it")
    journal.import_conversations(found).result()
    latest = max(found, key=lambda each: max(message.created_at for message in each.messages))
    left_out = sum(each.left_out for each in found)
    return Imported(latest.conversation_id, latest.leaf_id, len(found), left_out)


def _ids(journal: Journal) -> Iterator[str]:
    """All conversations, the oldest first, as they come back when they are imported."""
    pages: list[list[str]] = []
    while page := journal.conversations("", _PAGE, len(pages) * _PAGE).result():
        pages.append([summary.conversation_id for summary in page])
    for page_ids in reversed(pages):
        yield from reversed(page_ids)


def _titled(conversation: ImportedConversation) -> ImportedConversation:
    """Give a conversation a title and a folder's name that fit a line.

    One without a title is named by its first question, as one that is begun here.
    """
    title = in_one_line(conversation.title)[:_LONGEST_TITLE]
    if not title:
        asked = (m.content for m in conversation.messages if m.role == "user")
        title = title_from(next(asked, conversation.messages[0].content))
    folder = in_one_line(conversation.folder)[:LONGEST_FOLDER_NAME].strip()
    return msgspec.structs.replace(conversation, title=title, folder=folder)
