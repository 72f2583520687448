"""What the transcript shows of an answer is the same live, thought about longer, and reopened."""

from __future__ import annotations

import msgspec
import pytest

from desktop_app.chat.answer import Answer
from engine.budget import Budget
from engine.journal.records import Status
from engine.protocol import (
    CandidateDelta,
    CandidateFinished,
    CandidateStarted,
    DeliberationFailed,
    DeliberationStarted,
    Progressed,
    TallyChanged,
    VerdictReached,
)
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide
from tests.desktop_app.thinking.deliberations import NAME, answers, candidate, events, record_of


def _finished(budget: Budget) -> Answer:
    answer = Answer.fresh(NAME, "m", "vote", budget)
    for event in events(answers("4", "5")):
        answer.apply(event)
    return answer


def test_thinking_longer_counts_time_from_the_question_in_all_it_shows() -> None:
    answer = _finished(Budget(2))
    first = answer.view.elapsed_seconds
    assert first > 0
    answer.begin_again(Budget(3))
    answer.apply(DeliberationStarted(NAME, 1))
    answer.apply(CandidateStarted(NAME, 2, 0, 7, 0.25))
    answer.apply(Progressed(NAME, 2.0, (CandidateDelta(2, "", "Four", 11, 1.0),)))
    live = answer.view.candidates[2]
    assert answer.view.elapsed_seconds == pytest.approx(first + 2.0)
    assert live.queued_seconds == pytest.approx(first + 0.25)
    assert live.tokens_per_second(answer.view.elapsed_seconds) == pytest.approx(10.0)
    done = candidate(2, "4", first_token_seconds=1.0, finished_seconds=3.0)
    answer.apply(CandidateFinished(NAME, done))
    assert answer.view.candidates[2].ended_seconds == pytest.approx(first + 3.0)
    assert answer.view.candidates[0].ended_seconds == answers("4")[0].finished_seconds
    every = [*answers("4", "5"), done]
    verdict = decide(every, tally_votes(every), StoppedWhy.BUDGET_SPENT)
    answer.apply(VerdictReached(NAME, verdict, 4.0, None, None))
    assert answer.view.elapsed_seconds == pytest.approx(first + 4.0)
    assert answer.view.elapsed_seconds == pytest.approx(answer.seconds)


def test_a_dead_engine_leaves_the_leading_answer_live_and_reopened() -> None:
    given = answers("5", "4", "4")
    live = Answer.fresh(NAME, "m", "vote", Budget(8))
    for done in given:
        text = f"Answer: {done.answer.text if done.answer else ''}"
        done = msgspec.structs.replace(done, response=text)
        given[done.index] = done
        live.apply(CandidateStarted(NAME, done.index, 0, done.seed, 0.0))
        live.apply(CandidateFinished(NAME, done))
    live.apply(TallyChanged(NAME, tally_votes(given)))
    live.apply(DeliberationFailed(NAME, "worker-died", ""))
    record = msgspec.structs.replace(
        record_of(given), verdict=None, status=Status.FAILED, error_code="worker-died"
    )
    assert live.text() == "Answer: 4"
    assert Answer.recorded(record, "m").text() == live.text()
