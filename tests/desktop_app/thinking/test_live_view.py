"""Replaying a deliberation's events gives what the panel shows."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop_app.thinking.live import INTERRUPTED, DeliberationView, Standing
from engine.budget import Budget
from engine.candidate import ExtractedAnswer, StopReason
from engine.journal.records import DraftRecord, Status
from engine.protocol import (
    BudgetChanged,
    CandidateDelta,
    CandidateFinished,
    CandidateStarted,
    DeliberationFailed,
    Progressed,
    TallyChanged,
    VerdictReached,
)
from engine.session import EnergyMeasured
from engine.tally import GroupingMethod, Tally, VoteGroup, tally_votes
from engine.verdict import Outcome, StoppedWhy, Verdict
from tests.desktop_app.thinking.deliberations import (
    NAME,
    REPORT,
    answers,
    candidate,
    events,
    record_of,
    running_view,
    view_of,
)


def test_a_whole_replay_ends_in_the_verdict_and_every_event_is_a_revision() -> None:
    view = DeliberationView(NAME, "vote", Budget(3))
    for number, event in enumerate(events(answers("12", "12", "14")), start=1):
        assert view.running
        view.apply(event)
        assert view.revision == number
    assert not view.running
    assert view.verdict is not None
    assert view.verdict.outcome is Outcome.MAJORITY
    assert view.chosen == view.verdict.chosen
    assert (view.counted, view.under_way) == (3, 0)


def test_events_of_another_deliberation_change_nothing() -> None:
    view = running_view(2)
    before = view.revision
    view.apply(CandidateStarted("another", 5, 0, 0, 0.0))
    assert view.revision == before
    assert 5 not in view.candidates


def test_text_grows_by_deltas_and_ends_as_the_candidate_says() -> None:
    view = DeliberationView(NAME, "vote", Budget(1))
    view.apply(CandidateStarted(NAME, 0, 0, 7, 0.2))
    assert view.standing(0) is Standing.WAITING
    view.apply(Progressed(NAME, 1.0, (CandidateDelta(0, "Let me ", "", 2, 0.6),)))
    view.apply(Progressed(NAME, 1.5, (CandidateDelta(0, "see.", "It is", 5, 0.6),)))
    live = view.candidates[0]
    assert (live.thought, live.response, live.tokens) == ("Let me see.", "It is", 5)
    assert view.standing(0) is Standing.RUNNING
    assert view.elapsed_seconds == 1.5
    assert live.tokens_per_second(view.elapsed_seconds) == pytest.approx(4 / 0.9)
    view.apply(CandidateFinished(NAME, candidate(0, "12", response="It is 12.")))
    assert view.candidates[0].response == "It is 12."


def test_a_group_keeps_its_colour_while_another_overtakes_it() -> None:
    view = DeliberationView(NAME, "vote", Budget(5))
    done = answers("14", "12", "12", "9", "12")
    numbers = []
    for count in range(1, len(done) + 1):
        view.apply(CandidateFinished(NAME, done[count - 1]))
        view.apply(TallyChanged(NAME, tally_votes(done[:count])))
        numbers.append([view.group_of(index) for index in range(count)])
    assert numbers[-1] == [0, 1, 1, 2, 1]
    assert all(row == numbers[-1][: len(row)] for row in numbers)


def test_at_the_end_the_leader_has_the_first_colour_whichever_came_first() -> None:
    view = view_of(answers("14", "12", "12", "9", "9", "12"))
    assert [view.group_of(index) for index in range(6)] == [2, 0, 0, 1, 1, 0]
    # thought about longer, what is new comes after what was there
    view.apply(CandidateFinished(NAME, candidate(6, "7")))
    done = answers("14", "12", "12", "9", "9", "12", "7")
    view.apply(TallyChanged(NAME, tally_votes(done)))
    assert [view.group_of(index) for index in range(7)] == [2, 0, 0, 1, 1, 0, 3]


def test_colours_are_the_same_live_and_from_the_journal() -> None:
    done = [
        candidate(0, "14", finished_seconds=9.0),
        candidate(1, "12", finished_seconds=4.0),
        candidate(2, "9", finished_seconds=5.0),
        candidate(3, "14", finished_seconds=3.0),
    ]
    live, stored = view_of(done), DeliberationView.from_record(record_of(done))
    for index in range(4):
        assert live.group_of(index) == stored.group_of(index)
    assert live.group_of(3) == 0


def test_an_answer_has_no_colour_before_it_is_counted() -> None:
    view = DeliberationView(NAME, "vote", Budget(2))
    one, other = candidate(0, "1/2"), candidate(1, "0.5")
    for done in (one, other):
        view.apply(CandidateFinished(NAME, done))
        assert view.group_of(done.index) is None
        assert view.standing(done.index) is Standing.RUNNING
    group = VoteGroup("1/2", "1/2", (0, 1), 2.0)
    view.apply(TallyChanged(NAME, Tally((group,), method=GroupingMethod.SYMBOLIC)))
    assert [view.group_of(0), view.group_of(1)] == [0, 0]


def test_a_group_is_called_what_the_chosen_candidate_says() -> None:
    spellings = ("9 + 3", "3 + 9", "4")
    said = [
        replace(candidate(index, text), answer=ExtractedAnswer(text, key, "boxed"))
        for index, (text, key) in enumerate(zip(spellings, ("12", "12", "4"), strict=True))
    ]
    view = view_of(said)
    assert view.verdict is not None
    view.verdict = replace(view.verdict, chosen=1)
    assert [view.label(group) for group in view.tally.groups] == ["3 + 9", "4"]
    view.verdict = None
    assert [view.label(group) for group in view.tally.groups] == ["9 + 3", "4"]


def test_standing_tells_no_answer_from_not_counted() -> None:
    view = view_of(
        [
            candidate(0, "12"),
            candidate(1, None, stop=StopReason.TOKEN_BUDGET),
            candidate(2, None, stop=StopReason.NOT_NEEDED),
            candidate(3, None, stop=StopReason.CANCELLED),
        ]
    )
    assert [view.standing(index) for index in range(4)] == [
        Standing.VOTED,
        Standing.NO_ANSWER,
        Standing.NOT_COUNTED,
        Standing.NOT_COUNTED,
    ]


def test_without_a_vote_only_the_typical_response_stands_out() -> None:
    view = view_of(answers(None, None), ended=False)
    tally = Tally((VoteGroup("1", "", (1,), 1.0),), method=GroupingMethod.MEDOID)
    view.apply(
        VerdictReached(NAME, Verdict(Outcome.MEDOID, None, 1, tally, StoppedWhy.BUDGET_SPENT), 4.0)
    )
    assert view.standing(1) is Standing.VOTED
    assert view.standing(0) is Standing.NOT_COUNTED


def test_the_fastest_is_the_quickest_that_answered_once_there_are_two() -> None:
    view = DeliberationView(NAME, "vote", Budget(4))
    view.apply(CandidateFinished(NAME, candidate(0, None, finished_seconds=0.5)))
    view.apply(CandidateFinished(NAME, candidate(1, "12", finished_seconds=3.0)))
    assert view.fastest is None
    view.apply(CandidateFinished(NAME, candidate(2, "12", finished_seconds=2.0)))
    assert view.fastest == 2


def test_a_promoted_candidate_is_the_chosen_one() -> None:
    view = view_of(answers("12", "12", "14"))
    view.promoted = 2
    assert view.chosen == 2


def test_budget_energy_and_failure_are_taken() -> None:
    view = running_view(2)
    view.apply(BudgetChanged(NAME, Budget(32)))
    view.apply(EnergyMeasured(NAME, REPORT, {0: 1450.0, 1: 1450.0}))
    assert view.budget.attempts == 32
    assert view.joules_by_candidate == {0: 1450.0, 1: 1450.0}
    view.apply(DeliberationFailed(NAME, "worker-died", "gone"))
    assert not view.running
    assert view.under_way == 0


def test_reading_the_question_is_shown_until_the_first_text() -> None:
    view = DeliberationView(NAME, "vote", Budget(1))
    view.apply(CandidateStarted(NAME, 0, 0, 0, 0.0))
    view.apply(Progressed(NAME, 0.2, (), 128, 512))
    assert view.prompt_tokens == (128, 512)
    view.apply(Progressed(NAME, 0.9, (CandidateDelta(0, "", "So", 1, 0.9),)))
    assert view.prompt_tokens is None


def test_an_interrupted_record_is_over_and_still_shows_its_votes_and_drafts() -> None:
    record = record_of(answers("12", "12"), Status.INTERRUPTED)
    record = replace(record, drafts=(DraftRecord(2, "", "half a sen", 3),))
    view = DeliberationView.from_record(record)
    assert not view.running
    assert view.failed_code == INTERRUPTED
    assert view.tally.groups[0].count == 2
    assert view.candidates[2].response == "half a sen"


def test_a_finished_record_shows_what_was_measured_then() -> None:
    view = DeliberationView.from_record(record_of(answers("12", "14", "12")))
    assert not view.running
    assert view.elapsed_seconds == 9.0
    assert view.tokens == 3 * 41
    assert view.first_token_seconds == 0.5


def test_time_passes_while_nothing_is_told() -> None:
    view = running_view(2)
    view.tick(1000.0)
    assert view.elapsed_seconds == 1.0  # its start was not seen
    view.started_at = 1000.0
    before = view.revision
    view.tick(1001.5)
    assert (view.elapsed_seconds, view.revision) == (1.0, before)
    view.tick(1002.5)
    assert (view.elapsed_seconds, view.revision) == (2.5, before + 1)
    view.apply(DeliberationFailed(NAME, "worker-died", "gone"))
    view.tick(1009.0)
    assert view.elapsed_seconds == 2.5
