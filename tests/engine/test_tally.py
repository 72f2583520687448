"""Counting: groups, ties, silence, and when a lead is settled."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.tally import settled_probability, tally_votes
from engine.verdict import Outcome, StoppedWhy, decide


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


@pytest.mark.parametrize(
    ("answers", "outcome", "answer"),
    [
        (("4", "4", "5"), Outcome.MAJORITY, "4"),
        (("4", "4", "5", "6", "7"), Outcome.PLURALITY, "4"),
        (("4", "5"), Outcome.TIE, None),
        (("4",), Outcome.SINGLE, "4"),
        ((None, None), Outcome.NO_ANSWER, None),
        ((None,), Outcome.SINGLE, None),
        ((), Outcome.NOTHING, None),
    ],
)
def test_the_kind_of_verdict(
    answers: tuple[str | None, ...], outcome: Outcome, answer: str | None
) -> None:
    candidates = cast(*answers)
    verdict = decide(candidates, tally_votes(candidates), StoppedWhy.BUDGET_SPENT)
    assert (verdict.outcome, verdict.answer) == (outcome, answer)


def test_the_most_confident_member_speaks_for_its_group() -> None:
    candidates = cast("4", "4", "4")
    candidates[1] = msgspec.structs.replace(candidates[1], confidence=0.9)
    verdict = decide(candidates, tally_votes(candidates), StoppedWhy.BUDGET_SPENT)
    assert verdict.chosen == 1


@given(st.lists(st.sampled_from(["1", "2", "3", None]), max_size=30))
def test_every_candidate_is_counted_exactly_once(answers: list[str | None]) -> None:
    tally = tally_votes(cast(*answers))
    assert tally.votes + len(tally.no_answer) == len(answers)
    weights = [group.weight for group in tally.groups]
    assert weights == sorted(weights, reverse=True)
    assert (tally.leader is None) == (not tally.groups or tally.is_tie)
