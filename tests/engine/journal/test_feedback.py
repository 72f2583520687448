"""What a person says of deliberations: kept, changed, taken back, and gone with them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.budget import Budget
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.feedback import Feedback, Thumb
from engine.generation import LoadOptions, Sampling
from engine.journal.errors import JournalMissingError
from engine.journal.export import to_json
from engine.journal.journal import Journal
from engine.journal.records import DeliberationRecord, MessageRecord, ModelRecord, now
from engine.preferences import Judge
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide

_VERSION_1 = Path(__file__).with_name("journal_v1.sql")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db")
    yield journal
    journal.close()


def candidate(index: int, answer: str) -> Candidate:
    extracted = ExtractedAnswer(answer, answer, "boxed")
    return Candidate(
        index, 0, index, "hm", f"so {answer}", extracted, 9, 2, 0.0, 0.1, 1.0, StopReason.FINISHED
    )


def think(journal: Journal, conversation: str, name: str = "d", parent: str | None = None) -> str:
    """Record a question below a message and its answer by vote; return the answer's message."""
    question = MessageRecord(f"q-{name}", conversation, parent, "user", f"ask {name}", now())
    answer = MessageRecord(
        f"a-{name}", conversation, question.message_id, "assistant", "so 4", now(), name
    )
    journal.add_message(question)
    journal.add_message(answer)
    candidates = [candidate(index, text) for index, text in enumerate(("4", "4", "5"))]
    journal.start_deliberation(
        DeliberationRecord(
            name,
            answer.message_id,
            "vote",
            Budget(samples=3),
            Sampling(),
            1,
            "m.gguf",
            LoadOptions(),
            now(),
        )
    )
    for one in candidates:
        journal.add_candidate(name, one)
    verdict = decide(candidates, tally_votes(candidates), StoppedWhy.BUDGET_SPENT)
    journal.finish_deliberation(name, verdict, 1.0, None).result()
    return answer.message_id


@pytest.fixture
def deliberation(journal: Journal) -> str:
    journal.create_conversation("c", "Boxes")
    think(journal, "c")
    return "d"


def test_nothing_is_said_at_first(journal: Journal, deliberation: str) -> None:
    assert journal.feedback(deliberation).result() == Feedback()


def test_a_thumb_is_changed_and_taken_back(journal: Journal, deliberation: str) -> None:
    up = journal.set_thumb(deliberation, 0, Thumb.UP).result()
    assert up == Feedback(Thumb.UP, 0)
    assert journal.set_thumb(deliberation, 2, Thumb.DOWN).result() == Feedback(Thumb.DOWN, 2)
    assert journal.set_thumb(deliberation, 2, None).result() == Feedback()
    assert journal.feedback(deliberation).result() == Feedback()


def test_a_preference_is_changed_and_taken_back_beside_a_thumb(
    journal: Journal, deliberation: str
) -> None:
    journal.set_thumb(deliberation, 0, Thumb.UP)
    assert journal.prefer(deliberation, 1).result() == Feedback(Thumb.UP, 0, 1)
    assert journal.prefer(deliberation, 2).result() == Feedback(Thumb.UP, 0, 2)
    assert journal.prefer(deliberation, None).result() == Feedback(Thumb.UP, 0)


def test_what_was_said_survives_reopening(tmp_path: Path) -> None:
    first = Journal(tmp_path / "j.db")
    first.create_conversation("c", "")
    think(first, "c")
    first.set_thumb("d", 0, Thumb.DOWN)
    first.prefer("d", 2)
    first.close()
    second = Journal(tmp_path / "j.db")
    record = second.deliberation("d").result()
    second.close()
    assert record is not None
    assert record.feedback == Feedback(Thumb.DOWN, 0, 2)


def test_thinking_longer_and_recording_a_candidate_again_keep_it(
    journal: Journal, deliberation: str
) -> None:
    journal.prefer(deliberation, 2)
    record = journal.deliberation(deliberation).result()
    assert record is not None
    journal.start_deliberation(record)
    journal.add_candidate(deliberation, candidate(2, "5"))
    assert journal.feedback(deliberation).result().preferred == 2


def test_the_unknown_is_refused_and_nothing_is_written(journal: Journal, deliberation: str) -> None:
    for refused in (
        journal.feedback("nowhere"),
        journal.set_thumb("nowhere", 0, Thumb.UP),
        journal.prefer("nowhere", None),
        journal.prefer(deliberation, 9),
        journal.set_thumb(deliberation, 9, Thumb.UP),
    ):
        with pytest.raises(JournalMissingError) as error:
            refused.result()
        assert error.value.code == "journal-missing"
    assert journal._do(lambda db: db.table("feedback").count).result() == 0


def test_it_goes_with_its_deliberation(journal: Journal, deliberation: str) -> None:
    journal.set_thumb(deliberation, 0, Thumb.UP)
    journal.delete_conversations(["c"])
    journal.purge_deleted().result()
    assert journal._do(lambda db: db.table("feedback").count).result() == 0
    with pytest.raises(JournalMissingError):
        journal.feedback(deliberation).result()


def test_a_journal_of_the_first_version_takes_feedback(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    connection = sqlite3.connect(path)
    connection.executescript(_VERSION_1.read_text(encoding="utf-8"))
    connection.close()
    journal = Journal(path)
    assert journal.feedback("d1").result() == Feedback()
    assert journal.set_thumb("d1", 0, Thumb.UP).result().thumb is Thumb.UP
    journal.close()


def test_a_conversation_s_export_says_it_too(journal: Journal, deliberation: str) -> None:
    journal.prefer(deliberation, 2).result()
    assert '"preferred": 2' in to_json(journal.export("c").result())


# --- pairs from the journal -----------------------------------------------------------------------


def test_pairs_tell_the_whole_conversation_and_the_model(journal: Journal) -> None:
    journal.create_conversation("c", "")
    first = think(journal, "c", "d1")
    think(journal, "c", "d2", first)
    journal.remember_model(ModelRecord("m.gguf", "Small", 9, "llama", "Q4", now()))
    journal.set_model_hash("m.gguf", "abc", ["d2"])
    pairs = journal.preferences(Judge.VOTE, 0.25).result()
    assert [pair.deliberation for pair in pairs] == ["d1", "d2"]
    told = [(message.role, message.content) for message in pairs[1].prompt]
    assert told == [("user", "ask d1"), ("assistant", "so 4"), ("user", "ask d2")]
    assert [(p.model.name, p.model.sha256) for p in pairs] == [("Small", None), ("Small", "abc")]


def test_deleted_conversations_and_questions_of_the_terminal_give_no_pairs(
    journal: Journal, deliberation: str
) -> None:
    record = journal.deliberation(deliberation).result()
    assert record is not None
    assert len(journal.preferences(Judge.ALL, 0.25).result()) == 1
    journal.delete_conversations(["c"])
    assert journal.preferences(Judge.ALL, 0.25).result() == []


def test_what_the_person_said_beats_the_vote(journal: Journal, deliberation: str) -> None:
    (voted,) = journal.preferences(Judge.ALL, 0.25).result()
    assert (voted.judge, voted.chosen_response) == (Judge.VOTE, "so 4")
    journal.prefer(deliberation, 2)
    (said,) = journal.preferences(Judge.ALL, 0.25).result()
    assert (said.judge, said.chosen_response, said.rejected_response) == (
        Judge.USER, "so 5", "so 4",
    )  # fmt: skip
