"""Counting: groups, ties, silence, and when a lead is settled."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.tally import settled_probability, tally_votes


def candidate(index: int, answer: str | None, stop: StopReason = StopReason.FINISHED) -> Candidate:
    extracted = ExtractedAnswer(answer, answer, "answer-line") if answer else None
    text = f"says {answer}"
    return Candidate(index, 0, index, "", text, extracted, 5, 0, 0.0, 0.1, 1.0, stop, 0.5)


def cast(*answers: str | None) -> list[Candidate]:
    return [candidate(index, answer) for index, answer in enumerate(answers)]


@pytest.mark.parametrize(
    ("second", "lead"),
    [(0, 4), (1, 6), (2, 8), (3, 9), (4, 11), (5, 12), (6, 14), (8, 17), (10, 19)],
)
def test_the_stop_table_of_the_beta_rule(second: int, lead: int) -> None:
    """Hand-worked table for 0.95: fewest leading votes for each runner-up."""
    assert settled_probability(lead, second) >= 0.95
    assert settled_probability(lead - 1, second) < 0.95


def test_four_of_four_is_just_settled() -> None:
    assert settled_probability(4, 0) == pytest.approx(1 - 1 / 32)


@given(st.integers(0, 40), st.integers(0, 40))
def test_settling_is_a_probability_and_symmetric(a: int, b: int) -> None:
    assert settled_probability(a, b) + settled_probability(b, a) == pytest.approx(1.0)


def test_silence_is_its_own_group_and_no_vote() -> None:
    tally = tally_votes(cast("4", None, "4", "5"))
    assert [(g.label, g.count) for g in tally.groups] == [("4", 2), ("5", 1)]
    assert (tally.no_answer, tally.votes) == ((1,), 3)


def test_attempts_we_cut_short_count_nowhere() -> None:
    cut = [
        candidate(0, "4"),
        candidate(1, "5", StopReason.NOT_NEEDED),
        candidate(2, None, StopReason.CANCELLED),
        candidate(3, None, StopReason.TOKEN_BUDGET),
    ]
    tally = tally_votes(cut)
    assert (tally.votes, tally.no_answer) == (1, (3,))


def test_merged_keys_vote_together() -> None:
    tally = tally_votes(cast("4", "four", "5"), {"four": "4"})
    assert tally.groups[0].candidates == (0, 1)


@given(st.lists(st.sampled_from(["1", "2", "3", None]), max_size=30))
def test_every_candidate_is_counted_exactly_once(answers: list[str | None]) -> None:
    tally = tally_votes(cast(*answers))
    assert tally.votes + len(tally.no_answer) == len(answers)
    weights = [group.weight for group in tally.groups]
    assert weights == sorted(weights, reverse=True)
    assert (tally.leader is None) == (not tally.groups or tally.is_tie)


@given(st.lists(st.sampled_from(["1", "2", "3", None]), max_size=20), st.randoms())
def test_the_order_of_arrival_changes_no_count(answers: list[str | None], order: Random) -> None:
    candidates = cast(*answers)
    shuffled = candidates.copy()
    order.shuffle(shuffled)
    first, second = tally_votes(candidates), tally_votes(shuffled)
    assert {g.key: g.count for g in first.groups} == {g.key: g.count for g in second.groups}
    assert (first.settled, first.is_tie) == (second.settled, second.is_tie)


def test_weights_order_the_groups_and_counts_settle() -> None:
    tally = tally_votes(cast("4", "4", "5"), weights={2: 5.0})
    assert [(group.label, group.weight, group.count) for group in tally.groups] == [
        ("5", 5.0, 1),
        ("4", 2.0, 2),
    ]
    assert tally.settled == settled_probability(1, 2)


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_closed_form_is_the_integral_of_the_beta_density(lead: int, second: int) -> None:
    """A midpoint sum of x^lead (1-x)^second over [1/2, 1] against [0, 1]."""
    points = [(n + 0.5) / 4000 for n in range(4000)]
    density = [x**lead * (1 - x) ** second for x in points]
    expected = sum(density[2000:]) / sum(density)
    assert settled_probability(lead, second) == pytest.approx(expected, abs=1e-4)


def test_a_thousand_votes_are_settled_in_no_time() -> None:
    assert settled_probability(600, 424) > 0.99999
    assert settled_probability(1024, 0) == 1.0


NEARLY = {0: 0.1, 1: 0.2, 2: 0.3}
"""As weights of "4", "4" and "5": a tie, though 0.1 + 0.2 is not 0.3 in floating point."""


def test_weights_that_only_rounding_tells_apart_are_a_tie() -> None:
    tally = tally_votes(cast("4", "4", "5", "6"), weights={**NEARLY, 3: 0.3 - 2e-9})
    assert tally.groups[0].weight != tally.groups[1].weight
    assert tally.is_tie
    assert tally.leader is None
    assert [group.label for group in tally.leading] == ["4", "5"]


def test_groups_that_only_rounding_tells_apart_stand_in_the_order_of_arrival() -> None:
    last = tally_votes(cast("5", "4", "4"), weights={0: 0.3, 1: 0.1, 2: 0.2})
    assert [group.label for group in last.groups] == ["5", "4"]


def test_one_group_leads_alone_and_none_without_votes() -> None:
    assert [group.label for group in tally_votes(cast("4", "5", "4")).leading] == ["4"]
    assert tally_votes(cast(None)).leading == ()


def test_votes_are_weighed_when_they_weigh_more_than_breaks_a_tie() -> None:
    assert not tally_votes(cast("4", "5"), weights={0: 1.001}).is_weighed
    assert tally_votes(cast("4", "5"), weights={0: 1.1}).is_weighed
