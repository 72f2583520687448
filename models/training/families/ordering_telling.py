"""The text of an ordering puzzle: its clues as sentences and its question.

It takes clues and says them; which clues there are, and what follows, is `ordering.py`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any, Final

from models.training.families.ordering_phrasing import (
    ADVERBS,
    ASIDES,
    GROUPS,
    MIDDLE,
    ORDINALS,
    REMARKS,
    WRAPS,
    Dimension,
    Patterns,
    Pool,
    Voice,
)
from models.training.families.phrasing import render, sentence
from models.training.words import NUMBER_WORDS


@dataclass(frozen=True, slots=True)
class Clue:
    """One fact: `left` leads `right`. Where one of them is None, it stands for all the others."""

    left: int | None
    right: int | None

    @property
    def items(self) -> frozenset[int]:
        """The items that the clue names."""
        return frozenset(item for item in (self.left, self.right) if item is not None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the question wants to know.

    Attributes:
        kind: `end`, `nth`, `middle`: the item at `x`. `count`: how many lead `x`. `compare`:
            whether `x` leads `y`. `either`: which of them leads. `neighbour`: the item next to `x`
            on the leading side. `rank`: the place of `x`, from 1.
        x: An item.
        y: Another item.
        trailing: Whether it is asked the other way round: how many come after `x` and so on.
    """

    kind: str
    x: int
    y: int
    trailing: bool


@dataclass(frozen=True, slots=True)
class Puzzle:
    """An order and what is told about it.

    Attributes:
        dimension: What kind of order.
        pool: What is ordered.
        labels: The items in their true order, the leading one first, as the working writes them.
        told: The same, as the question writes them.
        clues: What is told, in the order it is told.
        asked: What is asked.
        past: Whether it is told in the past.
    """

    dimension: Dimension
    pool: Pool
    labels: tuple[str, ...]
    told: tuple[str, ...]
    clues: tuple[Clue, ...]
    asked: Asked
    past: bool

    def replacing(self, **fields: Any) -> Puzzle:
        """Return a copy with other fields."""
        return replace(self, **fields)

    def uncapital(self, text: str) -> str:
        """Undo the capital at the start of a sentence, unless it belongs to a name."""
        named = text.startswith(tuple(f"{told} " for told in self.told))
        return text if named else text[0].lower() + text[1:]


_SHORT_CHANCE: Final = 0.25


class _Teller:
    """Says clues of one puzzle; one puzzle keeps one tense and mostly one voice."""

    def __init__(self, rng: random.Random, puzzle: Puzzle) -> None:
        self.rng, self.puzzle = rng, puzzle
        self._voice = rng.choice(puzzle.dimension.voices)
        self._remarks = rng.choice((0.0, 0.0, 0.0, 0.15))
        self._turned = rng.choice((0.0, 0.3, 0.5, 0.5, 1.0))
        self._plain = rng.random() < 0.35

    def voice(self) -> Voice:
        """Return the voice of the puzzle, or at times another one of its dimension."""
        if self.rng.random() < 0.8:
            return self._voice
        return self.rng.choice(self.puzzle.dimension.voices)

    @property
    def who(self) -> str:
        return "who" if self.puzzle.pool.living else "which"

    def fill(self, pattern: str, **fields: str) -> str:
        """Fill a pattern in the tense of the puzzle."""
        fields.setdefault("d", str(self.rng.randint(2, 9)))
        return render(pattern, fields, past=self.puzzle.past)

    def tail(self, voice: Voice, clue: Clue, *, trailing: bool) -> str:
        """Choose how the subject compares with the other one, without the verb."""
        rng = self.rng
        plain, near, other = (
            (voice.trail, voice.near_trail, voice.clue_trail)
            if trailing
            else (voice.lead, voice.near_lead, voice.clue_lead)
        )
        roll = rng.random()
        if self._plain:
            return rng.choice(plain)
        if near and _adjacent(clue) and roll < _SHORT_CHANCE:
            return rng.choice(near)
        if other and roll > (0.8 if trailing else 0.95):
            return rng.choice(other)
        text = rng.choice(plain)
        shade = voice.shaded and rng.random() < 0.15
        return f"{rng.choice(ADVERBS)} {text}" if shade else text

    def predicate(self, voice: Voice, clue: Clue, *, trailing: bool) -> str:
        """Choose a verb and a comparison."""
        dimension = self.puzzle.dimension
        whole = dimension.trail if trailing else dimension.lead
        if whole and not self._plain and self.rng.random() < 0.12:
            return self.rng.choice(whole)
        return f"{voice.verb} {self.tail(voice, clue, trailing=trailing)}"

    def end(self, clue: Clue) -> str:
        """Say that one item is at an end."""
        rng, told, voice = self.rng, self.puzzle.told, self.voice()
        trailing = clue.left is None
        (item,) = clue.items
        roll = rng.random()
        if roll < 0.15:
            verb = f"{voice.verb} {rng.choice(voice.lead if trailing else voice.trail)}"
            others = "everyone else" if self.puzzle.pool.living else "every other one"
            return self.fill(f"{others} {verb}", o=told[item])
        if roll < 0.35:
            verb = f"{voice.verb} {rng.choice(voice.trail if trailing else voice.lead)}"
            nobody = rng.choice(
                ("nobody", "no one") if self.puzzle.pool.living else ("none of them",)
            )
            return self.fill(f"{nobody} {verb}", o=told[item])
        return self.fill(
            f"{told[item]} {voice.verb} {rng.choice(voice.last if trailing else voice.first)}"
        )

    def one(self, clue: Clue) -> str:
        """Say one clue."""
        if clue.left is None or clue.right is None:
            return self.end(clue)
        rng, told, voice = self.rng, self.puzzle.told, self.voice()
        trailing = rng.random() < self._turned
        subject, other = (clue.right, clue.left) if trailing else (clue.left, clue.right)
        roll = rng.random()
        if roll < 0.06 and not self._plain:
            tail = voice.alone[trailing]
            front = rng.choice(
                (
                    f"compared with {told[other]}, ",
                    f"compared to {told[other]}, ",
                    f"between {told[subject]} and {told[other]}, ",
                    f"of {told[other]} and {told[subject]}, ",
                )
            )
            return self.fill(f"{front}{told[subject]} {voice.verb} {tail}")
        text = f"{told[subject]} {self.predicate(voice, clue, trailing=trailing)}"
        return self.fill(text, o=told[other])

    def two(self, clue: Clue, other: Clue) -> str:
        """Say two clues about one item in one sentence."""
        rng, told, voice = self.rng, self.puzzle.told, self.voice()
        (shared,) = clue.items & other.items
        ends = [next(iter(each.items - {shared})) for each in (clue, other)]
        back = [each.right == shared for each in (clue, other)]
        first_tail, second_tail = (
            self.fill(self.tail(voice, each, trailing=behind), o=told[end])
            for each, behind, end in zip((clue, other), back, ends, strict=True)
        )
        verb, joint = self.fill(voice.verb), "and" if back[0] == back[1] else "but"
        roll = rng.random()
        if roll < 0.45:
            again = rng.choice(("", "", f"{verb} "))
            joint = rng.choice((joint, joint, "and", f", {joint}"))
            text = f"{told[shared]} {verb} {first_tail} {joint} {again}{second_tail}"
            return text.replace(" , ", ", ")
        if roll < 0.65:
            return f"{told[shared]}, {self.who} {verb} {first_tail}, {verb} {second_tail}"
        whole = self.fill(
            f"{told[ends[0]]} {self.predicate(voice, clue, trailing=not back[0])}", o=told[shared]
        )
        return f"{whole}, {self.who} {verb} {second_tail}"

    def joined(self, clue: Clue, other: Clue) -> str:
        """Say two clues one after the other in one sentence."""
        joints = (" and ", ", and ", ", but ", "; ", ", while ", ", ", " but ", ", and also ")
        return f"{self.one(clue)}{self.rng.choice(joints)}{self.one(other)}"

    def scene(self) -> str:
        """Say who or what is compared."""
        rng, puzzle = self.rng, self.puzzle
        living = puzzle.pool.living
        scenes = [s for s in puzzle.dimension.scenes if living or "the" not in s]
        group = rng.choice(GROUPS) if living else puzzle.pool.many
        number = NUMBER_WORDS[len(puzzle.told)] if rng.random() < 0.7 else str(len(puzzle.told))
        names = rng.sample(puzzle.told, len(puzzle.told))
        listing = f"{', '.join(names[:-1])} and {names[-1]}"
        roll = rng.random()
        if not scenes or roll < 0.15:
            front = rng.choice(("there [are|were]", "imagine", "consider", "we have"))
            return self.fill(f"{front} {number} {group}" + rng.choice(("", f": {listing}")))
        if roll < 0.4:
            return self.fill(f"{listing} {rng.choice(scenes)}")
        article = "the " if rng.random() < 0.1 else ""
        return self.fill(f"{article}{number} {group} {rng.choice(scenes)}")


def _adjacent(clue: Clue) -> bool:
    return clue.left is not None and clue.right == clue.left + 1


def tell(rng: random.Random, puzzle: Puzzle) -> tuple[list[str], tuple[Clue, ...]]:
    """Say all clues.

    Returns:
        The sentences and the clues in the order they are told.
    """
    teller = _Teller(rng, puzzle)
    left, told, clauses = list(puzzle.clues), [], []
    compound, joining = rng.choice((0.0, 0.15, 0.5)), rng.choice((0.0, 0.1, 0.4))
    while left:
        clue = left.pop(0)
        told.append(clue)
        near = [other for other in left if _share(clue, other)]
        roll = rng.random()
        if near and roll < compound:
            other = rng.choice(near)
            text = teller.two(clue, other)
        elif left and roll > 1 - joining:
            other = left[0]
            text = teller.joined(clue, other)
        else:
            clauses.append(teller.one(clue))
            continue
        left.remove(other)
        told.append(other)
        clauses.append(text)
    return _sentences(rng, teller, clauses), tuple(told)


def _share(clue: Clue, other: Clue) -> bool:
    """Whether two clues compare one item with two others."""
    return len(clue.items & other.items) == 1 and len(clue.items | other.items) == 3


def _sentences(rng: random.Random, teller: _Teller, clauses: list[str]) -> list[str]:
    remarks = rng.choice((0.0, 0.0, 0.0, 0.15))
    openers = teller.puzzle.dimension.openers
    whole = len(clauses) > 1 and rng.random() < 0.05
    if whole:
        clauses = [f"{', '.join(clauses[:-1])} and {clauses[-1]}"]
    scene = rng.random() < 0.3
    front = rng.choice(openers) if openers and not scene and rng.random() < 0.25 else ""
    clauses[0] = front + clauses[0]
    texts = [
        rng.choice(REMARKS) + clause if number and rng.random() < remarks else clause
        for number, clause in enumerate(clauses)
    ]
    sentences = [sentence(text) for text in texts]
    if scene:
        sentences.insert(0, sentence(teller.scene()))
    if rng.random() < 0.06:
        sentences.insert(1 if scene else 0, rng.choice(ASIDES))
    return sentences


def ask(rng: random.Random, puzzle: Puzzle) -> str:
    """Say what is asked."""
    asked, told, pool = puzzle.asked, puzzle.told, puzzle.pool
    who = ("Who", "Who", "Who", "Who", "Which of them", "Which person")
    which = (f"Which {pool.one}", f"Which {pool.one}", "Which one", "Which of them")
    people = (f"How many {pool.many}", "How many of them", "How many")
    nth = len(told) - asked.x if asked.trailing else asked.x + 1
    fields = {
        "W": rng.choice(who if pool.living else which),
        "P": rng.choice(people),
        "x": told[asked.x],
        "y": told[asked.y],
        "o": told[asked.y if asked.kind == "compare" else asked.x],
        "n": ORDINALS[nth - 1] if rng.random() < 0.92 else _numbered(nth),
        "d": "2",
    }
    pattern = rng.choice(_QUESTIONS[asked.kind](rng, puzzle))
    past = puzzle.past if rng.random() < 0.85 else not puzzle.past
    text = render(pattern, fields, past=past)
    if rng.random() < 0.1 and text[-1] == "?":
        text = rng.choice(WRAPS).format(q=puzzle.uncapital(text))
    return text[0].upper() + text[1:]


def _numbered(number: int) -> str:
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number, 'th') }"


def _ends(rng: random.Random, puzzle: Puzzle) -> Patterns:
    voice = rng.choice(puzzle.dimension.voices)
    trailing = puzzle.asked.trailing
    tails = voice.last if trailing else voice.first
    more = puzzle.dimension.ask_last if trailing else puzzle.dimension.ask_first
    plain = tuple(f"{{W}} {voice.verb} {tail}?" for tail in tails)
    if plain[0].startswith("{W} [is|was] the ") and not rng.randrange(4):
        return (f"Name {tails[0]} {puzzle.pool.one}.", f"Find {tails[0]} {puzzle.pool.one}.")
    return plain + more


def _nth(rng: random.Random, puzzle: Puzzle) -> Patterns:
    voice = rng.choice([voice for voice in puzzle.dimension.voices if voice.nth_first])
    tails = voice.nth_last if puzzle.asked.trailing else voice.nth_first
    return tuple(f"{{W}} {voice.verb} {tail}?" for tail in tails)


def _middle(rng: random.Random, puzzle: Puzzle) -> Patterns:
    voice = rng.choice(puzzle.dimension.voices)
    if len(puzzle.told) > 3:
        return MIDDLE
    return (*MIDDLE, f"{{W}} {voice.verb} neither {voice.first[0]} nor {voice.last[0]}?")


def _count(rng: random.Random, puzzle: Puzzle) -> Patterns:
    voice = rng.choice(puzzle.dimension.voices)
    tails = voice.trail if puzzle.asked.trailing else voice.lead
    return tuple(f"{{P}} {voice.plural} {tail}?" for tail in tails)


def _compare(rng: random.Random, puzzle: Puzzle) -> Patterns:
    voice = rng.choice(puzzle.dimension.voices)
    tails = voice.trail if puzzle.asked.trailing else voice.lead
    patterns = [f"{voice.ask} {tail}?" for tail in tails] * 3
    patterns += [f"Is it true that {{x}} {voice.verb} {tail}?" for tail in tails]
    patterns += [f"{{x}} {voice.verb} {tail}, right?" for tail in tails[:1]]
    return (*patterns, f"True or not: {{x}} {voice.verb} {tails[0]}?")


def _either(rng: random.Random, puzzle: Puzzle) -> Patterns:
    voice = rng.choice(puzzle.dimension.voices)
    tail = voice.alone[puzzle.asked.trailing]
    return (
        f"{{W}} {voice.verb} {tail}, {{x}} or {{y}}?",
        f"{{W}} {voice.verb} {tail}: {{x}} or {{y}}?",
        f"{{W}} {voice.verb} {tail}, {{y}} or {{x}}?",
        f"Of {{x}} and {{y}}, who {voice.verb} {tail}?"
        if puzzle.pool.living
        else f"Of {{x}} and {{y}}, which {voice.verb} {tail}?",
    )


def _neighbour(rng: random.Random, puzzle: Puzzle) -> Patterns:
    voice = rng.choice([voice for voice in puzzle.dimension.voices if voice.row])
    tails = voice.near_trail if puzzle.asked.trailing else voice.near_lead
    return tuple(f"{{W}} {voice.verb} {tail}?" for tail in tails)


def _rank(_rng: random.Random, puzzle: Puzzle) -> Patterns:
    return puzzle.dimension.ask_place


_QUESTIONS: Final = {
    "end": _ends,
    "nth": _nth,
    "middle": _middle,
    "count": _count,
    "compare": _compare,
    "either": _either,
    "neighbour": _neighbour,
    "rank": _rank,
}
