"""A wish of the model's own thinking on its way through a deliberation."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from engine.backends.base import GenerationRequest, Request, ScoreRequest
from engine.budget import Budget
from engine.generation import LoadOptions, Sampling
from engine.journal.journal import Journal
from engine.journal.records import DeliberationRecord
from engine.options import SearchMethod, StrategyOptions, Weighting
from engine.own_thinking import OwnThinking
from engine.protocol import CandidateFinished, Noticed
from tests.engine.test_deliberation import Run, answers

AUTO, OFF, ON, HIGH = (
    OwnThinking.AUTO, OwnThinking.OFF, OwnThinking.ON, OwnThinking.HIGH,
)  # fmt: skip
SWITCH = {"own_thinking": ["off", "on"], "thought_opening": "<think>"}


def run_with(
    path: Path, lines: list[dict[str, object]], options: StrategyOptions, **command: object
) -> tuple[Run, list[Request]]:
    """A deliberation that has ended, and what it asked of its backend."""
    run = Run(path, lines, options=options, **command)
    asked: list[Request] = []
    submit = run.backend.submit

    def watched(requests: Sequence[Request]) -> None:
        asked.extend(requests)
        submit(requests)

    with patch.object(run.backend, "submit", watched):
        run.deliberation.begin()
        run.finish()
    return run, asked


def notices(run: Run) -> list[tuple[str, str]]:
    return [(event.notice.code, event.notice.detail) for event in run.of(Noticed)]


@pytest.mark.parametrize("strategy", ["vote", "revise", "aggregate", "search", "think-first"])
def test_every_attempt_and_score_is_asked_under_the_wish(tmp_path: Path, strategy: str) -> None:
    lines = [{"text": "One.\n\nAnswer: 4", "score": 0.5}]
    options = StrategyOptions(own_thinking=OFF, weighting=Weighting.SELF_ASSESSED)
    budget = Budget(2, 1 if strategy in {"vote", "search", "think-first"} else 2)
    run, asked = run_with(tmp_path, lines, options, strategy=strategy, budget=budget, script=SWITCH)
    assert {request.own_thinking for request in asked} == {OFF}
    assert any(isinstance(request, ScoreRequest) for request in asked) == (
        strategy in {"vote", "search"}
    )
    assert ("own-thinking", "off") not in notices(run)


def test_what_a_model_cannot_be_told_falls_back_and_is_told_once(tmp_path: Path) -> None:
    options = StrategyOptions(own_thinking=HIGH)
    run, asked = run_with(tmp_path, answers("4", "5", "4", "4"), options, script=SWITCH)
    assert {request.own_thinking for request in asked} == {AUTO}
    assert notices(run) == [("own-thinking", "high")]


def test_the_default_is_no_wish_and_nothing_is_told(tmp_path: Path) -> None:
    run, asked = run_with(tmp_path, answers("4"), StrategyOptions())
    assert {request.own_thinking for request in asked} == {AUTO}
    assert notices(run) == []


@pytest.mark.parametrize(("wish", "thought"), [(AUTO, True), (ON, True), (OFF, False)])
def test_text_is_a_thought_only_where_the_prompt_has_opened_one(
    tmp_path: Path, wish: OwnThinking, *, thought: bool
) -> None:
    run, _ = run_with(tmp_path, answers("4"), StrategyOptions(own_thinking=wish), script=SWITCH)
    for event in run.of(CandidateFinished):
        assert bool(event.candidate.thought) is thought
        assert (event.candidate.answer is None) is thought


def test_the_same_holds_for_the_paths_of_a_search(tmp_path: Path) -> None:
    options = StrategyOptions(own_thinking=OFF, method=SearchMethod.BEAM)
    lines = [{"text": "One.\n\nTwo.\n\nAnswer: 4", "score": 0.5}]
    run, _ = run_with(tmp_path, lines, options, strategy="search", budget=Budget(2), script=SWITCH)
    assert {event.candidate.thought for event in run.of(CandidateFinished)} == {""}


@pytest.mark.parametrize(("script", "asked_with"), [(SWITCH, OFF), ({}, AUTO)])
def test_who_says_the_same_is_judged_without_a_thought_where_that_can_be(
    tmp_path: Path, script: dict[str, object], asked_with: OwnThinking
) -> None:
    lines: list[dict[str, object]] = [
        {"text": "</think>The sky."},
        {"text": "</think>The sea."},
        {"text": "Yes"},
    ]
    run, asked = run_with(tmp_path, lines, StrategyOptions(), budget=Budget(2), script=script)
    judged = [r for r in asked if isinstance(r, GenerationRequest) and r.max_tokens == 8]
    assert judged
    assert {request.own_thinking for request in judged} == {asked_with}
    assert {r.own_thinking for r in asked if r not in judged} == {AUTO}
    assert notices(run) == []


def test_a_wish_is_recorded_and_an_older_record_has_none(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = Journal(path)
    for name, wish in (("new", OFF), ("old", HIGH)):
        record = DeliberationRecord(
            name, None, "vote", Budget(), Sampling(), None, "m.gguf", LoadOptions(),
            datetime.now(UTC), options=StrategyOptions(own_thinking=wish),
        )  # fmt: skip
        journal.start_deliberation(record).result()
    journal.close()
    with closing(sqlite3.connect(path)) as db, db:
        (text,) = db.execute("select options from deliberations where id = 'old'").fetchone()
        options = json.loads(text)
        assert options.pop("own_thinking") == "high"
        db.execute("update deliberations set options = ? where id = 'old'", (json.dumps(options),))
    journal = Journal(path)
    wishes = [journal.deliberation(name).result() for name in ("new", "old")]
    journal.close()
    assert [one.options.own_thinking for one in wishes if one is not None] == [OFF, AUTO]


def test_a_wish_nobody_knows_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"own_thinking": "wild"}', type=StrategyOptions)
