"""What a person says of the answers of a sweep reaches every verdict that took such an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.budget import Budget
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.journal.journal import Journal
from engine.lab.forecast import ENOUGH_SAMPLES, Pace
from engine.lab.plan import Arm, SweepPlan
from engine.lab.questions import Question, QuestionSet
from engine.lab.records import Place, SampleRecord, Stretch, VerdictRecord
from engine.tally import tally_votes
from engine.verdict import Outcome, StoppedWhy, Verdict, decide

PLACE = Place(0, 0, 0)
HALF = "1/2"
"""The key of every way to write it."""


def candidate(index: int, text: str, key: str, score: float) -> Candidate:
    answer = ExtractedAnswer(text, key, "boxed")
    return Candidate(
        index, 0, 1, "", text, answer, 5, 0, 0.0, 0.1, 1.0, StopReason.FINISHED, score=score
    )


CANDIDATES = (
    candidate(0, "1/2", HALF, 0.1),
    candidate(1, "0.5", HALF, 0.9),
    candidate(2, "3", "3", 0.3),
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db")
    questions = QuestionSet("one", "here", (Question("How much?", "3"),))
    arm = Arm("m.gguf", "search", 3, Budget(samples=3))
    journal.start_sweep("s", "a test", SweepPlan(questions, (arm,))).result()
    for one in CANDIDATES:
        journal.add_sweep_sample("s", SampleRecord(PLACE, one, None, None, "different")).result()
    yield journal
    journal.close()


def corrected(
    journal: Journal, verdict: Verdict, key: str
) -> tuple[list[bool | None], bool | None]:
    """What samples and verdict count as once a person has said that a group is right."""
    record = VerdictRecord(PLACE, verdict, None, "different", 15, 1.0)
    journal.add_sweep_verdict("s", record).result()
    journal.correct_sweep("s", PLACE, key, right=True).result()
    read = journal.sweep("s").result()
    return [sample.corrected for sample in read.samples], read.verdicts[0].corrected


@pytest.mark.parametrize("best", [True, False])
def test_a_correction_reaches_the_verdict_however_its_winner_writes_the_answer(
    journal: Journal, *, best: bool
) -> None:
    verdict = decide(CANDIDATES, tally_votes(CANDIDATES), StoppedWhy.BUDGET_SPENT, best=best)
    assert (verdict.outcome is Outcome.BEST, verdict.answer == "0.5") == (best, best)
    assert corrected(journal, verdict, HALF) == ([True, True, None], True)


def test_a_correction_of_another_answer_leaves_the_verdict_alone(journal: Journal) -> None:
    verdict = decide(CANDIDATES, tally_votes(CANDIDATES), StoppedWhy.BUDGET_SPENT, best=True)
    assert corrected(journal, verdict, "3") == ([None, None, True], None)


def test_a_tie_took_no_answer_that_could_be_corrected(journal: Journal) -> None:
    tied = CANDIDATES[1:]
    verdict = decide(tied, tally_votes(tied), StoppedWhy.BUDGET_SPENT)
    assert verdict.outcome is Outcome.TIE
    assert corrected(journal, verdict, HALF)[1] is None


def test_a_verdict_that_names_no_candidate_is_found_by_its_answer(journal: Journal) -> None:
    verdict = Verdict(
        Outcome.MAJORITY, "1/2", None, tally_votes(CANDIDATES), StoppedWhy.BUDGET_SPENT
    )
    assert corrected(journal, verdict, HALF)[1] is True


def swept(journal: Journal, sweep_id: str, samples: int, seconds: float) -> None:
    questions = QuestionSet("one", "here", (Question("How much?", "3"),))
    arm = Arm("m.gguf", "vote", samples, Budget(samples=samples))
    journal.start_sweep(sweep_id, "a test", SweepPlan(questions, (arm,))).result()
    for index in range(samples):
        one = candidate(index, "3", "3", 0.5)
        journal.add_sweep_sample(sweep_id, SampleRecord(PLACE, one, None, None, "alike")).result()
    journal.add_sweep_stretch(sweep_id, Stretch(0, "2026-01-01", seconds, 1, None)).result()


def test_a_forecast_rests_on_the_latest_sweeps(journal: Journal) -> None:
    swept(journal, "old", ENOUGH_SAMPLES, 1000.0)
    swept(journal, "new", ENOUGH_SAMPLES, 10.0)
    swept(journal, "newest", 8, 2.0)
    paces = journal.paces().result()
    assert paces == [Pace("m.gguf", "vote", ENOUGH_SAMPLES + 8, 12.0, None)]
