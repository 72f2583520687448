"""The journal's schema, as numbered steps. A step that was released is never changed.

`application_id` marks the file as a journal, `user_version` is the number of steps it has had; a
file with more steps than we know is newer and refused. Steps know nothing of backups or checks:
`database` does both around them.
"""

from __future__ import annotations

from typing import Final

from engine.journal.sqlite import Database, Migrations

APPLICATION_ID: Final = 0x504F4E44
"""ASCII "POND"."""

journal_migrations: Final = Migrations("ponder")


@journal_migrations()
def m001_conversations_and_deliberations(db: Database) -> None:
    """Everything the first release records."""
    for statement in (
        """create table conversations (
            id text primary key, title text not null, created_at text not null,
            updated_at text not null, deleted_at text, leaf_id text,
            model_path text not null default '') strict""",
        """create table messages (
            id text primary key,
            conversation_id text not null references conversations(id) on delete cascade,
            parent_id text references messages(id) on delete cascade,
            role text not null, content text not null, created_at text not null,
            deliberation_id text) strict""",
        "create index messages_by_conversation on messages (conversation_id, created_at)",
        "create index messages_by_parent on messages (parent_id)",
        """create table models (
            path text primary key, name text not null, size_bytes integer not null,
            architecture text not null, quantization text not null, last_used_at text not null,
            sha256 text, crashed integer not null default 0) strict""",
        """create table deliberations (
            id text primary key,
            message_id text references messages(id) on delete cascade,
            strategy text not null, budget text not null, sampling text not null, seed integer,
            model_path text not null, model_sha256 text, load_options text not null,
            started_at text not null, status text not null, verdict text, total_seconds real,
            energy text, error_code text not null default '',
            error_detail text not null default '', promoted integer) strict""",
        "create index deliberations_by_message on deliberations (message_id)",
        "create index deliberations_by_model on deliberations (model_path, strategy, status)",
        """create table candidates (
            deliberation_id text not null references deliberations(id) on delete cascade,
            number integer not null, answer text, answer_key text, tokens integer not null,
            seconds real not null, stop text not null, joules real, record text not null,
            primary key (deliberation_id, number)) strict""",
        """create table drafts (
            deliberation_id text not null references deliberations(id) on delete cascade,
            number integer not null, thought text not null, response text not null,
            tokens integer not null, primary key (deliberation_id, number)) strict""",
    ):
        db.execute(statement)
    db.table("messages").enable_fts(["content"], create_triggers=True, tokenize="unicode61")


@journal_migrations()
def m002_search_titles(db: Database) -> None:
    """Titles are found like text: any case, with or without accents."""
    db.table("conversations").enable_fts(["title"], create_triggers=True, tokenize="unicode61")


@journal_migrations()
def m003_model_files_change(db: Database) -> None:
    """A model file's hash holds only while the file stays as it was."""
    db.execute("alter table models add column modified_ns integer")


@journal_migrations()
def m004_feedback(db: Database) -> None:
    """What a person says of a deliberation goes with it."""
    db.execute(
        """create table feedback (
            deliberation_id text primary key references deliberations(id) on delete cascade,
            thumb text check (thumb in ('up', 'down')), thumb_candidate integer,
            preferred integer, said_at text not null) strict"""
    )


@journal_migrations()
def m005_strategies(db: Database) -> None:
    """What a strategy was told, what `auto` decided, and the steps of a search."""
    db.execute("alter table deliberations add column options text not null default '{}'")
    db.execute("alter table deliberations add column choice text")
    db.execute(
        """create table steps (
            deliberation_id text not null references deliberations(id) on delete cascade,
            number integer not null, record text not null,
            primary key (deliberation_id, number)) strict"""
    )


@journal_migrations()
def m006_sweeps(db: Database) -> None:
    """What the lab asks and gets: plans, every sample once, verdicts, and what stretches cost."""
    for statement in (
        """create table sweeps (
            id text primary key, name text not null, created_at text not null,
            plan text not null, card text not null default '{}', status text not null,
            why text not null default '') strict""",
        """create table sweep_samples (
            sweep_id text not null references sweeps(id) on delete cascade,
            arm integer not null, question integer not null, repeat integer not null,
            number integer not null, group_key text, right integer, why text not null,
            corrected integer, tokens integer not null, seconds real not null, confidence real,
            score real, record text not null,
            primary key (sweep_id, arm, question, repeat, number)) strict""",
        """create table sweep_verdicts (
            sweep_id text not null references sweeps(id) on delete cascade,
            arm integer not null, question integer not null, repeat integer not null,
            answer text, right integer, why text not null, corrected integer,
            tokens integer not null, seconds real not null, verdict text not null,
            primary key (sweep_id, arm, question, repeat)) strict""",
        """create table sweep_stretches (
            sweep_id text not null references sweeps(id) on delete cascade,
            arm integer not null, started_at text not null, seconds real not null,
            tokens integer not null, energy text,
            watts text not null default '[]') strict""",
    ):
        db.execute(statement)


@journal_migrations()
def m007_pins(db: Database) -> None:
    """Conversations that a person keeps at the top of the list."""
    db.execute("alter table conversations add column pinned_at text")


@journal_migrations()
def m008_unsent(db: Database) -> None:
    """What is written and not sent yet; the conversation "" is one that was not begun."""
    db.execute(
        "create table unsent (conversation_id text primary key, content text not null) strict"
    )


@journal_migrations()
def m009_prompt_read(db: Database) -> None:
    """How many tokens a deliberation had to read before it could begin."""
    db.execute("alter table deliberations add column prompt_read integer")


@journal_migrations()
def m010_folders(db: Database) -> None:
    """Folders that a person keeps conversations in."""
    db.execute(
        """create table folders (
            id text primary key, name text not null, created_at text not null,
            collapsed integer not null default 0, deleted_at text) strict"""
    )
    db.execute(
        "alter table conversations"
        " add column folder_id text references folders(id) on delete set null"
    )
    db.execute("create index conversations_by_folder on conversations (folder_id)")


@journal_migrations()
def m011_parts_that_price_nothing(db: Database) -> None:
    """Whether a part of a deliberation was broken off or another model's: what it took is no price.

    What was broken off and gone on with before this step cannot be told from the rest.
    """
    db.execute("alter table deliberations add column mixed integer not null default 0")


@journal_migrations()
def m012_json_replies(db: Database) -> None:
    """What replies must be that are JSON, so that such a question can be thought about longer."""
    db.execute("alter table deliberations add column json_reply text")
