"""Every strategy on the real llama.cpp: little context, few slots, ended at any moment."""

from __future__ import annotations

import itertools
from pathlib import Path
from random import Random

import pytest

from engine.answers.equivalence import EquivalenceChecker
from engine.answers.groups import AnswerGroups
from engine.backends.llama.backend import LlamaBackend
from engine.budget import Budget
from engine.deliberation import Deliberation
from engine.generation import LoadOptions, Message, Notice, Sampling, UnifiedCache
from engine.options import SearchMethod, StrategyOptions, Weighting
from engine.protocol import CandidateFinished, Deliberate, Event, StepFinished, VerdictReached
from engine.scoring import _ASK_PART, _ASK_WHOLE
from engine.strategies import STRATEGIES
from tests.bench.generated_model import TINY, generate_model


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_model(tmp_path_factory.mktemp("models") / "tiny.gguf", TINY)


def run(
    backend: LlamaBackend, command: Deliberate, rng: Random, *, may_end: bool
) -> tuple[Deliberation, list[Event]]:
    events: list[Event] = []
    deliberation = Deliberation(
        command, backend, AnswerGroups(EquivalenceChecker()), itertools.count(1), events.append
    )
    deliberation.begin()
    end_after = rng.randrange(60) if may_end else None
    for count in range(5000):
        if deliberation.done:
            break
        if count == end_after:
            rng.choice((deliberation.cancel, deliberation.answer_now))()
        for event in backend.step():
            if isinstance(event, Notice) or deliberation.owns(event.request_id):
                deliberation.handle(event)
        deliberation.tick()
    assert deliberation.done
    for _ in range(200):  # what was cancelled at the end ends in the backend too
        if not backend.busy:
            break
        backend.step()
    assert not backend.busy
    return deliberation, events


def command(number: int, strategy: str, options: StrategyOptions) -> Deliberate:
    in_rounds = strategy in {"revise", "aggregate"}
    return Deliberate(
        str(number),
        (Message("user", "tom has 12 pens and 3 boxes"),),
        strategy,
        Budget(3, 2, tokens_per_candidate=20) if in_rounds else Budget(6, tokens_per_candidate=20),
        Sampling(seed=number, temperature=1.5),
        stop_early=False,
        options=options,
    )


@pytest.mark.parametrize("layout", ["on", "off"])
@pytest.mark.parametrize(("slots", "context"), [(1, 512), (3, 160), (8, 512)])
def test_every_strategy_comes_to_an_end(
    tiny_model: Path, layout: UnifiedCache, slots: int, context: int
) -> None:
    options = LoadOptions(slots=slots, threads=1, unified_cache=layout, context_tokens=context)
    backend = LlamaBackend.load(tiny_model, options)
    rng = Random(slots)
    try:
        for number, strategy in enumerate(itertools.chain(*[STRATEGIES] * 3)):
            chosen = StrategyOptions(
                weighting=rng.choice(list(Weighting)),
                method=rng.choice(list(SearchMethod)),
                width=rng.randint(1, 4),
            )
            may_end = number >= 2 * len(STRATEGIES)
            _, events = run(backend, command(number, strategy, chosen), rng, may_end=may_end)
            if strategy == "think-first" and context < 512:
                continue  # its request alone is longer than that, which is an error of its own
            assert isinstance(events[-1], VerdictReached)
            finished = [e.candidate for e in events if isinstance(e, CandidateFinished)]
            assert len({candidate.index for candidate in finished}) == len(finished)
            assert all(c.tokens <= 20 for c in finished)
            if strategy == "search" and not may_end:
                assert len(finished) >= 1
            for event in events:
                if isinstance(event, StepFinished) and event.step.score is not None:
                    assert 0 <= event.step.score <= 1
            assert backend._kept == {}
    finally:
        backend.close()


def test_a_verdict_tells_what_had_to_be_read_for_its_first_attempts(tiny_model: Path) -> None:
    backend = LlamaBackend.load(tiny_model, LoadOptions(slots=3, threads=1))
    try:
        rng = Random(1)
        told = []
        for number, strategy in enumerate(("revise", "vote")):
            asked = command(number, strategy, StrategyOptions())
            _, events = run(backend, asked, rng, may_end=False)
            assert isinstance(events[-1], VerdictReached)
            told.append(events[-1])
    finally:
        backend.close()
    first, second = told
    # later rounds read their attempts too, which is no part of reading the question
    assert first.prompt_read is not None
    assert second.prompt_tokens is not None
    assert first.prompt_read == second.prompt_tokens
    assert (second.prompt_read or 0) < second.prompt_tokens


def test_a_search_evaluates_little_more_than_it_writes(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = LlamaBackend.load(tiny_model, LoadOptions(slots=16, threads=1))
    rows = 0
    decode = backend._runner.decode

    def counted(batch: object) -> int:
        nonlocal rows
        rows += batch.size  # type: ignore[attr-defined]
        return decode(batch)  # type: ignore[arg-type]

    monkeypatch.setattr(backend._runner, "decode", counted)
    # the random model writes no blank lines, so a letter stands for the end of a step
    monkeypatch.setattr(
        type(backend), "report", property(lambda self: with_step_end(self._loaded.report))
    )
    tokens = backend._vocabulary.tokenize
    question = max(len(tokens(text, special=False)) for text in (_ASK_PART, _ASK_WHOLE))
    prompt = len(tokens("tom has 12 pens and 3 boxes", special=False)) + 16
    try:
        asked = command(1, "search", StrategyOptions(width=2))
        _, events = run(backend, asked, Random(1), may_end=False)
    finally:
        backend.close()
    steps = [event.step for event in events if isinstance(event, StepFinished)]
    assert max(step.depth for step in steps) >= 1
    written = sum(step.tokens for step in steps)
    # The prompt once, each step once, and behind each step what asks for its score. A random model
    # writes what no tokenizer would, so its words may be read once more there.
    assert rows <= prompt + written + len(steps) * (question + 16 + 20)
    assert rows < len(steps) * (prompt + question)


def with_step_end(report: object) -> object:
    import msgspec

    return msgspec.structs.replace(report, step_end="e")  # type: ignore[type-var]
