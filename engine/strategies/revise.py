"""Revise: chains of attempts, each shown the last few before it; all attempts vote.

A revision often turns a right answer wrong (about 38 % of them in arXiv 2408.03314, section 6), so
the verdict is the vote over every attempt of every chain, never simply the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from engine.candidate import Candidate
from engine.strategies.base import Attempt, Decision, Progress
from engine.strategies.settling import is_settled
from engine.verdict import StoppedWhy

SHOWN_ATTEMPTS: Final = 4
"""Most earlier attempts in one prompt. Source: arXiv 2408.03314, section 6.1."""
_SHOWN_CHARACTERS: Final = 600
_SHOWN_BEGINNING: Final = 200
_GAP: Final = " … "


def revision_prompt(question: str, attempts: Sequence[str]) -> str:
    """Return the question with earlier attempts below it.

    Args:
        question: What was asked.
        attempts: Responses of earlier attempts, oldest first. Each is shown up to 600 characters,
            of a longer one its beginning and its end; empty ones are left out.
    """
    spoken = [attempt.strip() for attempt in attempts if attempt.strip()]
    if not spoken:
        return question
    shown = "\n".join(f"{number}. {_shown(text)}" for number, text in enumerate(spoken, start=1))
    return f"{question}\n\nEarlier attempts:\n{shown}\n\nWrite a better attempt."


def _shown(text: str) -> str:
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    end = _SHOWN_CHARACTERS - _SHOWN_BEGINNING - len(_GAP)
    return f"{text[:_SHOWN_BEGINNING]}{_GAP}{text[-end:]}"


class Revise:
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
    return Attempt(round=len(chain), earlier=shown)
