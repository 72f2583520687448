"""A model whose state cannot be shared runs one candidate after another, and says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.backends.llama.backend import LlamaBackend
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
