"""Vote: independent samples, and the most common answer wins (self-consistency).

All samples are started at once: a backend decodes side by side what it has slots for, and the rest
waits there at no cost. Starting a few and waiting for their votes would save tokens on a clear
question but leave slots idle, and idle slots cost seconds. What an early stop saves is therefore
the attempts that were waiting, and the rest of those that were running.

Source: arXiv 2203.11171; early stopping as in `engine.strategies.settling`.
"""

from __future__ import annotations

from typing import ClassVar

from engine.strategies.base import Attempt, Decision, Progress
from engine.strategies.settling import is_settled
from engine.verdict import StoppedWhy


class Vote:
    """Starts every sample the budget pays for; the backend runs as many as it has slots."""

    name: ClassVar[str] = "vote"

    def decide(self, progress: Progress) -> Decision:
        """Start what is missing, stop when settled or spent."""
        if is_settled(progress):
            spent = len(progress.finished) >= progress.budget.samples
            return Decision(stop=StoppedWhy.BUDGET_SPENT if spent else StoppedWhy.SETTLED)
        if len(progress.finished) >= progress.budget.samples:
            return Decision(stop=StoppedWhy.BUDGET_SPENT)
        missing = progress.budget.samples - progress.started
        return Decision(start=(Attempt(),) * max(0, missing))
