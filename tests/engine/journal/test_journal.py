"""The journal on real files: what is kept, found, undone, and really deleted."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from engine.budget import Budget
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.generation import LoadOptions, Sampling
from engine.journal import conversations
from engine.journal.export import to_json
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
from engine.journal.sqlite import Database
from engine.options import PolicyRow, SearchMethod, StrategyChoice, StrategyOptions
from engine.power.meter import EnergyReport
from engine.step import Step
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


def test_no_message_comes_before_what_it_follows_when_the_clock_is_set_back(
    journal: Journal,
) -> None:
    journal.create_conversation("c")
    began = now()
    for name, parent, hours in (("q", None, 0), ("a", "q", 0), ("q2", "a", -2), ("a2", "q2", -2)):
        moment = began + timedelta(hours=hours)
        journal.add_message(MessageRecord(name, "c", parent, "user", name, moment))
    journal.add_message(MessageRecord("other", "c", None, "user", "", began - timedelta(hours=1)))
    journal.set_instructions(MessageRecord("root", "c", None, "system", "Be brief.", now()))
    told = [message.message_id for message in journal.messages("c").result()]
    assert told == ["root", "other", "q", "a", "q2", "a2"]


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
        ("_", False),
        ("%", False),
        ("über", True),
        ("ZURUCK", True),
        ("title:apples", False),
        ("app* OR x", False),
        ("\x00", False),
        ("many, apples!", True),
    ],
)
def test_search_looks_into_text_and_titles(journal: Journal, search: str, found: bool) -> None:  # noqa: FBT001
    journal.create_conversation("c", "Zugfahrt über Köln zurück")
    say(journal, "c", "How many apples are left?")
    assert bool(journal.conversations(search).result()) is found


def test_what_is_written_goes_with_its_conversation(journal: Journal) -> None:
    for name in "ab":
        journal.create_conversation(name, name)
    for name in ("a", "b", "", "never there"):
        journal.keep_unsent(name, f"in {name}")
    journal.keep_unsent("a", "in a, again")
    assert journal.unsent().result() == {"a": "in a, again", "b": "in b", "": "in "}
    journal.delete_conversations(["b"])
    assert "b" not in journal.unsent().result()
    journal.restore_conversations(["b"])
    assert "b" in journal.unsent().result()
    journal.delete_conversations(["b"])
    journal.purge_deleted().result()
    journal.create_conversation("b", "another of that name")
    journal.keep_unsent("", "")
    assert journal.unsent().result() == {"a": "in a, again"}


def test_pinned_conversations_come_first(journal: Journal) -> None:
    for name in "abc":
        journal.create_conversation(name, f"Apples {name}")
        say(journal, name, "How many?")
    journal.pin_conversations(["a"], pinned=True)
    for search in ("", "apples"):
        found = journal.conversations(search).result()
        assert [(c.conversation_id, c.pinned) for c in found] == [
            ("a", True), ("c", False), ("b", False),
        ]  # fmt: skip
    journal.delete_conversations(["a"])
    journal.restore_conversations(["a"])
    assert journal.conversations().result()[0].pinned
    journal.pin_conversations(["a"], pinned=False)
    assert [c.conversation_id for c in journal.conversations().result()] == ["c", "b", "a"]


def test_a_hit_in_the_text_is_shown_with_its_words_in_one_line(journal: Journal) -> None:
    journal.create_conversation("c", "Boxes")
    say(journal, "c", "word " * 40 + "three\napples\nremain " + "word " * 40)
    (summary,) = journal.conversations("apples").result()
    assert "three apples remain" in summary.snippet
    assert len(summary.snippet) < 120
    assert summary.snippet.index("apples") < 20
    assert journal.conversations("boxes").result()[0].snippet == ""
    assert journal.conversations().result()[0].snippet == ""
    journal.create_conversation("d", "Bags")
    say(journal, "d", "unbreakablylongword apples")
    say(journal, "d", "Two apples.")
    assert journal.conversations("unbreak").result()[0].snippet.startswith("unbreakably")
    assert journal.conversations("two").result()[0].snippet == "Two apples."


def test_changed_text_and_titles_are_found_by_their_new_words_only(journal: Journal) -> None:
    journal.create_conversation("c", "old heading")
    message = say(journal, "c", "first wording")
    journal.update_message(message, "second wording")
    journal.rename_conversation("c", "new heading")
    assert journal.conversations("first").result() == []
    assert journal.conversations("old").result() == []
    assert len(journal.conversations("second").result()) == 1
    assert len(journal.conversations("new").result()) == 1


def test_thinking_longer_adds_time_and_energy_and_drops_finished_drafts(journal: Journal) -> None:
    journal.create_conversation("c", "")
    name = deliberation(journal, say(journal, "c", "?"))
    candidates = [candidate(0)]
    verdict = decide(candidates, tally_votes(candidates), StoppedWhy.BUDGET_SPENT)
    journal.finish_deliberation(name, verdict, 2.5, EnergyReport(3.0, "counter", "NVML"))
    first = journal.deliberation(name).result()
    assert first is not None
    journal.start_deliberation(msgspec.structs.replace(first, budget=Budget(samples=4)))
    journal.save_draft(name, [DraftRecord(2, "", "cut off", 4)])
    journal.finish_deliberation(name, verdict, 1.5, EnergyReport(2.0, "counter", "NVML"))
    stored = journal.deliberation(name).result()
    assert stored is not None
    assert stored.energy is not None
    assert (stored.total_seconds, stored.energy.joules, stored.energy.method) == (4, 5, "counter")
    assert (stored.budget.samples, stored.drafts) == (4, ())


def test_attempts_that_were_never_needed_are_not_counted(journal: Journal) -> None:
    journal.create_conversation("c", "Boxes")
    asked = say(journal, "c", "How many?")
    name = deliberation(journal, asked)
    journal.add_message(MessageRecord(new_id(), "c", asked, "assistant", "4", now(), name))
    stopped = msgspec.structs.replace(candidate(1), stop=StopReason.NOT_NEEDED)
    unbegun = msgspec.structs.replace(stopped, index=2, tokens=0)
    for one in (candidate(0), stopped, unbegun):
        journal.add_candidate(name, one)
    assert journal.conversations().result()[0].last_attempts == 2


def test_a_failure_keeps_what_was_finished(journal: Journal) -> None:
    name = deliberation(journal)
    journal.add_candidate(name, candidate(0))
    journal.fail_deliberation(name, "worker-died", "exit status -9")
    journal.promote(name, 0)
    journal.set_budget(name, Budget(samples=3))
    stored = journal.deliberation(name).result()
    assert stored is not None
    assert (stored.status, stored.error_code) == (Status.FAILED, "worker-died")
    assert (stored.promoted, stored.budget.samples, len(stored.candidates)) == (0, 3, 1)
    assert journal.interrupt_running().result() == []


def test_thinking_longer_takes_back_what_the_person_chose_before(journal: Journal) -> None:
    name = deliberation(journal)
    journal.add_candidate(name, candidate(0))
    journal.promote(name, 0)
    record = journal.deliberation(name).result()
    assert record is not None
    assert record.promoted == 0
    journal.start_deliberation(record)
    again = journal.deliberation(name).result()
    assert again is not None
    assert again.promoted is None


def test_conversations_come_newest_first_in_pages(journal: Journal) -> None:
    for number in range(5):
        journal.create_conversation(f"c{number}", "x").result()
    say(journal, "c1", "newest")
    journal.set_model("c1", "m.gguf")
    journal.set_leaf("c1", None)
    pages = [journal.conversations("", 2, offset).result() for offset in (0, 2, 4)]
    assert [[s.conversation_id for s in page] for page in pages] == [
        ["c1", "c4"],
        ["c3", "c2"],
        ["c0"],
    ]
    assert (pages[0][0].model_path, pages[0][0].leaf_id) == ("m.gguf", None)


def test_deleting_can_be_undone_until_it_is_purged(journal: Journal) -> None:
    journal.create_conversation("c", "x")
    say(journal, "c", "remember-me-4711")
    journal.delete_conversations(["c"]).result()
    assert journal.conversations().result() == []
    journal.restore_conversations(["c"]).result()
    assert len(journal.conversations().result()) == 1


def test_purged_text_is_gone_from_every_file_at_once(tmp_path: Path) -> None:
    """While the journal is open, so that the write-ahead log counts too."""
    secrets = [b"remember", b"me-4711", b"zugspitze", b"inflight", b"thoughtful"]
    journal = Journal(tmp_path / "j.db")
    journal.create_conversation("kept", "other words")
    say(journal, "kept", "these words stay")
    journal.create_conversation("c", "zugspitze")
    name = deliberation(journal, say(journal, "c", "remember-me-4711 " * 50))
    journal.save_draft(name, [DraftRecord(1, "", "inflight " * 900, 4)])
    journal.add_candidate(name, candidate(0, "thoughtful")).result()

    def written() -> bytes:
        return b"".join(file.read_bytes() for file in tmp_path.glob("j.db*")).lower()

    assert all(secret in written() for secret in secrets)
    journal.delete_conversations(["c"])
    journal.purge_deleted().result()
    assert [secret for secret in secrets if secret in written()] == []
    assert journal.conversations("4711").result() == []
    assert [s.title for s in journal.conversations("stay").result()] == ["other words"]
    assert journal.health().result().integrity_ok
    journal.close()


def test_two_thousand_messages_are_listed_at_once(journal: Journal) -> None:
    journal.create_conversation("c", "long")
    start = now()
    long = [
        MessageRecord(
            f"m{number}",
            "c",
            f"m{number - 1}" if number else None,
            "user",
            "word " * 400,
            start + timedelta(seconds=number),
        )
        for number in range(2000)
    ]

    def add_all(db: Database) -> None:
        with db.atomic():
            for message in long:
                conversations.add_message(db, message)

    journal._do(add_all).result()
    began = time.monotonic()
    assert journal.messages("c").result() == long
    assert time.monotonic() - began < 1.0


def test_a_hash_is_kept_and_given_to_the_deliberations_that_waited(journal: Journal) -> None:
    model = ModelRecord("m.gguf", "M", 5, "llama", "Q8_0", now())
    journal.remember_model(model)
    name = deliberation(journal)
    other = deliberation(journal)
    journal.set_model_hash("m.gguf", "abc", (name,))
    journal.remember_model(model)
    (stored,) = journal.models().result()
    assert stored.sha256 == "abc"
    record = journal.deliberation(name).result()
    assert record is not None
    assert record.model_sha256 == "abc"
    unrelated = journal.deliberation(other).result()
    assert unrelated is not None
    assert unrelated.model_sha256 is None


@pytest.mark.parametrize(("size_bytes", "modified_ns"), [(6, 1), (5, 2)])
def test_a_changed_file_loses_its_hash(journal: Journal, size_bytes: int, modified_ns: int) -> None:
    model = ModelRecord("m.gguf", "M", 5, "llama", "Q8_0", now(), modified_ns=1)
    journal.remember_model(model)
    journal.set_model_hash("m.gguf", "abc")
    journal.remember_model(model)
    assert journal.model_hash("m.gguf").result() == "abc"
    changed = msgspec.structs.replace(model, size_bytes=size_bytes, modified_ns=modified_ns)
    journal.remember_model(changed)
    assert journal.model_hash("m.gguf").result() is None
    assert journal.model_hash("other.gguf").result() is None


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
    exported = json.loads(to_json(journal.export("c").result()))
    assert exported["deliberations"][0]["candidates"][0]["response"] == "so 4"


def test_a_message_with_an_older_moment_does_not_move_a_conversation_down(journal: Journal) -> None:
    journal.create_conversation("c", "x").result()
    (before,) = journal.conversations().result()
    old = now() - timedelta(days=1)
    journal.add_message(MessageRecord("m", "c", None, "user", "imported", old)).result()
    assert journal.conversations().result()[0].updated_at == before.updated_at


def test_steps_options_and_what_auto_decided_come_back(journal: Journal) -> None:
    options = StrategyOptions(method=SearchMethod.DVTS, width=2, policy=(PolicyRow(0, "vote", 8),))
    record = DeliberationRecord(
        new_id(), None, "search", Budget(4), Sampling(), None, "m.gguf", LoadOptions(), now(),
        options=options,
    )  # fmt: skip
    journal.start_deliberation(record).result()
    steps = [Step(n, n - 1 if n else None, n, 0, f"s{n}", 3, 0.5, None, 0, 1, 2) for n in range(3)]
    for step in reversed(steps):
        journal.add_step(record.deliberation_id, step).result()
    choice = StrategyChoice("vote", 12, 3, 4)
    journal.set_choice(record.deliberation_id, choice).result()
    stored = journal.deliberation(record.deliberation_id).result()
    assert stored is not None
    assert (stored.options, stored.choice, list(stored.steps)) == (options, choice, steps)
