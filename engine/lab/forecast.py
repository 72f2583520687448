"""What a sweep will take, from what earlier sweeps on this machine took.

No guessed constants: an arm whose model and strategy, or at least whose model, was swept here
before is priced by its measured seconds and joules of a sample; another arm is not priced, and the
forecast says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from engine.lab.plan import Arm, SweepPlan, arm_labels
from engine.lab.records import SweepRecord

FEWEST_SAMPLES: Final = 16
"""Fewer price nothing, for the first ones are slow; those that were not needed count too."""
ENOUGH_SAMPLES: Final = 256
"""With so many of later sweeps, earlier ones are not looked at: the machine may have changed."""


class Pace(msgspec.Struct, frozen=True):
    """What the samples of one model and strategy took in earlier sweeps.

    Attributes:
        model_path: The file.
        strategy: The strategy's name.
        samples: How many were measured.
        seconds: Time of all of them.
        joules: Energy of all of them, or None where some was not measured.
        planned: How many the plan had for the questions that got their answer, where a strategy
            needs fewer.
    """

    model_path: str
    strategy: str
    samples: int
    seconds: float
    joules: float | None
    planned: int = 0

    @property
    def divisor(self) -> int:
        """Planned samples that the time and energy paid for."""
        return max(self.samples, self.planned)

    def with_other(self, other: Pace) -> Pace:
        """Both together; energy only where both know it."""
        known = self.joules is not None and other.joules is not None
        return msgspec.structs.replace(
            self,
            samples=self.samples + other.samples,
            seconds=self.seconds + other.seconds,
            joules=(self.joules or 0.0) + (other.joules or 0.0) if known else None,
            planned=self.planned + other.planned,
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected price of a sweep.

    Attributes:
        samples: Attempts that it asks for at most.
        seconds: Time, or None where some arm was never measured.
        joules: Energy, or None where some arm's was never measured.
        from_samples: How many measured samples this rests on.
        unknown: Labels of arms that nothing is known of.
    """

    samples: int
    seconds: float | None
    joules: float | None
    from_samples: int
    unknown: tuple[str, ...]


def forecast(plan: SweepPlan, paces: Sequence[Pace]) -> Forecast:
    """Price a plan.

    Args:
        plan: What will be asked.
        paces: What was measured here.
    """
    each = len(plan.questions.questions) * plan.repeats
    return _priced(plan, paces, [each] * len(plan.arms))


def _priced(plan: SweepPlan, paces: Sequence[Pace], deliberations: Sequence[int]) -> Forecast:
    """Price so many deliberations of each arm."""
    seconds, joules = 0.0, 0.0
    measured: set[Pace] = set()
    unknown: list[str] = []
    energy_known = True
    for label, arm, count in zip(arm_labels(plan.arms), plan.arms, deliberations, strict=True):
        if not count:
            continue
        pace = _pace_of(arm, paces)
        if pace is None:
            unknown.append(label)
            continue
        measured.add(pace)
        samples = arm.budget.attempts * count
        seconds += samples * pace.seconds / pace.divisor
        if pace.joules is None:
            energy_known = False
        else:
            joules += samples * pace.joules / pace.divisor
    return Forecast(
        sum(arm.budget.attempts * n for arm, n in zip(plan.arms, deliberations, strict=True)),
        None if unknown else seconds,
        None if unknown or not energy_known else joules,
        sum(pace.samples for pace in measured),
        tuple(unknown),
    )


def forecast_left(record: SweepRecord, paces: Sequence[Pace]) -> Forecast:
    """Price what a sweep has not done yet.

    Questions are counted, not samples: of an arm that ends early fewer come than were planned.

    Args:
        record: The sweep as it is stored.
        paces: What was measured here, by this sweep too.
    """
    arms, each = record.plan.arms, len(record.plan.questions.questions) * record.plan.repeats
    done = Counter(verdict.place.arm for verdict in record.verdicts)
    return _priced(record.plan, paces, [each - done[number] for number in range(len(arms))])


def _pace_of(arm: Arm, paces: Sequence[Pace]) -> Pace | None:
    """The pace of its model and strategy, else of its model under any strategy."""
    of_model = [p for p in paces if p.model_path == arm.model_path and p.divisor >= FEWEST_SAMPLES]
    same = [pace for pace in of_model if pace.strategy == arm.strategy]
    return max(same or of_model, key=lambda pace: pace.samples, default=None)
