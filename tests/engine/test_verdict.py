"""The verdict: which kind of result a vote gives, and who speaks for it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.tally import GroupingMethod, Tally, VoteGroup, tally_votes
from engine.verdict import Outcome, StoppedWhy, decide, representative


def candidate(index: int, answer: str | None, stop: StopReason = StopReason.FINISHED) -> Candidate:
    extracted = ExtractedAnswer(answer, answer, "answer-line") if answer else None
    return Candidate(
        index, 0, index, "", f"says {answer}", extracted, 5, 0, 0.0, 0.1, 1.0, stop, 0.5
    )


def cast(*answers: str | None) -> list[Candidate]:
    return [candidate(index, answer) for index, answer in enumerate(answers)]


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


@pytest.mark.parametrize(
    ("answers", "weights", "outcome"),
    [
        (("4", "4", "5"), (0.1, 0.2, 0.3), Outcome.TIE),
        (("4", "4", "5", "6"), (0.1, 0.2, 0.1, 0.2), Outcome.PLURALITY),
        (("4", "4", "5", "6"), (0.1, 0.21, 0.1, 0.2), Outcome.MAJORITY),
        (("4", "5"), (1.001, 1.0005), Outcome.PLURALITY),
        (("4", "4", "5", "6"), (1.001, 1.0005, 1.0, 1.0), Outcome.PLURALITY),
        (("4", "4", "5"), (1.0, 1.0, 1.001), Outcome.MAJORITY),
    ],
)
def test_neither_rounding_nor_what_breaks_a_tie_makes_a_majority(
    answers: tuple[str, ...], weights: tuple[float, ...], outcome: Outcome
) -> None:
    candidates = cast(*answers)
    tally = tally_votes(candidates, weights=dict(enumerate(weights)))
    assert decide(candidates, tally, StoppedWhy.BUDGET_SPENT).outcome is outcome


def test_the_most_confident_member_speaks_for_its_group() -> None:
    candidates = cast("4", "4", "4")
    candidates[1] = msgspec.structs.replace(candidates[1], confidence=0.9)
    verdict = decide(candidates, tally_votes(candidates), StoppedWhy.BUDGET_SPENT)
    assert verdict.chosen == 1


def test_the_shorter_then_the_earlier_speaks_among_equally_confident_ones() -> None:
    first, second, third = cast("4", "4", "4")
    short = msgspec.structs.replace(third, tokens=2)
    assert representative([first, second, short]) is short
    assert representative([second, first]) is first
    unsure = msgspec.structs.replace(first, confidence=None)
    assert representative([unsure, second]) is second


def test_attempts_that_were_cut_short_alone_are_no_result() -> None:
    cut = [candidate(0, None, StopReason.CANCELLED), candidate(1, "4", StopReason.TIME_UP)]
    verdict = decide(cut, tally_votes(cut), StoppedWhy.TIME_UP)
    assert (verdict.outcome, verdict.chosen) == (Outcome.NOTHING, None)


def test_a_medoid_is_chosen_without_an_answer() -> None:
    candidates = cast(None, None)
    tally = Tally((VoteGroup("1", "", (1,), 1.0),), method=GroupingMethod.MEDOID)
    verdict = decide(candidates, tally, StoppedWhy.BUDGET_SPENT)
    assert (verdict.outcome, verdict.answer, verdict.chosen) == (Outcome.MEDOID, None, 1)


def test_judged_groups_have_a_speaker_and_no_short_answer() -> None:
    candidates = cast(None, None, None)
    groups = (VoteGroup("a", "says", (0, 2), 2.0), VoteGroup("b", "says", (1,), 1.0))
    verdict = decide(
        candidates, Tally(groups, method=GroupingMethod.MODEL_JUDGED), StoppedWhy.BUDGET_SPENT
    )
    assert (verdict.outcome, verdict.answer, verdict.chosen) == (Outcome.MAJORITY, None, 0)


@given(st.lists(st.sampled_from(["1", "2", "3", None]), max_size=12))
def test_a_winner_is_chosen_from_the_group_that_leads(answers: list[str | None]) -> None:
    candidates = cast(*answers)
    tally = tally_votes(candidates)
    verdict = decide(candidates, tally, StoppedWhy.BUDGET_SPENT)
    if tally.is_tie:
        assert (verdict.outcome, verdict.answer, verdict.chosen) == (Outcome.TIE, None, None)
    elif tally.leader is not None:
        assert verdict.chosen in tally.leader.candidates
        assert verdict.answer == tally.leader.label
    else:
        assert verdict.answer is None
    assert (verdict.outcome is Outcome.NOTHING) == (not answers)
