"""What is written and not sent, by conversation. It must not know widgets that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from desktop_app.chat.file_chips import Attachment
from engine.documents.attached import with_files, without_files


class Draft(NamedTuple):
    """A question that is being written.

    Attributes:
        text: What is written.
        attachments: What it is about; some may still be read.
    """

    text: str = ""
    attachments: Sequence[Attachment] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to lose."""
        return not self.text.strip() and not self.attachments

    @property
    def content(self) -> str:
        """The text with the files that have been read, "" without anything."""
        files = [one.file for one in self.attachments if one.file is not None]
        content = with_files(self.text, files)
        return content if content.strip() else ""


def draft_of(content: str) -> Draft:
    """Return the draft whose `content` it was."""
    text, files = without_files(content)
    return Draft(text, [Attachment(file.name, file) for file in files])


class Drafts:
    """Drafts of the conversations that are not shown; "" is one that was not begun."""

    def __init__(self) -> None:
        self._drafts: dict[str, Draft] = {}

    def put(self, conversation_id: str, draft: Draft) -> None:
        """Keep one, in place of an earlier one."""
        self._drafts[conversation_id] = draft

    def take(self, conversation_id: str) -> Draft:
        """Take one out, to be shown."""
        return self._drafts.pop(conversation_id, Draft())

    def contents(self) -> dict[str, str]:
        """What they hold, those that hold something."""
        contents = {key: draft.content for key, draft in self._drafts.items()}
        return {key: content for key, content in contents.items() if content}

    def add(self, contents: Mapping[str, str]) -> None:
        """Keep what was written earlier, where nothing newer is."""
        for conversation_id, content in contents.items():
            if self._drafts.get(conversation_id, Draft()).is_empty:
                self._drafts[conversation_id] = draft_of(content)
