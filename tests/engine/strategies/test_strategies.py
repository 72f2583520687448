"""Strategies as pure policies: no model, no clock, no thread."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.budget import Budget
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.strategies import strategy_named
from engine.strategies.base import Attempt, Progress, Strategy
from engine.strategies.revise import revision_prompt
from engine.strategies.settling import is_settled
from engine.tally import SETTLED_THRESHOLD, settled_probability, tally_votes
from engine.verdict import StoppedWhy


def finished(index: int, answer: str, earlier: tuple[int, ...] = ()) -> Candidate:
    return Candidate(
        index, len(earlier), index, "", answer, ExtractedAnswer(answer, answer, "boxed"),
        5, 0, 0.0, 0.1, 1.0, StopReason.FINISHED, 0.5, earlier,
    )  # fmt: skip


def progress(
    budget: Budget,
    done: list[Candidate],
    in_flight: tuple[Attempt, ...] = (),
    *,
    stop_early: bool = True,
) -> Progress:
    return Progress(budget, done, in_flight, tally_votes(done), stop_early)


def run(
    strategy: Strategy, budget: Budget, answers: list[str], order: st.DataObject
) -> list[Candidate]:
    """Play a whole deliberation, attempts finishing in any order; returns what finished."""
    done: list[Candidate] = []
    live: list[tuple[int, Attempt]] = []
    count = 0
    for _ in range(2 * budget.attempts + 2):
        in_flight = tuple(attempt for _, attempt in live)
        decision = strategy.decide(progress(budget, done, in_flight, stop_early=False))
        for attempt in decision.start:
            live.append((count, attempt))
            count += 1
        assert count <= budget.attempts
        if decision.stop is not None:
            break
        assert live, "neither started, nor stopped, nor waiting"
        index, attempt = live.pop(order.draw(st.integers(0, len(live) - 1)))
        done.append(finished(index, answers[index % len(answers)], attempt.earlier))
    assert decision.stop is StoppedWhy.BUDGET_SPENT
    return done


@given(st.integers(1, 12), st.data())
def test_vote_spends_exactly_its_samples(samples: int, data: st.DataObject) -> None:
    done = run(strategy_named("vote"), Budget(samples=samples), ["1", "2", "3"], data)
    assert len(done) == samples
    assert all(candidate.earlier == () for candidate in done)


@given(st.integers(1, 4), st.integers(1, 6), st.data())
def test_revise_runs_every_chain_to_its_depth(width: int, depth: int, data: st.DataObject) -> None:
    done = run(strategy_named("revise"), Budget(samples=width, rounds=depth), ["1", "2"], data)
    assert len(done) == width * depth
    by_index = {candidate.index: candidate for candidate in done}
    shown_last = [c.earlier[-1] for c in done if c.earlier]
    assert len(shown_last) == len(set(shown_last)), "two attempts revise the same one"
    assert all(len(candidate.earlier) <= 4 for candidate in done)
    for candidate in done:
        if len(candidate.earlier) > 1:
            assert by_index[candidate.earlier[-1]].earlier[-1] == candidate.earlier[-2]


def test_a_settled_vote_stops_and_leaves_the_rest() -> None:
    done = [finished(index, "4") for index in range(4)]
    in_flight = (Attempt(),) * 12
    decision = strategy_named("vote").decide(progress(Budget(samples=16), done, in_flight))
    assert decision.stop is StoppedWhy.SETTLED
    patient = progress(Budget(samples=16), done, in_flight, stop_early=False)
    full = strategy_named("vote").decide(patient)
    assert full.stop is None


def test_only_an_unbroken_run_of_attempts_can_settle() -> None:
    """The short ones finish first; that is not a fair sample."""
    done = [finished(index, "4") for index in (4, 5, 6, 7)]
    decision = strategy_named("vote").decide(progress(Budget(samples=8), done, (Attempt(),) * 4))
    assert decision.stop is None


def test_a_straggler_does_not_hold_up_a_clear_vote_and_counts_against_it() -> None:
    vote = strategy_named("vote")
    clear = [finished(index, "4") for index in range(1, 7)]
    assert vote.decide(progress(Budget(samples=8), clear[:5], (Attempt(),) * 3)).stop is None
    decision = vote.decide(progress(Budget(samples=8), clear, (Attempt(),) * 2))
    assert decision.stop is StoppedWhy.SETTLED


def test_attempts_cut_short_in_an_earlier_turn_count_nowhere() -> None:
    """After "think longer" the indexes have gaps that will never be filled."""
    done = [finished(index, answer) for index, answer in ((0, "4"), (1, "5"))]
    done += [finished(index, "4") for index in range(16, 21)]
    decision = strategy_named("vote").decide(progress(Budget(samples=32), done))
    assert decision.stop is StoppedWhy.SETTLED


@given(
    answers=st.lists(st.sampled_from("1123"), min_size=1, max_size=40),
    order=st.randoms(use_true_random=False),
    count=st.integers(1, 40),
)
def test_a_settled_vote_would_be_settled_whatever_the_running_ones_say(
    answers: list[str], order: Random, count: int
) -> None:
    ended = order.sample(range(len(answers)), min(count, len(answers)))
    done = [finished(index, answers[index]) for index in ended]
    running = len(answers) - len(done)
    state = progress(Budget(samples=64), done, (Attempt(),) * running)
    if not is_settled(state):
        return
    assert state.tally.leader is not None
    leader = state.tally.leader.key
    worst = [answers[n] if n in ended else "other" for n in range(len(answers))]
    assert any(
        settled_probability(
            worst[:size].count(leader),
            max(worst[:size].count(other) for other in ("1", "2", "3", "other") if other != leader),
        )
        >= SETTLED_THRESHOLD
        for size in range(1, len(worst) + 1)
    )


def test_a_full_house_of_attempts_is_decided_in_time() -> None:
    done = [finished(index, "12"[index % 2]) for index in range(1023)]
    state = progress(Budget(samples=1024), done, (Attempt(),))
    assert not any(is_settled(state) for _ in range(100))


def test_shrinking_a_revision_starts_nothing_beyond_the_new_budget() -> None:
    revise = strategy_named("revise")
    done = [finished(index, str(index)) for index in range(4)]
    in_flight = (Attempt(1, (0,)), Attempt(1, (1,)))
    smaller = revise.decide(progress(Budget(samples=4, rounds=1), done[:3], in_flight))
    assert (smaller.start, smaller.stop) == ((), None)
    assert (
        revise.decide(progress(Budget(samples=2, rounds=2), done)).stop is StoppedWhy.BUDGET_SPENT
    )
    deeper = revise.decide(progress(Budget(samples=4, rounds=2), done))
    assert [attempt.earlier for attempt in deeper.start] == [(0,), (1,), (2,), (3,)]
    wider = revise.decide(progress(Budget(samples=6, rounds=1), done))
    assert wider.start == (Attempt(), Attempt())


def test_a_smaller_budget_stops_and_a_larger_one_goes_on() -> None:
    done = [finished(index, str(index)) for index in range(4)]
    vote = strategy_named("vote")
    assert vote.decide(progress(Budget(samples=2), done)).stop is StoppedWhy.BUDGET_SPENT
    assert len(vote.decide(progress(Budget(samples=6), done)).start) == 2


def test_the_revision_prompt_numbers_and_trims_attempts() -> None:
    prompt = revision_prompt("How many?", ["one", "x" * 1000])
    assert prompt.startswith("How many?\n\nEarlier attempts:\n1. one\n2. xxx")
    assert prompt.endswith("\n\nWrite a better attempt.")
    assert len(prompt) < 720
    late = revision_prompt("How many?", [" ", "first words " + "x" * 1000 + " Answer: 4"])
    assert "1. first words" in late
    assert "Answer: 4\n\nWrite" in late
    assert revision_prompt("How many?", [""]) == "How many?"


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="vote, revise"):
        strategy_named("guess")
