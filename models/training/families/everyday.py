"""Short everyday problems: the ones a person types first, told in one or two sentences.

Each scheme is a relation between a few numbers, the sentences that tell it and the lines that solve
it. `stories.py` composes the long ones; the held-out problems are long ones only.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from models.training.families.stories import LARGEST_VALUE, Telling, solved
from models.training.families.working import Working
from models.training.problem import Problem

Numbers = dict[str, int]

_HOLDERS = (
    ("box", "boxes"), ("bag", "bags"), ("crate", "crates"), ("packet", "packets"),
    ("basket", "baskets"), ("jar", "jars"), ("tray", "trays"), ("row", "rows"), ("bus", "buses"),
    ("wagon", "wagons"), ("shelf", "shelves"), ("page", "pages"), ("room", "rooms"),
    ("table", "tables"), ("team", "teams"), ("pack", "packs"), ("case", "cases"),
)  # fmt: skip
_LEFT = (
    "How many {T} are left?",
    "How many {T} does {N} have left?",
    "How many {T} does {N} still have?",
    "How many {T} remain?",
    "How many are left?",
)
_MONEY_LEFT = (
    "How much money does {N} have?",
    "How much is left?",
    "How many {U} does {N} have left?",
    "How much money is left?",
    "How many {U} are left?",
)
_TOGETHER = (
    "How many {T} do they have together?",
    "How many {T} do they have in total?",
    "How many {T} is that altogether?",
    "How many do {A} and {B} have together?",
    "How many {T} is that?",
)
_MADE = ("How many {T} is that?", "How many {T} are there?", "How many is that altogether?")


@dataclass(frozen=True, slots=True)
class Scheme:
    """One relation between numbers and how people tell it.

    Attributes:
        tellings: The facts; each pattern is one telling, in one or more sentences.
        questions: What may be asked of them.
        draw: Chooses the numbers.
        work: Writes the lines and returns the answer.
    """

    tellings: tuple[str, ...]
    questions: tuple[str, ...]
    draw: Callable[[random.Random], Numbers]
    work: Callable[[Working, Numbers], int]


def _size(rng: random.Random) -> int:
    return rng.randint(*rng.choice(((2, 9), (10, 30), (10, 99), (100, 400))))


def _groups(rng: random.Random) -> Numbers:
    k, m = rng.randint(2, rng.choice((9, 20, 40))), rng.randint(2, rng.choice((9, 30, 99)))
    return {"k": k, "m": m}


def _groups_and_part(rng: random.Random) -> Numbers:
    numbers = _groups(rng)
    return {**numbers, "n": rng.randint(1, numbers["k"] * numbers["m"] - 1)}


def _groups_within(rng: random.Random) -> Numbers:
    numbers = _groups(rng)
    product = numbers["k"] * numbers["m"]
    most = min(LARGEST_VALUE, product + rng.choice((20, 100, 500)))
    wanted = rng.randint(product + 1, most)
    return {**numbers, "n": -(-wanted // 10) * 10 if rng.random() < 0.6 else wanted}


def _groups_and_more(rng: random.Random) -> Numbers:
    return {**_groups(rng), "n": _size(rng)}


def _pair(rng: random.Random) -> Numbers:
    return {"a": _size(rng), "b": _size(rng)}


def _larger_first(rng: random.Random) -> Numbers:
    small, large = sorted((_size(rng), _size(rng) + 1))
    return {"a": large + 1, "b": small}


def _three(rng: random.Random) -> Numbers:
    numbers = _larger_first(rng)
    return {**numbers, "c": rng.randint(1, numbers["a"] - numbers["b"])}


def _quotient(rng: random.Random) -> Numbers:
    k = rng.randint(2, rng.choice((9, 25)))
    return {"k": k, "n": k * rng.randint(2, rng.choice((12, 60, 200)))}


def _multiple(rng: random.Random) -> Numbers:
    return {"a": _size(rng), "k": rng.choice((2, 3, 4, 5, 6))}


def _halved(rng: random.Random) -> Numbers:
    k = rng.choice((2, 2, 3, 4, 5))
    return {"a": k * _size(rng), "k": k}


def _packed(rng: random.Random) -> Numbers:
    k, count = rng.randint(2, 12), rng.randint(4, 60)
    a = rng.randint(1, k * count - 1)
    return {"a": a, "b": k * count - a, "k": k}


def _product(working: Working, n: Numbers) -> int:
    return working.multiply(n["k"], n["m"])


def _product_less(working: Working, n: Numbers) -> int:
    return working.subtract(_product(working, n), n["n"])


def _product_more(working: Working, n: Numbers) -> int:
    return working.add(_product(working, n), n["n"])


def _less_product(working: Working, n: Numbers) -> int:
    return working.subtract(n["n"], _product(working, n))


def _with_more(working: Working, n: Numbers) -> int:
    return working.add(n["a"], working.add(n["a"], n["b"]))


def _with_fewer(working: Working, n: Numbers) -> int:
    return working.add(n["a"], working.subtract(n["a"], n["b"]))


def _with_multiple(working: Working, n: Numbers) -> int:
    return working.add(n["a"], working.multiply(n["a"], n["k"]))


def _with_part(working: Working, n: Numbers) -> int:
    return working.add(n["a"], working.divide(n["a"], n["k"]))


def _without_part(working: Working, n: Numbers) -> int:
    return working.subtract(n["a"], working.divide(n["a"], n["k"]))


def _seats(working: Working, n: Numbers) -> int:
    return working.subtract(n["a"], working.subtract(n["b"], n["c"]))


def _seats_numbers(rng: random.Random) -> Numbers:
    a = rng.randint(20, 400)
    b = rng.randint(5, a)
    return {"a": a, "b": b, "c": rng.randint(1, b - 1)}


SCHEMES: tuple[Scheme, ...] = (
    Scheme(
        (
            "{S} [saves|saved] {m} {U} a week for {k} weeks and then [spends|spent] {n} {U}",
            "{S} [earns|earned] {m} {U} an hour. {S} [works|worked] {k} hours"
            " and [spends|spent] {n} {U}",
            "{S} [gets|got] {m} {U} a day for {k} days and [pays|paid] {n} {U} for a ticket",
            "{S} [sells|sold] {k} {T} for {m} {U} each and then [spends|spent] {n} {U}",
            "{S} [puts|put] {m} {U} aside a month for {k} months, then [takes|took] {n} {U} out",
        ),
        _MONEY_LEFT,
        _groups_and_part,
        _product_less,
    ),
    Scheme(
        (
            "{S} [has|had] {n} {U}. {S} [buys|bought] {k} {D} for {m} {U} each",
            "{S} [has|had] {n} {U} and [buys|bought] {k} {D} at {m} {U} each",
            "{S} [spends|spent] {m} {U} a day for {k} days and [has|had] {n} {U} at first",
            "From {n} {U} {S} [pays|paid] {m} {U} for each of {k} tickets",
        ),
        _MONEY_LEFT,
        _groups_within,
        _less_product,
    ),
    Scheme(
        (
            "{S} [has|had] {n} {T}. {S} [uses|used] {m} {T} for each of {k} {C}",
            "{S} [has|had] {n} {T} and [gives|gave] {m} to each of {k} {G}",
            "{S} [has|had] {n} {T} and [sells|sold] {m} a day for {k} days",
            "There [are|were] {n} {T}. {k} {G} [take|took] {m} each",
            "{S} [needs|needed] {n} {T} and [makes|made] {m} a day for {k} days",
        ),
        _LEFT,
        _groups_within,
        _less_product,
    ),
    Scheme(
        (
            "A book has {n} {T}. {S} [reads|read] {m} {T} a day for {k} days",
            "A road is {n} {T} long. {S} [walks|walked] {m} {T} a day for {k} days",
            "{S} [has|had] {n} {T} of sugar and [uses|used] {m} {T} for each of {k} cakes",
            "A tank holds {n} {T}. {m} {T} [are|were] used a day for {k} days",
            "A rope is {n} {T} long. {S} [cuts|cut] off {k} pieces of {m} {T} each",
        ),
        ("How many {T} are left?", "How many {T} remain?", "How many {T} are still left?"),
        _groups_within,
        _less_product,
    ),
    Scheme(
        (
            "There [are|were] {k} {P} of {m} {T}. {n} of them [are|were] broken",
            "A {Q} has {m} {T}. In {k} {P}, {n} {T} [are|were] missing",
            "There [are|were] {k} {P}. Each {Q} [has|had] {m} {T}. {n} {T} [are|were] taken",
            "{S} [orders|ordered] {k} {P} of {m} {T}. {n} {T} [are|were] given to {G}",
            "{S} [makes|made] {k} {P} of {m} {T} and [sells|sold] {n} {T}",
            "{k} {G} each [bring|brought] {m} {T}. {n} {T} [are|were] thrown away",
            "{S} [buys|bought] {k} {P} of {m} {T}. {S} [uses|used] {n} {T}",
            "{S} [has|had] {k} {P} with {m} {T} each and [eats|ate] {n} {T}",
        ),
        (*_LEFT[:1], *_LEFT[3:], "How many {T} are not?", "How many {T} remain?"),
        _groups_and_part,
        _product_less,
    ),
    Scheme(
        (
            "There [are|were] {k} {P} of {m} {T}. {S} [adds|added] {n} more",
            "{S} [has|had] {k} {P} of {m} {T} and {n} single {T}",
            "A {Q} has {m} {T}. {S} [has|had] {k} {P} and {n} more {T}",
            "{S} [plants|planted] {k} rows of {m} {T} and then {n} more",
        ),
        (*_MADE, "How many {T} are there now?", "How many {T} does {N} have?"),
        _groups_and_more,
        _product_more,
    ),
    Scheme(
        (
            "A {Q} holds {m} {T}. {S} [has|had] {k} {P}",
            "One {Q} has {m} {T}. There [are|were] {k} {P}",
            "There [are|were] {m} {T} in one {Q}. {S} [buys|bought] {k} {P}",
            "Each {Q} has {m} {T}, and there [are|were] {k} {P}",
            "{S} [makes|made] {m} {T} a day. {S} [works|worked] {k} days",
        ),
        (*_MADE, "How many {T} are that in all?", "How many {T} does {N} have?"),
        _groups,
        _product,
    ),
    Scheme(
        ("A {Q} holds {m} {T}", "A {Q} has {m} {T}", "There [are|were] {m} {T} in a {Q}"),
        (
            "How many {T} are in {k} {P}?",
            "How many {T} are there in {k} {P}?",
            "How many {T} do {k} {P} hold?",
        ),
        _groups,
        _product,
    ),
    Scheme(
        (
            "A lamp costs {m} {U}",
            "{S} [sells|sold] {T} for {m} {U} each",
            "One of the {T} costs {m} {U}",
        ),
        ("How much do {k} cost?", "How many {U} do {k} of them cost?", "How much are {k} of them?"),
        _groups,
        _product,
    ),
    Scheme(
        (
            "{k} {G} share {n} {T} equally",
            "{k} {G} [divide|divided] {n} {T} equally",
            "{n} {T} [are|were] shared by {k} {G}",
            "{n} {T} [are|were] divided among {k} {G}",
            "{S} [gives|gave] {n} {T} to {k} {G}, the same number to each",
        ),
        ("How many does each get?", "How many {T} does each get?", "How many {T} for each?"),
        _quotient,
        lambda working, n: working.divide(n["n"], n["k"]),
    ),
    Scheme(
        (
            "{S} [packs|packed] {n} {T} into {P} of {k}",
            "{S} [has|had] {n} {T} and [puts|put] {k} in each {Q}",
            "A {Q} holds {k} {T}. {S} [has|had] {n} {T}",
        ),
        ("How many {P} are needed?", "How many {P} does {N} need?", "How many {P} is that?"),
        _quotient,
        lambda working, n: working.divide(n["n"], n["k"]),
    ),
    Scheme(
        (
            "{A} [has|had] {a} {T}. {B} [has|had] {b} more than {A}",
            "{A} [has|had] {a} {T}, and {B} [has|had] {b} more",
            "{B} [has|had] {b} more {T} than {A}, who [has|had] {a}",
            "{A} [collects|collected] {a} {T}. {B} [collects|collected] {b} more than {A}",
        ),
        _TOGETHER,
        _pair,
        _with_more,
    ),
    Scheme(
        (
            "{A} [has|had] {a} {T}. {B} [has|had] {b} fewer than {A}",
            "{A} [has|had] {a} {T}, and {B} [has|had] {b} less",
            "{B} [has|had] {b} fewer {T} than {A}. {A} [has|had] {a} {T}",
        ),
        _TOGETHER,
        _larger_first,
        _with_fewer,
    ),
    Scheme(
        (
            "{A} [has|had] {a} {T}. {B} [has|had] {k} times as many",
            "{B} [has|had] {k} times as many {T} as {A}. {A} [has|had] {a} {T}",
            "{S} [has|had] {a} {T} and {k} times as many {D}",
        ),
        (*_TOGETHER[1:3], "How many is that together?", "How many are there in all?"),
        _multiple,
        _with_multiple,
    ),
    Scheme(
        (
            "{A} [has|had] {a} {T}. {B} [has|had] twice as many",
            "{B} [has|had] twice as many {T} as {A}. {A} [has|had] {a} {T}",
            "{S} [has|had] {a} {T} and twice as many {D}",
            "{S} [sells|sold] {a} {T} on Monday and twice as many on Tuesday",
        ),
        (*_TOGETHER[1:3], "How many is that together?", "How many are there in all?"),
        lambda rng: {"a": _size(rng), "k": 2},
        _with_multiple,
    ),
    Scheme(
        (
            "{A} [has|had] half as many {T} as {B}. {B} [has|had] {a} {T}",
            "{B} [has|had] {a} {T}. {A} [has|had] half as many",
            "{S} [sells|sold] {a} {T} on Monday and half as many on Tuesday",
        ),
        _TOGETHER[:3],
        lambda rng: {"a": 2 * _size(rng), "k": 2},
        _with_part,
    ),
    Scheme(
        (
            "{S} [has|had] {a} {T} and [gives|gave] {F} of them to {o}",
            "{S} [has|had] {a} {T}. {S} [eats|ate] {F} of them",
            "{S} [sells|sold] {F} of {a} {T}",
        ),
        (*_LEFT, "How many {T} does {N} keep?", "How many does {N} keep?"),
        _halved,
        _without_part,
    ),
    Scheme(
        (
            "{A} [picks|picked] {a} {T} and {B} [picks|picked] {b}",
            "{A} [has|had] {a} {T}. {B} [has|had] {b} {T}",
            "{A} [finds|found] {a} {T} and {B} [finds|found] {b} {T}",
            "{S} [reads|read] {a} {T} on Monday and {b} {T} on Tuesday",
            "{S} [sells|sold] {a} {T} in the morning and {b} in the afternoon",
            "There [are|were] {a} red {T} and {b} blue {T}",
        ),
        (*_TOGETHER[1:3], "How many {T} is that?", "How many is that in all?"),
        _pair,
        lambda working, n: working.add(n["a"], n["b"]),
    ),
    Scheme(
        (
            "{A} [picks|picked] {a} {T} and {B} [picks|picked] {b}",
            "{A} [has|had] {a} {T} and {B} [has|had] {b}",
            "There [are|were] {a} red {T} and {b} green {T}",
        ),
        (
            "They put them in {P} of {k}. How many {P} do they need?",
            "All of them go into {P} of {k}. How many {P} are needed?",
            "{k} {G} share all of them equally. How many does each get?",
        ),
        _packed,
        lambda working, n: working.divide(working.add(n["a"], n["b"]), n["k"]),
    ),
    Scheme(
        (
            "{S} [has|had] {a} {T} and [breaks|broke] {b}",
            "{S} [has|had] {a} {T}. {S} [eats|ate] {b}",
            "{S} [has|had] {a} {T} and [gives|gave] {b} to {o}",
            "{S} [has|had] {a} {T} and [loses|lost] {b} of them",
            "{S} [buys|bought] {a} {T} and [uses|used] {b}",
            "There [are|were] {a} {T}. {b} [are|were] sold",
            "There [are|were] {a} {T}, and {b} of them [leave|left]",
            "{S} [bakes|baked] {a} {T}, and {o} [eats|ate] {b}",
        ),
        _LEFT,
        _larger_first,
        lambda working, n: working.subtract(n["a"], n["b"]),
    ),
    Scheme(
        (
            "{S} [has|had] {a} {T} and [buys|bought] {b} more",
            "{S} [has|had] {a} {T}. {S} [finds|found] {b} more",
            "{S} [has|had] {a} {T} and [gets|got] {b} from {o}",
            "There [are|were] {a} {T}. {b} more [come|came]",
        ),
        ("How many {T} does {N} have now?", "How many {T} are there now?", "How many is that?"),
        _pair,
        lambda working, n: working.add(n["a"], n["b"]),
    ),
    Scheme(
        (
            "{S} [has|had] {a} {T}. {S} [loses|lost] {b} and then [finds|found] {c}",
            "{S} [has|had] {a} {T}, [gives|gave] away {b} and [buys|bought] {c} new ones",
            "There [are|were] {a} {T}. {b} [are|were] sold and {c} new ones [come|came]",
            "{S} [sells|sold] {b} of {a} {T} and [gets|got] {c} more",
        ),
        ("How many {T} does {N} have now?", "How many {T} are there now?", "How many is that?"),
        _three,
        lambda working, n: working.add(working.subtract(n["a"], n["b"]), n["c"]),
    ),
    Scheme(
        (
            "A bus has {a} seats. {b} people get on, then {c} get off",
            "A hall has {a} seats. {b} people come in and {c} leave again",
            "A train has {a} seats. {b} people [get|got] on and {c} [get|got] off",
        ),
        ("How many seats are empty?", "How many seats are free?", "How many free seats are there?"),
        _seats_numbers,
        _seats,
    ),
    Scheme(
        (
            "There [are|were] {a} {T}, and {b} of them [are|were] taken",
            "A hall has {a} chairs and {b} [are|were] in use",
            "{A} [has|had] {a} {T} and {B} [has|had] {b}",
            "The {D} [cost|cost] {a} {U} and the {T} [cost|cost] {b} {U}",
            "{A} is {a} years old and {B} is {b} years old",
        ),
        ("How many more is that?", "What is the difference?", "How many are not?"),
        _larger_first,
        lambda working, n: working.subtract(n["a"], n["b"]),
    ),
)

_MEASURES = {
    "A book": ("pages",),
    "A road": ("metres", "kilometres", "miles"),
    "A tank": ("litres",),
    "A rope": ("metres",),
    " of sugar ": ("grams", "kilograms"),
}
_PARTS = {2: ("half",), 3: ("a third",), 4: ("a quarter",), 5: ("a fifth",)}


def make_everyday(rng: random.Random) -> Problem:
    """Compose one short everyday problem."""
    while True:
        scheme = rng.choice(SCHEMES)
        numbers = scheme.draw(rng)
        working = Working(rng)
        answer = scheme.work(working, numbers)
        if 0 <= answer <= LARGEST_VALUE:
            return solved(_told(rng, scheme, numbers), working, answer)


def _told(rng: random.Random, scheme: Scheme, numbers: Mapping[str, int]) -> str:
    telling = Telling(rng)
    pattern = rng.choice(scheme.tellings)
    one, many = rng.choice(_HOLDERS)
    for start, measures in _MEASURES.items():
        if start in pattern:
            telling.things = rng.choice(measures)
    given: dict[str, int | str] = {
        **numbers,
        "A": telling.people[0],
        "B": telling.people[1],
        "Q": one,
        "P": many,
        "F": rng.choice(_PARTS.get(numbers.get("k", 0), ("",))),
    }
    if "{A}" in pattern:
        telling.owner = telling.people[0]
    telling.tell((pattern,), **given)
    if rng.random() < 0.08:
        telling.distract()
    telling.ask(scheme.questions, **given)
    return telling.text()
