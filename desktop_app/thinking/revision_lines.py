"""What became of attempts that build on others, as lines. Plain Python, no Qt.

A chain of revisions says what each attempt changed: lines are compared first, then the words of
lines that were rewritten; a line that is there again is not shown. An aggregate says of which
attempts each was made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum, auto
from functools import lru_cache
from itertools import zip_longest

from desktop_app.thinking.live import DeliberationView
from engine.candidate import Candidate

_MOST_LINES = 8
"""Changed lines shown of one attempt."""
_COMPARED_LINES = 120
"""Of each attempt, behind what is alike: a comparison takes the square of this and more."""
_MOST_CHARACTERS = 400
"""Words are compared in lines up to this length; longer ones are not read in one line anyway."""
_LEAST_ALIKE = 0.4
"""Lines less alike than this are two lines, not one that was rewritten."""

Marks = tuple[tuple[int, int], ...]
"""Where the changed words of a line start and end."""


class LineKind(Enum):
    """What a line says."""

    HEADING = auto()
    """A chain's answers in order, or a round's number."""
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
        text: The line itself, without a mark; a heading of a chain has none.
        candidate: The attempt it belongs to; for a heading, the last one below it.
        more: How many changed lines are not shown; for SAME.
        marks: The changed words of a line that was rewritten.
        made_from: The attempts an aggregate was made from.
        answers: A chain's answers in order; for HEADING.
        round: A round's number, from 0; for HEADING of an aggregate.
    """

    kind: LineKind
    text: str
    candidate: int
    more: int = 0
    marks: Marks = ()
    made_from: tuple[int, ...] = ()
    answers: tuple[str, ...] = ()
    round: int | None = None


def chains(view: DeliberationView) -> list[list[Candidate]]:
    """Finished attempts, each chain in order; attempts that nobody revised are not chains."""
    done = {candidate.index: candidate for candidate in _finished(view)}
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


def built_lines(view: DeliberationView) -> list[ChainLine]:
    """The lines of a deliberation whose attempts build on others; nothing for any other."""
    match view.way:
        case "revise":
            return chain_lines(view)
        case "aggregate":
            return round_lines(view)
    return []


def chain_lines(view: DeliberationView) -> list[ChainLine]:
    """All chains, one below the other."""
    lines: list[ChainLine] = []
    for chain in chains(view):
        answers = tuple(_answer(candidate) for candidate in chain)
        lines.append(ChainLine(LineKind.HEADING, "", chain[-1].index, answers=answers))
        for number, candidate in enumerate(chain):
            lines.append(ChainLine(LineKind.ATTEMPT, _answer(candidate), candidate.index))
            if number:
                before = chain[number - 1].response
                lines += _changes(before, candidate.response, candidate.index)
    return lines


def round_lines(view: DeliberationView) -> list[ChainLine]:
    """The rounds of an aggregate, once there is a second one."""
    finished = _finished(view)
    rounds = sorted({candidate.round for candidate in finished})
    lines: list[ChainLine] = []
    for number in rounds if len(rounds) > 1 else ():
        members = [candidate for candidate in finished if candidate.round == number]
        lines.append(ChainLine(LineKind.HEADING, "", members[-1].index, round=number))
        lines += [
            ChainLine(LineKind.ATTEMPT, _answer(c), c.index, made_from=c.earlier) for c in members
        ]
    return lines


def _compared(
    old: list[str], new: list[str]
) -> tuple[Sequence[tuple[str, int, int, int, int]], int]:
    """How two texts differ line by line, as far as they are compared, and in how many lines behind.

    Behind the last line that both are known to have, lines are only counted.
    """
    most = _COMPARED_LINES
    codes = SequenceMatcher(None, old[:most], new[:most], autojunk=False).get_opcodes()
    if max(len(old), len(new)) <= most:
        return codes, 0
    if codes and codes[-1][0] != "equal":
        codes = codes[:-1]
    old_end, new_end = (codes[-1][2], codes[-1][4]) if codes else (0, 0)
    gone, come = Counter(old[old_end:]), Counter(new[new_end:])
    apart = (gone - come) + (come - gone)
    return codes, sum(count for line, count in apart.items() if line.strip())


def _apart(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Both without the lines that they begin and end alike with."""
    begin = 0
    while begin < min(len(old), len(new)) and old[begin] == new[begin]:
        begin += 1
    old, new = old[begin:], new[begin:]
    end = 0
    while end < min(len(old), len(new)) and old[-1 - end] == new[-1 - end]:
        end += 1
    return (old[:-end], new[:-end]) if end else (old, new)


def changes(before: str, after: Candidate) -> list[ChainLine]:
    """What an attempt took away and added."""
    return list(_changes(before, after.response, after.index))


@lru_cache(maxsize=1024)
def _changes(before: str, after: str, index: int) -> tuple[ChainLine, ...]:
    old, new = _apart(before.splitlines(), after.splitlines())
    found: list[ChainLine] = []
    codes, unread = _compared(old, new)
    for tag, old_start, old_end, new_start, new_end in codes:
        if tag == "equal":
            continue
        removed = [line for line in old[old_start:old_end] if line.strip()]
        added = [line for line in new[new_start:new_end] if line.strip()]
        for gone, come in zip_longest(removed, added):
            shown = len(found) < _MOST_LINES
            gone_marks, come_marks = changed_words(gone or "", come or "") if shown else ((), ())
            if gone is not None:
                found.append(ChainLine(LineKind.REMOVED, gone, index, marks=gone_marks))
            if come is not None:
                found.append(ChainLine(LineKind.ADDED, come, index, marks=come_marks))
    hidden = max(0, len(found) - _MOST_LINES) + unread
    if hidden > 0:
        return (*found[:_MOST_LINES], ChainLine(LineKind.SAME, "", index, hidden))
    return tuple(found) or (ChainLine(LineKind.SAME, "", index),)


def changed_words(before: str, after: str) -> tuple[Marks, Marks]:
    """Where the words stand that two lines do not share; nothing if they are hardly alike."""
    if not before or not after or max(len(before), len(after)) > _MOST_CHARACTERS:
        return (), ()
    old, new = _words(before), _words(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _LEAST_ALIKE:
        return (), ()
    changed = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        _spans(old, ((start, end) for _, start, end, _, _ in changed)),
        _spans(new, ((start, end) for _, _, _, start, end in changed)),
    )


def _words(line: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", line)


def _spans(words: list[str], ranges: Iterable[tuple[int, int]]) -> Marks:
    places = [0]
    for word in words:
        places.append(places[-1] + len(word))
    return tuple((places[start], places[end]) for start, end in ranges if end > start)


def _finished(view: DeliberationView) -> list[Candidate]:
    """Those that ended by themselves: one that was stopped has neither answered nor taken back."""
    live = (view.candidates[index].finished for index in sorted(view.candidates))
    return [candidate for candidate in live if candidate is not None and candidate.counts]


def _answer(candidate: Candidate) -> str:
    text = candidate.answer.text if candidate.answer is not None else ""
    return " ".join(text.split())
