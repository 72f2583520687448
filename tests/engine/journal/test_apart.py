"""Answers that belong to no conversation: counted, and deleted with all that is theirs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.budget import Budget
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.feedback import Thumb
from engine.generation import LoadOptions, Sampling
from engine.journal.journal import Journal
from engine.journal.records import DeliberationRecord, DraftRecord, MessageRecord, now
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide

_SECRET = "a plain secret"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db")
    yield journal
    journal.close()


def begin(journal: Journal, name: str, message_id: str | None = None) -> Candidate:
    """Begin a deliberation that has one candidate already."""
    journal.start_deliberation(
        DeliberationRecord(
            name, message_id, "vote", Budget(), Sampling(), 1, "m.gguf", LoadOptions(), now()
        )
    ).result()
    journal.save_draft(name, [DraftRecord(1, "hm", _SECRET, 2)]).result()
    answer = ExtractedAnswer("4", "4", "boxed")
    came = Candidate(0, 0, 0, "hm", _SECRET, answer, 9, 2, 0.0, 0.1, 1.0, StopReason.FINISHED)
    journal.add_candidate(name, came).result()
    return came


def end(journal: Journal, name: str, came: Candidate) -> None:
    verdict = decide([came], tally_votes([came]), StoppedWhy.BUDGET_SPENT)
    journal.finish_deliberation(name, verdict, 1.0, None).result()


def rows(journal: Journal, name: str) -> int:
    """Rows of all tables that belong to a deliberation."""
    with sqlite3.connect(journal.path) as connection:
        tables = ("candidates", "drafts", "steps", "feedback")
        counts = [
            connection.execute(
                f"select count(*) from {table} where deliberation_id = ?", (name,)
            ).fetchone()[0]
            for table in tables
        ]
    connection.close()
    return sum(counts)


def test_only_what_belongs_to_no_conversation_and_has_ended_goes(journal: Journal) -> None:
    journal.create_conversation("talk", "A talk").result()
    journal.add_message(MessageRecord("m", "talk", None, "assistant", "4", now(), "kept")).result()
    end(journal, "kept", begin(journal, "kept", "m"))
    for name in ("one", "two"):
        end(journal, name, begin(journal, name))
    journal.set_thumb("one", 0, Thumb.UP).result()
    running = begin(journal, "running")
    assert journal.count_apart().result() == 2
    assert rows(journal, "one") > 1
    assert journal.delete_apart().result() == 2
    assert journal.count_apart().result() == 0
    assert [rows(journal, name) for name in ("one", "two")] == [0, 0]
    assert journal.deliberation("one").result() is None
    assert rows(journal, "kept") > 0
    end(journal, "running", running)
    assert journal.count_apart().result() == 1
    assert journal.health().result().deliberations == 2


def test_nothing_of_their_texts_is_left_in_the_files(journal: Journal) -> None:
    end(journal, "one", begin(journal, "one"))

    def written() -> bytes:
        return b"".join(
            file.read_bytes() for file in journal.path.parent.iterdir() if file.is_file()
        )

    assert _SECRET.encode() in written()
    journal.delete_apart().result()
    assert _SECRET.encode() not in written()
