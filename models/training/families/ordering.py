"""Ordering puzzles: clues about who is taller, faster or further left, and a question about it.

A puzzle hides one order, which its clues leave no choice about. Item 0 leads: it is the tallest,
the winner, the front. In the working `A > B` always says that A leads B; the clues are written so
first, then they are taken in turn: each line notes the orders they make so far, until one is left.
Lines have the numbers of their clues, which a small network follows more easily than the mere
order of lines (index hints, arXiv 2310.16028).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from models.training.families.ordering_dimensions import DIMENSIONS
from models.training.families.ordering_phrasing import Dimension, Pool
from models.training.families.ordering_telling import (
    Asked,
    Clue,
    Puzzle,
    ask,
    tell,
)
from models.training.families.stories import invented_word
from models.training.problem import Problem
from models.training.words import NAMES

FEWEST_STEPS, MOST_STEPS = 2, 6
LINE_START = "- "
"""Before a line about no single clue, so that a name there is the same token as in the question."""
_LONGEST_COUNT: Final = {8: 6, 9: 3}  # by number of items: keeps the working of long orders short
_RELATIVES: Final = ("mother", "father", "brother", "sister", "uncle", "aunt", "cousin", "friend")


@dataclass(frozen=True, slots=True)
class _Drawn:
    labels: tuple[str, ...]
    told: tuple[str, ...]


def make_ordering(rng: random.Random, steps: int) -> Problem:
    """Compose one ordering puzzle of `steps + 1` people or things."""
    return compose_ordering(rng, steps)[1]


def compose_ordering(rng: random.Random, steps: int) -> tuple[Puzzle, Problem]:
    """Compose one ordering puzzle, and return what it says next to how it says it."""
    dimension = rng.choice(DIMENSIONS)
    pool = rng.choice(dimension.pools)
    drawn = _items(rng, pool, steps + 1)
    clues = _clues(rng, steps + 1)
    asked = _asked(rng, dimension, steps + 1)
    puzzle = Puzzle(dimension, pool, drawn.labels, drawn.told, clues, asked, rng.random() < 0.5)
    question, puzzle = _text(rng, puzzle)
    chain = (*_normal(puzzle), *_joining(puzzle), LINE_START + _reading(puzzle))
    return puzzle, Problem("ordering", question, chain, _answer(puzzle), steps)


def _items(rng: random.Random, pool: Pool, count: int) -> _Drawn:
    """Draw the items in their true order: labels, and how the question writes them."""
    if not pool.living:
        labels = tuple(rng.sample(pool.labels, count))
        return _Drawn(labels, tuple(pool.told.format(label) for label in labels))
    if rng.random() < 0.04:
        letters = tuple(rng.sample("ABCDEFGHJKLMNPQRSTUVWXYZ", count))
        return _Drawn(letters, letters)
    told: dict[str, str] = {}
    relatives = 0.5 if rng.random() < 0.05 else 0.0
    while len(told) < count:
        roll = rng.random()
        if roll < relatives:
            label = rng.choice(_RELATIVES)
            told[label] = f"my {label}"
        else:
            name = invented_word(rng).capitalize() if rng.random() < 0.1 else rng.choice(NAMES)
            told[name] = name
    return _Drawn(tuple(told), tuple(told.values()))


def _clues(rng: random.Random, count: int) -> tuple[Clue, ...]:
    """Draw clues that allow one order only: every pair of neighbours is told, or an end is named.

    An end clue replaces the pair at that end, for all the others are still in one line.
    """
    low, high = 0, count - 1
    clues: list[Clue] = []
    if rng.random() < 0.12:
        clues.append(Clue(0, None))
        low = 1
    if rng.random() < 0.12 and high - low > 1:
        clues.append(Clue(None, high))
        high -= 1
    clues += [Clue(item, item + 1) for item in range(low, high)]
    roll = rng.random()
    if roll > 0.3:
        rng.shuffle(clues)
    elif roll < 0.08:
        clues.reverse()
    if 4 <= count <= 7 and rng.random() < 0.12:
        left, right = sorted(rng.sample(range(count), 2))
        if right - left > 1:
            clues.insert(rng.randint(1, len(clues)), Clue(left, right))
    return tuple(clues)


def _asked(rng: random.Random, dimension: Dimension, count: int) -> Asked:
    """Choose what to ask; the two ends most often, as people do."""
    longest = _LONGEST_COUNT.get(count, count - 1)
    row = any(voice.row for voice in dimension.voices)
    kinds = {
        "end": 6.0,
        "nth": 2.5 if any(voice.nth_first for voice in dimension.voices) and count > 3 else 0,
        "middle": 1.0 if count % 2 and (count + 1) // 2 <= longest else 0,
        "count": 2.0,
        "compare": 2.0,
        "either": 1.5,
        "neighbour": 1.5 if row else 0,
        "rank": 2.0 if dimension.ask_place else 0,
    }
    kind = rng.choices(tuple(kinds), tuple(kinds.values()))[0]
    trailing = rng.random() < 0.5
    x, y = rng.sample(range(count), 2)
    if kind == "nth":
        x = rng.randint(1, min(longest, count - 1) - 1)
        x = count - 1 - x if trailing else x
    elif kind == "end":
        x = count - 1 if trailing else 0
    elif kind == "middle":
        x = count // 2
    elif kind == "count":
        x = rng.randint(0, min(longest - 1, count - 1))
        x = count - 1 - x if trailing else x
    elif kind == "rank":
        x = rng.randint(0, longest - 1)
    elif kind == "neighbour":
        x = rng.randint(0, count - 2) + (0 if trailing else 1)
    return Asked(kind, x, y, trailing=trailing)


def _text(rng: random.Random, puzzle: Puzzle) -> tuple[str, Puzzle]:
    """Write the question; a careless one is lower case, and so are its names then."""
    sentences, clues = tell(rng, puzzle)
    puzzle = puzzle.replacing(clues=clues)
    question = ask(rng, puzzle)
    roll = rng.random()
    if roll < 0.08:
        sentences.insert(0, question)
    elif roll < 0.11 and len(sentences) == 1:
        sentences = [f"{question.rstrip('?')} if {puzzle.uncapital(sentences[0]).rstrip('.')}?"]
    else:
        sentences.append(question)
    text = ("\n" if rng.random() < 0.02 else " ").join(sentences)
    roll = rng.random()
    if roll < 0.04 and len(puzzle.labels[0]) > 1:
        return text.lower(), puzzle.replacing(
            labels=tuple(label.lower() for label in puzzle.labels),
            told=tuple(told.lower() for told in puzzle.told),
        )
    return (text.rstrip(".?"), puzzle) if roll < 0.06 else (text, puzzle)


def _normal(puzzle: Puzzle) -> list[str]:
    """Write every clue in the one direction; `all` stands for everyone else."""
    return [
        f"{number}) {_order_text(puzzle, (clue.left, clue.right))}"
        for number, clue in enumerate(puzzle.clues, start=1)
    ]


def _joining(puzzle: Puzzle) -> list[str]:
    """Take the clues in turn and write the orders they make so far, parted by commas.

    What a clue says is looked up in one line only, the one before. Clues that name an end come
    last, since only then all the others are there.
    """
    last = len(puzzle.labels) - 1
    orders: list[_Order] = []
    lines: list[str] = []
    named_ends = [clue for clue in puzzle.clues if None in (clue.left, clue.right)]
    for number, clue in enumerate(puzzle.clues, start=1):
        orders = _with(orders, (clue.left, clue.right))
        lines.append(f"1-{number}) {_noted(puzzle, orders)}")
    for clue in named_ends:
        orders.remove((clue.left, clue.right))
        pair = (0, 1) if clue.right is None else (last - 1, last)
        orders = _with(orders, pair)
        lines.append(LINE_START + _noted(puzzle, orders))
    return lines[1:]


_Order = tuple[int | None, ...]
"""Items from front to back. One with a gap, or with `None` for all others, waits to be joined."""


def _with(orders: list[_Order], pair: tuple[int | None, int | None]) -> list[_Order]:
    """The orders after one more pair: joined where the pair touches them, or beside them."""
    left, right = pair
    if any(left in order and right in order for order in orders if None not in order):
        return orders
    if left is None or right is None or right - left > 1:
        return [*orders, pair]
    whole = [order for order in orders if _is_gapless(order)]
    head = next((order for order in whole if order[-1] == left), (left,))
    tail = next((order for order in whole if order[0] == right), (right,))
    joined = (*head, *tail)
    touched = [number for number, order in enumerate(orders) if order in (head, tail)]
    place = min(touched, default=len(orders))
    kept = [order for order in orders if not set(order) <= set(joined)]
    kept.insert(min(place, len(kept)), joined)
    return kept


def _is_gapless(order: _Order) -> bool:
    first, last = order[0], order[-1]
    return first is not None and last is not None and last - first == len(order) - 1


def _noted(puzzle: Puzzle, orders: list[_Order]) -> str:
    return ", ".join(_order_text(puzzle, order) for order in orders)


def _order_text(puzzle: Puzzle, order: _Order) -> str:
    return " > ".join("all" if item is None else puzzle.labels[item] for item in order)


def _reading(puzzle: Puzzle) -> str:
    """Write the line that reads the answer off the order."""
    labels, asked = puzzle.labels, puzzle.asked
    first, second = sorted((asked.x, asked.y))
    if asked.kind == "end":
        line = f"last: {labels[-1]}" if asked.trailing else f"first: {labels[0]}"
    elif asked.kind == "nth" and asked.trailing:
        line = _counted(labels[: asked.x - 1 : -1])
    elif asked.kind in ("nth", "middle", "rank"):
        line = _counted(labels[: asked.x + 1])
    elif asked.kind == "count":
        found = labels[: asked.x : -1] if asked.trailing else labels[: asked.x]
        side = "after" if asked.trailing else "before"
        line = f"{side} {labels[asked.x]}: {_counted(found) or '0'}"
    elif asked.kind in ("compare", "either"):
        line = f"{labels[first]} > {labels[second]}"
    else:
        first = asked.x if asked.trailing else asked.x - 1
        line = f"{labels[first]} > {labels[first + 1]}"
    return line


def _counted(labels: tuple[str, ...]) -> str:
    return " ".join(f"{number} {label}" for number, label in enumerate(labels, 1))


def _answer(puzzle: Puzzle) -> str:
    asked = puzzle.asked
    if asked.kind == "count":
        return str(len(puzzle.told) - 1 - asked.x if asked.trailing else asked.x)
    if asked.kind == "rank":
        return str(asked.x + 1)
    if asked.kind == "compare":
        return "yes" if (asked.x > asked.y) == asked.trailing else "no"
    if asked.kind == "either":
        return puzzle.told[(max if asked.trailing else min)(asked.x, asked.y)]
    if asked.kind == "neighbour":
        return puzzle.told[asked.x + (1 if asked.trailing else -1)]
    return puzzle.told[asked.x]
