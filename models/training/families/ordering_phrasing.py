"""How people speak of an order: the forms that the dimensions of the puzzles are built from.

In every dimension one end leads: the tallest, the oldest, the winner, the front, the left, the top.
`{o}` is the other one of a comparison, `{x}` and `{y}` are the ones asked about, `{W}` is `Who` or
`Which book`, `{P}` is `people` or `books`. `[present|past]` pairs are as in `phrasing.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from models.training.words import listed

Patterns = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """What a puzzle may order.

    Attributes:
        one: The noun of one of them, as in `Which book`.
        many: The noun of several.
        labels: Their short names, as the working writes them; empty for people's names.
        told: How the question writes a label.
    """

    one: str
    many: str
    labels: Patterns = ()
    told: str = "{}"

    @property
    def living(self) -> bool:
        """Whether they are asked for with `who`."""
        return not self.labels


@dataclass(frozen=True, slots=True)
class Voice:
    """One way to speak of a dimension: `verb` and a tail make a predicate.

    Attributes:
        verb: Of one, as in `Tom [is|was]`.
        plural: Of several, as in `people [are|were]`.
        ask: The front of a yes-or-no question about `{x}`.
        lead: Tails that say that the subject leads `{o}`.
        trail: Tails that say that it comes after `{o}`.
        alone: The two comparisons without the other one: leading, trailing.
        first: Tails for the one that leads all.
        last: Tails for the one that trails all.
        nth_first: Tails for the `{n}`-th one.
        nth_last: Tails for the `{n}`-th one from the trailing end.
        near_lead: Tails true of neighbours only, such as `right before {o}`; `{d}` is any number.
        near_trail: The same towards the trailing end.
        clue_lead: Tails that read well in a clue, but not in a question.
        clue_trail: The same towards the trailing end.
        shaded: Whether `a bit` and the like may stand before a comparison.
        row: Whether one can ask for the neighbour.
    """

    verb: str
    plural: str
    ask: str
    lead: Patterns
    trail: Patterns
    alone: tuple[str, str]
    first: Patterns
    last: Patterns
    nth_first: Patterns = ()
    nth_last: Patterns = ()
    near_lead: Patterns = ()
    near_trail: Patterns = ()
    clue_lead: Patterns = ()
    clue_trail: Patterns = ()
    shaded: bool = False
    row: bool = False


@dataclass(frozen=True, slots=True)
class Dimension:
    """One kind of order.

    Attributes:
        name: What it is.
        pools: What it may order.
        scenes: Predicates of all of them, for an opening sentence.
        voices: Ways to speak of it; all of them have the same leading end.
        lead: Whole predicates that say that the subject leads `{o}`.
        trail: Whole predicates that say that it comes after `{o}`.
        openers: What may stand before the first clue.
        ask_first: More questions for the one that leads all.
        ask_last: More questions for the one that trails all.
        ask_place: Questions for the place of `{x}`, counted from the leading end.
    """

    name: str
    pools: tuple[Pool, ...]
    scenes: Patterns
    voices: tuple[Voice, ...]
    lead: Patterns = ()
    trail: Patterns = ()
    openers: Patterns = ()
    ask_first: Patterns = ()
    ask_last: Patterns = ()
    ask_place: Patterns = ()


def scale(
    up: str, down: str, more: str, less: str, *, amount: str = "", clues: bool = True
) -> Voice:
    """Speak of a quality: `up` and `down` are `tall taller tallest` and the opposite."""
    base, lead, most = up.split("/")
    low, trail, least = down.split("/")
    return Voice(
        "[is|was]",
        "[are|were]",
        "[Is|Was] {x}",
        (f"{lead} than {{o}}",),
        (f"{trail} than {{o}}",),
        (lead, trail),
        (f"the {most}", f"the {most}", f"the {most} of all", f"the {most} one"),
        (f"the {least}", f"the {least}", f"the {least} of all", f"the {least} one"),
        (f"the {{n}} {most}",),
        (f"the {{n}} {least}",),
        (f"{{d}} {amount} {more} than {{o}}",) if amount else (),
        (f"{{d}} {amount} {less} than {{o}}",) if amount else (),
        (f"not as {low} as {{o}}",) if clues else (),
        (f"not as {base} as {{o}}", f"not so {base} as {{o}}") if clues else (),
        shaded=True,
    )


def does(
    verb: str, more: tuple[str, str, str], less: tuple[str, str, str], *, amount: Patterns = ()
) -> Voice:
    """Speak of an activity: `verb` is `run/runs/ran`, `more` is `faster than/faster/fastest`."""
    base, present, past = verb.split("/")
    return Voice(
        f"[{present}|{past}]",
        f"[{base}|{past}]",
        f"[Does|Did] {{x}} {base}",
        (f"{more[0]} {{o}}",),
        (f"{less[0]} {{o}}",),
        (more[1], less[1]),
        (more[2],),
        (less[2],),
        near_lead=amount[:1],
        near_trail=amount[1:],
    )


BEFORE = ("before {o}", "earlier than {o}", "ahead of {o}", "sooner than {o}")
AFTER = ("after {o}", "later than {o}", "behind {o}")
RIGHT_BEFORE = ("right before {o}", "just before {o}", "immediately before {o}")
RIGHT_AFTER = ("right after {o}", "just after {o}", "immediately after {o}")
_RIGHT_AHEAD = ("right in front of {o}", "directly in front of {o}", "just ahead of {o}")
_RIGHT_BEHIND = ("right behind {o}", "directly behind {o}", "just behind {o}")


def moment(verb: str, rest: str = "", *, race: bool = False) -> Voice:
    """Speak of when one does something: `verb` is `finish/finishes/finished`."""
    base, present, past = verb.split("/")
    after = f" {rest}" if rest else ""
    nth = ("{n}",) if race else ()
    return Voice(
        f"[{present}|{past}]{after}",
        f"[{base}|{past}]{after}",
        f"[Does|Did] {{x}} {base}{after}",
        BEFORE if race else BEFORE[:2],
        AFTER if race else AFTER[:2],
        ("first" if race else "earlier", "later"),
        ("first", "first of all") if race else ("first", "the earliest"),
        ("last", "last of all") if race else ("last", "the latest"),
        nth or ("{n}",),
        ("{n} from last", "{n} to last"),
        RIGHT_BEFORE + (_RIGHT_AHEAD[2:] if race else ()),
        RIGHT_AFTER + (_RIGHT_BEHIND[:1] if race else ()),
        row=True,
    )


def stands(verb: str, end: tuple[str, str], places: tuple[Patterns, Patterns]) -> Voice:
    """Speak of where one stands: `end` names the two ends, `places` the comparisons."""
    base, present, past = verb.split("/")
    lead, trail = places
    being = base == "be"
    return Voice(
        f"[{present}|{past}]",
        "[are|were]" if being else f"[{base}|{past}]",
        "[Is|Was] {x}" if being else f"[Does|Did] {{x}} {base}",
        tuple(text for text in lead if "{o}" in text),
        tuple(text for text in trail if "{o}" in text),
        (lead[0], trail[0]),
        (f"{end[0]}",),
        (f"{end[1]}",),
        (lead[1],),
        (trail[1],),
        tuple(text.replace("{c}", "{o}") for text in lead if "{c}" in text),
        tuple(text.replace("{c}", "{o}") for text in trail if "{c}" in text),
        row=True,
    )


QUEUE = (
    ("further ahead", "{n}", "in front of {o}", "ahead of {o}", "before {o}", "closer to the front "
     "than {o}", "right in front of {c}", "directly in front of {c}", "just ahead of {c}"),
    ("further back", "{n} from the back", "behind {o}", "after {o}", "further back than {o}",
     "right behind {c}", "directly behind {c}", "just behind {c}"),
)  # fmt: skip
SIDES = (
    ("further left", "{n} from the left", "to the left of {o}", "left of {o}", "further left than "
     "{o}", "somewhere to the left of {o}", "just left of {c}", "directly to the left of {c}",
     "immediately left of {c}"),
    ("further right", "{n} from the right", "to the right of {o}", "right of {o}", "further right "
     "than {o}", "somewhere to the right of {o}", "directly to the right of {c}",
     "immediately right of {c}"),
)  # fmt: skip
LEVELS = (
    ("higher", "{n} from the top", "above {o}", "higher than {o}", "higher up than {o}",
     "directly above {c}", "right above {c}", "one floor above {c}"),
    ("lower", "{n} from the bottom", "below {o}", "lower than {o}", "further down than {o}",
     "directly below {c}", "right below {c}", "one floor below {c}"),
)  # fmt: skip
PILE = (
    tuple(text for text in LEVELS[0] if "floor" not in text),
    tuple(text for text in LEVELS[1] if "floor" not in text),
)

GROUPS: Final = listed(
    """
    friends children pupils students neighbours cousins classmates colleagues people kids
    players teachers teammates
    """
)
ORDINALS: Final = listed("first second third fourth fifth sixth seventh eighth ninth")
ADVERBS: Final = ("a bit", "much", "slightly", "a little", "a lot", "far", "clearly", "even")
REMARKS: Final = (
    "we know that ", "I know that ", "it is known that ", "also, ", "remember that ", "suppose ",
    "it is clear that ", "someone says that ",
)  # fmt: skip
ASIDES: Final = (
    "Here is what we know:", "Nobody is equal.", "There are no ties.", "These facts are known:",
    "Think carefully.", "Work out the order.", "Here are the clues:",
)  # fmt: skip
WRAPS: Final = (
    "so {q}", "now {q}", "then {q}", "can you tell me: {q}", "question: {q}", "tell me, {q}",
    "the question is: {q}", "what do you think, {q}", "so, {q}", "I want to know: {q}",
)  # fmt: skip
MIDDLE: Final = (
    "{W} [is|was] in the middle?", "{W} [is|was] exactly in the middle?",
    "{W} [is|was] in the middle of the order?",
)  # fmt: skip
