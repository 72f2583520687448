"""What of a sweep is still to be asked: deliberations, each with the samples that are stored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from engine.candidate import Candidate
from engine.lab.plan import Arm
from engine.lab.records import Place, SweepRecord
from engine.step import Step, generated_tokens


@dataclass(slots=True)
class Task:
    """One deliberation of the plan that is not done."""

    place: Place
    arm: Arm
    earlier: tuple[Candidate, ...] = ()
    tries: int = 0
    """Since the last sample that came."""
    failed: bool = False
    """Whether one of its attempts failed on a server, so that its verdict lacks a voice."""
    begun: int = 0
    steps: list[Step] = field(default_factory=list)
    recorded: int = 0
    """How many of the earlier samples are of another run, whose steps are not known any more."""

    def __post_init__(self) -> None:
        self.recorded = len(self.earlier)

    @property
    def missing(self) -> int:
        """Attempts still to be made."""
        return max(1, self.arm.budget.attempts - len(self.earlier))

    @property
    def steps_before(self) -> int:
        """How many steps a search has written, as far as they are known."""
        told = [step.index for step in self.steps]
        return 1 + max((*told, *(i for c in self.earlier for i in c.path)), default=-1)

    @property
    def tokens(self) -> int:
        """Generated for the samples that came."""
        before = sum(candidate.tokens for candidate in self.earlier[: self.recorded])
        return before + generated_tokens(self.earlier[self.recorded :], self.steps)


def missing_tasks(record: SweepRecord, model: str) -> dict[int, list[Task]]:
    """What of a sweep is not done, for one model: deliberations by the number of their arm."""
    plan = record.plan
    missing: defaultdict[int, list[Task]] = defaultdict(list)
    finished = {verdict.place for verdict in record.verdicts}
    kept: defaultdict[Place, list[Candidate]] = defaultdict(list)
    for sample in record.samples:
        kept[sample.place].append(sample.candidate)
    for number, arm in enumerate(plan.arms):
        if arm.model_path != model:
            continue
        for repeat in range(plan.repeats):
            for question in range(len(plan.questions.questions)):
                place = Place(number, question, repeat)
                if place not in finished:
                    missing[number].append(Task(place, arm, tuple(kept[place])))
    return missing
