"""What a full batch buys a sweep: the same questions and slots, one by one and ahead."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from desktop_app.lab.question_sources import checkers, generated_set
from engine.answers.equivalence import EquivalenceChecker
from engine.generation import LoadOptions
from engine.journal.journal import Journal
from engine.lab.judging import Judge
from engine.lab.plan import SweepPlan, make_plan
from engine.lab.sweep import SweepRunner
from engine.lab.sweep_engines import ONE_BY_ONE, USUAL_SPREAD, Spread


@dataclass(frozen=True, slots=True)
class Sweeps:
    """Candidates per second of two runs of one plan.

    Attributes:
        one_by_one: One question after another.
        in_one_process: With the batch kept full across questions, in one process.
        ahead: As sweeps do it, in as many processes as suit the model.
        questions: How many were asked.
        samples: Candidates of each.
        slots: Candidates side by side.
    """

    one_by_one: float
    in_one_process: float
    ahead: float
    questions: int
    samples: int
    slots: int


def measure(
    path: Path,
    questions: int,
    samples: int,
    slots: int,
    tokens: int | None,
    threads: int,
    repeats: int,
) -> Sweeps:
    """Run the plan each way in turn, loading time left out, and take the best of each.

    Args:
        path: The model.
        questions: How many built-in questions are asked.
        samples: Candidates of each.
        slots: Candidates side by side.
        tokens: Limit of each candidate, or None.
        threads: Processor threads.
        repeats: How often.
    """
    plan = make_plan(
        generated_set("stories", questions),
        [path],
        ["vote"],
        [samples],
        SweepPlan(generated_set("stories", 1), (), load=LoadOptions(slots=slots, threads=threads)),
    )
    arms = tuple(
        msgspec.structs.replace(
            arm, budget=msgspec.structs.replace(arm.budget, tokens_per_candidate=tokens)
        )
        for arm in plan.arms
    )
    plan = msgspec.structs.replace(plan, arms=arms)
    spreads = (ONE_BY_ONE, Spread(most_processes=1), USUAL_SPREAD)
    speeds = [[_speed(plan, spread) for spread in spreads] for _ in range(repeats)]
    one_by_one, in_one_process, ahead = map(max, zip(*speeds, strict=True))
    return Sweeps(one_by_one, in_one_process, ahead, questions, samples, slots)


def _speed(plan: SweepPlan, spread: Spread) -> float:
    checker = EquivalenceChecker()
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.db")
        try:
            journal.start_sweep("s", "bench", plan).result()
            record = journal.sweep("s").result()
            judge = Judge(checker, checkers())
            SweepRunner(record, journal, judge, spread=spread).run()
            done = journal.sweep("s").result()
        finally:
            journal.close()
            checker.close()
    return len(done.samples) / sum(stretch.seconds for stretch in done.stretches)
