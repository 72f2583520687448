"""A curve: the accuracy of one way to think over its budgets, with what each cost."""

from __future__ import annotations

from dataclasses import dataclass

from engine.lab.statistics import Estimate, Floats, LogFit


@dataclass(frozen=True, slots=True)
class Point:
    """One budget of a curve.

    Attributes:
        budget: Attempts that were allowed.
        accuracy: Share of questions answered right.
        samples: Mean attempts spent.
        tokens: Mean tokens of a question.
        seconds: Mean seconds of a full machine, shared by tokens, or None.
        joules: Mean energy, shared by tokens, or None.
    """

    budget: int
    accuracy: Estimate
    samples: float
    tokens: float
    seconds: float | None
    joules: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """One strategy or rule of one model over its budgets.

    Attributes:
        label: What people call it.
        model: The model file's name.
        rule: The strategy's name, or the rule its samples were replayed under.
        points: By budget.
        by_question: (questions, budgets) what the points are means of.
        fit: The line over log2 of the budgets, or None with fewer than two.
    """

    label: str
    model: str
    rule: str
    points: tuple[Point, ...]
    by_question: Floats
    fit: LogFit | None
