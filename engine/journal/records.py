"""What the journal gives and takes: frozen values, independent of how they are stored."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import uuid4

import msgspec

from engine.budget import Budget
from engine.candidate import Candidate
from engine.feedback import Feedback
from engine.generation import JsonReply, LoadOptions, Role, Sampling
from engine.options import StrategyChoice, StrategyOptions
from engine.power.meter import EnergyReport
from engine.step import Step
from engine.verdict import Verdict

_EARLIEST: Final = 1970
_LATEST: Final = 2200


def new_id() -> str:
    """Return a fresh id, so that a caller need not wait for the journal."""
    return uuid4().hex


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def in_utc(moment: datetime) -> datetime:
    """Return a moment from a file in UTC; one that names no zone is taken as UTC.

    Raises:
        ValueError: It is so far away that no clock was set to it.
    """
    if not _EARLIEST <= moment.year <= _LATEST:
        raise ValueError(f"the moment is of the year {moment.year}")
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


class Status(StrEnum):
    """Where a deliberation stands."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """It was running when the program ended; finished candidates and drafts are kept."""


class ConversationSummary(msgspec.Struct, frozen=True):
    """One row of the conversation list.

    Attributes:
        last_strategy: Strategy of the last deliberation, or "".
        last_attempts: Its finished candidates, without those that ended unneeded and unbegun.
        last_failed: Whether it failed.
        snippet: The words around a search's newest hit in the text, in one line, or "".
        found_id: The message of that hit, or None.
        imported: Whether answers in it were given in another program.
        pinned: Whether it is listed above the others.
        folder_id: The folder it is kept in, or None.
        folder: That folder's name, or "".
    """

    conversation_id: str
    title: str
    updated_at: datetime
    message_count: int
    leaf_id: str | None = None
    model_path: str = ""
    last_strategy: str = ""
    last_attempts: int = 0
    last_failed: bool = False
    snippet: str = ""
    found_id: str | None = None
    imported: bool = False
    pinned: bool = False
    folder_id: str | None = None
    folder: str = ""


class FolderSummary(msgspec.Struct, frozen=True):
    """A folder of conversations.

    Attributes:
        count: Conversations in it, pinned ones as well.
        collapsed: Whether those that are not pinned are left out of the list.
    """

    folder_id: str
    name: str
    count: int = 0
    collapsed: bool = False


class Listing(msgspec.Struct, frozen=True):
    """A page of the window's list.

    Attributes:
        folders: All folders, by name.
        conversations: Pinned ones, those of each folder that is open, then the others; the newest
            first in each. Of a search, all hits in one list.
    """

    folders: tuple[FolderSummary, ...] = ()
    conversations: tuple[ConversationSummary, ...] = ()


class MessageRecord(msgspec.Struct, frozen=True):
    """One message in the tree of a conversation."""

    message_id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    content: str
    created_at: datetime
    deliberation_id: str | None = None


class ModelRecord(msgspec.Struct, frozen=True):
    """A model file that was used.

    Attributes:
        sha256: Hash of its bytes, once known.
        crashed: Whether the engine died with it the last time.
        modified_ns: When the file was last changed; the hash is forgotten when this differs.
    """

    path: str
    name: str
    size_bytes: int
    architecture: str
    quantization: str
    last_used_at: datetime
    sha256: str | None = None
    crashed: bool = False
    modified_ns: int | None = None


class DraftRecord(msgspec.Struct, frozen=True):
    """Text in flight of one candidate."""

    index: int
    thought: str
    response: str
    tokens: int


class DeliberationRecord(msgspec.Struct, frozen=True):
    """A deliberation with everything that is known of it.

    Attributes:
        message_id: The assistant message that holds its verdict, or None (asked in a terminal).
        seed: Seed of candidate 0, once known.
        total_seconds: Time it thought, over all its stretches when it was told to think longer.
        energy: What all its stretches cost.
        candidates: Finished candidates by index.
        drafts: Text in flight when it was interrupted.
        joules_by_candidate: Attributed energy.
        promoted: Candidate the person made the answer instead of the chosen one.
        feedback: What the person said of it.
        options: What the strategy was told beside the budget.
        choice: What `auto` decided, if it ran and did.
        steps: Finished steps of a search, by index.
        json_reply: What its replies must be, or None where they are free.
    """

    deliberation_id: str
    message_id: str | None
    strategy: str
    budget: Budget
    sampling: Sampling
    seed: int | None
    model_path: str
    load_options: LoadOptions
    started_at: datetime
    status: Status = Status.RUNNING
    model_sha256: str | None = None
    verdict: Verdict | None = None
    total_seconds: float | None = None
    energy: EnergyReport | None = None
    error_code: str = ""
    error_detail: str = ""
    candidates: tuple[Candidate, ...] = ()
    drafts: tuple[DraftRecord, ...] = ()
    joules_by_candidate: dict[int, float] = {}
    promoted: int | None = None
    feedback: Feedback = Feedback()
    options: StrategyOptions = StrategyOptions()
    choice: StrategyChoice | None = None
    steps: tuple[Step, ...] = ()
    json_reply: JsonReply | None = None


class RecordedDeliberations(msgspec.Struct, frozen=True):
    """The deliberations of a conversation.

    Attributes:
        records: Those that can be read, oldest first.
        unreadable: Ids of the others.
    """

    records: tuple[DeliberationRecord, ...]
    unreadable: tuple[str, ...] = ()


class JournalHealth(msgspec.Struct, frozen=True):
    """What `ponder doctor` says of a journal.

    Attributes:
        version: Schema steps it has had; 0 for an empty file, which the next start fills.
    """

    path: str
    version: int
    size_bytes: int
    integrity_ok: bool
    conversations: int = 0
    deliberations: int = 0
    candidates: int = 0
