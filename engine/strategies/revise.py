"""Revise: chains of attempts, each shown the last few before it; all attempts vote.

A revision often turns a right answer wrong (about 38 % of them in arXiv 2408.03314, section 6), so
the verdict is the vote over every attempt of every chain, never simply the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from engine.candidate import Candidate
from engine.strategies.base import Asking, Attempt, Decision, Progress, Strategy
from engine.strategies.prompts import listed_attempts
from engine.strategies.settling import is_settled
from engine.verdict import StoppedWhy

SHOWN_ATTEMPTS: Final = 4
"""Most earlier attempts in one prompt. Source: arXiv 2408.03314, section 6.1."""


def revision_prompt(question: str, attempts: Sequence[str]) -> str:
    """Return the question with earlier attempts below it, oldest first."""
    listed = listed_attempts(attempts)
    if not listed:
        return question
    return f"{question}\n\nEarlier attempts:\n{listed}\n\nWrite a better attempt."


class Revise(Strategy):
    """Runs `samples` chains of `rounds` attempts each."""

    name: ClassVar[str] = "revise"

    def decide(self, progress: Progress) -> Decision:
        """Start each idle chain's next round, stop when settled or spent."""
        budget = progress.budget
        if is_settled(progress):
            spent = len(progress.finished) >= budget.attempts
            return Decision(stop=StoppedWhy.BUDGET_SPENT if spent else StoppedWhy.SETTLED)
        if len(progress.finished) >= budget.attempts:
            return Decision(stop=StoppedWhy.BUDGET_SPENT)
        chains = _chains(progress.finished, budget.samples)
        extended = {attempt.earlier[-1] for attempt in progress.in_flight if attempt.earlier}
        opening = sum(1 for attempt in progress.in_flight if not attempt.earlier)
        room = max(0, budget.attempts - progress.started)
        start: list[Attempt] = []
        for chain in sorted(chains, key=len):
            if not chain and opening:
                opening -= 1
            elif len(chain) < budget.rounds and (not chain or chain[-1].index not in extended):
                start.append(_next(chain))
        if not start and progress.running == 0:
            return Decision(stop=StoppedWhy.BUDGET_SPENT)
        return Decision(start=tuple(start[:room]))


def _chains(finished: Sequence[Candidate], width: int) -> list[list[Candidate]]:
    """Follow each chain by what its attempts were shown; new chains start empty."""
    chains: list[list[Candidate]] = []
    for candidate in sorted(finished, key=lambda candidate: candidate.index):
        last = candidate.earlier[-1] if candidate.earlier else None
        for chain in chains:
            if last is not None and chain[-1].index == last:
                chain.append(candidate)
                break
        else:
            chains.append([candidate])
    chains += [[] for _ in range(width - len(chains))]
    return chains


def _next(chain: Sequence[Candidate]) -> Attempt:
    shown = tuple(candidate.index for candidate in chain[-SHOWN_ATTEMPTS:])
    return Attempt(len(chain), shown, Asking.REVISE if shown else Asking.PLAIN)
