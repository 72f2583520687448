"""Every answer of the conversations that are not deleted, with what the model was told."""

from __future__ import annotations

from collections.abc import Iterator

from engine.journal import conversations, deliberations, used_models
from engine.journal.context import context_of
from engine.journal.export import branch
from engine.journal.sqlite import Database
from engine.preferences import RecordedAnswer


def recorded_answers(db: Database) -> Iterator[RecordedAnswer]:
    """Go through them by conversation, oldest first; one conversation is in memory at a time.

    Deliberations without a recorded question, such as those of the API, are left out.
    """
    names = {model.path: model.name for model in used_models.latest_first(db)}
    known = db.execute(
        "select id from conversations where deleted_at is null order by created_at, rowid"
    ).fetchall()
    for (conversation_id,) in known:
        tree = conversations.messages(db, conversation_id)
        question_of = {m.deliberation_id: m.parent_id for m in tree if m.deliberation_id}
        for record in deliberations.of_conversation(db, conversation_id).records:
            question_id = question_of[record.deliberation_id]
            prompt = context_of(branch(tree, question_id)) if question_id else ()
            yield RecordedAnswer(record, prompt, names.get(record.model_path))
