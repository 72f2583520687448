"""What was exported comes back as it was, with ids of its own; what does not fit is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.budget import Budget
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.feedback import Thumb
from engine.generation import LoadOptions, Sampling
from engine.journal.errors import JournalImportError
from engine.journal.export import ExportedConversation, to_json, to_json_line
from engine.journal.importing import ImportedConversation, read_conversations
from engine.journal.journal import Journal
from engine.journal.records import (
    DeliberationRecord,
    DraftRecord,
    MessageRecord,
    Status,
    new_id,
    now,
)
from engine.options import StrategyChoice
from engine.step import Step
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.db")
    yield opened
    opened.close()


@pytest.fixture
def exported(journal: Journal) -> ExportedConversation:
    """A conversation with instructions put before it later, two versions, a search and a draft."""
    journal.create_conversation("c", "Boxes")
    question = MessageRecord(new_id(), "c", None, "user", "How many?\u2028", now())
    journal.add_message(question)
    first = voted(journal, question.message_id)
    interrupted = DeliberationRecord(
        new_id(), None, "vote", Budget(2), Sampling(), 7, "/models/m.gguf", LoadOptions(), now()
    )
    answer = MessageRecord(
        new_id(), "c", question.message_id, "assistant", "", now(), interrupted.deliberation_id
    )
    journal.add_message(answer)
    journal.start_deliberation(msgspec.structs.replace(interrupted, message_id=answer.message_id))
    journal.save_draft(interrupted.deliberation_id, [DraftRecord(0, "", "so fa", 3)])
    journal.set_leaf("c", first)
    journal.set_instructions(MessageRecord(new_id(), "c", None, "system", "Be short.", now()))
    return journal.export("c").result()


def voted(journal: Journal, question_id: str) -> str:
    """Record a search with a verdict, feedback and steps; returns its message."""
    candidates = [
        Candidate(
            index, 0, index, "", f"so {text}", ExtractedAnswer(text, text, "boxed"), 9, 0, 0.0,
            0.1, 1.0, StopReason.FINISHED, path=(0, 1), score=0.5,
        )
        for index, text in enumerate(("4", "4", "5"))
    ]  # fmt: skip
    record = DeliberationRecord(
        new_id(), new_id(), "search", Budget(3), Sampling(), 1, "/models/m.gguf", LoadOptions(),
        now(),
    )  # fmt: skip
    name = record.deliberation_id
    journal.add_message(
        MessageRecord(record.message_id or "", "c", question_id, "assistant", "so 4", now(), name)
    )
    journal.start_deliberation(record)
    for candidate in candidates:
        journal.add_candidate(name, candidate)
    journal.set_candidate_energy(name, {0: 1.5, 2: 2.5})
    for step in (
        Step(0, None, 0, 0, "so", 1, 0.5, None, 0, 1, 1),
        Step(1, 0, 1, 0, " 4", 1, 0.6, 1, 1, 1, 2),
    ):
        journal.add_step(name, step)
    journal.set_choice(name, StrategyChoice("search", 3, 1, 4))
    tally = tally_votes(candidates)
    journal.finish_deliberation(name, decide(candidates, tally, StoppedWhy.BUDGET_SPENT), 2.5, None)
    journal.set_thumb(name, 0, Thumb.UP)
    journal.prefer(name, 2)
    return record.message_id or ""


def brought_in(journal: Journal, content: bytes) -> ImportedConversation:
    (conversation,) = read_conversations(content)
    journal.import_conversations([conversation]).result()
    return conversation


def test_everything_comes_back_with_ids_of_its_own(
    journal: Journal, exported: ExportedConversation
) -> None:
    new = brought_in(journal, to_json(exported).encode())
    again = journal.export(new.conversation_id).result()
    assert again.title == "Boxes"
    before, after = exported.deliberations, again.deliberations
    assert [m.content for m in again.messages] == [m.content for m in exported.messages]
    assert not {m.message_id for m in again.messages} & {m.message_id for m in exported.messages}
    assert shape(again) == shape(exported)
    same = {"deliberation_id": "", "message_id": "", "model_path": "", "status": Status.RUNNING}
    assert [msgspec.structs.replace(r, **same) for r in after] == [
        msgspec.structs.replace(r, **same) for r in before
    ]
    assert [r.status for r in after] == [Status.FINISHED, Status.INTERRUPTED]
    (old,) = (c for c in journal.conversations().result() if c.conversation_id == "c")
    assert old.message_count == 4, "the one it came from is as it was"


def shape(exported: ExportedConversation) -> list[object]:
    """Who follows whom and what is shown, without ids."""
    place = {message.message_id: n for n, message in enumerate(exported.messages)}
    told = {record.deliberation_id: n for n, record in enumerate(exported.deliberations)}
    return [
        [place.get(m.parent_id or "") for m in exported.messages],
        [told.get(m.deliberation_id or "") for m in exported.messages],
        [place[record.message_id or ""] for record in exported.deliberations],
        place.get(exported.leaf_id or ""),
    ]


def test_what_another_machine_measured_predicts_nothing_here(
    journal: Journal, exported: ExportedConversation
) -> None:
    for _ in range(3):
        brought_in(journal, to_json(exported).encode())
    assert journal.cost("/models/m.gguf", "search").result().predict(3).from_answers == 1
    names = {record.model_path for record in journal.export("c").result().deliberations}
    assert names == {"/models/m.gguf"}


def test_a_moment_without_a_zone_is_taken_as_utc(exported: ExportedConversation) -> None:
    told = json.loads(to_json(exported))
    told["messages"][0]["created_at"] = "2026-01-02T03:04:05"
    (conversation,) = read_conversations(json.dumps(told).encode())
    moments = [message.created_at for message in conversation.messages]
    assert datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC) in moments


def test_a_certain_answer_may_be_rounded_above_one(exported: ExportedConversation) -> None:
    told = json.loads(to_json(exported))
    told["deliberations"][0]["candidates"][0]["confidence"] = 1.0000001
    assert len(read_conversations(json.dumps(told).encode())) == 1


def test_many_stand_in_one_file(exported: ExportedConversation) -> None:
    one = to_json_line(exported)
    assert len(read_conversations(one * 3)) == 3
    assert len(read_conversations(b"\xef\xbb\xbf[" + one.strip() + b"," + one.strip() + b"]")) == 2
    with pytest.raises(JournalImportError, match="line 2 is not JSON"):
        read_conversations(one + b"{\n" + one)


def test_all_or_none_is_written(journal: Journal, exported: ExportedConversation) -> None:
    good, bad = read_conversations(to_json_line(exported) * 2)
    twice = msgspec.structs.replace(bad, conversation_id=good.conversation_id)
    with pytest.raises(Exception, match="UNIQUE"):
        journal.import_conversations([good, twice]).result()
    assert [c.conversation_id for c in journal.conversations().result()] == ["c"]


def test_a_long_talk_that_is_deleted_is_gone(journal: Journal) -> None:
    talk = [{"role": role, "content": "so"} for role in ("user", "assistant")] * 1_500
    (conversation,) = read_conversations(json.dumps(talk).encode())
    journal.import_conversations([conversation]).result()
    journal.delete_conversations([conversation.conversation_id]).result()
    journal.purge_deleted().result()
    assert journal.messages(conversation.conversation_id).result() == []


Change = Callable[[dict[str, Any]], object]


def first(told: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = told["deliberations"][0]
    return record


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.update(format="ponder-conversation-9"), "another version"),
        (lambda t: t["messages"][1].update(message_id=t["messages"][0]["message_id"]), "same id"),
        (lambda t: t["messages"][1].update(parent_id=t["messages"][1]["message_id"]), "below none"),
        (lambda t: t["messages"][1].update(parent_id="nobody"), "below none"),
        (lambda t: t["messages"][1].update(role="verify"), "nobody is called"),
        (lambda t: t["messages"][1].update(content=4), "Expected `str`"),
        (lambda t: t["messages"][2].update(deliberation_id=None), "contradict each other"),
        (lambda t: t["messages"][1].update(created_at="0001-01-01T00:00:00Z"), "moment"),
        (lambda t: first(t).update(started_at="9999-12-31T23:59:59Z"), "moment"),
        (lambda t: first(t).update(message_id="nobody"), "contradict each other"),
        (lambda t: first(t).update(strategy="guess"), "no strategy"),
        (lambda t: first(t).update(budget={"samples": 0}), "at least 1"),
        (lambda t: first(t).update(promoted=9), "candidates that are not there"),
        (lambda t: first(t)["verdict"].update(chosen=9), "candidates that are not there"),
        (lambda t: first(t)["verdict"].update(outcome="tie", tally={}), "fewer than two"),
        (lambda t: first(t)["verdict"]["tally"]["groups"][0].update(candidates=[]), "no votes"),
        (lambda t: first(t)["candidates"][1].update(index=0), "same number"),
        (lambda t: first(t)["candidates"][1].update(earlier=[1]), "from itself"),
        (lambda t: first(t)["candidates"][1].update(path=[5]), "steps that are not there"),
        (lambda t: first(t)["candidates"][1].update(tokens=-1), "out of range"),
        (lambda t: first(t)["candidates"][1].update(tokens=2**40), "out of range"),
        (lambda t: first(t)["candidates"][1].update(finished_seconds=-1), "below zero"),
        (lambda t: first(t)["candidates"][1].update(score=1e308), "out of range"),
        (lambda t: first(t)["candidates"][1].update(confidence=2), "between 0 and 1"),
        (lambda t: first(t)["verdict"]["tally"].update(settled=-0.5), "between 0 and 1"),
        (lambda t: first(t)["verdict"].update(saved_attempts=10**18), "out of range"),
        (lambda t: first(t)["choice"].update(attempts=10**18), "out of range"),
        (lambda t: first(t)["choice"].update(lead=1e300), "out of range"),
        (lambda t: first(t).update(seed=2**63), "out of range"),
        (lambda t: t["messages"][0].update(parent_id=t["messages"][1]["message_id"]), "once"),
        (lambda t: first(t)["steps"][0].update(parent=1), "follows itself"),
        (lambda t: first(t)["steps"][1].update(index=0), "same number"),
    ],
)
def test_what_contradicts_itself_is_refused(
    exported: ExportedConversation, change: Change, said: str
) -> None:
    told = json.loads(to_json(exported))
    change(told)
    with pytest.raises(JournalImportError, match=said):
        read_conversations(json.dumps(told).encode())


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"# Boxes\n\n## You", b"[" * 100_000, b"{}", b"[1, 2]", b'"text"', b"null"],
)
def test_what_is_nothing_of_the_kind_is_said(content: bytes) -> None:
    with pytest.raises(JournalImportError):
        read_conversations(content)
