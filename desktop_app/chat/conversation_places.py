"""Where conversations stand in the list: pinned, and in which folder; every change has a way back.

It exists so that the chat knows nothing of places. It must not know what is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject

from desktop_app.chat.conversation_list import ConversationList
from desktop_app.chat.conversation_menus import Chosen
from desktop_app.chat.conversation_rows import conversation_count
from desktop_app.conversation_files import LONGEST_FOLDER_NAME
from desktop_app.deliveries import Deliveries
from desktop_app.window.announcements import Announcements
from desktop_app.words.one_line import in_one_line
from engine.journal.records import FolderSummary, new_id

if TYPE_CHECKING:  # keeps SQLite out of the window's start
    from engine.journal.journal import Journal

T = TypeVar("T")


def named(conversations: Chosen) -> str:
    """A conversation's title, or how many there are."""
    return (
        conversations[0].title
        if len(conversations) == 1
        else conversation_count(len(conversations))
    )


class ConversationPlaces(QObject):
    """Pins, moves and folders, as the list asks for them.

    Args:
        conversations: The list.
        journal: Where they are recorded.
        deliveries: Brings the journal's answers here.
        announce: Says what was done, with an undo.
    """

    def __init__(
        self,
        conversations: ConversationList,
        journal: Journal,
        deliveries: Deliveries,
        announce: Announcements,
    ) -> None:
        super().__init__(conversations)
        self._list = conversations
        self._journal = journal
        self._deliveries = deliveries
        self._announce = announce
        conversations.pin_requested.connect(self._on_pin)
        conversations.move_requested.connect(self._on_move)
        conversations.folder_requested.connect(self._on_folder)
        conversations.folder_rename_requested.connect(self._on_folder_rename)
        conversations.collapse_requested.connect(
            lambda name, collapsed: self._write(journal.collapse_folder(name, collapsed=collapsed))
        )
        conversations.folder_removal_requested.connect(self._on_folder_removal)

    def _on_pin(self, conversations: Chosen, pinned: bool) -> None:  # noqa: FBT001 - a slot
        ids = [each.conversation_id for each in conversations]

        def receive(before: dict[str, str | None]) -> None:
            if len(ids) > 1:  # one is unpinned where it was pinned
                self._offer(
                    self.tr("Pinned") if pinned else self.tr("No longer pinned"),
                    named(conversations),
                    lambda: self._journal.put_back_pins(before),
                )

        self._write(self._journal.pin_conversations(ids, pinned=pinned), receive)

    def _on_move(self, conversations: Chosen, folder_id: str) -> None:
        ids = [each.conversation_id for each in conversations]
        name = self._list.folder_name(folder_id)
        title = (
            self.tr("Moved to {folder}").format(folder=name)
            if folder_id
            else self.tr("Moved out of the folder")
        )

        def receive(before: dict[str, str | None]) -> None:
            self._offer(
                title, named(conversations), lambda: self._journal.put_back_in_folders(before)
            )

        self._write(self._journal.move_to_folder(ids, folder_id or None), receive)

    def _on_folder(self, name: str, conversations: Chosen) -> None:
        """Make a folder, put conversations into it, and let the person name it."""
        folder_id = new_id()
        made = self._journal.create_folder(folder_id, name)
        if not conversations:
            self._deliveries.deliver(made, lambda _done: self._list.name_folder(folder_id))
            return
        self._deliveries.deliver(made)
        ids = [each.conversation_id for each in conversations]

        def receive(before: dict[str, str | None]) -> None:
            def undo() -> Future[None]:
                self._deliveries.deliver(self._journal.put_back_in_folders(before))
                return self._journal.remove_folder(folder_id)

            self._list.name_folder(folder_id)
            self._offer(self.tr("Moved to a new folder"), named(conversations), undo)

        self._deliveries.deliver(self._journal.move_to_folder(ids, folder_id), receive)

    def _on_folder_rename(self, folder_id: str, name: str) -> None:
        name = in_one_line(name)[:LONGEST_FOLDER_NAME].strip()
        if name:
            self._write(self._journal.rename_folder(folder_id, name))

    def _on_folder_removal(self, folder: FolderSummary) -> None:
        text = folder.name
        if folder.count:
            text = self.tr("{folder}; {count} in it went back to the list").format(
                folder=folder.name, count=conversation_count(folder.count)
            )
        self._write(
            self._journal.remove_folder(folder.folder_id),
            lambda _done: self._offer(
                self.tr("Folder removed"),
                text,
                lambda: self._journal.restore_folder(folder.folder_id),
            ),
        )

    def _offer(self, title: str, text: str, undo: Callable[[], Future[None]]) -> None:
        self._announce.offer_undo(title, text, self.tr("Undo"), lambda: self._write(undo()))

    def _write(self, written: Future[T], then: Callable[[T], None] | None = None) -> None:
        """Read the list again once it is written."""

        def receive(result: T) -> None:
            self._list.refresh()
            if then is not None:
                then(result)

        self._deliveries.deliver(written, receive)
