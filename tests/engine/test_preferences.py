"""Preference pairs: who is better by whose word, how length counts, and what is never used."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.budget import Budget
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.feedback import Feedback, Thumb
from engine.generation import LoadOptions, Message, Sampling
from engine.journal.records import DeliberationRecord, Status
from engine.preferences import (
    Judge,
    PreferencePair,
    RecordedAnswer,
    json_line,
    length_controlled,
    preference_pairs,
)
from engine.tally import GroupingMethod, Tally, VoteGroup, tally_votes
from engine.verdict import StoppedWhy, decide

PROMPT = (Message("user", "How many?"),)


def candidate(
    index: int,
    answer: str | None,
    response: str = "",
    thought: str = "",
    stop: StopReason = StopReason.FINISHED,
) -> Candidate:
    extracted = ExtractedAnswer(answer, answer, "boxed") if answer is not None else None
    text = response or f"#{index} says {answer}"
    return Candidate(index, 0, index, thought, text, extracted, 9, 0, 0.0, 0.1, 1.0, stop)


def answer(
    *candidates: Candidate,
    said: Feedback | None = None,
    tally: Tally | None = None,
    name: str = "d",
    prompt: tuple[Message, ...] = PROMPT,
) -> RecordedAnswer:
    """A finished deliberation."""
    counted = tally or tally_votes(candidates)
    record = DeliberationRecord(
        name,
        "m",
        "vote",
        Budget(samples=len(candidates) or 1),
        Sampling(),
        1,
        "m.gguf",
        LoadOptions(),
        datetime(2026, 1, 1, tzinfo=UTC),
        Status.FINISHED,
        "abc",
        decide(candidates, counted, StoppedWhy.BUDGET_SPENT),
        candidates=candidates,
        feedback=said or Feedback(),
    )
    return RecordedAnswer(record, prompt, "Small")


def answers(*texts: str | None) -> list[Candidate]:
    return [candidate(index, text) for index, text in enumerate(texts)]


def only(recorded: RecordedAnswer, judge: Judge, length_weight: float = 0.25) -> PreferencePair:
    (pair,) = preference_pairs([recorded], judge, length_weight)
    return pair


def names(pair: PreferencePair) -> tuple[str, str]:
    return pair.chosen_response, pair.rejected_response


# --- length ---------------------------------------------------------------------------------------


def test_length_counts_in_population_standard_deviations() -> None:
    ranks = length_controlled([0.0, 1.0], [10, 30], 0.5)
    assert ranks == pytest.approx([-1 + 0.5, 1 - 0.5])
    deviation = math.sqrt(2 / 3)
    assert length_controlled([1, 2, 3], [1, 1, 1], 0.5) == pytest.approx(
        [-1 / deviation, 0, 1 / deviation]
    )


def test_equal_values_say_nothing() -> None:
    assert length_controlled([0.1, 0.1, 0.1], [7, 7, 7], 0.25) == [0, 0, 0]
    assert length_controlled([], [], 0.25) == []


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9999)), min_size=1, max_size=30))
def test_without_a_weight_length_changes_no_order(pairs: list[tuple[float, int]]) -> None:
    scores, lengths = [score for score, _ in pairs], [length for _, length in pairs]
    ranks = length_controlled(scores, lengths, 0)
    assert all(math.isfinite(rank) for rank in ranks)
    ordered = [scores[i] for i in sorted(range(len(ranks)), key=lambda i: ranks[i])]
    assert ordered == pytest.approx(sorted(scores))


@pytest.mark.parametrize("weight", [-0.1, 0.51, float("nan")])
def test_a_length_weight_out_of_range_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        preference_pairs([], Judge.ALL, weight)


# --- the vote -------------------------------------------------------------------------------------


def test_the_vote_takes_the_winner_over_the_smallest_group() -> None:
    pair = only(answer(*answers("4", "4", "4", "5", "5", "6")), Judge.VOTE)
    assert names(pair) == ("#0 says 4", "#5 says 6")
    assert (pair.chosen_score, pair.rejected_score) == (3 / 6, 1 / 6)
    assert (pair.judge, pair.length_weight, pair.deliberation) == (Judge.VOTE, 0.25, "d")


def test_the_shorter_of_equals_is_chosen_and_the_longer_rejected() -> None:
    candidates = [
        candidate(0, "4", "four, after very many words"),
        candidate(1, "4", "four"),
        candidate(2, "5", "five"),
        candidate(3, "5", "five!", thought="a long thought counts as length"),
        candidate(4, "4", "well, four"),
    ]
    pair = only(answer(*candidates), Judge.VOTE)
    assert names(pair) == ("four", "five!")
    assert names(only(answer(*candidates), Judge.VOTE, 0.0)) == (
        "four, after very many words",
        "five",
    )


def test_weights_are_what_a_group_scores() -> None:
    candidates = answers("4", "5", "5")
    groups = (VoteGroup("4", "4", (0,), 3.0), VoteGroup("5", "5", (1, 2), 1.0))
    pair = only(answer(*candidates, tally=Tally(groups)), Judge.VOTE)
    assert (pair.chosen_score, pair.rejected_score) == (0.75, 0.25)


@pytest.mark.parametrize("texts", [("4", "5"), ("4", "4"), (None, None), ("4", None), ()], ids=str)
def test_without_a_winner_over_another_group_there_is_no_pair(texts: tuple[str | None]) -> None:
    assert preference_pairs([answer(*answers(*texts))], Judge.VOTE) == []


def test_a_medoid_is_no_vote() -> None:
    tally = Tally((VoteGroup("0", "", (0,), 1.0),), method=GroupingMethod.MEDOID)
    assert preference_pairs([answer(*answers(None, None), tally=tally)], Judge.VOTE) == []


def test_a_deliberation_without_a_verdict_has_no_vote() -> None:
    recorded = answer(*answers("4", "4", "5"))
    record = msgspec.structs.replace(recorded.deliberation, verdict=None, status=Status.FAILED)
    assert preference_pairs([RecordedAnswer(record, PROMPT)], Judge.VOTE) == []


@pytest.mark.parametrize(
    "stop",
    [StopReason.NOT_NEEDED, StopReason.TIME_UP, StopReason.CANCELLED, StopReason.FAILED],
)
def test_what_was_cut_short_is_never_used(stop: StopReason) -> None:
    cut = candidate(3, "6", stop=stop)
    pair = only(answer(*answers("4", "4", "5"), cut), Judge.VOTE)
    assert names(pair) == ("#0 says 4", "#2 says 5")
    said = Feedback(preferred=3)
    assert preference_pairs([answer(*answers("4", "4", "5"), cut, said=said)], Judge.USER) == []


def test_silence_is_rejected_in_one_pair_of_ten() -> None:
    recorded = [
        answer(
            *answers("4", "4", "5"),
            candidate(3, None, "I do not know."),
            name=f"d{number}",
            prompt=(Message("user", f"How many, time {number}?"),),
        )
        for number in range(25)
    ]
    pairs = preference_pairs(recorded, Judge.VOTE)
    silent = [pair for pair in pairs if pair.rejected_response == "I do not know."]
    assert (len(pairs), len(silent)) == (25, 2)
    assert {pair.rejected_score for pair in silent} == {0.0}
    assert len(preference_pairs(recorded[:9], Judge.VOTE)) == 9
    few = preference_pairs(recorded[:9], Judge.VOTE)
    assert all(pair.rejected_response == "#2 says 5" for pair in few)


def test_silence_that_ran_out_of_tokens_is_not_rejected() -> None:
    recorded = [
        answer(
            *answers("4", "4", "5"),
            candidate(3, None, "I do not", stop=StopReason.TOKEN_BUDGET),
            prompt=(Message("user", f"Time {number}?"),),
        )
        for number in range(10)
    ]
    assert {names(pair)[1] for pair in preference_pairs(recorded, Judge.VOTE)} == {"#2 says 5"}


# --- the person -----------------------------------------------------------------------------------


def test_the_preferred_one_is_chosen_whatever_the_vote_says() -> None:
    recorded = answer(*answers("4", "4", "4", "5", "5", "6"), said=Feedback(preferred=5))
    pair = only(recorded, Judge.USER)
    assert pair.judge is Judge.USER
    assert names(pair) == ("#5 says 6", "#3 says 5")


def test_where_all_answer_alike_the_preferred_one_stands_against_the_worst() -> None:
    candidates = [candidate(0, "4", "four"), candidate(1, "4", "it is four, I am sure")]
    recorded = answer(*candidates, said=Feedback(preferred=0))
    assert names(only(recorded, Judge.USER)) == ("four", "it is four, I am sure")


def test_an_open_question_has_no_scores_but_can_have_a_preferred_answer() -> None:
    tally = Tally((VoteGroup("0", "", (0,), 1.0),), method=GroupingMethod.MEDOID)
    candidates = [
        candidate(i, None, text) for i, text in enumerate(("short", "medium one", "long " * 9))
    ]
    pair = only(answer(*candidates, tally=tally, said=Feedback(preferred=1)), Judge.USER)
    assert names(pair) == ("medium one", "long " * 9)
    assert (pair.chosen_score, pair.rejected_score) == (None, None)


def test_thumbs_up_chooses_what_was_shown_over_the_worst_group() -> None:
    said = Feedback(Thumb.UP, 1)
    recorded = answer(*answers("4", "4", "5", "5", "6"), said=said)
    # The two groups that lead are equal: the person's word needs no winner.
    assert names(only(recorded, Judge.USER)) == ("#1 says 4", "#4 says 6")


def test_thumbs_down_rejects_what_was_shown_for_the_best_of_the_next_group() -> None:
    said = Feedback(Thumb.DOWN, 0)
    recorded = answer(*answers("4", "4", "4", "6", "5", "5"), said=said)
    assert names(only(recorded, Judge.USER)) == ("#4 says 5", "#0 says 4")


@pytest.mark.parametrize("thumb", list(Thumb))
def test_a_thumb_without_another_group_says_nothing(thumb: Thumb) -> None:
    recorded = answer(*answers("4", "4", None), said=Feedback(thumb, 0))
    assert preference_pairs([recorded], Judge.ALL) == []


def test_a_preference_says_more_than_a_thumb() -> None:
    recorded = answer(*answers("4", "4", "5"), said=Feedback(Thumb.UP, 0, 2))
    assert names(only(recorded, Judge.ALL)) == ("#2 says 5", "#0 says 4")


def test_the_vote_alone_ignores_the_person_and_the_person_alone_the_vote() -> None:
    said = answer(*answers("4", "4", "5"), said=Feedback(preferred=2), name="said")
    other = answer(*answers("4", "4", "5"), name="other", prompt=(Message("user", "And now?"),))
    by = {judge: preference_pairs([said, other], judge) for judge in Judge}
    assert [p.deliberation for p in by[Judge.USER]] == ["said"]
    assert [names(p) for p in by[Judge.VOTE]] == [("#0 says 4", "#2 says 5")] * 2
    assert [p.judge for p in by[Judge.ALL]] == [Judge.USER, Judge.VOTE]


# --- what is written ------------------------------------------------------------------------------


def test_equal_texts_and_equal_pairs_are_skipped() -> None:
    same = [candidate(0, "4", "yes"), candidate(1, "4", "yes "), candidate(2, "4", " yes")]
    assert preference_pairs([answer(*same, said=Feedback(preferred=0))], Judge.USER) == []
    twice = [answer(*answers("4", "4", "5"), name=name) for name in ("one", "two")]
    assert [p.deliberation for p in preference_pairs(twice, Judge.VOTE)] == ["one"]


def test_an_empty_response_and_a_missing_question_are_skipped() -> None:
    empty = candidate(2, "5", " ")
    assert preference_pairs([answer(*answers("4", "4"), empty)], Judge.VOTE) == []
    assert preference_pairs([answer(*answers("4", "4", "5"), prompt=())], Judge.VOTE) == []


def test_a_line_is_trl_s_conversational_form_with_the_thought_before_the_response() -> None:
    candidates = [candidate(0, "4", "four", "hm"), candidate(1, "4", "4!!!!!"), candidate(2, "5")]
    line = json_line(only(answer(*candidates), Judge.VOTE))
    assert line.endswith(b"}\n")
    written = json.loads(line)
    assert written == {
        "prompt": [{"role": "user", "content": "How many?"}],
        "chosen": [{"role": "assistant", "content": "<think>\nhm\n</think>\n\nfour"}],
        "rejected": [{"role": "assistant", "content": "#2 says 5"}],
        "chosen_thought": "hm",
        "chosen_response": "four",
        "rejected_thought": "",
        "rejected_response": "#2 says 5",
        "chosen_score": 2 / 3,
        "rejected_score": 1 / 3,
        "judge": "vote",
        "length_weight": 0.25,
        "model": {"name": "Small", "sha256": "abc"},
        "deliberation": "d",
    }


def test_the_order_of_candidates_does_not_matter() -> None:
    candidates = answers("4", "5", "4", "6", "4")
    tally = tally_votes(candidates)
    forward = only(answer(*candidates, tally=tally), Judge.VOTE)
    assert only(answer(*candidates[::-1], tally=tally), Judge.VOTE) == forward
