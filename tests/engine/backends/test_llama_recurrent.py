"""A model whose state cannot be shared runs one candidate after another, and says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.backends.base import BackendEvent, Scored, ScoreRequest
from engine.backends.llama.backend import LlamaBackend
from engine.backends.llama.cache import TRUNK
from engine.candidate import StopReason
from engine.generation import GREEDY, Message, Sampling
from tests.engine.backends.conftest import Run, ask, finish
from tests.engine.backends.recurrent_model import generate_recurrent_model

Load = Callable[..., LlamaBackend]


def test_candidates_run_one_after_another_from_the_same_prompt(load: Load, tmp_path: Path) -> None:
    backend = load(generate_recurrent_model(tmp_path / "recurrent.gguf"))
    assert not backend.report.can_fork
    assert backend.report.slots == 1
    assert "no-fork" in {notice.code for notice in backend.notices}
    backend.submit([ask(0), ask(1), ask(2, sampling=Sampling(seed=5)), ask(3)])
    run = finish(backend)
    assert run.most_live == 1
    assert run.texts[0] == run.texts[1] == run.texts[3] != run.texts[2]
    assert len(run.read) == 1


def test_the_next_turn_starts_from_the_saved_prompt(load: Load, tmp_path: Path) -> None:
    path = generate_recurrent_model(tmp_path / "recurrent.gguf")
    backend = load(path)
    question = ask(0)
    backend.submit([question])
    first = finish(backend)
    longer = ask(1, "and now", earlier=(*question.messages, Message("assistant", "36")))
    backend.submit([longer])
    second = finish(backend)
    assert second.read[-1].tokens_kept == first.read[-1].tokens_total
    fresh = load(path)
    fresh.submit([longer])
    assert finish(fresh).texts == second.texts


def test_cancel_while_another_waits_leaves_no_trace(load: Load, tmp_path: Path) -> None:
    path = generate_recurrent_model(tmp_path / "recurrent.gguf")
    backend = load(path)
    backend.submit([ask(0, "anna has 7 birds", GREEDY), ask(1)])
    run = Run()
    for _ in range(4):
        run.take(backend.step())
    backend.cancel([0])
    finish(backend, run)
    assert run.ends[0].stop is StopReason.CANCELLED
    fresh = load(path)
    fresh.submit([ask(1)])
    assert finish(fresh).texts[1] == run.texts[1]


def score(number: int, said: str) -> ScoreRequest:
    messages = (*ask(0).messages, Message("assistant", said))
    return ScoreRequest(number, messages, ("a",), ("b",))


def scored(backend: LlamaBackend, *requests: ScoreRequest) -> list[float | None]:
    backend.submit(requests)
    events: list[BackendEvent] = []
    while backend.busy:
        events += backend.step()
    found = {event.request_id: event.chance for event in events if isinstance(event, Scored)}
    return [found[request.request_id] for request in requests]


SHORT, LONG = "short words", "tom has 12 pens, " * 20


@pytest.mark.parametrize("said", [SHORT, LONG])
def test_scores_behind_a_saved_prompt_are_those_of_a_fresh_start(
    load: Load, tmp_path: Path, said: str
) -> None:
    path = generate_recurrent_model(tmp_path / "recurrent.gguf")
    (fresh,) = scored(load(path), score(1, said))
    assert fresh is not None
    backend = load(path)
    backend.submit([ask(0)])
    text = finish(backend).texts[0]
    assert scored(backend, score(1, said), score(2, said)) == pytest.approx([fresh, fresh])
    backend.submit([ask(3)])
    assert finish(backend).texts[3] == text


@pytest.mark.parametrize("question", ["tom has 12 pens and 3 boxes", LONG])
def test_a_fork_writes_on_from_what_was_kept(load: Load, tmp_path: Path, question: str) -> None:
    path = generate_recurrent_model(tmp_path / "recurrent.gguf")
    backend = load(path)
    backend.submit([ask(0, question)])
    text = finish(backend).texts[0]
    stop = next(sign for sign in text[len(text) // 3 : -3] if sign.isalpha())
    backend = load(path)
    backend.submit([replace(ask(0, question), stop_texts=(stop,), keep=True)])
    begun = finish(backend)
    assert begun.ends[0].stop is StopReason.FINISHED
    left = 24 - begun.ends[0].tokens
    backend.submit([replace(ask(n, question, max_tokens=left), fork_of=0) for n in (1, 2)])
    run = finish(backend)
    for number in (1, 2):
        assert begun.texts[0] + stop + run.texts[number] == text


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_score_in_the_midst_of_a_reading_spoils_neither(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, cancelled: bool
) -> None:
    path = generate_recurrent_model(tmp_path / "recurrent.gguf")
    fresh = load(path)
    fresh.submit([ask(0, LONG)])
    text = finish(fresh).texts[0]
    (chance,) = scored(load(path), score(1, SHORT))
    backend = load(path)
    monkeypatch.setattr(backend, "_most_to_read", lambda: 16)
    backend.submit([ask(0, LONG)])
    for _ in range(3):
        backend.step()
    assert len(backend._cache.trunk) == 3 * 16
    if cancelled:
        backend.cancel([0])
    assert scored(backend, score(1, SHORT)) == pytest.approx([chance])
    backend.submit([ask(2, LONG)])
    assert finish(backend).texts[2] == text


def test_a_state_is_never_taken_for_a_shorter_or_longer_one(load: Load, tmp_path: Path) -> None:
    backend = load(generate_recurrent_model(tmp_path / "recurrent.gguf"))
    cache = backend._cache
    with pytest.raises(AssertionError):
        cache.fork_from(TRUNK, TRUNK, 1)
    backend.submit([ask(0)])
    finish(backend)
    whole = len(cache.trunk)
    for length in (whole - 1, whole + 1):
        with pytest.raises(AssertionError):
            cache.fork_from(TRUNK, TRUNK, length)
    cache.clear()
    with pytest.raises(AssertionError):
        cache.fork_from(TRUNK, TRUNK, whole)
