"""What the journal keeps of a sweep: frozen values, independent of how they are stored."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from engine.candidate import Candidate
from engine.lab.plan import SweepPlan
from engine.power.meter import EnergyReport
from engine.verdict import Verdict


class SweepStatus(StrEnum):
    """Where a sweep stands."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    """By its limits; it can be gone on with."""
    UNREADABLE = "unreadable"
    """In a list alone: its record is damaged, or of another version."""


IMPORTED: Final = "imported"
"""Why a sweep that came from a file has ended; what it cost was another machine's price."""


class Place(msgspec.Struct, frozen=True, order=True):
    """One deliberation of a sweep: an arm's answer to a question."""

    arm: int
    question: int
    repeat: int


class SampleRecord(msgspec.Struct, frozen=True):
    """One stored sample.

    Attributes:
        place: Which deliberation it belongs to.
        candidate: The sample.
        group_key: Its vote group, or None without an answer or before the verdict.
        right: Whether it is right; None where nobody knows.
        why: How that was found out.
        corrected: What the person said instead, or None.
    """

    place: Place
    candidate: Candidate
    group_key: str | None
    right: bool | None
    why: str
    corrected: bool | None = None

    @property
    def counts_right(self) -> bool | None:
        """What is counted: the person's word before the judge's."""
        return self.right if self.corrected is None else self.corrected


class VerdictRecord(msgspec.Struct, frozen=True):
    """One stored verdict.

    Attributes:
        place: Which deliberation.
        verdict: Its result.
        right: Whether its answer is right; None where nobody knows.
        why: How that was found out, or the code of the error that ended it.
        tokens: Generated, all candidates together.
        seconds: From its start to its verdict, beside the others that ran.
        corrected: What the person said instead, or None.
    """

    place: Place
    verdict: Verdict
    right: bool | None
    why: str
    tokens: int
    seconds: float
    corrected: bool | None = None

    @property
    def counts_right(self) -> bool | None:
        """What is counted: the person's word before the judge's."""
        return self.right if self.corrected is None else self.corrected


class Stretch(msgspec.Struct, frozen=True):
    """What some time of a sweep cost.

    Attributes:
        arm: Which arm was running.
        started_at: When it began, UTC, ISO 8601.
        seconds: How long.
        tokens: Generated meanwhile.
        energy: What it took, or None without a meter.
        watts: Mean power of each of its seconds; empty without a meter.
    """

    arm: int
    started_at: str
    seconds: float
    tokens: int
    energy: EnergyReport | None
    watts: tuple[float, ...] = ()


class RunCard(msgspec.Struct, frozen=True):
    """What a sweep ran on.

    Attributes:
        versions: Of Ponder, llama.cpp and Python.
        devices: llama.cpp's names.
        system: Operating system and processor.
        models: Per file: name, architecture, quantization, size and SHA-256.
        power: Driver and power limits of GPUs, where they tell them.
        started_at: UTC, ISO 8601.
    """

    versions: dict[str, str] = {}
    devices: tuple[str, ...] = ()
    system: str = ""
    models: dict[str, dict[str, str]] = {}
    power: dict[str, str] = {}
    started_at: str = ""


class SweepSummary(msgspec.Struct, frozen=True):
    """One line of a list of sweeps.

    Attributes:
        sweep_id: Which one.
        name: What the person calls it.
        created_at: UTC, ISO 8601.
        status: Where it stands.
        why: What stopped it, or why it cannot be read, or "".
        samples: How many are stored.
        attempts: How many its plan asks for.
    """

    sweep_id: str
    name: str
    created_at: str
    status: SweepStatus
    why: str
    samples: int
    attempts: int

    @property
    def imported(self) -> bool:
        """Whether it came from a file; what is missing of it is not asked here."""
        return self.why == IMPORTED


class SweepRecord(msgspec.Struct, frozen=True):
    """All of a sweep.

    Attributes:
        summary: What a list says of it.
        plan: What it does.
        card: What it ran on.
        samples: In the order of their places.
        verdicts: In the order of their places.
        stretches: In the order of time.
    """

    summary: SweepSummary
    plan: SweepPlan
    card: RunCard
    samples: tuple[SampleRecord, ...]
    verdicts: tuple[VerdictRecord, ...]
    stretches: tuple[Stretch, ...]

    @property
    def corrected_answers(self) -> int:
        """How many answers to a question a person has judged otherwise, each told once."""
        found = {
            (sample.place.question, sample.group_key)
            for sample in self.samples
            if sample.corrected is not None
        }
        return len(found)
