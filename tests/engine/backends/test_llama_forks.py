"""Steps of a search: a fork goes on token by token, costs only its own, and can be scored."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec
import pytest

from engine.backends.base import MORE_THOUGHT, Scored, ScoreRequest
from engine.backends.llama.backend import LlamaBackend
from engine.candidate import StopReason
from engine.errors import BadRequestError
from engine.generation import GREEDY, Message, Sampling, UnifiedCache
from tests.engine.backends.conftest import ask, finish

Load = Callable[..., LlamaBackend]
TOKENS = 24
QUESTION = Message("user", "tom has 12 pens and 3 boxes")


@pytest.fixture(params=["on", "off"])
def layout(request: pytest.FixtureRequest) -> UnifiedCache:
    """Everything here holds for both layouts of the cache."""
    chosen: UnifiedCache = request.param
    return chosen


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> Callable[[LlamaBackend], list[int]]:
    """Counts the rows of every decode step of a backend."""

    def watch(backend: LlamaBackend) -> list[int]:
        rows: list[int] = []
        decode = backend._runner.decode

        def counted(batch: object) -> int:
            rows.append(batch.size)  # type: ignore[attr-defined]
            return decode(batch)  # type: ignore[arg-type]

        monkeypatch.setattr(backend._runner, "decode", counted)
        return rows

    return watch


def whole_text(load: Load, sampling: Sampling = GREEDY) -> str:
    backend = load()
    backend.submit([ask(0, sampling=sampling, max_tokens=TOKENS)])
    return finish(backend).texts[0]


def stop_of(text: str) -> str:
    """A sign in the middle of a text that is not at either end of it."""
    middle = text[len(text) // 3 : -3]
    return next(sign for sign in middle if sign.isalpha())


@pytest.mark.parametrize("averse", [False, True])
def test_steps_in_a_row_write_what_one_request_writes(
    load: Load, layout: UnifiedCache, *, averse: bool
) -> None:
    """Penalties look at the steps before as well."""
    sampling = msgspec.structs.replace(GREEDY, presence_penalty=2.0) if averse else GREEDY
    text = whole_text(load, sampling)
    stop = stop_of(text)
    backend = load()
    assert backend.report.unified_cache == (layout == "on")
    parts: list[str] = []
    tokens = number = 0
    asked = ask(0, sampling=sampling, max_tokens=TOKENS)
    request = replace(asked, stop_texts=(stop,), keep=True)
    while True:
        backend.submit([request])
        run = finish(backend)
        parts.append(run.texts.get(number, ""))
        tokens += run.ends[number].tokens
        if run.ends[number].stop_text != stop or tokens >= TOKENS:
            break
        number += 1
        request = replace(
            request, request_id=number, fork_of=number - 1, max_tokens=TOKENS - tokens
        )
    assert number > 0
    assert stop.join(parts) == text


def test_a_fork_evaluates_only_what_is_new(
    load: Load, layout: UnifiedCache, evaluated: Callable[[LlamaBackend], list[int]]
) -> None:
    del layout
    stop = stop_of(whole_text(load))
    backend = load()
    backend.submit([replace(ask(0, max_tokens=TOKENS), stop_texts=(stop,), keep=True)])
    assert finish(backend).ends[0].stop_text == stop
    rows = evaluated(backend)
    forks = [replace(ask(n, max_tokens=4), fork_of=0) for n in range(1, 5)]
    backend.submit(forks)
    run = finish(backend)
    assert len(set(run.texts.values())) == 1
    assert run.tokens == {1: 4, 2: 4, 3: 4, 4: 4}
    assert rows == [4, 4, 4, 4]


def test_more_forks_than_slots_still_share(
    load: Load, layout: UnifiedCache, evaluated: Callable[[LlamaBackend], list[int]]
) -> None:
    del layout
    stop = stop_of(whole_text(load))
    backend = load(slots=2)
    backend.submit([replace(ask(0, max_tokens=TOKENS), stop_texts=(stop,), keep=True)])
    finish(backend)
    rows = evaluated(backend)
    backend.submit([replace(ask(n, max_tokens=3), fork_of=0) for n in range(1, 7)])
    run = finish(backend)
    assert len(set(run.texts.values())) == 1
    assert sum(rows) == 6 * 3


def test_a_request_that_was_not_kept_cannot_be_forked(load: Load) -> None:
    backend = load()
    backend.submit([ask(0, max_tokens=2)])
    finish(backend)
    with pytest.raises(BadRequestError):
        backend.submit([replace(ask(1), fork_of=0)])
    assert not backend.busy


def scores(backend: LlamaBackend, *requests: ScoreRequest) -> list[float | None]:
    backend.submit(requests)
    found: dict[int, float | None] = {}
    while backend.busy:
        found |= {e.request_id: e.chance for e in backend.step() if isinstance(e, Scored)}
    return [found[request.request_id] for request in requests]


def score(number: int, said: str) -> ScoreRequest:
    return ScoreRequest(number, (QUESTION, Message("assistant", said)), ("a",), ("b",))


def test_a_score_is_the_same_from_the_cache_and_afresh(load: Load, layout: UnifiedCache) -> None:
    del layout
    backend = load()
    backend.submit([ask(0, max_tokens=TOKENS)])
    said = finish(backend).texts[0]
    cached = scores(backend, score(1, said), score(2, said[:10]), score(3, said[:10] + "x"))
    for number, text in enumerate((said, said[:10], said[:10] + "x")):
        (fresh,) = scores(load(), score(1, text))
        assert fresh is not None
        assert 0 < fresh < 1
        assert cached[number] == pytest.approx(fresh, abs=2e-3)


def test_a_score_is_the_same_when_another_question_arrives(
    load: Load, layout: UnifiedCache
) -> None:
    del layout
    backend = load()
    backend.submit([ask(number, max_tokens=4) for number in (0, 1)])
    said = finish(backend).texts[0]  # so short that its tokens are those of its text
    backend.submit([score(5, said)])
    backend.submit([ask(number, "ben has 5 bags", max_tokens=3) for number in (6, 7)])
    found: list[float | None] = []
    while backend.busy:
        found += [event.chance for event in backend.step() if isinstance(event, Scored)]
    (fresh,) = scores(load(), score(5, said))
    assert found == [pytest.approx(fresh, abs=2e-3)]


def test_scoring_a_kept_step_leaves_it_fit_to_go_on(load: Load, layout: UnifiedCache) -> None:
    del layout
    text = whole_text(load)
    stop = stop_of(text)
    backend = load()
    backend.submit([replace(ask(0, max_tokens=TOKENS), stop_texts=(stop,), keep=True)])
    before = finish(backend)
    scores(backend, *(score(n, before.texts[0]) for n in range(1, 4)))
    left = TOKENS - before.ends[0].tokens
    backend.submit([replace(ask(9, max_tokens=left), fork_of=0)])
    assert before.texts[0] + stop + finish(backend).texts[9] == text


def test_scores_can_be_cancelled_and_forgotten_requests_are_gone(load: Load) -> None:
    backend = load()
    backend.submit([score(1, "abc")])
    backend.cancel([1])
    assert [event for event in backend.step() if isinstance(event, Scored)] == [Scored(1, None)]
    assert not backend.busy
    backend.submit([replace(ask(2, max_tokens=TOKENS), stop_texts=("e", "a", "o"), keep=True)])
    run = finish(backend)
    assert run.stops == {StopReason.FINISHED}
    backend.forget([2])
    with pytest.raises(BadRequestError):
        backend.submit([replace(ask(3), fork_of=2)])


def test_a_score_without_a_yes_is_no_score(load: Load) -> None:
    request = replace(score(1, "abc"), yes=())
    assert scores(load(), request) == [None]


def test_the_end_of_a_thought_is_held_off_as_often_as_asked(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = load()
    (end,) = backend._vocabulary.tokenize("</think>", special=True)
    draw, calls = backend._drawer.draw, itertools.count()

    def ending_thoughts(rows: object) -> Sequence[tuple[int | None, float]]:
        drawn = draw(rows)  # type: ignore[arg-type]
        return [(end, -0.1)] * len(drawn) if next(calls) in (1, 3, 5) else drawn

    monkeypatch.setattr(backend._drawer, "draw", ending_thoughts)
    backend.submit([replace(ask(0, max_tokens=12), more_thought=2)])
    run = finish(backend)
    assert run.texts[0].count(MORE_THOUGHT) == 2
    assert "</think>" in run.texts[0]
    assert run.texts[0].rindex(MORE_THOUGHT) < run.texts[0].index("</think>")
    assert run.tokens[0] == run.ends[0].tokens == 12
