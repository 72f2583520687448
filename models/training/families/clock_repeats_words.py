"""Sentence patterns of things that repeat and of opening hours, as in `clock_words.py`."""

from __future__ import annotations

from typing import Final

Patterns = tuple[str, ...]

SERIES: Final = (
    ("there [are|were] {n} lessons of {d}", "lessons"),
    ("{S} [has|had] {n} lessons, each {d} long", "lessons"),
    ("a day at school [has|had] {n} lessons of {d} each", "lessons"),
    ("{S} [plays|played] {n} games of {d} each", "games"),
    ("{S} [watches|watched] {n} parts of a series, each {d} long", "parts"),
    ("{n} talks of {d} each [are|were] held", "talks"),
    ("{S} [bakes|baked] {n} trays, one after the other, each for {d}", "trays"),
    ("{S} [runs|ran] {n} rounds of {d} each", "rounds"),
    ("{n} patients [are|were] seen, each for {d}", "patients"),
)
SERIES_START: Final = (
    "it [begins|began] at {t}", "the start [is|was] at {t}", "it all [starts|started] at {t}",
    "the first [starts|started] at {t}",
)  # fmt: skip
SERIES_GAP: Final = (
    "between them [is|was] always a break of {g}",
    "after each but the last there [is|was] a break of {g}",
    "there [is|was] a break of {g} between two of them",
    "between the {x} there [are|were] breaks of {g}",
)
SERIES_ENDS: Final = (
    "When [does|did] it end?", "At what time [is|was] it over?", "When [is|was] the last one over?",
    "What time [is|was] it at the end?",
)  # fmt: skip
TURNS: Final = (
    ("a bus leaves every {d}. The first one leaves at {t}. When does the {o} one leave?"),
    ("{S} takes a tablet every {d}, the first at {t}. At what time does {s} take the {o} tablet?"),
    ("a bell rings every {d}, first at {t}. When does it ring for the {o} time?"),
    ("tours start every {d}. The first is at {t}. When is the {o} tour?"),
    ("trains go every {d} from {t} on. At what time does the {o} train go?"),
    ("{S} waters the plants at {t} and then every {d}. When does {s} water them for the {o} time?"),
    ("the first boat leaves at {t}, and there is one every {d}. When does the {o} boat leave?"),
)
ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
OPEN: Final = (
    "a {b} [is|was] open from {t} to {u} {e}",
    "the {b} [opens|opened] at {t} and [closes|closed] at {u} {e}",
    "opening hours of the {b} {e}: {t} to {u}",
    "{e} the {b} [is|was] open from {t} until {u}",
)
OPEN_MORE: Final = (
    "{e} it [is|was] open from {t} to {u}",
    "{e} it [opens|opened] at {t} and [closes|closed] at {u}",
    "it [is|was] also open {e} from {t} to {u}", "{e} the hours [are|were] {t} to {u}",
)  # fmt: skip
OPEN_BREAK: Final = (
    "it [closes|closed] for {d} at lunch on each of those days",
    "each of those days there [is|was] a lunch break of {d}",
    "in the middle of each of those days it [is|was] closed for {d}",
)
OPEN_ASKS: Final = (
    "How long is it open in a week?", "How long is it open in all?",
    "For how long is it open altogether?", "What is the total opening time of the week?",
)  # fmt: skip
BUSINESSES: Final = (
    "shop", "library", "museum", "bakery", "bank", "pool", "market", "office", "café", "zoo",
    "post office", "pharmacy", "bookshop", "town hall",
)  # fmt: skip
DAY_SETS: Final[dict[int, Patterns]] = {
    5: ("from Monday to Friday", "on all days from Monday to Friday"),
    4: ("from Monday to Thursday", "from Tuesday to Friday"),
    3: ("from Monday to Wednesday", "on Monday, Tuesday and Thursday"),
}
WEEKEND: Final[dict[int, Patterns]] = {
    1: ("on Saturday", "on Sunday"),
    2: ("on Saturday and Sunday", "on both Saturday and Sunday"),
}
