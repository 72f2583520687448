"""Sentence patterns of the stories, and the small grammar that turns one into a sentence.

A pattern is a text with `{fields}` and with `[present|past]` pairs; one story keeps one tense. The
patterns carry no arithmetic: `stories.py` decides what a sentence means and which field holds what.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

from models.training.words import NUMBER_WORDS

_TENSE = re.compile(r"\[([^|\]]*)\|([^\]]*)\]")

START = (
    "{S} [has|had] {n} {T}",
    "{S} [starts|started] with {n} {T}",
    "{S} [owns|owned] {n} {T}",
    "There [are|were] {n} {T} in total and they [belong|belonged] to {S}",
    "At first {S} [has|had] {n} {T}",
    "{S} [begins|began] the week with {n} {T}",
    "{S} [keeps|kept] {n} {T} {L}",
    "{S} [collects|collected] {n} {T}",
    "{S} [makes|made] {n} {T}",
    "{S} [counts|counted] {n} {T} {L}",
    "{n} {T} [belong|belonged] to {S}",
    "{S} already [has|had] {n} {T}",
    "{S} [buys|bought] {n} {T}",
    "There [are|were] {n} {T} {L}",
)
START_GROUPS = (
    "{S} [has|had] {k} {C} with {m} {T} in each",
    "{S} [has|had] {k} {C} of {m} {T}",
    "There [are|were] {k} {C}. Each [has|had] {m} {T}",
    "There [are|were] {k} {C} with {m} {T} each",
    "{S} [has|had] {k} {C}. There [are|were] {m} {T} in each",
    "{S} [buys|bought] {k} {C} of {m} {T} each",
    "{S} [keeps|kept] {T} in {k} {C}, and every one [holds|held] {m}",
    "{S} [makes|made] {m} {T} a day for {k} days",
    "{S} [fills|filled] {k} {C} with {m} {T} each",
    "There [are|were] {k} {C} with {m} {T} each, all owned by {S}",
    "{S} [packs|packed] {m} {T} an hour and [works|worked] for {k} hours",
    "{S} [stores|stored] {T} in {k} {C}. Each of them [contains|contained] {m} {T}",
    "{S} [produces|produced] {m} {T} per day, and this [goes|went] on for {k} days",
)
GAIN = (
    "{s} [buys|bought] {n} more {T}",
    "{s} [buys|bought] another {n} {T}",
    "{s} [finds|found] {n} {T} {L}",
    "{s} [gets|got] {n} {T} from {o}",
    "{s} [receives|received] {n} more from {o}",
    "{o} [gives|gave] {S} {n} {T}",
    "{o} [brings|brought] {n} more {T}",
    "{s} [adds|added] {n} {T}",
    "{s} [picks|picked] up {n} {T}",
    "{s} [wins|won] {n} {T}",
    "{s} [orders|ordered] {n} extra {T}",
    "{n} new {T} [arrive|arrived]",
    "another {n} {T} [are|were] delivered",
    "{s} [makes|made] {n} more",
    "{s} [collects|collected] {n} more {T} {L}",
    "the number of {T} [grows|grew] by {n}",
    "{o} [sends|sent] {s} {n} {T} as a present",
    "{s} [takes|took] in {n} {T}",
    "{s} [buys|bought] {n} more",
    "{s} [gets|got] {n} more {T}",
    "{s} [gets|got] {n} more",
    "{s} [buys|bought] {n}",
    "{n} more {T} [come|came]",
    "{n} more [join|joined]",
    "{n} more [are|were] added",
    "{o} [gives|gave] {s} another {n}",
)
LOSE = (
    "{s} [gives|gave] {n} {T} to {o}",
    "{s} [gives|gave] {o} {n} of them",
    "{s} [gives|gave] away {n} {T}",
    "{s} [loses|lost] {n} {T}",
    "{s} [loses|lost] {n} of the {T} {L}",
    "{s} [sells|sold] {n} {T}",
    "{s} [sells|sold] {n} of them to {o}",
    "{n} {T} [break|broke]",
    "{n} of the {T} [are|were] stolen",
    "{n} of them [go|went] missing",
    "{s} [throws|threw] away {n} {T}",
    "{o} [takes|took] {n} {T}",
    "{o} [borrows|borrowed] {n} of the {T}",
    "{s} [uses|used] {n} {T}",
    "{s} [donates|donated] {n} {T} to a school",
    "{s} [uses|used] up {n} of them",
    "{s} [sends|sent] {n} {T} to {o}",
    "{n} {T} [are|were] damaged and thrown out",
    "the number of {T} [drops|dropped] by {n}",
    "{s} [gives|gave] {n} to {o}",
    "{s} [gives|gave] {n} away",
    "{s} [eats|ate] {n}",
    "{s} [eats|ate] {n} {T}",
    "{s} [eats|ate] {n} of them",
    "{s} [loses|lost] {n}",
    "{s} [sells|sold] {n}",
    "{n} of them [leave|left]",
    "{n} [leave|left]",
    "{n} {T} [are|were] taken away",
)
GAIN_GROUPS = (
    "{s} [buys|bought] {k} {C} of {m} {T} each",
    "{s} [buys|bought] {k} {C} with {m} {T} in each",
    "{s} [gets|got] {k} {C} with {m} {T} in every one",
    "{k} {C} [arrive|arrived], each with {m} {T}",
    "{k} {G} [bring|brought] {m} {T} each",
    "each of {k} {G} [gives|gave] {S} {m} {T}",
    "{s} [buys|bought] {k} {C} of {m}",
    "{s} [buys|bought] {k} more {C} of {m} {T}",
    "{s} [finds|found] {k} {C}, each holding {m} {T}",
    "for {k} days {s} [adds|added] {m} {T} a day",
    "{s} [makes|made] {m} more every day for {k} days",
    "{o} [brings|brought] {k} {C} of {m} {T}",
    "{s} [receives|received] {m} {T} from each of {k} {G}",
)
LOSE_GROUPS = (
    "{s} [sells|sold] {k} {C} of {m} {T} each",
    "{s} [gives|gave] {m} {T} to each of {k} {G}",
    "{k} {G} [take|took] {m} {T} each",
    "each of {k} {G} [gets|got] {m} {T}",
    "{s} [uses|used] {m} {T} a day for {k} days",
    "for {k} weeks {s} [loses|lost] {m} {T} a week",
    "{s} [gives|gave] {o} {k} {C} with {m} {T} in each",
    "{s} [sends|sent] away {k} {C}, each with {m} {T}",
)
MULTIPLY = (
    "the number of {T} [becomes|became] {k} times as large",
    "{s} [has|had] {k} times as many {T} as before",
    "{s} [multiplies|multiplied] the number of {T} by {k}",
    "the {T} [are|were] counted again, and there [are|were] {k} times as many",
)
DOUBLE = (
    "the number of {T} [doubles|doubled]",
    "{s} [doubles|doubled] the number of {T}",
    "{s} [has|had] twice as many {T} as before",
)
TRIPLE = ("the number of {T} [triples|tripled]", "{s} [triples|tripled] the {T}")
HALVE = (
    "{s} [gives|gave] half of the {T} to {o}",
    "{s} [sells|sold] half of them",
    "half of the {T} [are|were] lost",
    "{s} [loses|lost] half of the {T}",
    "{s} [uses|used] half of the {T}",
)
SHARE = (
    "{s} [shares|shared] all the {T} equally among {k} {G} and [takes|took] one share",
    "{s} [divides|divided] the {T} into {k} equal parts and [keeps|kept] only one part",
    "the {T} [are|were] split equally between {k} {G}, and {s} [is|was] one of them",
    "{s} [keeps|kept] only one part out of {k} equal parts",
)
GIVE_FRACTION = (
    "{s} [gives|gave] {f} of the {T} to {o}",
    "{s} [sells|sold] {f} of them",
    "{f} of the {T} [are|were] lost",
    "{s} [uses|used] {f} of the {T}",
    "{f} of the {T} [go|went] to {o}",
)
DISTRACT = (
    "{o} [has|had] {n} {D}",
    "{s} also [has|had] {n} {D}",
    "there [are|were] also {n} {D} {L}",
    "{o} [buys|bought] {n} {D} {L}",
    "{o} [is|was] {n} years old",
    "the walk [takes|took] {n} minutes",
    "a shop nearby [sells|sold] {D} for {n} {M}",
    "it [is|was] {n} kilometres to the next town",
    "{o} [counts|counted] {n} {D} {L}",
    "the house number [is|was] {n}",
)
ASK = (
    "How many {T} does {N} have?",
    "How many {T} does {N} have left?",
    "How many {T} are there?",
    "How many are left?",
    "How many now?",
    "How many {T} is that?",
    "How many {T} does {N} have now?",
    "How many {T} does {N} have in the end?",
    "How many {T} are left?",
    "How many are there at the end?",
    "How many {T} did {N} have after all this?",
    "How many {T} are there now?",
    "What is the number of {T} at the end?",
    "With how many {T} does {N} end up?",
    "Find the number of {T} that {N} has now.",
    "Tell me how many {T} remain.",
    "So how many {T} does {N} own now?",
    "Can you work out how many {T} {N} has left?",
)
ASK_SHARE = (
    "They are shared equally among {k} {G}. How many {T} does each get?",
    "{S} [shares|shared] them equally between {k} {G}. How many does each one receive?",
    "{S} [packs|packed] all of them into {C} of {k}. How many {C} are needed?",
    "If {k} {G} divide the {T} equally, how many does each get?",
    "All {T} go into {C} with {k} in each. How many {C} are there?",
    "How many {T} does each of {k} {G} get if they share all of them equally?",
    "{S} [puts|put] the {T} in {k} equal rows. How many {T} are in each row?",
)
ASK_WORTH = (
    "Each one is sold for {k} {M}. How much money does {N} get?",
    "How many {M} does {N} earn by selling all of them at {k} {M} each?",
    "Every one of the {T} costs {k} {M}. How much are they worth in {M}?",
    "If each weighs {k} grams, how many grams do they weigh together?",
    "{S} [sells|sold] all of them for {k} {M} each. How many {M} is that?",
)

# Sums of products: money, distance, pages, minutes. {U} is the unit of the total.
ACCOUNTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "money": (
        (
            "{s} [buys|bought] {k} {D} at {m} {U} each",
            "{s} [pays|paid] {m} {U} each for {k} {D}",
            "{s} [buys|bought] {k} {D} that [cost|cost] {m} {U} each",
            "{s} [takes|took] {k} {C} of {D}, {m} {U} per piece",
            "{k} {D} [cost|cost] {m} {U} each",
            "{s} [gets|got] {k} {D} for {m} {U} apiece",
            "{s} [orders|ordered] {k} {D}, and the price of each [is|was] {m} {U}",
        ),
        (
            "{s} [pays|paid] {n} {U} for the {D}",
            "{s} [spends|spent] {n} {U} on {D}",
            "the {D} [cost|cost] {n} {U} in all",
            "{s} also [pays|paid] {n} {U} for the bus",
        ),
        (
            "a voucher [takes|took] {n} {U} off the total",
            "{s} [gets|got] {n} {U} back",
            "the seller [gives|gave] a discount of {n} {U}",
            "{o} [pays|paid] {n} {U} of it",
        ),
        (
            "How much does {N} pay in total?",
            "How many {U} did {N} spend altogether?",
            "What is the total cost in {U}?",
            "How much money is that in all?",
            "How many {U} is the bill?",
        ),
    ),
    "kilometres": (
        (
            "{s} [drives|drove] {m} {U} an hour for {k} hours",
            "{s} [travels|travelled] {m} {U} a day for {k} days",
            "{s} [rides|rode] {k} times a route of {m} {U}",
            "{s} [goes|went] on {k} trips of {m} {U} each",
            "for {k} days {s} [walks|walked] {m} {U} every day",
        ),
        (
            "{s} [walks|walked] {n} {U}",
            "{s} [drives|drove] another {n} {U}",
            "{s} [goes|went] {n} {U} by train",
            "{s} [cycles|cycled] {n} {U} {L}",
        ),
        (
            "{s} [goes|went] back {n} {U} and these do not count",
            "{n} {U} of it [are|were] counted twice and must be taken off",
        ),
        (
            "How many {U} did {N} travel in total?",
            "How far did {N} go altogether, in {U}?",
            "What is the total distance in {U}?",
        ),
    ),
    "pages": (
        (
            "{s} [reads|read] {m} {U} a day for {k} days",
            "{s} [reads|read] {k} books of {m} {U} each",
            "{s} [writes|wrote] {m} {U} a week for {k} weeks",
            "for {k} evenings {s} [reads|read] {m} {U} each evening",
        ),
        (
            "{s} [reads|read] {n} more {U}",
            "{s} [reads|read] {n} {U} {L}",
            "{s} [finishes|finished] another {n} {U}",
        ),
        (
            "{n} of these {U} [are|were] blank and do not count",
            "{s} [skips|skipped] {n} of these {U}",
        ),
        (
            "How many {U} did {N} read in total?",
            "How many {U} is that altogether?",
            "What is the number of {U} in all?",
        ),
    ),
    "points": (
        (
            "{s} [scores|scored] {m} {U} in each of {k} games",
            "{s} [wins|won] {k} rounds with {m} {U} each",
            "{s} [earns|earned] {m} {U} a day for {k} days",
            "{k} {G} [get|got] {m} {U} each for the team of {S}",
        ),
        (
            "{s} [gets|got] {n} {U} as a bonus",
            "{s} [scores|scored] {n} more {U}",
            "{o} [adds|added] {n} {U}",
        ),
        ("{s} [loses|lost] {n} {U}", "a mistake [costs|cost] {n} {U}"),
        (
            "How many {U} does {N} have?",
            "What is the final score of {N}?",
            "How many {U} is that in total?",
        ),
    ),
    "litres": (
        (
            "{s} [fills|filled] {k} {C} with {m} {U} each",
            "{s} [uses|used] {m} {U} a day for {k} days",
            "{s} [pours|poured] {m} {U} into each of {k} pots",
        ),
        (
            "{s} [uses|used] {n} {U} for the {D}",
            "{s} [adds|added] {n} {U}",
            "{o} [needs|needed] {n} {U}",
        ),
        ("{n} {U} [are|were] saved and taken off the total", "{s} [gives|gave] back {n} {U}"),
        ("How many {U} is that in total?", "How many {U} were used altogether?"),
    ),
}
ACCOUNT_CHANGE = (
    "{S} [had|had] {n} {U} at the start. How many {U} are left?",
    "How much is left from {n} {U}?",
    "How many {U} remain out of {n}?",
)
ACCOUNT_PAY = ("{S} [pays|paid] with {n} {U}. How much change is that?",)
ACCOUNT_SPLIT = (
    "The total is shared equally by {k} {G}. How much is that for each?",
    "If {k} {G} share the total equally, how many {U} does each have?",
    "How many {U} is that for each of {k} {G} if they share the total equally?",
)

COMPARE_MORE = (
    "{B} [has|had] {n} more than {A}",
    "{B} [has|had] {n} more {T} than {A}",
    "{A} [has|had] {n} fewer {T} than {B}",
    "{B} [owns|owned] {n} {T} more than {A}",
)
COMPARE_LESS = (
    "{B} [has|had] {n} fewer than {A}",
    "{B} [has|had] {n} less than {A}",
    "{A} [has|had] {n} more {T} than {B}",
    "{B} [owns|owned] {n} {T} fewer than {A}",
)
COMPARE_TIMES = (
    "{B} [has|had] {k} times as many as {A}",
    "{B} [has|had] {k} times as many {T} as {A}",
    "{B} [owns|owned] {k} times the number of {A}",
)
COMPARE_TWICE = ("{B} [has|had] twice as many as {A}", "{B} [has|had] double the number of {A}")
COMPARE_PART = (
    "{A} [has|had] {k} times as many {T} as {B}",
    "{A} [has|had] {k} times as many as {B}",
)
COMPARE_HALF = ("{B} [has|had] half as many as {A}", "{B} [has|had] half of what {A} [has|had]")
COMPARE_ASK_LAST = ("How many {T} does {B} have?", "How many does {B} have?", "What does {B} have?")
COMPARE_ASK_ALL = (
    "How many {T} do they have altogether?",
    "How many {T} do they have in total?",
    "What is the sum of all their {T}?",
    "How many is that if they put everything together?",
)
COMPARE_ASK_GAP = (
    "What is the difference between {A} and {B}?",
    "By how many do {A} and {B} differ?",
)

BARE = (
    "What is {e}?",
    "{e}",
    "{e} = ?",
    "{e}=",
    "Calculate {e}",
    "Compute {e}.",
    "How much is {e}?",
    "What does {e} equal?",
    "Solve {e}",
    "Can you calculate {e}?",
    "what's {e}",
    "Work out {e} please",
)


def spell(rng: random.Random, number: int) -> str:
    """Write a number the way people do: mostly digits, small ones at times as a word."""
    if number in NUMBER_WORDS and rng.random() < 0.3:
        return NUMBER_WORDS[number]
    if number >= 1000 and rng.random() < 0.15:
        return f"{number:,}"
    return str(number)


def render(pattern: str, fields: Mapping[str, str], *, past: bool) -> str:
    """Fill a pattern in one tense.

    Args:
        pattern: Text with `{fields}` and `[present|past]` pairs.
        fields: The value of each field that the pattern uses.
        past: Which side of each pair to keep.
    """
    return _TENSE.sub(lambda match: match[2] if past else match[1], pattern).format_map(fields)


def sentence(text: str) -> str:
    """Make a clause a sentence: first letter upper, a full stop where no mark stands."""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".?!=" else text + "."
