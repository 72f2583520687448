"""The journal on real files: what is kept, found, undone, and really deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.budget import Budget
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.generation import LoadOptions, Sampling
from engine.journal.cost import CostModel, Measured
from engine.journal.journal import Journal
from engine.journal.records import (
    DeliberationRecord,
    DraftRecord,
    MessageRecord,
    ModelRecord,
    Status,
    new_id,
    now,
)
from engine.power.meter import EnergyReport
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "deep" / "journal.db")
    yield journal
    journal.close()


def say(journal: Journal, conversation: str, text: str, parent: str | None = None) -> str:
    message = MessageRecord(new_id(), conversation, parent, "user", text, now())
    journal.add_message(message).result()
    return message.message_id


def candidate(index: int, answer: str = "4") -> Candidate:
    extracted = ExtractedAnswer(answer, answer, "boxed")
    return Candidate(
        index, 0, index, "hm", f"so {answer}", extracted, 9, 2, 0.0, 0.1, 1.0, StopReason.FINISHED
    )


def deliberation(journal: Journal, message: str | None = None) -> str:
    record = DeliberationRecord(
        new_id(),
        message,
        "vote",
        Budget(samples=2),
        Sampling(),
        None,
        "m.gguf",
        LoadOptions(),
        now(),
    )
    journal.start_deliberation(record).result()
    return record.deliberation_id


def test_messages_are_a_tree_and_the_newest_branch_is_shown(journal: Journal) -> None:
    journal.create_conversation("c", "Boxes")
    root = say(journal, "c", "first")
    say(journal, "c", "one way", root)
    last = say(journal, "c", "another way", root)
    tree = journal.messages("c").result()
    assert [message.parent_id for message in tree] == [None, root, root]
    (summary,) = journal.conversations().result()
    assert (summary.leaf_id, summary.message_count) == (last, 3)


def test_a_deliberation_comes_back_as_it_was(journal: Journal) -> None:
    journal.create_conversation("c", "")
    name = deliberation(journal, say(journal, "c", "?"))
    journal.set_seed(name, 7)
    journal.save_draft(name, [DraftRecord(0, "hm", "so", 3), DraftRecord(1, "", "", 0)])
    candidates = [candidate(0), candidate(1)]
    for one in candidates:
        journal.add_candidate(name, one)
    journal.set_candidate_energy(name, {0: 1.5})
    verdict = decide(candidates, tally_votes(candidates), StoppedWhy.BUDGET_SPENT)
    energy = EnergyReport(3.0, "counter", "NVML")
    journal.finish_deliberation(name, verdict, 2.5, energy)
    stored = journal.deliberation(name).result()
    assert stored is not None
    assert stored.candidates == tuple(candidates)
    assert (stored.verdict, stored.energy, stored.seed) == (verdict, energy, 7)
    assert (stored.status, stored.total_seconds, stored.drafts) == (Status.FINISHED, 2.5, ())
    assert stored.joules_by_candidate == {0: 1.5}


def test_what_was_running_is_marked_interrupted_and_keeps_its_drafts(tmp_path: Path) -> None:
    first = Journal(tmp_path / "j.db")
    name = deliberation(first)
    first.save_draft(name, [DraftRecord(0, "", "half an ans", 4)])
    first.add_candidate(name, candidate(1))
    first.close()
    second = Journal(tmp_path / "j.db")
    assert second.interrupt_running().result() == [name]
    stored = second.deliberation(name).result()
    second.close()
    assert stored is not None
    assert stored.status is Status.INTERRUPTED
    assert stored.drafts[0].response == "half an ans"
    assert len(stored.candidates) == 1


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("apples", True),
        ("app", True),
        ("Zug", True),
        ("apples pears", False),
        ('"', False),
        ("' or 1=1 --", False),
        ("NEAR(", False),
        ("*", False),
    ],
)
def test_search_looks_into_text_and_titles(journal: Journal, search: str, found: bool) -> None:  # noqa: FBT001
    journal.create_conversation("c", "Zugfahrt")
    say(journal, "c", "How many apples are left?")
    assert bool(journal.conversations(search).result()) is found


def test_deleting_can_be_undone_until_it_is_purged(journal: Journal) -> None:
    journal.create_conversation("c", "x")
    say(journal, "c", "remember-me-4711")
    journal.delete_conversation("c").result()
    assert journal.conversations().result() == []
    journal.restore_conversation("c").result()
    assert len(journal.conversations().result()) == 1


def test_purged_text_is_gone_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    journal = Journal(path)
    journal.create_conversation("c", "x")
    deliberation(journal, say(journal, "c", "remember-me-4711 " * 50))
    journal.delete_conversation("c")
    journal.purge_deleted().result()
    assert journal.conversations("4711").result() == []
    journal.close()
    written = b"".join(file.read_bytes() for file in tmp_path.glob("j.db*"))
    assert b"remember-me" not in written
    assert b"4711" not in written


def test_two_thousand_messages_are_listed_at_once(journal: Journal) -> None:
    journal.create_conversation("c", "long")
    parent = None
    start = now()
    for number in range(2000):
        message = MessageRecord(
            f"m{number}", "c", parent, "user", "x" * 100, start + timedelta(seconds=number)
        )
        future = journal.add_message(message)
        parent = message.message_id
    future.result()
    assert [m.message_id for m in journal.messages("c").result()][-1] == "m1999"


def test_a_hash_is_kept_and_given_to_earlier_deliberations(journal: Journal) -> None:
    model = ModelRecord("m.gguf", "M", 5, "llama", "Q8_0", now())
    journal.remember_model(model)
    name = deliberation(journal)
    journal.set_model_hash("m.gguf", "abc")
    journal.remember_model(model)
    (stored,) = journal.models().result()
    assert stored.sha256 == "abc"
    record = journal.deliberation(name).result()
    assert record is not None
    assert record.model_sha256 == "abc"


def test_exports_hold_the_branch_and_everything(journal: Journal) -> None:
    journal.create_conversation("c", "Boxes")
    root = say(journal, "c", "How many?")
    name = deliberation(journal, root)
    journal.add_candidate(name, candidate(0))
    answer = MessageRecord(new_id(), "c", root, "assistant", "So **4**.", now(), name)
    journal.add_message(answer).result()
    markdown = journal.export_markdown("c", None).result()
    assert markdown.startswith("# Boxes\n\n## You (")
    assert "So **4**." in markdown
    exported = json.loads(journal.export_json("c").result())
    assert exported["deliberations"][0]["candidates"][0]["response"] == "so 4"


def test_prices_come_from_measurements_only() -> None:
    measured = [Measured(4, 2.0, 10.0), Measured(4, 4.0, 30.0), Measured(16, 9.0, None)]
    model = CostModel(measured)
    assert (model.predict(4).seconds, model.predict(4).joules) == (3.0, 20.0)
    assert model.predict(10).seconds == pytest.approx(6.0)
    assert model.predict(32).seconds == pytest.approx(18.0)
    assert model.predict(1000).seconds is None
    assert CostModel([]).predict(4).seconds is None
