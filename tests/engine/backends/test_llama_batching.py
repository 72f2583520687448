"""Candidates side by side: same results as alone, slots refilled, prompts shared."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from engine.backends.llama.backend import LlamaBackend
from engine.candidate import StopReason
from engine.errors import PromptTooLongError
from engine.generation import GREEDY, Message, Sampling, UnifiedCache
from tests.engine.backends.conftest import Run, ask, finish

Load = Callable[..., LlamaBackend]


@pytest.fixture(params=["on", "off"])
def layout(request: pytest.FixtureRequest) -> UnifiedCache:
    """Everything here holds for both layouts of the cache."""
    chosen: UnifiedCache = request.param
    return chosen


def test_many_greedy_candidates_write_what_one_writes(load: Load, layout: UnifiedCache) -> None:
    alone = load(slots=1)
    alone.submit([ask(0)])
    single = finish(alone)
    together = load(slots=4)
    together.submit([ask(number) for number in range(4)])
    many = finish(together)
    assert together.report.unified_cache == (layout == "on")
    assert single.tokens == {0: 24}
    assert many.most_live == 4
    assert set(many.texts.values()) == {single.texts[0]}
    for end in many.ends.values():
        assert end.mean_logprob == pytest.approx(single.ends[0].mean_logprob, abs=1e-3)


def test_the_prompt_is_read_once_for_all(load: Load) -> None:
    backend = load()
    backend.submit([ask(number, sampling=Sampling(seed=number)) for number in range(8)])
    run = finish(backend)
    assert len(run.read) == 1
    assert run.read[0].tokens_done == run.read[0].tokens_total > 10
    assert run.read[0].tokens_kept == 0
    assert len(set(run.texts.values())) > 4


def test_twenty_requests_pass_through_four_slots_in_order(load: Load) -> None:
    backend = load(slots=4)
    backend.submit([ask(n, sampling=Sampling(seed=n), max_tokens=5 + n % 7) for n in range(20)])
    run = finish(backend)
    assert run.tokens == {n: 5 + n % 7 for n in range(20)}
    assert run.stops == {StopReason.TOKEN_BUDGET}
    assert run.most_live == 4
    assert list(run.texts) == sorted(run.texts)
    assert run.steps <= sum(5 + n % 7 for n in range(20)) / 4 + 12


def test_a_freed_slot_is_refilled_at_the_next_step(load: Load) -> None:
    backend = load(slots=1)
    backend.submit([ask(0, max_tokens=3), ask(1, max_tokens=3)])
    run = Run()
    while 0 not in run.ends:
        run.take(backend.step())
    run.take(backend.step())
    assert run.tokens[1] >= 1


def test_seeds_reproduce_and_differ(load: Load) -> None:
    texts = []
    for _ in range(2):
        backend = load()
        backend.submit([ask(seed, sampling=Sampling(seed=seed)) for seed in range(4)])
        texts.append(finish(backend).texts)
    assert texts[0] == texts[1]
    assert len(set(texts[0].values())) == 4


def test_a_candidate_does_not_depend_on_its_neighbours(load: Load) -> None:
    backend = load()
    backend.submit([ask(seed, sampling=Sampling(seed=seed)) for seed in (1, 2, 3)])
    together = finish(backend).texts
    backend.submit([ask(9, sampling=Sampling(seed=2))])
    assert finish(backend).texts[9] == together[2]


def test_different_prompts_live_at_once_and_write_what_they_write_alone(load: Load) -> None:
    words = ("tom has 3 pens", "anna sees 5 birds", "tom has 3 boxes and 2 pens")
    backend = load()
    backend.submit([ask(number, text) for number, text in enumerate(words)])
    together = finish(backend)
    assert together.most_live == 3
    for number, text in enumerate(words):
        fresh = load()
        fresh.submit([ask(number, text)])
        assert finish(fresh).texts[number] == together.texts[number]


def test_a_prompt_that_begins_alike_is_read_from_where_it_differs(load: Load) -> None:
    backend = load()
    shared = Message("user", "tom has 12 pens and 3 boxes and many more things at home")
    answers = [Message("assistant", "he has 36"), Message("assistant", "he has 15")]
    backend.submit([ask(n, "again", earlier=(shared, answers[n])) for n in range(2)])
    run = finish(backend)
    second = [read for read in run.read if read.request_id == 1][-1]
    assert second.tokens_total // 2 < second.tokens_kept < second.tokens_total


def test_the_next_turn_reads_only_what_is_new(load: Load) -> None:
    backend = load()
    backend.submit([ask(n, sampling=Sampling(seed=n)) for n in range(3)])
    first = finish(backend)
    question = Message("user", "tom has 12 pens and 3 boxes")
    backend.submit([ask(9, "and now", earlier=(question, Message("assistant", "36")))])
    second = finish(backend)
    assert second.read[-1].tokens_kept >= first.read[-1].tokens_total
    assert second.read[-1].tokens_kept < second.read[-1].tokens_total


def test_an_answer_in_the_next_turns_prompt_is_kept_too(load: Load) -> None:
    backend = load(slots=16)
    requests = [ask(n, sampling=Sampling(seed=n), max_tokens=12) for n in range(16)]
    backend.submit(requests)
    first = finish(backend)
    prompt = first.read[-1].tokens_total
    lettered = next(
        text for text in first.texts.values() if text[:2].isascii() and text[:2].isalpha()
    )
    answer = Message("assistant", lettered)
    backend.submit([ask(9, "go on", earlier=(*requests[0].messages, answer))])
    assert finish(backend).read[-1].tokens_kept > prompt


def test_the_same_question_again_reads_its_last_token_at_most(load: Load) -> None:
    backend = load()
    backend.submit([ask(0)])
    first = finish(backend)
    backend.submit([ask(1)])
    again = finish(backend)
    assert again.texts[1] == first.texts[0]
    assert len(again.read) == 1
    assert again.read[0].tokens_kept >= first.read[-1].tokens_total - 1


def test_different_questions_are_read_side_by_side(load: Load) -> None:
    backend = load(slots=4)
    questions = ["two and two", "three and three", "four and four", "five and five"]
    alone: dict[int, str] = {}
    for number, question in enumerate(questions):
        single = load(slots=1)
        single.submit([ask(number, question)])
        alone |= finish(single).texts
    backend.submit([ask(number, question) for number, question in enumerate(questions)])
    run = finish(backend)
    assert run.texts == alone
    assert {read.request_id for read in run.read} == set(range(4))
    assert all(read.tokens_done == read.tokens_total for read in run.read)
    assert run.steps <= 24 + 3  # the longest answer, and two or three steps of reading


def test_a_long_common_beginning_is_read_by_one_and_kept_by_the_other(load: Load) -> None:
    backend = load(slots=4, context_tokens=512)
    backend.submit([ask(0, " ".join(["tom has 12 pens and 3 boxes"] * 15))])
    finish(backend)  # now it is known how fast it reads, and prompts are read in slots
    begin = " ".join(["anna has 7 bags with 9 cups"] * 8)
    backend.submit([ask(1, f"{begin} one"), ask(2, f"{begin} two")])
    reads = {read.request_id: read for read in finish(backend).read}
    assert reads[1].tokens_kept < reads[1].tokens_total // 4
    assert reads[2].tokens_total - reads[2].tokens_kept < 20


def test_what_nobody_watches_is_written_alike(load: Load) -> None:
    backend = load(slots=2, context_tokens=512)
    long = " ".join(["tom has 12 pens and 3 boxes"] * 15)
    backend.submit([ask(0, long)])
    watched = finish(backend).texts[0]
    quiet = load(slots=2, context_tokens=512)
    quiet.submit([replace(ask(0, long), watched=False)])
    assert finish(quiet).texts[0] == watched


def test_later_candidates_of_a_question_write_the_same_as_the_first(load: Load) -> None:
    backend = load(slots=3)
    backend.submit([ask(number) for number in range(3)])
    backend.submit([ask(9, "something else")])
    backend.submit([ask(number) for number in range(10, 19)])
    run = finish(backend)
    same = {text for number, text in run.texts.items() if number != 9}
    assert len(same) == 1


def test_confidence_is_the_mean_log_probability(load: Load) -> None:
    backend = load()
    backend.submit([ask(0), ask(1, sampling=Sampling(temperature=2.0, top_k=0, seed=1))])
    ends = finish(backend).ends
    sure, unsure = ends[0].mean_logprob, ends[1].mean_logprob
    assert sure is not None
    assert unsure is not None
    assert unsure < sure < 0
    assert math.exp(sure) > 1 / 320


def test_the_penalty_keeps_greedy_text_from_repeating(load: Load) -> None:
    backend = load()
    backend.submit(
        [ask(0, max_tokens=60), ask(1, sampling=Sampling(0.0, repeat_penalty=3.0), max_tokens=60)]
    )
    texts = finish(backend).texts
    assert texts[0] != texts[1]
    assert len(set(texts[1])) > len(set(texts[0]))


@pytest.mark.parametrize("penalty", ["frequency_penalty", "presence_penalty"])
def test_openai_s_penalties_keep_greedy_text_from_repeating_too(load: Load, penalty: str) -> None:
    drawn = msgspec.structs.replace(GREEDY, **{penalty: 2.0})
    backend = load()
    backend.submit([ask(0, max_tokens=60), ask(1, sampling=drawn, max_tokens=60)])
    texts = finish(backend).texts
    assert len(set(texts[1])) > len(set(texts[0]))


def test_a_prompt_longer_than_the_context_is_refused_and_nothing_is_queued(load: Load) -> None:
    backend = load(context_tokens=256)
    with pytest.raises(PromptTooLongError) as refused:
        backend.submit([ask(0), ask(1, "pens " * 200)])
    assert refused.value.prompt_tokens > refused.value.context_tokens == 256
    assert not backend.busy


def test_neighbours_that_end_early_do_not_change_a_text(load: Load) -> None:
    lengths = (3, 40, 6, 25, 9, 40)
    backend = load(slots=6)
    backend.submit([ask(n, sampling=Sampling(seed=n), max_tokens=40) for n in range(6)])
    full = finish(backend).texts
    backend = load(slots=6)
    backend.submit([ask(n, sampling=Sampling(seed=n), max_tokens=lengths[n]) for n in range(6)])
    run = finish(backend)
    assert run.tokens == dict(enumerate(lengths))
    for number, text in run.texts.items():
        assert full[number].startswith(text)
    assert run.texts[1] == full[1]


def test_several_threads_draw_what_one_draws(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = [ask(n, sampling=Sampling(seed=n)) for n in range(4)]
    backend = load()
    backend.submit(requests)
    expected = finish(backend)
    monkeypatch.setattr("engine.backends.llama.drawing._WORTH_SHARING", 1)
    monkeypatch.setattr("engine.backends.llama.backend.default_threads", lambda: 3)
    backend = load()
    backend.submit(requests)
    run = finish(backend)
    assert run.texts == expected.texts
    assert run.ends == expected.ends
