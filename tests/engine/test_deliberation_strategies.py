"""Search, scores, auto and aggregation through the deliberation, over a scripted backend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.backends.base import GenerationRequest, Request
from engine.budget import Budget
from engine.candidate import StopReason
from engine.options import (
    Choice,
    PolicyRow,
    SearchMethod,
    StrategyChoice,
    StrategyOptions,
    Weighting,
)
from engine.protocol import (
    CandidateFinished,
    CandidateStarted,
    Noticed,
    StepFinished,
    StrategyChosen,
    TallyChanged,
)
from engine.search_paths import SearchPaths
from engine.step import Step
from engine.strategies import STRATEGIES
from engine.verdict import Outcome, StoppedWhy
from tests.engine.test_deliberation import Run, answers


def steps(*scored: tuple[str, float]) -> list[dict[str, object]]:
    """Lines of three steps each."""
    return [
        {"text": f"It is {text}.\n\nSo it is {text}.\n\nAnswer: {text}", "score": score}
        for text, score in scored
    ]


def test_a_search_follows_what_scores_best(tmp_path: Path) -> None:
    lines = steps(("4", 0.2), ("5", 0.9), ("6", 0.3), ("7", 0.1))
    run = Run(tmp_path, lines, strategy="search", budget=Budget(4))
    run.deliberation.begin()
    reached = run.finish()
    assert (reached.verdict.answer, reached.verdict.outcome) == ("5", Outcome.MAJORITY)
    told = [event.step for event in run.of(StepFinished)]
    assert [step.index for step in told] == list(range(len(told)))
    assert [step.score for step in told[:4]] == [0.2, 0.9, 0.3, 0.1]
    assert {step.parent for step in told[4:8]} == {1}
    assert [step.text for step in told if step.depth == 1] == ["So it is 5."] * 4
    candidates = [event.candidate for event in run.of(CandidateFinished)]
    assert len(candidates) == 4
    for candidate in candidates:
        assert candidate.response == "It is 5.\n\nSo it is 5.\n\nAnswer: 5"
        assert candidate.score == 0.9
        assert [told[index].depth for index in candidate.path] == [0, 1, 2]
        assert told[candidate.path[-1]].candidate == candidate.index
        assert candidate.tokens == sum(told[index].tokens for index in candidate.path)
    assert len(run.of(CandidateStarted)) == 4
    assert run.backend._kept == {}


def test_a_path_is_as_likely_as_all_of_its_tokens() -> None:
    paths = SearchPaths("\n\n")
    paths.add(step(0, None, tokens=6), 1, -0.08)
    paths.add(step(1, 0, tokens=3), 2, -0.02)
    assert paths.mean_logprob(1, 1, -0.2) == pytest.approx((6 * -0.08 + 3 * -0.02 - 0.2) / 10)
    assert paths.mean_logprob(None, 4, -0.3) == pytest.approx(-0.3)
    paths.add(step(2, 1, tokens=5), 3, None)
    assert paths.mean_logprob(2, 1, -0.1) is None


def step(index: int, parent: int | None, tokens: int) -> Step:
    return Step(index, parent, 0, 0, "so", tokens, None, None, 0.0, 0.1, 0.2)


def test_best_of_n_weighs_whole_attempts(tmp_path: Path) -> None:
    lines = [
        {"text": f"Answer: {text}", "score": score}
        for text, score in (("4", 0.3), ("5", 0.9), ("4 ", 0.2), ("6", 0.8))
    ]
    options = StrategyOptions(method=SearchMethod.BEST_OF_N)
    run = Run(tmp_path, lines, strategy="search", budget=Budget(4), options=options)
    run.deliberation.begin()
    verdict = run.finish().verdict
    assert verdict.answer == "5"
    assert not run.of(StepFinished)
    weights = {group.label: group.weight for group in verdict.tally.groups}
    assert weights == pytest.approx({"5": 0.9, "6": 0.8, "4": 0.6})
    best = Run(
        tmp_path,
        [*lines, lines[0]],
        strategy="search",
        budget=Budget(5),
        options=StrategyOptions(method=SearchMethod.BEST_OF_N, choice=Choice.BEST),
    )
    best.deliberation.begin()
    assert best.finish().verdict.outcome is Outcome.BEST


def test_a_self_assessed_vote_counts_only_scored_candidates(tmp_path: Path) -> None:
    lines = [
        {"text": f"Answer: {text}", "score": score}
        for text, score in (("4", 0.1), ("4 ", 0.1), ("5", 0.95))
    ]
    options = StrategyOptions(weighting=Weighting.SELF_ASSESSED)
    run = Run(tmp_path, lines, budget=Budget(3), options=options)
    run.deliberation.begin()
    assert run.finish().verdict.answer == "5"
    assert {event.candidate.score for event in run.of(CandidateFinished)} == {0.1, 0.95}
    assert [event.notice.code for event in run.of(Noticed)] == ["self-assessed"]


def test_auto_tells_what_it_decided_and_does_it(tmp_path: Path) -> None:
    run = Run(tmp_path, answers("4", "5", "4", "4"), strategy="auto", budget=Budget(16))
    run.deliberation.begin()
    reached = run.finish()
    assert [event.choice for event in run.of(StrategyChosen)] == [
        StrategyChoice("vote", 16, 3, 4, until=8),
        StrategyChoice("vote", 16, 3, 4, until=8, lead=4.0),
    ]
    assert reached.verdict.answer == "4"
    assert reached.verdict.saved_attempts == 8
    assert len(run.of(CandidateFinished)) == 8


def test_auto_stops_where_all_agree_and_says_what_it_saved(tmp_path: Path) -> None:
    run = Run(tmp_path, answers("4"), strategy="auto", budget=Budget(16))
    run.deliberation.begin()
    verdict = run.finish().verdict
    assert (verdict.stopped, verdict.saved_attempts) == (StoppedWhy.SETTLED, 12)


def test_the_verdict_of_auto_is_that_of_the_strategy_it_chose(tmp_path: Path) -> None:
    rows = (PolicyRow(0.75, "aggregate", 8, rounds=2), PolicyRow(0.0, "search", 8))
    options = StrategyOptions(choice=Choice.BEST, policy=rows)
    lines = answers("4", "4", "4", "4", "5", "5", "6", "7")
    easy = Run(tmp_path, lines, strategy="auto", budget=Budget(16), options=options)
    easy.deliberation.begin()
    verdict = easy.finish().verdict
    assert [event.choice for event in easy.of(StrategyChosen)] == [
        StrategyChoice("aggregate", 8, 4, 4)
    ]
    assert (verdict.answer, verdict.tally.votes) == ("5", 4)
    lines = steps(("4", 0.1), ("5", 0.2), ("6", 0.9), ("7", 0.3))
    hard = Run(tmp_path, lines, strategy="auto", budget=Budget(8), options=options)
    hard.deliberation.begin()
    verdict = hard.finish().verdict
    assert (verdict.answer, verdict.outcome) == ("6", Outcome.BEST)


def test_only_the_last_round_of_an_aggregate_votes(tmp_path: Path) -> None:
    lines = answers("4", "4", "4", "5", "5", "6")
    run = Run(tmp_path, lines, strategy="aggregate", budget=Budget(3, 2))
    run.deliberation.begin()
    verdict = run.finish().verdict
    assert verdict.answer == "5"
    assert verdict.tally.votes == 3
    shown = [event.candidate.earlier for event in run.of(CandidateFinished)]
    assert shown == [(), (), (), (0, 1, 2), (0, 1, 2), (0, 1, 2)]


def test_think_first_votes_over_what_was_thought_about(tmp_path: Path) -> None:
    thought = "Here is my thought process:\nHm.\nHere is my response:\nAnswer: 4"
    run = Run(
        tmp_path,
        [{"text": thought}, {"text": "Answer: 5"}],
        strategy="think-first",
        budget=Budget(4),
        stop_early=False,
    )
    run.deliberation.begin()
    verdict = run.finish().verdict
    assert verdict.answer == "4"
    candidates = [event.candidate for event in run.of(CandidateFinished)]
    assert len(candidates) == 4
    assert {candidate.thought for candidate in candidates} == {"Hm.", ""}


def test_the_first_that_finish_end_a_vote(tmp_path: Path) -> None:
    lines = [*answers("4", "5", "4"), {"text": "on and", "hold": True}]
    options = StrategyOptions(first_finished=3)
    run = Run(tmp_path, lines, budget=Budget(8), options=options, stop_early=False)
    run.deliberation.begin()
    verdict = run.finish().verdict
    assert (verdict.stopped, verdict.answer) == (StoppedWhy.ENOUGH_FINISHED, "4")


@pytest.mark.parametrize("name", STRATEGIES)
def test_time_is_kept_under_every_strategy(name: str, tmp_path: Path) -> None:
    lines: list[dict[str, object]] = [{"text": "I count\n\nand count", "hold": True, "score": 0.5}]
    run = Run(tmp_path, lines, strategy=name, budget=Budget(4, seconds=0.5))
    run.deliberation.begin()
    while run.clock.seconds < 0.5:
        assert not run.deliberation.done
        run.step()
    run.step()
    run.step()
    assert run.deliberation.done
    assert run.finish().verdict.stopped is StoppedWhy.TIME_UP


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("ending", ["cancel", "answer_now"])
def test_every_strategy_can_be_ended_at_any_step(name: str, ending: str, tmp_path: Path) -> None:
    cancelled = ending == "cancel"
    for after in range(14):
        run = Run(
            tmp_path,
            steps(("4", 0.4), ("5", 0.6), ("4", 0.5)),
            strategy=name,
            budget=Budget(4, 2 if name in {"revise", "aggregate"} else 1),
        )
        run.deliberation.begin()
        for _ in range(after):
            if not run.deliberation.done:
                run.step()
        if run.deliberation.done:
            continue
        getattr(run.deliberation, ending)()
        stopped = run.finish().verdict.stopped
        assert stopped is (StoppedWhy.CANCELLED if cancelled else StoppedWhy.ANSWERED_NOW)
        finished = [event.candidate for event in run.of(CandidateFinished)]
        assert len({candidate.index for candidate in finished}) == len(finished)
        started = {event.index for event in run.of(CandidateStarted)}
        assert started == {candidate.index for candidate in finished}
        cut = {candidate.stop for candidate in finished if not candidate.counts}
        assert cut <= {StopReason.CANCELLED if cancelled else StopReason.NOT_NEEDED}
        assert run.backend._kept == {}
        run.backend.step()
        assert not run.backend.busy


def test_thinking_longer_adds_paths_to_a_search(tmp_path: Path) -> None:
    lines = steps(("4", 0.4), ("5", 0.6))
    first = Run(tmp_path, lines, strategy="search", budget=Budget(2))
    first.deliberation.begin()
    first.finish()
    earlier = tuple(event.candidate for event in first.of(CandidateFinished))
    before = len(first.of(StepFinished))
    more = Run(
        tmp_path,
        lines,
        strategy="search",
        budget=Budget(4),
        earlier=earlier,
        steps_before=before,
    )
    more.deliberation.begin()
    verdict = more.finish().verdict
    indexes = [event.step.index for event in more.of(StepFinished)]
    assert indexes == list(range(before, before + len(indexes)))
    assert verdict.tally.votes == 4
    assert more.of(TallyChanged)


def seeds_drawn(run: Run, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Seeds of everything that a run writes, filled while it runs."""
    seeds: list[int] = []
    submit = run.backend.submit

    def watch(requests: Sequence[Request]) -> None:
        written = [one for one in requests if isinstance(one, GenerationRequest)]
        seeds.extend(one.sampling.seed for one in written if one.sampling.seed is not None)
        submit(requests)

    monkeypatch.setattr(run.backend, "submit", watch)
    return seeds


@pytest.mark.parametrize("knows_steps", [True, False])
@pytest.mark.parametrize("after", [6, 8, 10, 12, 1000])
def test_a_search_that_is_gone_on_with_draws_from_no_seed_again(
    after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, knows_steps: bool
) -> None:
    """Wherever it was cut short; a sweep that is gone on with knows no steps but by candidates."""
    lines = [{"text": "Answer: 3", "score": 0.1}, *steps(("4", 0.4), ("5", 0.6), ("6", 0.5))]
    first = Run(tmp_path, lines, strategy="search", budget=Budget(4))
    before = seeds_drawn(first, monkeypatch)
    first.deliberation.begin()
    for _ in range(after):
        if not first.deliberation.done:
            first.step()
    first.deliberation.cancel()
    first.until(lambda: first.deliberation.done)
    kept = tuple(e.candidate for e in first.of(CandidateFinished) if e.candidate.counts)
    assert kept
    more = Run(
        tmp_path,
        lines,
        strategy="search",
        budget=Budget(8),
        earlier=kept,
        steps_before=len(first.of(StepFinished)) if knows_steps else 1,
    )
    drawn = seeds_drawn(more, monkeypatch)
    more.deliberation.begin()
    more.finish()
    assert len(set(before)) == len(before)
    assert len(set(drawn)) == len(drawn)
    assert not set(before) & set(drawn)


def test_a_search_that_was_ended_before_its_first_candidate_draws_from_no_seed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = steps(("4", 0.4), ("5", 0.6))
    first = Run(tmp_path, lines, strategy="search", budget=Budget(8))
    before = seeds_drawn(first, monkeypatch)
    first.deliberation.begin()
    first.until(lambda: len(before) > 8)  # the second level is being written
    first.deliberation.cancel()
    first.until(lambda: first.deliberation.done)
    told = len(first.of(StepFinished))
    assert len(before) == told + 8
    more = Run(tmp_path, lines, strategy="search", budget=Budget(8), steps_before=told)
    drawn = seeds_drawn(more, monkeypatch)
    more.deliberation.begin()
    more.finish()
    assert not set(before) & set(drawn)
