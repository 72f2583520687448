"""Brings conversations from the journal to the list, out to files and in from them.

It exists so that the list knows no journal and the chat no list. It must not know what is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from desktop_app.background import in_background
from desktop_app.chat.controller import ChatController
from desktop_app.chat.conversation_list import ConversationList
from desktop_app.chat.conversation_menus import Chosen
from desktop_app.chat.conversation_places import ConversationPlaces, named
from desktop_app.chat.conversation_rows import conversation_count
from desktop_app.conversation_files import (
    Imported,
    export_conversations,
    import_conversations,
    json_of,
)
from desktop_app.deliveries import Deliveries
from desktop_app.output_file import write_whole
from desktop_app.preference_export import export_preferences
from desktop_app.settings_pages.instructions import InstructionsDialog
from desktop_app.window.announcements import Announcements
from engine.journal.records import ConversationSummary

if TYPE_CHECKING:  # keeps SQLite out of the window's start
    from engine.journal.journal import Journal

_LONGEST_NAME: Final = 200
"""Bytes of a file's name; most systems take 255 with its ending."""


class ConversationFeed(QObject):
    """Joins the conversation list with the chat and the journal.

    Args:
        conversations: The list.
        chat: What opens, renames and deletes them.
        journal: Where they are recorded.
        deliveries: Brings the journal's answers here.
        announce: Says what was done.
    """

    def __init__(
        self,
        conversations: ConversationList,
        chat: ChatController,
        journal: Journal,
        deliveries: Deliveries,
        announce: Announcements,
    ) -> None:
        super().__init__(conversations)
        self._list = conversations
        self._chat = chat
        self._journal = journal
        self._deliveries = deliveries
        self._announce = announce
        self._places = ConversationPlaces(conversations, journal, deliveries, announce)
        self._instructed_id = ""
        """The conversation whose instructions are to be changed once it is shown."""
        conversations.open_requested.connect(
            lambda conversation_id, leaf, found: chat.open_conversation(
                conversation_id, leaf or None, found or None
            )
        )
        conversations.rename_requested.connect(chat.rename_conversation)
        conversations.instructions_requested.connect(self._on_instructions)
        conversations.delete_requested.connect(self._on_delete)
        conversations.export_requested.connect(self._on_export)
        conversations.import_requested.connect(self._on_import)
        conversations.export_all_requested.connect(self._on_export_all)
        conversations.preferences_export_requested.connect(self._on_export_preferences)
        conversations.page_requested.connect(self._read_page)
        chat.conversations_changed.connect(conversations.refresh)
        chat.phase_changed.connect(lambda: conversations.rows.set_under_way(*chat.under_way))
        chat.conversation_shown.connect(conversations.set_shown)
        chat.conversation_shown.connect(self._edit_instructions)

    def open_as_left(self, conversation_id: str) -> None:
        """Open a conversation on the branch that was shown, if it still exists.

        Nothing happens when something was asked in the meantime.
        """

        def receive(summary: ConversationSummary | None) -> None:
            if summary is not None and self._chat.visible_id is None:
                self._chat.open_conversation(conversation_id, summary.leaf_id)

        self._deliveries.deliver(self._journal.conversation(conversation_id), receive)

    def open_answer(self, conversation_id: str, message_id: str) -> None:
        """Open a conversation at an answer, unless it was deleted meanwhile."""

        def receive(summary: ConversationSummary | None) -> None:
            if summary is not None:
                self._chat.open_conversation(conversation_id, summary.leaf_id, message_id)

        self._deliveries.deliver(self._journal.conversation(conversation_id), receive)

    def export(self, conversation_id: str, leaf_id: str | None, form: str, path: Path) -> None:
        """Write a conversation to a file, as "markdown" or "json", off this thread."""

        def write() -> None:
            if form == "markdown":
                text = self._journal.export_markdown(conversation_id, leaf_id).result()
            else:
                text = json_of(self._journal, conversation_id)
            write_whole(path, [text.encode()], replace=True)

        self._deliveries.deliver(
            in_background(write, "export-conversation"),
            lambda _: self._announce.tell_done(self.tr("Exported"), str(path)),
        )

    def export_all(self, path: Path) -> None:
        """Write all conversations to a file, off this thread."""
        self._write_many(lambda: export_conversations(self._journal, path, replace=True), path)

    def export_several(self, conversations: Chosen, form: str, path: Path) -> None:
        """Write some conversations to one file, as "markdown" or "json", off this thread."""
        ids = [each.conversation_id for each in conversations]

        def write() -> int:
            if form == "json":
                return export_conversations(self._journal, path, replace=True, only=ids)
            texts = (
                self._journal.export_markdown(each.conversation_id, each.leaf_id).result()
                for each in conversations
            )
            write_whole(path, ["\n".join(texts).encode()], replace=True)
            return len(ids)

        self._write_many(write, path)

    def _write_many(self, write: Callable[[], int], path: Path) -> None:
        self._deliveries.deliver(
            in_background(write, "export-conversations"),
            lambda count: self._announce.tell_done(
                self.tr("Exported"), f"{conversation_count(count)}, {path}"
            ),
        )

    def import_from(self, path: Path) -> None:
        """Add the conversations of a file, off this thread, and show the latest of them."""

        def receive(imported: Imported) -> None:
            said = conversation_count(imported.count)
            if imported.left_out:
                said += self.tr("; messages left out, as they hold no text: {count}").format(
                    count=imported.left_out
                )
            self._announce.tell_done(self.tr("Imported"), said)
            self._list.refresh()
            self._chat.open_conversation(imported.first_id, imported.leaf_id)

        taken = in_background(
            lambda: import_conversations(self._journal, path), "import-conversations"
        )
        self._deliveries.deliver(taken, receive)

    def export_preferences(self, path: Path) -> None:
        """Write the preference pairs of all conversations to a file, off this thread."""
        written = in_background(
            lambda: export_preferences(self._journal, path, replace=True), "export-preferences"
        )
        self._deliveries.deliver(
            written,
            lambda counts: self._announce.tell_done(
                self.tr("Exported"),
                self.tr("{count} pairs, {path}").format(count=counts.total(), path=path),
            ),
        )

    def _on_instructions(self, conversation_id: str, leaf_id: str) -> None:
        self._instructed_id = conversation_id
        self._chat.open_conversation(conversation_id, leaf_id or None)
        if self._chat.visible_id == conversation_id:
            self._edit_instructions(conversation_id)

    def _edit_instructions(self, conversation_id: str) -> None:
        """Let a person change what the model is told, if that is what they opened it for."""
        told = self._chat.instructions
        wanted = self._instructed_id
        if conversation_id:  # where another one was opened instead, it is not wanted any more
            self._instructed_id = ""
        if not conversation_id or conversation_id != wanted or told is None:
            return
        dialog = InstructionsDialog(told, self._list.window())
        dialog.accepted.connect(
            lambda: (
                self._chat.set_instructions(dialog.instructions.text)
                if self._chat.visible_id == conversation_id
                else None
            )
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _read_page(self, search: str, known: int, count: int) -> None:
        self._deliveries.deliver(
            self._journal.listing(search, count, known),
            lambda page: self._list.show_page(search, known, page),
        )

    def _on_delete(self, conversations: Chosen) -> None:
        deleted = self._chat.delete_conversations([each.conversation_id for each in conversations])
        self._announce.offer_undo(
            self.tr("Deleted"),
            named(conversations),
            self.tr("Undo"),
            lambda: self._chat.restore_conversations(deleted),
        )

    def _on_export(self, conversations: Chosen, form: str) -> None:
        """Ask where conversations go: several of them into one file."""
        first, several = conversations[0], len(conversations) > 1
        suffix = "md" if form == "markdown" else "jsonl" if several else "json"
        name = self.tr("conversations") if several else file_name_for(first.title)
        title = self.tr("Export conversations") if several else self.tr("Export conversation")
        dialog = QFileDialog(self._list.window(), title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{name}.{suffix}")

        def write(path: str) -> None:
            if several:
                self.export_several(conversations, form, Path(path))
            else:
                self.export(first.conversation_id, first.leaf_id, form, Path(path))

        dialog.fileSelected.connect(write)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_import(self) -> None:
        dialog = QFileDialog(self._list.window(), self.tr("Import conversations"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Conversations (*.json *.jsonl)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(lambda path: self.import_from(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_export_all(self) -> None:
        self._ask_for_lines(self.tr("Export all conversations"), "conversations", self.export_all)

    def _on_export_preferences(self) -> None:
        self._ask_for_lines(self.tr("Export preferences"), "preferences", self.export_preferences)

    def _ask_for_lines(self, title: str, name: str, write: Callable[[Path], None]) -> None:
        """Ask where a file of JSON Lines goes."""
        dialog = QFileDialog(self._list.window(), title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("JSON Lines (*.jsonl)"), self.tr("All files (*)")])
        dialog.setDefaultSuffix("jsonl")
        dialog.selectFile(f"{name}.jsonl")
        dialog.fileSelected.connect(lambda path: write(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def file_name_for(title: str) -> str:
    """A title as a file name every system takes."""
    kept = "".join(c if c.isalnum() or c in " -_" else "_" for c in title)
    short = kept.strip(" _").encode()[:_LONGEST_NAME].decode("utf-8", "ignore")
    return short.strip(" _") or "conversation"
