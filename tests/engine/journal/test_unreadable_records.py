"""One record that cannot be read hides no other, is named, and stays as it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.budget import Budget
from engine.generation import LoadOptions, Sampling
from engine.journal.errors import JournalUnreadableError
from engine.journal.export import to_json
from engine.journal.importing import read_conversations
from engine.journal.journal import Journal
from engine.journal.records import DeliberationRecord, MessageRecord, now
from engine.lab.plan import make_plan
from engine.lab.questions import Question, QuestionSet
from engine.lab.records import SweepStatus
from engine.preferences import Judge

PLAN = make_plan(QuestionSet("one", "here", (Question("?"),)), [Path("m.gguf")], ["vote"], [2])


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db")
    yield journal
    journal.close()


def change(journal: Journal, statement: str) -> None:
    """Change the file as a fault or another program would."""
    with sqlite3.connect(journal.path) as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    "damage", ["plan = '{}'", "plan = 'x'", "plan = printf('%.5000c', '[')", "status = 'dancing'"]
)
def test_a_damaged_sweep_is_listed_beside_the_others(journal: Journal, damage: str) -> None:
    for name in ("first", "second", "third"):
        journal.start_sweep(name, f"sweep {name}", PLAN).result()
    change(journal, f"update sweeps set {damage} where id = 'second'")
    third, second, first = journal.sweeps().result()
    assert [s.status for s in (third, first)] == [SweepStatus.RUNNING] * 2
    assert (second.status, second.name) == (SweepStatus.UNREADABLE, "sweep second")
    assert "second" in second.why
    assert journal.sweep("first").result().plan == PLAN
    with pytest.raises(JournalUnreadableError, match="sweep second"):
        journal.sweep("second").result()
    assert journal.paces().result() == []
    assert journal.sweep_summary("sec").result() == second
    journal.delete_sweep("second").result()
    assert [s.name for s in journal.sweeps().result()] == ["sweep third", "sweep first"]


def conversation(journal: Journal) -> None:
    """A conversation with three answers: a, b and c."""
    journal.create_conversation("talk", "A talk").result()
    parent = None
    for name in ("a", "b", "c"):
        asked = MessageRecord(f"q{name}", "talk", parent, "user", f"{name}?", now())
        said = MessageRecord(f"m{name}", "talk", f"q{name}", "assistant", f"{name}!", now(), name)
        for message in (asked, said):
            journal.add_message(message).result()
        record = DeliberationRecord(
            name, f"m{name}", "vote", Budget(), Sampling(), 1, "m.gguf", LoadOptions(), now()
        )
        journal.start_deliberation(record).result()
        parent = f"m{name}"


@pytest.mark.expects_log
@pytest.mark.parametrize(
    "damage", ["budget = '{\"samples\": 0}'", "options = '['", "verdict = '7'"]
)
def test_a_damaged_deliberation_is_named_beside_the_others(journal: Journal, damage: str) -> None:
    conversation(journal)
    change(journal, f"update deliberations set {damage} where id = 'b'")
    found = journal.deliberations_of("talk").result()
    assert [record.deliberation_id for record in found.records] == ["a", "c"]
    assert found.unreadable == ("b",)
    with pytest.raises(JournalUnreadableError, match="deliberation b"):
        journal.deliberation("b").result()
    exported = journal.export("talk").result()
    assert exported.unreadable == ("b",)
    (again,) = read_conversations(to_json(exported).encode())
    assert len(again.messages) == 6
    assert len(again.deliberations) == 2
    text_alone = [
        m.content for m in again.messages if m.role == "assistant" and not m.deliberation_id
    ]
    assert text_alone == ["b!"], "it is no answer that was never sent"
    assert journal.preferences(Judge.ALL, 0.0).result() == []
    assert journal.health().result().deliberations == 3
