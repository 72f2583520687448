"""The rows of the conversation list: in folders or grouped by age, and what a row says.

It exists so that grouping and wording are tested without a view. It must not know the journal's
storage.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from desktop_app.look.tips import plain_tip
from desktop_app.words.quantities import format_number
from engine.journal.records import ConversationSummary, FolderSummary

AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Heading:
    """A group's title."""

    text: str


Row = Heading | FolderSummary | ConversationSummary


def group_of(conversation: ConversationSummary, today: date) -> str:
    """The group of a conversation: pinned, else by the local day of its last change."""
    if conversation.pinned:
        return _tr("Pinned")
    day = conversation.updated_at.astimezone().date()
    if day >= today:
        return _tr("Today")
    if day == today - timedelta(days=1):
        return _tr("Yesterday")
    if day > today - timedelta(days=7):
        return _tr("This week")
    return _tr("Older")


def arranged(
    conversations: Sequence[ConversationSummary],
    folders: Sequence[FolderSummary],
    today: date,
    *,
    complete: bool = True,
) -> list[Row]:
    """Pinned conversations, folders with what is in them, then the others by age.

    Args:
        conversations: In this order, those of a folder after those of the folder before it.
        folders: In their order; none to show all conversations in one list.
        today: The day.
        complete: Whether these are all; while they are not, a folder waits for those before it.
    """
    known = {folder.folder_id for folder in folders}
    pinned = [each for each in conversations if each.pinned]
    inside: dict[str, list[ConversationSummary]] = {}
    others = []
    for each in conversations:
        if not each.pinned and each.folder_id in known:
            inside.setdefault(each.folder_id or "", []).append(each)
        elif not each.pinned:
            others.append(each)
    rows = grouped(pinned, today)
    waits = not complete and not others
    for folder in folders:
        if waits and not inside:
            break
        rows += [folder, *inside.pop(folder.folder_id, ())]
    return rows + grouped(others, today)


def grouped(conversations: Iterable[ConversationSummary], today: date) -> list[Row]:
    """Conversations in their order, a heading before each group."""
    rows: list[Row] = []
    last = ""
    for conversation in conversations:
        group = group_of(conversation, today)
        if group != last:
            rows.append(Heading(group))
            last = group
        rows.append(conversation)
    return rows


def age_text(moment: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return _tr("just now")
    if minutes < 60:
        return _tr("{count} min ago").format(count=minutes)
    if minutes < 24 * 60:
        return _tr("{count} h ago").format(count=minutes // 60)
    local = moment.astimezone()
    return f"{local.day} {local:%b}" if local.year == now.year else f"{local.day} {local:%b %Y}"


def thinking_text(conversation: ConversationSummary) -> str:
    """How the last answer was thought about."""
    attempts = conversation.last_attempts
    if conversation.last_failed or not attempts:
        return _without_answer(conversation)
    if conversation.last_strategy == "revise":
        return _tr("revised, {count} attempts").format(count=attempts)
    if conversation.last_strategy == "search":
        return _tr("searched, {count} paths").format(count=attempts)
    if attempts == 1:
        return _tr("instant")
    return _tr("{count} candidates").format(count=attempts)


def _without_answer(conversation: ConversationSummary) -> str:
    if conversation.last_failed:
        return _tr("failed")
    if conversation.last_strategy:
        return _tr("unfinished")
    return _tr("imported") if conversation.imported else _tr("no answer yet")


class ConversationRows(QAbstractListModel):
    """Conversations and headings for a list view.

    Attributes:
        rename_requested: (conversation id, new title) after editing in place.
        folder_rename_requested: (folder id, new name) after editing in place.
        more_wanted: The end of what was read came into view.
        under_way_changed: Rows say something else of what happens now.
    """

    rename_requested = Signal(str, str)
    folder_rename_requested = Signal(str, str)
    more_wanted = Signal(int)
    under_way_changed = Signal()

    def __init__(self, page_size: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page_size = page_size
        self._rows: list[Row] = []
        self._conversations: list[ConversationSummary] = []
        self._folders: tuple[FolderSummary, ...] = ()
        self._complete = True
        self._thinking = ""
        self._waiting: frozenset[str] = frozenset()

    def set_under_way(self, thinking: str, waiting: frozenset[str]) -> None:
        """Say of which conversation a question is thought about, and of which ones some wait.

        Args:
            thinking: A conversation's id, or "".
            waiting: Conversations' ids.
        """
        if (thinking, waiting) != (self._thinking, self._waiting):
            self._thinking, self._waiting = thinking, waiting
            self.under_way_changed.emit()  # not dataChanged: a title being edited would be reset

    def about(self, conversation: ConversationSummary, now: datetime) -> str:
        """What a row says below the title: what happens now, else what its last answer was."""
        told = self._under_way(conversation) or (
            f"{thinking_text(conversation)} · {age_text(conversation.updated_at, now)}"
        )
        return self._in_folder(conversation, conversation.snippet or told)

    def _in_folder(self, conversation: ConversationSummary, told: str) -> str:
        """What is told, and the folder where the row does not stand in it."""
        folder = conversation.folder
        return f"{folder} · {told}" if folder and not self._is_inside(conversation) else told

    def _is_inside(self, row: Row) -> bool:
        return (
            isinstance(row, ConversationSummary)
            and not row.pinned
            and any(folder.folder_id == row.folder_id for folder in self._folders)
        )

    def _under_way(self, conversation: ConversationSummary) -> str:
        if conversation.conversation_id == self._thinking:
            return _tr("thinking…")
        return _tr("waiting…") if conversation.conversation_id in self._waiting else ""

    @property
    def conversations(self) -> Sequence[ConversationSummary]:
        """All conversations that were read, pinned ones and then the newest first."""
        return self._conversations

    def set_conversations(
        self,
        conversations: Sequence[ConversationSummary],
        today: date,
        folders: Sequence[FolderSummary] = (),
    ) -> None:
        """Show another list, read in whole pages from its beginning on.

        Args:
            conversations: In the order of a `Listing`.
            today: The day.
            folders: Where they stand; none to show all of them in one list.
        """
        self.beginResetModel()
        self._conversations = list(conversations)
        self._folders = tuple(folders)
        self._complete = not conversations or len(conversations) % self._page_size != 0
        self._rows = self._arranged(today)
        self.endResetModel()

    def add_conversations(self, more: Sequence[ConversationSummary], today: date) -> None:
        """Show further ones at the end."""
        known = {c.conversation_id for c in self._conversations}
        self._conversations += [c for c in more if c.conversation_id not in known]
        self._complete = len(more) < self._page_size
        rows, before = self._arranged(today), len(self._rows)
        if rows[:before] != self._rows:  # something was moved between two pages
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        elif len(rows) > before:
            self.beginInsertRows(QModelIndex(), before, len(rows) - 1)
            self._rows = rows
            self.endInsertRows()

    def _arranged(self, today: date) -> list[Row]:
        return arranged(self._conversations, self._folders, today, complete=self._complete)

    def summary_at(self, index: AnyIndex) -> ConversationSummary | None:
        """The conversation of a row, or None for a heading."""
        row = self._rows[index.row()] if 0 <= index.row() < len(self._rows) else None
        return row if isinstance(row, ConversationSummary) else None

    def folder_at(self, index: AnyIndex) -> FolderSummary | None:
        """The folder of a row, or None for another row."""
        row = self._rows[index.row()] if 0 <= index.row() < len(self._rows) else None
        return row if isinstance(row, FolderSummary) else None

    def is_inside(self, index: AnyIndex) -> bool:
        """Whether a row stands in its folder."""
        return 0 <= index.row() < len(self._rows) and self._is_inside(self._rows[index.row()])

    def target_at(self, index: AnyIndex) -> str | None:
        """Where conversations go that are dropped on a row.

        Returns:
            A folder's id, "" for the list outside of all folders, None where nothing is dropped.
        """
        if not self._folders:
            return None
        row = self._rows[index.row()] if 0 <= index.row() < len(self._rows) else None
        if isinstance(row, FolderSummary):
            return row.folder_id
        if isinstance(row, ConversationSummary) and self._is_inside(row):
            return row.folder_id
        place = self.index(index.row() + 1) if isinstance(row, Heading) else index
        summary = self.summary_at(place)
        return None if summary is not None and summary.pinned else ""

    def index_of_folder(self, folder_id: str) -> QModelIndex:
        """The row of a folder; invalid when it is not listed."""
        for number, row in enumerate(self._rows):
            if isinstance(row, FolderSummary) and row.folder_id == folder_id:
                return self.index(number)
        return QModelIndex()

    def index_of(self, conversation_id: str) -> QModelIndex:
        """The row of a conversation; invalid when it is not listed."""
        for number, row in enumerate(self._rows):
            if isinstance(row, ConversationSummary) and row.conversation_id == conversation_id:
                return self.index(number)
        return QModelIndex()

    def neighbour(self, conversation_id: str | None, step: int) -> ConversationSummary | None:
        """The next or previous conversation, or the first when none is given."""
        ids = [c.conversation_id for c in self._conversations]
        if not ids:
            return None
        place = ids.index(conversation_id) + step if conversation_id in ids else 0
        return self._conversations[place] if 0 <= place < len(ids) else None

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: N802 - Qt's name
        """Number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a row shows."""
        if not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if isinstance(row, Heading):
            return row.text if role == Qt.ItemDataRole.DisplayRole else None
        if isinstance(row, FolderSummary):
            return _folder_data(row, role)
        return self._conversation_data(row, role)

    def _conversation_data(self, row: ConversationSummary, role: int) -> object:
        title = row.title or _tr("Untitled")
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return title
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(title)
            case Qt.ItemDataRole.AccessibleTextRole:
                pinned = [_tr("pinned")] if row.pinned else []
                told = self._under_way(row) or thinking_text(row)
                folder = [_tr("in {folder}").format(folder=row.folder)] if row.folder else []
                return ", ".join([title, told, *folder, *pinned])
        return None

    def setData(  # noqa: N802 - Qt's name
        self, index: AnyIndex, value: object, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """Ask for another title or name; the row changes when the journal has it."""
        folder = self.folder_at(index)
        if folder is not None and role == Qt.ItemDataRole.EditRole and isinstance(value, str):
            if value.strip() and value.strip() != folder.name:
                self.folder_rename_requested.emit(folder.folder_id, value.strip())
            return True
        row = self.summary_at(index)
        if row is None or role != Qt.ItemDataRole.EditRole or not isinstance(value, str):
            return False
        if value.strip() and value.strip() != row.title:
            self.rename_requested.emit(row.conversation_id, value.strip())
        return True

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Headings can be seen, not chosen; a folder is never one of several that are chosen."""
        usable = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsEditable
        if self.folder_at(index) is not None:
            return usable
        if self.summary_at(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return usable | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def canFetchMore(self, parent: AnyIndex) -> bool:  # noqa: N802 - Qt's name
        """Whether the journal may hold more."""
        return not parent.isValid() and not self._complete

    def fetchMore(self, parent: AnyIndex) -> None:  # noqa: N802 - Qt's name
        """Ask for the next page; it comes later."""
        if self.canFetchMore(parent):
            self._complete = True
            self.more_wanted.emit(len(self._conversations))


def conversation_count(count: int) -> str:
    """For example "1 conversation"."""
    if count == 1:
        return _tr("1 conversation")
    return _tr("{count} conversations").format(count=format_number(count))


def _folder_data(folder: FolderSummary, role: int) -> object:
    match role:
        case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
            return folder.name
        case Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{folder.name}\n{conversation_count(folder.count)}")
        case Qt.ItemDataRole.AccessibleTextRole:
            state = _tr("collapsed") if folder.collapsed else _tr("open")
            return ", ".join([folder.name, _tr("folder"), conversation_count(folder.count), state])
    return None


def _tr(text: str) -> str:
    return QCoreApplication.translate("ConversationRows", text)
