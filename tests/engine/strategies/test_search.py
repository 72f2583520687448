"""Search as a pure policy: levels, subtrees, what is kept, and when it ends."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.budget import Budget
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.options import Choice, SearchMethod, StrategyOptions
from engine.step import Step
from engine.strategies.base import Attempt, Progress
from engine.strategies.search import Search
from engine.tally import tally_votes
from engine.verdict import Outcome, StoppedWhy, decide


def candidate(index: int, answer: str, score: float | None, path: tuple[int, ...]) -> Candidate:
    return Candidate(
        index, 0, index, "", answer, ExtractedAnswer(answer, answer, "boxed"),
        5, 0, 0.0, 0.1, 1.0, StopReason.FINISHED, 0.5, (), score, path,
    )  # fmt: skip


class Tree:
    """Plays a search: each path ends at a depth of its own, steps end in any order."""

    def __init__(self, search: Search, paths: int, rng: Random, deepest: int = 5) -> None:
        self.search, self.budget, self.rng, self.deepest = search, Budget(paths), rng, deepest
        self.steps: list[Step] = []
        self.done: list[Candidate] = []
        self.live: list[Attempt] = []
        self.levels: list[tuple[Attempt, ...]] = []

    def progress(self) -> Progress:
        done = tuple(self.done)
        return Progress(
            self.budget, done, tuple(self.live), tally_votes(done), steps=tuple(self.steps)
        )

    def end_one(self) -> None:
        attempt = self.live.pop(self.rng.randrange(len(self.live)))
        depth = 0 if attempt.parent is None else self.steps[attempt.parent].depth + 1
        score = self.rng.random()
        whole = not (attempt.one_step or attempt.parent is not None)
        if whole:
            self.done.append(candidate(len(self.done), str(self.rng.randrange(3)), score, ()))
            return
        ends = not attempt.one_step or depth + 1 >= self.deepest or self.rng.random() < 0.3
        number = len(self.done) if ends else None
        index = len(self.steps)
        self.steps.append(
            Step(
                index,
                attempt.parent,
                depth,
                attempt.branch,
                str(index),
                1,
                score,
                number,
                0.0,
                0.5,
                1.0,
            )
        )
        if ends:
            self.done.append(candidate(len(self.done), str(self.rng.randrange(3)), score, (index,)))

    def play(self) -> StoppedWhy:
        for _ in range(10_000):
            decision = self.search.decide(self.progress())
            if decision.start:
                self.levels.append(decision.start)
            self.live += decision.start
            if decision.stop is not None:
                return decision.stop
            assert self.live, "neither started, nor stopped, nor waiting"
            self.end_one()
        raise AssertionError("it does not come to an end")


METHODS = st.sampled_from(list(SearchMethod))


@settings(max_examples=60)
@given(METHODS, st.integers(1, 24), st.integers(1, 5), st.integers(0, 10_000))
def test_every_search_ends_within_its_paths(
    method: SearchMethod, paths: int, width: int, seed: int
) -> None:
    tree = Tree(Search(StrategyOptions(method=method, width=width)), paths, Random(seed))
    assert tree.play() is StoppedWhy.BUDGET_SPENT
    assert 1 <= len(tree.done) <= paths
    if method is not SearchMethod.DVTS:
        assert len(tree.done) == paths
    assert all(step.depth < tree.deepest for step in tree.steps)


def test_a_beam_goes_on_from_the_best_of_all() -> None:
    search = Search(StrategyOptions(width=2))
    roots = tuple(
        Step(n, None, 0, 0, f"s{n}", 1, score, None, 0.0, 0.5, 1.0)
        for n, score in enumerate((0.1, 0.9, 0.5, 0.7))
    )
    decision = search.decide(Progress(Budget(4), (), (), tally_votes(()), steps=roots))
    assert sorted(a.parent or 0 for a in decision.start) == [1, 1, 3, 3]
    assert all(a.one_step for a in decision.start)


def test_dvts_goes_on_from_the_best_of_each_subtree() -> None:
    search = Search(StrategyOptions(width=2, method=SearchMethod.DVTS))
    first = search.decide(Progress(Budget(4), (), (), tally_votes(())))
    assert [attempt.branch for attempt in first.start] == [0, 0, 1, 1]
    roots = tuple(
        Step(n, None, 0, n // 2, f"s{n}", 1, score, None, 0.0, 0.5, 1.0)
        for n, score in enumerate((0.9, 0.8, 0.1, 0.2))
    )
    decision = search.decide(Progress(Budget(4), (), (), tally_votes(()), steps=roots))
    assert [(a.parent, a.branch) for a in decision.start] == [(0, 0), (0, 0), (3, 1), (3, 1)]


def test_a_subtree_does_not_wait_for_another() -> None:
    search = Search(StrategyOptions(width=2, method=SearchMethod.DVTS))
    roots = tuple(Step(n, None, 0, 0, f"s{n}", 1, 0.5, None, 0.0, 0.5, 1.0) for n in range(2))
    running = (Attempt(branch=1, one_step=True),) * 2
    decision = search.decide(Progress(Budget(4), (), running, tally_votes(()), steps=roots))
    assert {attempt.branch for attempt in decision.start} == {0}


def test_the_same_words_from_the_same_place_are_kept_once_if_there_are_others() -> None:
    search = Search(StrategyOptions(width=2))
    texts = ("same", "same", "other", "worst")
    roots = tuple(
        Step(n, None, 0, 0, text, 1, score, None, 0.0, 0.5, 1.0)
        for n, (text, score) in enumerate(zip(texts, (0.9, 0.9, 0.5, 0.1), strict=True))
    )
    decision = search.decide(Progress(Budget(4), (), (), tally_votes(()), steps=roots))
    assert sorted(a.parent or 0 for a in decision.start) == [0, 0, 2, 2]


def test_steps_without_scores_are_all_alike() -> None:
    search = Search(StrategyOptions(width=2))
    roots = tuple(Step(n, None, 0, 0, f"s{n}", 1, None, None, 0.0, 0.5, 1.0) for n in range(4))
    decision = search.decide(Progress(Budget(4), (), (), tally_votes(()), steps=roots))
    assert sorted(a.parent or 0 for a in decision.start) == [0, 0, 1, 1]


def test_after_the_most_steps_paths_run_to_their_end() -> None:
    search = Search(StrategyOptions(width=2, most_steps=1))
    roots = tuple(Step(n, None, 0, 0, f"s{n}", 1, 0.5, None, 0.0, 0.5, 1.0) for n in range(2))
    decision = search.decide(Progress(Budget(2), (), (), tally_votes(()), steps=roots))
    assert decision.start
    assert not any(attempt.one_step for attempt in decision.start)


def test_candidates_of_an_earlier_turn_count_as_paths() -> None:
    earlier = tuple(candidate(n, "4", 0.5, (n,)) for n in range(4))
    decision = Search().decide(Progress(Budget(8), earlier, (), tally_votes(earlier)))
    assert len(decision.start) == 4


def test_scores_weigh_votes_or_the_best_wins() -> None:
    scored = [
        candidate(n, answer, score, ())
        for n, (answer, score) in enumerate((("4", 0.2), ("4", 0.3), ("5", 0.6), ("6", 0.55)))
    ]
    search = Search()
    tally = tally_votes(scored, weights=search.weights(scored))
    assert [(group.label, group.weight) for group in tally.groups][:2] == [("5", 0.6), ("6", 0.55)]
    assert decide(scored, tally, StoppedWhy.BUDGET_SPENT).answer == "5"
    more = [*scored, candidate(4, "4", 0.3, ())]
    tally = tally_votes(more, weights=search.weights(more))
    assert decide(more, tally, StoppedWhy.BUDGET_SPENT).answer == "4"
    best = decide(more, tally, StoppedWhy.BUDGET_SPENT, best=True)
    assert (best.outcome, best.answer, best.chosen) == (Outcome.BEST, "5", 2)
    assert Search(StrategyOptions(choice=Choice.BEST)).picks_best


@pytest.mark.parametrize("numbers", [{"width": 0}, {"most_steps": 0}, {"shown": 0}])
def test_options_nobody_can_follow_are_refused(numbers: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        StrategyOptions(**numbers)  # type: ignore[arg-type]
