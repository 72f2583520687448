"""The words and figures of the evidence strip."""

from __future__ import annotations

import pytest

from desktop_app.chat.transcript_figures import full_text, segments
from desktop_app.chat.turn import Evidence, VoteShare
from engine.verdict import Outcome, StoppedWhy

pytestmark = pytest.mark.usefixtures("qapp")


def _texts(evidence: Evidence) -> list[str]:
    return [segment.text for segment in segments(evidence)]


def test_a_settled_vote_says_all_it_measured() -> None:
    evidence = Evidence(
        candidates=11,
        votes=10,
        groups=(VoteShare("416 km", 8), VoteShare("408 km", 2)),
        no_answer=1,
        settled=0.979,
        seconds=12.3,
        joules=2_900,
        saved_attempts=5,
        stopped=StoppedWhy.SETTLED,
    )
    assert _texts(evidence) == [
        "8 of 11 agree",
        "settled 97 %",
        "12.3 s",
        "2.9 kJ",
        "stopped early, saved 5 samples",
    ]
    assert "416 km: 8" in full_text(evidence)
    assert "no answer: 1" in full_text(evidence)


def test_what_was_not_measured_has_no_segment_but_a_word_in_the_tooltip() -> None:
    evidence = Evidence(candidates=4, votes=4, groups=(VoteShare("1", 4),), energy_method="none")
    assert _texts(evidence) == ["4 of 4 agree"]
    assert "energy: not available" in full_text(evidence)


def test_the_strip_says_how_many_samples_once_and_the_tooltip_the_whole_budget() -> None:
    evidence = Evidence(
        4, 4, (VoteShare("1", 4),), strategy="vote", attempts=16, model="Ponder stories"
    )
    assert _texts(evidence) == ["4 of 4 agree", "Vote · Ponder stories"]
    assert "Vote, up to 16 samples · Ponder stories" in full_text(evidence).splitlines()


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (Outcome.TIE, "no majority in 8 samples"),
        (Outcome.NO_ANSWER, "no answer in 8 samples"),
        (Outcome.MEDOID, "most typical of 8 samples"),
        (Outcome.SINGLE, "1 sample, no vote"),
        (Outcome.NOTHING, "nothing finished"),
    ],
)
def test_every_outcome_has_words(outcome: Outcome, text: str) -> None:
    assert _texts(Evidence(candidates=8, votes=0, outcome=outcome))[0] == text


def test_certainty_is_never_rounded_up_to() -> None:
    groups = (VoteShare("1", 16),)
    assert "settled 99 %" in _texts(Evidence(16, 16, groups, settled=0.9999))


@pytest.mark.parametrize(
    ("stopped", "text"),
    [
        (StoppedWhy.CANCELLED, "stopped"),
        (StoppedWhy.TIME_UP, "time was up"),
        (StoppedWhy.ANSWERED_NOW, "answered on request"),
    ],
)
def test_an_early_end_is_said(stopped: StoppedWhy, text: str) -> None:
    evidence = Evidence(2, 2, (VoteShare("1", 2),), stopped=stopped, cut=1)
    assert _texts(evidence)[-2:] == [text, "1 cut at the limit of tokens"]


def test_a_thought_that_was_cut_is_said() -> None:
    def said(*tokens: int) -> str:
        return _texts(Evidence(3, 3, (VoteShare("1", 3),), thoughts_cut=tokens))[-1]

    assert said(2000) == "thought cut at 2,000 tokens"
    assert said(2000, 2000) == "2 thoughts cut at their limit of tokens"


def test_one_saved_sample_is_singular() -> None:
    evidence = Evidence(3, 3, (VoteShare("1", 3),), saved_attempts=1, stopped=StoppedWhy.SETTLED)
    assert _texts(evidence)[-1] == "stopped early, saved 1 sample"


def test_what_was_saved_is_counted_as_the_strategy_counts() -> None:
    votes = (VoteShare("1", 3),)
    evidence = Evidence(
        3, 3, votes, saved_attempts=5, stopped=StoppedWhy.SETTLED, strategy="revise"
    )
    assert "stopped early, saved 5 attempts" in _texts(evidence)


def test_the_energy_of_other_machines_is_not_claimed() -> None:
    evidence = Evidence(4, 4, (VoteShare("1", 4),), joules=2900.0, elsewhere=True)
    assert "2.9 kJ, this computer only" in _texts(evidence)


def test_energy_that_others_are_in_is_called_shared() -> None:
    evidence = Evidence(4, 4, (VoteShare("1", 4),), joules=2900.0, shared=True)
    assert "2.9 kJ, shared" in _texts(evidence)
    assert "their energy is in it" in full_text(evidence)


def test_an_answer_on_its_way_says_how_far_it_is() -> None:
    groups = (VoteShare("4", 3), VoteShare("5", 1))
    so_far = Evidence(4, 4, groups, seconds=7.0, under_way=60, attempts=64)
    assert _texts(so_far) == ["3 of 4 agree so far", "60 under way", "7 s"]
    assert "energy" not in full_text(so_far)
    begun = Evidence(0, 0, under_way=4, attempts=4, seconds=0.0)
    assert _texts(begun) == ["0 of up to 4 ended", "4 under way"]


def test_weight_is_named_where_it_decides_against_the_count() -> None:
    groups = (VoteShare("4", 2, weight=3.0), VoteShare("5", 2, weight=1.0))
    assert _texts(Evidence(4, 4, groups, weighed=True))[0] == "most weight, 2 of 4 votes"
    more = (VoteShare("4", 3, weight=3.0), VoteShare("5", 1, weight=1.0))
    assert _texts(Evidence(4, 4, more, weighed=True))[0] == "3 of 4 agree"
