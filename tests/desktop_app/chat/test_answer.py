"""What the transcript shows of an answer is the same live, thought about longer, and reopened."""

from __future__ import annotations

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from desktop_app.chat.answer import Answer
from desktop_app.chat.transcript_figures import full_text, segments
from desktop_app.rich_text.view import RichTextView
from desktop_app.spending import Spending
from engine.budget import Budget
from engine.candidate import StopReason
from engine.generation import Sampling
from engine.journal.records import Status
from engine.power.trace import joined_report
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
from engine.session import EnergyMeasured
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide
from tests.desktop_app.thinking.deliberations import (
    NAME,
    REPORT,
    answers,
    candidate,
    events,
    record_of,
)


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


@pytest.mark.parametrize("measured_first", [True, False])
def test_energy_of_all_runs_is_added_as_the_journal_adds_it(*, measured_first: bool) -> None:
    answer = Answer.fresh(NAME, "m", "vote", Budget(2))
    for event in events(answers("4", "5")):
        if isinstance(event, VerdictReached) and measured_first:
            answer.apply(EnergyMeasured(NAME, REPORT, {0: 1.0, 1: 2.0}))
        answer.apply(event)
    first_report, first_seconds = answer.energy, answer.seconds
    assert first_report == (REPORT if measured_first else None)
    assert first_seconds is not None
    answer.begin_again(Budget(3))
    answer.apply(DeliberationStarted(NAME, 1))
    done = candidate(2, "4")
    answer.apply(CandidateFinished(NAME, done))
    later = msgspec.structs.replace(REPORT, joules=100.0, window="1 s average")
    answer.apply(EnergyMeasured(NAME, later, {2: 3.0}))
    every = [*answers("4", "5"), done]
    verdict = decide(every, tally_votes(every), StoppedWhy.BUDGET_SPENT)
    answer.apply(VerdictReached(NAME, verdict, 4.0, None, None))
    assert answer.energy == joined_report(first_report, first_seconds, later, 4.0)
    assert answer.energy is not None
    assert answer.energy.joules == (3000.0 if measured_first else None)
    known = {0: 1.0, 1: 2.0} if measured_first else {}
    assert answer.view.joules_by_candidate == {**known, 2: 3.0}


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


def test_what_a_broken_off_run_took_is_not_left_out_of_the_sum_unsaid() -> None:
    answer = Answer.fresh(NAME, "m", "vote", Budget(3))
    given = answers("5", "4")
    for done in given:
        answer.apply(CandidateStarted(NAME, done.index, 0, done.seed, 0.0))
        answer.apply(CandidateFinished(NAME, done))
    answer.apply(DeliberationFailed(NAME, "worker-died", ""))
    answer.begin_again(Budget(3))
    answer.take_back()
    assert (answer.seconds, answer.energy) == (None, None)
    answer.begin_again(Budget(3))
    answer.apply(DeliberationStarted(NAME, 1))
    answer.apply(EnergyMeasured(NAME, REPORT, {}))
    verdict = decide(given, tally_votes(given), StoppedWhy.BUDGET_SPENT)
    answer.apply(VerdictReached(NAME, verdict, 4.0, None, None))
    assert answer.energy == joined_report(None, 0.0, REPORT, 4.0)
    assert answer.energy is not None
    assert answer.energy.joules is None


@pytest.mark.parametrize(
    ("stop", "note", "segment"),
    [
        (StopReason.CONTEXT_FULL, "the context is full", "2 cut where the context is full"),
        (StopReason.TOKEN_BUDGET, "the limit of tokens", "2 cut at the limit of tokens"),
    ],
)
def test_an_answer_that_breaks_off_says_so(stop: StopReason, note: str, segment: str) -> None:
    answer = Answer.fresh(NAME, "m", "vote", Budget(2))
    for event in events([candidate(0, "4", stop=stop), candidate(1, "4", stop=stop)]):
        answer.apply(event)
    evidence = answer.evidence()
    assert evidence is not None
    assert any(note in said for said in evidence.notes)
    assert segment in [part.text for part in segments(evidence)]


@pytest.mark.parametrize("stop", [StopReason.CONTEXT_FULL, StopReason.TOKEN_BUDGET])
@pytest.mark.parametrize("text", ["4", ""])
def test_of_one_answer_alone_it_is_said_once_that_it_was_cut(stop: StopReason, text: str) -> None:
    answer = Answer.fresh(NAME, "m", "vote", Budget(1))
    for event in events([candidate(0, text, stop=stop)]):
        answer.apply(event)
    evidence = answer.evidence()
    assert evidence is not None
    said = "\n".join([answer.text(), *evidence.notes])
    cause = "context is full" if stop is StopReason.CONTEXT_FULL else "limit of"
    assert said.count(cause) == 1
    assert "cut" not in full_text(evidence)


def test_what_the_settings_decide_is_not_to_be_tried_again_as_it_is() -> None:
    answer = Answer.fresh(NAME, "m", "vote", Budget(2))
    answer.apply(DeliberationFailed(NAME, "prompt-too-long", "9000 tokens, 8192 fit"))
    turn = answer.turn()
    assert turn.settings_help
    assert turn.error_text.endswith("\n9000 tokens, 8192 fit")
    answer.apply(DeliberationFailed(NAME, "decode", ""))
    assert not answer.turn().settings_help


@pytest.mark.parametrize(
    ("texts", "weights", "said"),
    [
        (("4", "5"), {}, "No majority: **4** and **5** have one vote each."),
        (tuple("44556677"), {}, "No majority: **4**, **5**, **6** and **7** have 2 votes each."),
        (tuple("45678"), {}, "No majority: **5 answers** have one vote each."),
        (
            ("5", "5", "4", "6"),
            {0: 0.1, 1: 0.2, 2: 0.3, 3: 0.2},
            "No majority: the votes for **5** and **4** weigh the same.",
        ),
    ],
)
def test_a_tie_says_what_is_the_same(
    texts: tuple[str, ...], weights: dict[int, float], said: str
) -> None:
    given = answers(*texts)
    answer = Answer.fresh(NAME, "m", "vote", Budget(len(given)))
    for event in events(given, ended=False):
        answer.apply(event)
    tally = tally_votes(given, weights=weights)
    verdict = decide(given, tally, StoppedWhy.BUDGET_SPENT)
    answer.apply(VerdictReached(NAME, verdict, 4.0))
    assert answer.text() == f"{said} Choose one, or think longer."


def test_an_answer_that_was_not_gone_on_with_after_all_keeps_its_text() -> None:
    cut = candidate(0, None, stop=StopReason.CANCELLED, response="So it")
    first = Answer.fresh(NAME, "m", "vote", Budget(1))
    for event in events([cut], stopped=StoppedWhy.CANCELLED):
        first.apply(event)
    answer = Answer.asked(NAME, "m", Spending("vote", Budget(1), Sampling()), first.cut)
    for event in events([cut], stopped=StoppedWhy.CANCELLED):
        answer.apply(event)
    assert answer.said == "So it"
    answer.begin_again(Budget(2))
    assert answer.said == "So it"
    answer.take_back()
    assert answer.said == "So it"
    assert answer.cut is not None


def test_what_was_gone_on_from_is_counted_once_in_a_full_context() -> None:
    full = candidate(0, None, stop=StopReason.CONTEXT_FULL)
    answer = Answer.fresh(NAME, "m", "vote", Budget(1))
    for event in events([msgspec.structs.replace(full, begun_tokens=30)]):
        answer.apply(event)
    answer.prompt_tokens = 100  # the beginning's 30 are read with the question
    assert answer.cut is not None
    assert answer.cut.context_tokens == 100 + full.tokens
    assert answer.cut.tokens == 30 + full.tokens


@pytest.mark.parametrize(
    ("answers_", "shown"),
    [
        (("2*x*y", "3*x*y"), "2*x*y and 3*x*y"),
        (("2**3", "x_1_2"), "2**3 and x_1_2"),
        (
            ("[click](http://evil.example/)", "<b>4</b>"),
            "[click](http://evil.example/) and <b>4</b>",
        ),
        (("$x^2$", "**7**"), "x² and 7"),
    ],
)
def test_a_tie_shows_answers_as_they_are(
    answers_: tuple[str, str], shown: str, qtbot: QtBot
) -> None:
    answer = Answer.fresh(NAME, "m", "vote", Budget(2))
    for event in events(answers(*answers_)):
        answer.apply(event)
    view = RichTextView()
    qtbot.addWidget(view)
    view.set_markdown(answer.text())
    view.finish()
    assert shown in view.toPlainText()
