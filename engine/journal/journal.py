"""The journal: one thread owns the connection, every method returns a future.

Nothing waits for a disk: callers make their ids themselves and go on. Writes happen in the order
they were asked for. A future that is done means the row is on disk. It must not know who asks,
nor anything of windows, workers or meters.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from engine.budget import Budget
from engine.candidate import Candidate
from engine.feedback import Feedback, Thumb
from engine.journal import (
    apart,
    conversations,
    cost,
    deliberations,
    export,
    feedback,
    folders,
    sweeps,
    unsent,
    used_models,
)
from engine.journal.answers import recorded_answers
from engine.journal.cost import Speed
from engine.journal.database import health_of, open_database, translated
from engine.journal.errors import JournalBugError
from engine.journal.importing import ImportedConversation
from engine.journal.openers import Opener
from engine.journal.records import (
    ConversationSummary,
    DeliberationRecord,
    DraftRecord,
    FolderSummary,
    JournalHealth,
    Listing,
    MessageRecord,
    ModelRecord,
    RecordedDeliberations,
    now,
)
from engine.journal.sqlite import Database
from engine.journal.transaction import writing
from engine.lab.forecast import Pace
from engine.lab.plan import SweepPlan
from engine.lab.records import (
    Place,
    RunCard,
    SampleRecord,
    Stretch,
    SweepRecord,
    SweepStatus,
    SweepSummary,
    VerdictRecord,
)
from engine.options import StrategyChoice
from engine.own_thinking import OwnThinking
from engine.power.meter import EnergyReport
from engine.preferences import Judge, PreferencePair, preference_pairs
from engine.step import Step
from engine.verdict import Verdict

T = TypeVar("T")
_Job = Callable[[Database], None]


class Journal:
    """The record of everything.

    Args:
        path: The file; created when missing.

    Raises:
        JournalError: It cannot be used; an existing file was left as it was.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        opened: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(opened,), name="journal", daemon=True
        )
        self._thread.start()
        opened.result()
        self._opener = Opener(path)

    def close(self) -> None:
        """Write what is still queued and close. Idempotent."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
                self._opener.close()
        self._thread.join()

    def _run(self, opened: Future[None]) -> None:
        try:
            database = open_database(self.path)
        except Exception as error:  # noqa: BLE001  # the constructor waits and raises it
            opened.set_exception(error)
            return
        opened.set_result(None)
        while (job := self._jobs.get()) is not None:
            job(database)
        database.close()

    def _do(self, work: Callable[[Database], T]) -> Future[T]:
        future: Future[T] = Future()

        def job(database: Database) -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                with translated():
                    result = work(database)
            except Exception as error:  # noqa: BLE001  # the worker loop: who asked is told
                future.set_exception(error)
            else:
                future.set_result(result)

        with self._lock:
            if self._closed:
                future.set_exception(JournalBugError("the journal is closed"))
            else:
                self._jobs.put(job)
        return future

    # --- conversations --------------------------------------------------------------------------

    def create_conversation(self, conversation_id: str, title: str = "") -> Future[None]:
        """Start a conversation."""
        return self._do(lambda db: conversations.create(db, conversation_id, title))

    def rename_conversation(self, conversation_id: str, title: str) -> Future[None]:
        """Change a title."""
        return self._do(lambda db: conversations.rename(db, conversation_id, title))

    def pin_conversations(
        self, ids: Sequence[str], *, pinned: bool
    ) -> Future[dict[str, str | None]]:
        """List conversations above the others, or among them again.

        Returns:
            What `put_back_pins` needs to undo it.
        """
        return self._do(lambda db: conversations.set_pinned(db, ids, pinned=pinned))

    def put_back_pins(self, before: Mapping[str, str | None]) -> Future[None]:
        """Undo `pin_conversations`."""
        return self._do(lambda db: conversations.put_back_pins(db, before))

    def keep_unsent(self, conversation_id: str, content: str) -> Future[None]:
        """Remember what is written and not sent, "" for a conversation that was not begun.

        An empty `content` forgets it.
        """
        return self._do(lambda db: unsent.keep(db, conversation_id, content))

    def unsent(self) -> Future[dict[str, str]]:
        """What was written and not sent, by conversation."""
        return self._do(unsent.texts)

    def delete_conversations(self, ids: Sequence[str]) -> Future[None]:
        """Hide conversations; `restore_conversations` undoes it, `purge_deleted` ends them."""
        return self._do(lambda db: conversations.delete(db, ids))

    def restore_conversations(self, ids: Sequence[str]) -> Future[None]:
        """Undo a deletion."""
        return self._do(lambda db: conversations.restore(db, ids))

    def purge_deleted(self) -> Future[None]:
        """Really delete what was deleted: rows, folders, search index and write-ahead log.

        A backup made before an upgrade keeps what was in the journal then.
        """
        return self._do(conversations.purge)

    def count_apart(self) -> Future[int]:
        """How many answers are kept that belong to no conversation, as those of the API."""
        return self._do(apart.count)

    def delete_apart(self) -> Future[int]:
        """Delete them for good, and return how many there were; those that still run stay.

        A backup made before an upgrade keeps what was in the journal then.
        """
        return self._do(apart.delete)

    def conversations(
        self, search: str = "", limit: int = 200, offset: int = 0, *, folder: str | None = None
    ) -> Future[list[ConversationSummary]]:
        """List conversations, newest first; with a search, those that have all its words.

        With a folder's name, those in it alone.
        """
        return self._do(lambda db: conversations.summaries(db, search, limit, offset, folder))

    def listing(self, search: str = "", limit: int = 200, offset: int = 0) -> Future[Listing]:
        """A page of the window's list: folder by folder, or all that a search finds."""
        return self._do(lambda db: conversations.listing(db, search, limit, offset))

    def conversation(self, conversation_id: str) -> Future[ConversationSummary | None]:
        """One row of the list, or None when there is none or it was deleted."""
        return self._do(lambda db: conversations.summary(db, conversation_id))

    def set_leaf(self, conversation_id: str, message_id: str | None) -> Future[None]:
        """Remember which branch is shown."""
        return self._do(lambda db: conversations.set_leaf(db, conversation_id, message_id))

    def set_model(self, conversation_id: str, model_path: str) -> Future[None]:
        """Remember a conversation's model."""
        return self._do(lambda db: conversations.set_model(db, conversation_id, model_path))

    # --- folders --------------------------------------------------------------------------------

    def folders(self) -> Future[list[FolderSummary]]:
        """All folders, by name."""
        return self._do(folders.summaries)

    def create_folder(self, folder_id: str, name: str) -> Future[None]:
        """Make a folder for conversations."""
        return self._do(lambda db: folders.create(db, folder_id, name))

    def rename_folder(self, folder_id: str, name: str) -> Future[None]:
        """Change a folder's name."""
        return self._do(lambda db: folders.rename(db, folder_id, name))

    def collapse_folder(self, folder_id: str, *, collapsed: bool) -> Future[None]:
        """List the conversations of a folder no longer, or again."""
        return self._do(lambda db: folders.set_collapsed(db, folder_id, collapsed=collapsed))

    def remove_folder(self, folder_id: str) -> Future[None]:
        """Hide a folder; its conversations are listed among the others.

        `restore_folder` undoes it, `purge_deleted` ends it.
        """
        return self._do(lambda db: folders.remove(db, folder_id))

    def restore_folder(self, folder_id: str) -> Future[None]:
        """Undo `remove_folder`: its conversations are in it again, but those that moved since."""
        return self._do(lambda db: folders.restore(db, folder_id))

    def move_to_folder(
        self, ids: Sequence[str], folder_id: str | None
    ) -> Future[dict[str, str | None]]:
        """Keep conversations in a folder, or in none.

        Returns:
            What `put_back_in_folders` needs to undo it.
        """
        return self._do(lambda db: folders.move(db, ids, folder_id))

    def put_back_in_folders(self, before: Mapping[str, str | None]) -> Future[None]:
        """Undo `move_to_folder`."""
        return self._do(lambda db: folders.put_back(db, before))

    # --- messages -------------------------------------------------------------------------------

    def add_message(self, message: MessageRecord) -> Future[None]:
        """Add a message."""
        return self._do(lambda db: conversations.add_message(db, message))

    def set_instructions(self, message: MessageRecord) -> Future[None]:
        """Put what a model is told before a conversation at its root, or change it there."""
        return self._do(lambda db: conversations.set_instructions(db, message))

    def update_message(self, message_id: str, content: str) -> Future[None]:
        """Replace a message's text."""
        return self._do(lambda db: conversations.update_message(db, message_id, content))

    def messages(self, conversation_id: str) -> Future[list[MessageRecord]]:
        """The whole tree of a conversation, oldest first."""
        return self._do(lambda db: conversations.messages(db, conversation_id))

    def export_markdown(self, conversation_id: str, leaf_id: str | None) -> Future[str]:
        """The shown branch as Markdown."""

        def work(db: Database) -> str:
            tree = conversations.messages(db, conversation_id)
            title = conversations.title_of(db, conversation_id)
            return export.to_markdown(title, export.branch(tree, leaf_id))

        return self._do(work)

    def export(self, conversation_id: str) -> Future[export.ExportedConversation]:
        """Everything of a conversation."""

        def work(db: Database) -> export.ExportedConversation:
            found = deliberations.of_conversation(db, conversation_id)
            return export.ExportedConversation(
                export.FORMAT,
                conversations.title_of(db, conversation_id),
                tuple(conversations.messages(db, conversation_id)),
                found.records,
                conversations.leaf_of(db, conversation_id),
                found.unreadable,
                folders.name_of(db, conversation_id),
            )

        return self._do(work)

    def import_conversations(self, imported: Sequence[ImportedConversation]) -> Future[None]:
        """Add conversations that were read from a file, all or none."""

        def work(db: Database) -> None:
            with writing(db):
                for conversation in imported:
                    conversations.add_whole(
                        db,
                        conversation.conversation_id,
                        conversation.title,
                        conversation.messages,
                        conversation.leaf_id,
                        folders.called(db, conversation.folder) if conversation.folder else None,
                    )
                    for record in conversation.deliberations:
                        deliberations.add_whole(db, record)

        return self._do(work)

    # --- deliberations --------------------------------------------------------------------------

    def start_deliberation(self, record: DeliberationRecord) -> Future[None]:
        """Record a deliberation before it is sent."""
        return self._do(lambda db: deliberations.start(db, record))

    def set_seed(self, deliberation_id: str, seed: int) -> Future[None]:
        """Record the seed that was drawn."""
        return self._do(lambda db: deliberations.set_seed(db, deliberation_id, seed))

    def set_budget(self, deliberation_id: str, budget: Budget) -> Future[None]:
        """Record a budget that was changed while running."""
        return self._do(lambda db: deliberations.set_budget(db, deliberation_id, budget))

    def save_draft(self, deliberation_id: str, drafts: Sequence[DraftRecord]) -> Future[None]:
        """Record text in flight."""
        return self._do(lambda db: deliberations.save_drafts(db, deliberation_id, drafts))

    def add_candidate(self, deliberation_id: str, candidate: Candidate) -> Future[None]:
        """Record a finished candidate."""
        return self._do(lambda db: deliberations.add_candidate(db, deliberation_id, candidate))

    def add_step(self, deliberation_id: str, step: Step) -> Future[None]:
        """Record a finished step of a search."""
        return self._do(lambda db: deliberations.add_step(db, deliberation_id, step))

    def set_choice(self, deliberation_id: str, choice: StrategyChoice) -> Future[None]:
        """Record what `auto` decided."""
        return self._do(lambda db: deliberations.set_choice(db, deliberation_id, choice))

    def set_candidate_energy(
        self, deliberation_id: str, joules: Mapping[int, float]
    ) -> Future[None]:
        """Record the energy attributed to candidates."""
        return self._do(lambda db: deliberations.set_energy(db, deliberation_id, joules))

    def finish_deliberation(
        self,
        deliberation_id: str,
        verdict: Verdict,
        total_seconds: float,
        energy: EnergyReport | None,
        prompt_read: int | None = None,
    ) -> Future[None]:
        """Record the verdict, and how many tokens had to be read for it."""
        return self._do(
            lambda db: deliberations.finish(
                db, deliberation_id, verdict, total_seconds, energy, prompt_read
            )
        )

    def fail_deliberation(self, deliberation_id: str, code: str, detail: str) -> Future[None]:
        """Record a failure."""
        return self._do(lambda db: deliberations.fail(db, deliberation_id, code, detail))

    def promote(self, deliberation_id: str, index: int) -> Future[None]:
        """Record that the person made another candidate the answer."""
        return self._do(lambda db: deliberations.promote(db, deliberation_id, index))

    def deliberation(self, deliberation_id: str) -> Future[DeliberationRecord | None]:
        """Everything of one deliberation, or None."""
        return self._do(lambda db: deliberations.load(db, deliberation_id))

    def deliberations_of(self, conversation_id: str) -> Future[RecordedDeliberations]:
        """Every deliberation of a conversation, oldest first."""
        return self._do(lambda db: deliberations.of_conversation(db, conversation_id))

    def interrupt_running(self) -> Future[list[str]]:
        """At start-up: mark what was running when the program last ended.

        What another program may be thinking about, which has the journal open, stays as it is.
        """
        before = self._opener.others_since()
        return self._do(lambda db: deliberations.interrupt_running(db, before))

    # --- feedback -------------------------------------------------------------------------------

    def set_thumb(
        self, deliberation_id: str, candidate: int, thumb: Thumb | None
    ) -> Future[Feedback]:
        """Record what the person thinks of the answer that is shown, or take it back."""
        return self._do(lambda db: feedback.set_thumb(db, deliberation_id, candidate, thumb))

    def prefer(self, deliberation_id: str, candidate: int | None) -> Future[Feedback]:
        """Record which candidate the person prefers, or take it back."""
        return self._do(lambda db: feedback.prefer(db, deliberation_id, candidate))

    def feedback(self, deliberation_id: str) -> Future[Feedback]:
        """What was said of a deliberation."""
        return self._do(lambda db: feedback.of(db, deliberation_id))

    def preferences(self, judge: Judge, length_weight: float) -> Future[list[PreferencePair]]:
        """Preference pairs of all conversations that are not deleted."""
        return self._do(lambda db: preference_pairs(recorded_answers(db), judge, length_weight))

    # --- models and measurements ----------------------------------------------------------------

    def remember_model(self, model: ModelRecord) -> Future[None]:
        """Record that a model file was used."""
        return self._do(lambda db: used_models.remember(db, model))

    def set_model_hash(
        self, path: str, sha256: str, deliberation_ids: Sequence[str] = ()
    ) -> Future[None]:
        """Record a model file's hash, also for deliberations that ran on it."""
        ids = tuple(deliberation_ids)
        return self._do(lambda db: used_models.set_hash(db, path, sha256, ids))

    def model_hash(self, path: str) -> Future[str | None]:
        """The hash of a remembered model file, or None while it is not known."""
        return self._do(lambda db: used_models.hash_of(db, path))

    def models(self) -> Future[list[ModelRecord]]:
        """Models that were used, latest first."""
        return self._do(lambda db: list(used_models.latest_first(db)))

    def cost(
        self, model_path: str, strategy: str, own_thinking: OwnThinking = OwnThinking.AUTO
    ) -> Future[cost.CostModel]:
        """What predicts the price of a notch for a model and strategy, under a wish."""
        return self._do(
            lambda db: cost.CostModel(cost.measured(db, model_path, strategy, own_thinking))
        )

    def speeds(self, model_path: str) -> Future[list[Speed]]:
        """What a model did here, by number of attempts."""
        return self._do(lambda db: cost.speeds(db, model_path))

    # --- sweeps ---------------------------------------------------------------------------------

    def start_sweep(self, sweep_id: str, name: str, plan: SweepPlan) -> Future[None]:
        """Record a plan before anything of it is done."""
        created_at = now().isoformat(timespec="seconds")
        return self._do(lambda db: sweeps.start(db, sweep_id, name, created_at, plan))

    def set_sweep_status(self, sweep_id: str, status: SweepStatus, why: str = "") -> Future[None]:
        """Record where a sweep stands."""
        return self._do(lambda db: sweeps.set_status(db, sweep_id, status, why))

    def set_sweep_card(self, sweep_id: str, card: RunCard) -> Future[None]:
        """Record what a sweep runs on."""
        return self._do(lambda db: sweeps.set_card(db, sweep_id, card))

    def add_sweep_sample(self, sweep_id: str, sample: SampleRecord) -> Future[None]:
        """Record a finished sample."""
        return self._do(lambda db: sweeps.add_sample(db, sweep_id, sample))

    def add_sweep_verdict(self, sweep_id: str, record: VerdictRecord) -> Future[None]:
        """Record a verdict, and which group each of its samples voted in."""
        return self._do(lambda db: sweeps.add_verdict(db, sweep_id, record))

    def add_sweep_stretch(self, sweep_id: str, stretch: Stretch) -> Future[None]:
        """Record what some time of a sweep cost."""
        return self._do(lambda db: sweeps.add_stretch(db, sweep_id, stretch))

    def correct_sweep(
        self, sweep_id: str, place: Place, group_key: str, *, right: bool | None
    ) -> Future[None]:
        """Record what a person says of one answer to a question; None takes it back."""
        return self._do(lambda db: sweeps.correct(db, sweep_id, place, group_key, right))

    def import_sweep(self, sweep_id: str, record: SweepRecord) -> Future[None]:
        """Record a whole sweep that came from a file, under a new id."""
        return self._do(lambda db: sweeps.insert(db, sweep_id, record))

    def paces(self) -> Future[list[Pace]]:
        """What samples took in the sweeps of this machine, by model and strategy."""
        return self._do(sweeps.paces)

    def delete_sweep(self, sweep_id: str) -> Future[None]:
        """Forget all of a sweep."""
        return self._do(lambda db: sweeps.delete(db, sweep_id))

    def sweeps(self) -> Future[list[SweepSummary]]:
        """All sweeps, latest first."""
        return self._do(sweeps.summaries)

    def sweep_summary(self, sweep_id: str) -> Future[SweepSummary]:
        """A sweep as it is listed, by its id or the beginning that only it has, readable or not."""
        return self._do(lambda db: sweeps.summary(db, sweep_id))

    def sweep(self, sweep_id: str) -> Future[SweepRecord]:
        """All of a sweep, by its id or the beginning that only it has."""
        return self._do(lambda db: sweeps.read(db, sweep_id))

    # --- the file -------------------------------------------------------------------------------

    def health(self) -> Future[JournalHealth]:
        """Check the whole file and count; slow on a large journal."""
        return self._do(lambda db: health_of(db.conn, self.path))
