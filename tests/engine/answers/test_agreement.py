"""Agreement of open responses: the question to the judge, its reply, and the medoid."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.answers.agreement import judge_messages, medoid, parse_judgement


@pytest.mark.parametrize(
    ("reply", "judgement"),
    [
        ("yes", True),
        ("Yes, both say so.", True),
        ("**No**", False),
        (" \nNO.", False),
        ("nothing", None),
        ("Not really", None),
        ("I think yes", None),
        ("", None),
    ],
)
def test_only_the_first_word_judges(reply: str, judgement: object) -> None:
    assert parse_judgement(reply) is judgement


def test_the_judge_sees_the_question_and_both_responses_in_order() -> None:
    (message,) = judge_messages("Why?", "Because of rain.", "Because of sun.")
    places = [message.content.index(t) for t in ("Why?", "of rain", "of sun", "yes or no?")]
    assert message.role == "user"
    assert places == sorted(places)


def test_of_a_long_response_the_judge_sees_beginning_and_end() -> None:
    (message,) = judge_messages("Why?", "First. " + "x " * 5000 + "Therefore rain.", "Sun.")
    assert "First. " in message.content
    assert "Therefore rain." in message.content
    assert len(message.content) < 2500


def test_the_medoid_is_the_most_common_kind_of_response() -> None:
    responses = [
        "Bananas are yellow fruit.",
        "The sky is blue because air scatters short waves.",
        "Air scatters short waves, therefore the sky is blue.",
        "The sky is blue: short waves are scattered by air.",
        "",
    ]
    assert medoid(responses) in {1, 2, 3}
    assert medoid(["one"]) == 0
    assert medoid(["same", "same"]) == 0


@given(st.lists(st.text(alphabet="ab cd", max_size=20), min_size=1, max_size=100))
def test_the_medoid_is_one_of_the_responses(responses: list[str]) -> None:
    assert 0 <= medoid(responses) < len(responses)


def test_a_thousand_long_responses_have_a_medoid_in_time() -> None:
    responses = [" ".join(f"w{(n * m) % 997}" for m in range(2000)) for n in range(1024)]
    started = time.process_time()
    medoid(responses)
    assert time.process_time() - started < 10
