"""Full contexts, too few cells, cancelling and interrupting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.backends.base import Ended, PromptRead
from engine.backends.llama.backend import LlamaBackend
from engine.backends.llama.runner import Runner
from engine.candidate import StopReason
from engine.errors import DecodeError
from engine.generation import Message, Sampling, UnifiedCache
from tests.bench.generated_model import TINY, generate_model
from tests.engine.backends.conftest import Run, ask, finish

Load = Callable[..., LlamaBackend]


@pytest.fixture
def layout() -> UnifiedCache:
    """Only a unified cache runs out of cells."""
    return "on"


def test_a_full_context_is_stated(load: Load) -> None:
    backend = load(context_tokens=128)
    backend.submit([ask(n, sampling=Sampling(seed=n), max_tokens=None) for n in range(2)])
    run = finish(backend)
    assert run.stops == {StopReason.CONTEXT_FULL}
    prompt = run.read[-1].tokens_total
    assert run.tokens == {0: 128 - prompt, 1: 128 - prompt}


def test_too_few_cells_lose_no_candidate_and_change_no_text(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [ask(n, sampling=Sampling(seed=n), max_tokens=None) for n in range(6)]
    roomy = load(slots=6, context_tokens=256)
    roomy.submit(requests)
    expected = finish(roomy)
    monkeypatch.setattr("engine.backends.llama.capacity._CELLS_FOR_SLOT", 24)
    tight = load(slots=6, context_tokens=256)
    assert tight._loaded.capacity.cells == 512
    tight.submit(requests)
    run = finish(tight)
    assert run.ends.keys() == expected.ends.keys()
    assert run.tokens == expected.tokens
    assert run.texts == expected.texts


def test_a_long_prompt_waits_for_cells_that_others_use(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.backends.llama.capacity._CELLS_FOR_SLOT", 8)
    backend = load(slots=4, context_tokens=256)
    backend.submit([ask(n, sampling=Sampling(seed=n), max_tokens=60) for n in range(3)])
    backend.submit([ask(9, "pens and 3 boxes " * 14, max_tokens=12)])
    run = finish(backend)
    assert run.tokens == {0: 60, 1: 60, 2: 60, 9: 12}


def test_cancel_ends_within_one_step(load: Load) -> None:
    backend = load(slots=2)
    backend.submit([ask(n, max_tokens=None) for n in range(4)])
    run = Run()
    run.take(backend.step())
    backend.cancel([0, 3, 77])
    run.take(backend.step())
    assert {key: end.stop for key, end in run.ends.items()} == {
        0: StopReason.CANCELLED,
        3: StopReason.CANCELLED,
    }
    backend.cancel([1, 2])
    run.take(backend.step())
    assert not backend.busy
    assert run.ends[1].tokens == run.tokens[1] > 0


def test_cancel_acts_while_a_long_prompt_is_read(load: Load, tmp_path: Path) -> None:
    path = generate_model(tmp_path / "long.gguf", replace(TINY, context=8192))
    backend = load(path)
    backend.submit([ask(0, "tom has 12 pens and 3 boxes " * 150)])
    events = backend.step()
    assert [type(event) for event in events] == [PromptRead]
    read = events[0]
    assert isinstance(read, PromptRead)
    assert read.tokens_done < read.tokens_total
    backend.cancel([0])
    assert backend.step() == [Ended(0, StopReason.CANCELLED, 0, None)]
    assert not backend.busy
    backend.submit([ask(1)])
    assert finish(backend).tokens[1] == 24


def test_an_interrupted_step_is_repeated_without_a_trace(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [ask(n, sampling=Sampling(seed=n)) for n in range(3)]
    undisturbed = load()
    undisturbed.submit(requests)
    expected = finish(undisturbed)
    backend = load()
    backend.submit(requests)
    taken = Runner.take_interrupt
    run = Run()
    for _ in range(12):
        # the flag is set after the step looked at it, so llama.cpp meets it inside the decode
        monkeypatch.setattr(Runner, "take_interrupt", lambda runner: runner.interrupt())
        assert not backend.step()
        monkeypatch.setattr(Runner, "take_interrupt", taken)
        backend.step()
        run.take(backend.step())
    for key, text in finish(backend, run).texts.items():
        assert expected.texts[key].endswith(text[-5:])


def test_interrupt_from_another_thread_returns_the_step(load: Load, tmp_path: Path) -> None:
    path = generate_model(tmp_path / "long.gguf", replace(TINY, context=8192))
    backend = load(path)
    backend.submit([ask(0, "tom has 12 pens and 3 boxes " * 150)])
    thread = threading.Thread(target=backend.interrupt)
    thread.start()
    thread.join()
    assert backend.step() == []
    assert isinstance(backend.step()[0], PromptRead)


def test_a_refused_step_ends_all_and_the_backend_works_again(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = load()
    backend.submit([ask(0), ask(1)])
    backend.step()
    with monkeypatch.context() as broken:
        broken.setattr(Runner, "decode", lambda _runner, _batch: -3)
        with pytest.raises(DecodeError):
            backend.step()
    assert not backend.busy
    backend.submit([ask(2)])
    assert finish(backend).tokens == {2: 24}


def test_closing_twice_and_while_busy_is_fine(load: Load) -> None:
    backend = load()
    backend.submit([ask(0), ask(1, earlier=(Message("system", "be kind"),))])
    backend.step()
    backend.close()
    backend.close()
