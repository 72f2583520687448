"""Sweeps of several models and strategies as they lie in the journal, made without a model."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.lab.plan import make_plan
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
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide

_TOKENS = 100


def made_sweep(
    models: Sequence[str],
    strategies: Sequence[str],
    budgets: Sequence[int] = (1, 2, 4),
    questions: int = 40,
) -> SweepRecord:
    """Return a finished sweep whose later questions are the harder ones."""
    chance = random.Random(4)
    asked = tuple(Question(f"What is {n} + {n}?", str(2 * n)) for n in range(questions))
    paths = [Path(f"{model}.gguf") for model in models]
    plan = make_plan(QuestionSet("sums", "test", asked), paths, strategies, budgets)
    samples: list[SampleRecord] = []
    verdicts: list[VerdictRecord] = []
    for number, arm in enumerate(plan.arms):
        for place in (Place(number, question, 0) for question in range(questions)):
            answer = asked[place.question].answer
            right = [chance.random() > place.question / questions for _ in range(arm.attempts)]
            told = [_candidate(n, answer if is_right else "-1") for n, is_right in enumerate(right)]
            samples += [
                SampleRecord(place, c, c.answer.key, right=c.answer.key == answer, why="same-key")
                for c in told
                if c.answer is not None
            ]
            verdict = decide(told, tally_votes(told), StoppedWhy.BUDGET_SPENT, 0)
            most = verdict.tally.groups[0].label
            verdicts.append(
                VerdictRecord(
                    place, verdict, right=most == answer, why="same-key",
                    tokens=_TOKENS * len(told), seconds=1.0,
                )
            )  # fmt: skip
    stretches = tuple(
        Stretch(number, "2026-01-01T00:00:00Z", 10.0, questions * _TOKENS * arm.attempts, None)
        for number, arm in enumerate(plan.arms)
    )
    summary = SweepSummary(
        "made", "A sweep", "2026-01-01T00:00:00Z", SweepStatus.FINISHED, "", len(samples),
        len(samples),
    )  # fmt: skip
    return SweepRecord(summary, plan, RunCard(), tuple(samples), tuple(verdicts), stretches)


def _candidate(index: int, answer: str | None) -> Candidate:
    said = answer or ""
    return Candidate(
        index=index,
        round=0,
        seed=index,
        thought="",
        response=f"Answer: {said}",
        answer=ExtractedAnswer(said, said, "answer-line"),
        tokens=_TOKENS,
        thought_tokens=0,
        queued_seconds=0.0,
        first_token_seconds=0.5,
        finished_seconds=2.0 + index,
        stop=StopReason.FINISHED,
    )
