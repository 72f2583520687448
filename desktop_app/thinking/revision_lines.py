"""What changed from one attempt of a chain to the next, as lines. Plain Python, no Qt.

Lines are compared as a whole; a line that is there again is not shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum, auto

from desktop_app.thinking.live import DeliberationView
from engine.candidate import Candidate

_MOST_LINES = 8
"""Changed lines shown of one attempt."""


class LineKind(Enum):
    """What a line of the chain says."""

    ATTEMPT = auto()
    """An attempt with its answer."""
    ADDED = auto()
    REMOVED = auto()
    SAME = auto()
    """Nothing changed, or more than is shown did."""


@dataclass(frozen=True, slots=True)
class ChainLine:
    """One line.

    Attributes:
        kind: What it says.
        text: The line itself, without a mark.
        candidate: The attempt it belongs to.
        more: How many changed lines are not shown; for SAME.
    """

    kind: LineKind
    text: str
    candidate: int
    more: int = 0


def chains(view: DeliberationView) -> list[list[Candidate]]:
    """Finished attempts, each chain in order; attempts that nobody revised are not chains."""
    done = {
        index: live.finished
        for index, live in sorted(view.candidates.items())
        if live.finished is not None
    }
    last_of: dict[int, list[Candidate]] = {}
    found: list[list[Candidate]] = []
    for index, candidate in done.items():
        before = candidate.earlier[-1] if candidate.earlier else None
        chain = last_of.pop(before, None) if before is not None else None
        if chain is None:
            chain = [done[before]] if before in done else []
            found.append(chain)
        chain.append(candidate)
        last_of[index] = chain
    return [chain for chain in found if len(chain) > 1]


def chain_lines(view: DeliberationView) -> list[ChainLine]:
    """All chains, one below the other."""
    lines: list[ChainLine] = []
    for chain in chains(view):
        for number, candidate in enumerate(chain):
            lines.append(ChainLine(LineKind.ATTEMPT, _answer(candidate), candidate.index))
            if number:
                lines += changes(chain[number - 1].response, candidate)
    return lines


def changes(before: str, after: Candidate) -> list[ChainLine]:
    """What an attempt took away and added."""
    old, new = before.splitlines(), after.response.splitlines()
    found: list[ChainLine] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            removed = [line for line in old[old_start:old_end] if line.strip()]
            added = [line for line in new[new_start:new_end] if line.strip()]
            found += [ChainLine(LineKind.REMOVED, line, after.index) for line in removed]
            found += [ChainLine(LineKind.ADDED, line, after.index) for line in added]
    hidden = len(found) - _MOST_LINES
    if hidden > 0:
        rest = ChainLine(LineKind.SAME, "", after.index, hidden)
        return [*found[:_MOST_LINES], rest]
    return found or [ChainLine(LineKind.SAME, "", after.index)]


def _answer(candidate: Candidate) -> str:
    return candidate.answer.text if candidate.answer is not None else ""
