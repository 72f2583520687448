"""What is shown of stored sweeps, some of whose questions could not be answered."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.lab.export import SweepFileError, from_json, samples_csv
from engine.lab.plan import SweepPlan, arm_labels, make_plan
from engine.lab.questions import Question, QuestionSet
from engine.lab.records import (
    Place,
    RunCard,
    SampleRecord,
    Stretch,
    SweepRecord,
    SweepStatus,
    SweepSummary,
    VerdictRecord,
)
from engine.lab.replay import replay
from engine.lab.report import html_report
from engine.lab.results import replay_arms, results_of
from engine.lab.rule import Rule
from engine.lab.sample_arrays import samples_of
from engine.options import StrategyOptions, Weighting
from engine.power.meter import EnergyReport
from engine.strategies.vote import Vote
from engine.tally import Tally, tally_votes
from engine.verdict import Outcome, StoppedWhy, Verdict, decide

QUESTIONS, SAMPLES = 10, 4
SET = QuestionSet("ten", "by hand", tuple(Question(f"q{n}?", "42") for n in range(QUESTIONS)))
SAID = Verdict(Outcome.MAJORITY, "42", 0, Tally(), StoppedWhy.BUDGET_SPENT)
FAILED = Verdict(Outcome.NOTHING, None, None, Tally(), StoppedWhy.NO_ROOM)


def plan() -> SweepPlan:
    return make_plan(SET, [Path("m.gguf")], ["vote"], [1, 2, 4])


def right_sample(place: Place, index: int) -> SampleRecord:
    answer = ExtractedAnswer("42", "42", "answer-line")
    candidate = Candidate(
        index, 0, index, "", "", answer, 10, 0, 0.0, 1.0, 2.0, StopReason.FINISHED
    )
    return SampleRecord(place, candidate, "42", right=True, why="same-key")


def sweep(counts: list[int], *, in_progress: int | None = None) -> SweepRecord:
    """All samples are right; a question with fewer than four of them has failed.

    Args:
        counts: Samples of each question.
        in_progress: The question that has no verdict yet.
    """
    samples: list[SampleRecord] = []
    verdicts = []
    for question, count in enumerate(counts):
        place = Place(0, question, 0)
        samples += [right_sample(place, index) for index in range(count)]
        if question == in_progress:
            continue
        whole = count == SAMPLES
        verdict, why = (SAID, "same-key") if whole else (FAILED, "prompt-too-long")
        verdicts.append(VerdictRecord(place, verdict, whole, why, 10 * count, 1.0))
    summary = SweepSummary("s", "n", "2026-01-01", SweepStatus.FINISHED, "", len(samples), 0)
    return SweepRecord(summary, plan(), RunCard(), tuple(samples), tuple(verdicts), ())


def accuracies(record: SweepRecord, rule: str = "vote") -> dict[int, float]:
    curve = next(curve for curve in results_of(record).curves if curve.rule == rule)
    return {point.budget: point.accuracy.value for point in curve.points}


def test_a_question_without_a_sample_counts_as_wrong_at_every_budget() -> None:
    record = sweep([0, *[SAMPLES] * (QUESTIONS - 1)])
    assert results_of(record).questions == QUESTIONS
    for rule in ("vote", "weighted", "settled", "coverage"):
        assert accuracies(record, rule) == pytest.approx({1: 0.9, 2: 0.9, 4: 0.9})
    assert [p.tokens for p in replay_arms(record, [Rule.VOTE])[0].points] == [9.0, 18.0, 36.0]


def test_a_question_with_few_samples_leaves_the_others_their_budgets() -> None:
    """Of its four samples one came: a vote of one is right in a quarter of the cases."""
    found = accuracies(sweep([1, *[SAMPLES] * (QUESTIONS - 1)]))
    assert sorted(found) == [1, 2, 4]
    assert found[1] == pytest.approx(0.9 + 0.25 / 10)
    assert found[4] == pytest.approx(1.0)


def test_a_question_in_progress_is_left_out() -> None:
    record = sweep([*[SAMPLES] * (QUESTIONS - 1), 2], in_progress=QUESTIONS - 1)
    assert results_of(record).finished == tuple(range(QUESTIONS - 1))
    assert accuracies(record) == {1: 1.0, 2: 1.0, 4: 1.0}


@pytest.mark.parametrize("weighting", [Weighting.EQUAL, Weighting.LIKELIHOOD])
def test_a_weighted_vote_weighs_what_it_weighs_in_a_chat(weighting: Weighting) -> None:
    place = Place(0, 0, 0)
    samples = [
        msgspec.structs.replace(
            sample,
            candidate=msgspec.structs.replace(
                sample.candidate,
                answer=ExtractedAnswer(key, key, "answer-line"),
                confidence=confidence,
            ),
            group_key=key,
            right=key == "42",
        )
        for number, (key, confidence) in enumerate((("42", 0.9), ("41", 0.6), ("41", 0.6)))
        for sample in [right_sample(place, number)]
    ]
    options = StrategyOptions(weighting=weighting)
    arm = msgspec.structs.replace(plan().arms[0], options=options)
    found = samples_of(arm, samples, [place])
    assert found is not None
    assert replay(found, Rule.WEIGHTED, [3]).accuracy[0, 0] == 1.0
    assert replay(found, Rule.VOTE, [3]).accuracy[0, 0] == 0.0
    candidates = [sample.candidate for sample in samples]
    vote = Vote(StrategyOptions(weighting=Weighting.LIKELIHOOD))
    tally = tally_votes(candidates, weights=vote.weights(candidates))
    assert [group.key for group in tally.groups] == ["42", "41"]
    weights = [group.weight for group in tally.groups]
    assert found.weight[0, 0] == pytest.approx(weights[0])
    assert found.weight[0, 1:].sum() == pytest.approx(weights[1])


@pytest.mark.parametrize("weighting", [Weighting.SELF_ASSESSED, Weighting.COMBINED])
def test_a_vote_that_was_not_asked_for_scores_is_not_weighed_by_them(weighting: Weighting) -> None:
    record = sweep([SAMPLES] * QUESTIONS)
    assert replay_arms(record, [Rule.WEIGHTED], weighting=Weighting.LIKELIHOOD)
    with pytest.raises(ValueError, match="was not asked how sure"):
        replay_arms(record, [Rule.WEIGHTED], weighting=weighting)


def test_the_page_names_what_is_worth_its_tokens_and_what_the_meter_saw() -> None:
    report = EnergyReport(
        30.0, "counter", "NVML", idle_watts=20.0, peak_watts=50.0, surges=1, window="instant"
    )
    stretch = Stretch(0, "2026-01-01T00:00:00+00:00", 1.0, 10, report, (30.0, 50.0))
    record = msgspec.structs.replace(sweep([SAMPLES] * QUESTIONS), stretches=(stretch,))
    results = results_of(record)
    page = html_report(record, results)
    worth = page.partition("<h2>Worth their tokens</h2>")[2].partition("</table>")[0]
    assert worth.count("<tr>") == 1 + len(results.worth) > 1
    assert worth.count("the knee") == (results.knee is not None)
    power = page.partition("<h2>Power</h2>")[2].partition("</table>")[0]
    rows = dict(re.findall(r"<td>(.*?)</td><td>(.*?)</td>", power))
    assert rows == {
        "mean": "30 W", "peak": "50 W", "idle": "20 W", "peak to idle": "2.5", "surges": "1",
    }  # fmt: skip
    times = page.partition("<h2>Time and energy</h2>")[2].partition("</table>")[0]
    assert times.count("<tr>") == 1 + len(results.latency)


@pytest.mark.parametrize(("joules", "said"), [(30.0, "60 J by NVML"), (None, "not available")])
def test_energy_that_was_measured_in_part_is_no_energy_of_the_whole(
    joules: float | None, said: str
) -> None:
    stretches = tuple(
        Stretch(0, "2026-01-01T00:00:00+00:00", 1.0, 10, EnergyReport(known, "counter", "NVML"))
        for known in (30.0, joules)
    )
    record = msgspec.structs.replace(sweep([4] * QUESTIONS), stretches=stretches)
    page = html_report(record, results_of(record))
    row = page.partition("<td>energy</td>")[2].partition("</tr>")[0]
    assert said in row


def test_a_question_without_an_answer_leaves_the_others_their_curves() -> None:
    record = sweep([SAMPLES] * QUESTIONS)
    asked = (Question("an open one"), *record.plan.questions.questions[1:])
    questions = msgspec.structs.replace(record.plan.questions, questions=asked)
    open_plan = msgspec.structs.replace(record.plan, questions=questions)
    results = results_of(msgspec.structs.replace(record, plan=open_plan))
    assert results.judged
    assert results.finished == tuple(range(1, QUESTIONS))
    assert {curve.rule for curve in results.curves} >= {"vote", "coverage"}
    assert all(len(curve.by_question) == QUESTIONS - 1 for curve in results.curves)


def test_models_of_one_name_are_told_apart() -> None:
    paths = [Path("/m/base/model.gguf"), Path("/m/tuned/model.gguf")]
    two = make_plan(SET, [*paths, paths[0]], ["vote"], [1, 2, 4])
    assert arm_labels(two.arms) == ["vote, model (base)", "vote, model (tuned)"]
    record = sweep([SAMPLES] * QUESTIONS)
    samples, verdicts = list(record.samples), list(record.verdicts)
    for one in record.samples:
        place = msgspec.structs.replace(one.place, arm=1)
        samples.append(msgspec.structs.replace(one, place=place, right=False))
    for said in record.verdicts:
        place = msgspec.structs.replace(said.place, arm=1)
        verdicts.append(msgspec.structs.replace(said, place=place, right=False))
    results = results_of(
        msgspec.structs.replace(record, plan=two, samples=tuple(samples), verdicts=tuple(verdicts))
    )
    votes = {c.label: c.points[-1].accuracy.value for c in results.curves if c.rule == "vote"}
    assert votes == {"vote, model (base)": 1.0, "vote, model (tuned)": 0.0}
    assert set(results.latency) == set(arm_labels(two.arms))
    assert any("model (base)" in said and "model (tuned)" in said for said in results.words)


def test_a_file_of_another_version_is_told_by_its_version() -> None:
    with pytest.raises(SweepFileError, match="ponder-sweep-9"):
        from_json(b'{"format": "ponder-sweep-9", "of": "another time"}')


def test_rows_of_samples_are_counted_from_one() -> None:
    first = samples_csv(sweep([SAMPLES] * QUESTIONS)).splitlines()[1].split(",")
    assert ",".join(first[:2]) == '"vote, m"'
    assert first[2:5] == ["1", "1", "1"]


def test_where_no_question_has_a_sample_there_is_no_curve() -> None:
    assert results_of(sweep([0] * QUESTIONS)).curves == ()


def test_repeats_do_not_make_up_for_questions_where_a_table_is_learned() -> None:
    """Twelve questions twice are more rows than the twenty questions that are needed."""
    asked = msgspec.structs.replace(SET, questions=SET.questions * 2)
    for questions, learned in ((12, False), (20, True)):
        few = msgspec.structs.replace(asked, questions=asked.questions[:questions])
        wanted = make_plan(few, [Path("m.gguf")], ["vote"], [8])
        places = [Place(0, question, repeat) for question in range(questions) for repeat in (0, 1)]
        record = msgspec.structs.replace(
            sweep([]),
            plan=msgspec.structs.replace(wanted, repeats=2),
            samples=tuple(right_sample(place, index) for place in places for index in range(8)),
            verdicts=tuple(VerdictRecord(p, SAID, None, "same-key", 80, 1.0) for p in places),
        )
        found = [policy.questions for policy in results_of(record).policies.values()]
        assert found == ([questions] if learned else [])


def test_a_tie_of_what_ran_for_real_counts_as_one_of_a_replayed_vote() -> None:
    plan = make_plan(SET, [Path("m.gguf")], ["revise"], [2])
    samples, verdicts = [], []
    for question in range(QUESTIONS):
        place = Place(0, question, 0)
        right = right_sample(place, 0)
        wrong = msgspec.structs.replace(
            right.candidate, index=1, answer=ExtractedAnswer("41", "41", "answer-line")
        )
        samples += [right, SampleRecord(place, wrong, "41", right=False, why="other-key")]
        tally = tally_votes([right.candidate, wrong])
        verdict = decide([right.candidate, wrong], tally, StoppedWhy.BUDGET_SPENT)
        assert verdict.outcome is Outcome.TIE
        corrected = True if question == 0 else None
        verdicts.append(
            VerdictRecord(
                place, verdict, right=False, why="tie", tokens=20, seconds=1.0, corrected=corrected
            )
        )
    summary = SweepSummary("s", "n", "2026-01-01", SweepStatus.FINISHED, "", len(samples), 0)
    record = SweepRecord(summary, plan, RunCard(), tuple(samples), tuple(verdicts), ())
    assert accuracies(record, "revise") == {2: pytest.approx((1 + 9 * 0.5) / 10)}
