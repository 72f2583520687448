"""Sentence patterns of the clock family; `clock.py` and `calendar_sums.py` decide what they mean.

`{S}` is the person, `{s}` he or she, `{t}` and `{u}` times of day, `{d}` a duration, `{i}` what
begins and ends. `[present|past]` pairs are as in `phrasing.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Patterns = tuple[str, ...]

SHOWS: Final = (
    "film", "concert", "lesson", "meeting", "match", "play", "show", "party", "lecture", "course",
    "exam", "race", "tour", "programme", "rehearsal", "class", "game", "talk", "movie",
    "swimming lesson",
    "football match", "piano lesson", "maths lesson", "training session", "music lesson", "shift",
)  # fmt: skip
DURATIONS: Final[dict[int, Patterns]] = {
    15: ("a quarter of an hour", "fifteen minutes"),
    30: ("half an hour", "half an hour", "thirty minutes"),
    45: ("three quarters of an hour",),
    60: ("an hour", "one hour", "60 minutes"),
    75: ("an hour and a quarter",),
    90: ("an hour and a half", "one and a half hours", "1.5 hours", "90 minutes"),
    120: ("two hours", "120 minutes"),
    150: ("two and a half hours", "2.5 hours"),
    180: ("three hours",),
    210: ("three and a half hours", "3.5 hours"),
}
LINKS: Final = ("then ", "after that ", "next, ", "afterwards ", "then, ", "after this, ")
CHAT: Final = (
    "the ticket [costs|cost] {n} euros",
    "{P} [is|was] {n} years old",
    "there [are|were] {n} people there",
    "the weather [is|was] fine",
    "it [is|was] raining",
    "{S} [has|had] {n} dollars",
    "the distance [is|was] {n} kilometres",
    "{P} [buys|bought] {n} postcards",
    "the house number [is|was] {n}",
    "{P} [has|had] no time that day",
    "the hall [has|had] {n} chairs",
    "{S} [is|was] a little tired",
)

END_ONE: Final = (
    ("a {i} [starts|started] at {t} and [lasts|lasted] {d}", "e"),
    ("a {i} [begins|began] at {t}. It [lasts|lasted] {d}", "e"),
    ("the {i} [starts|started] at {t}. It [takes|took] {d}", "e"),
    ("{S}'s {i} [begins|began] at {t} and [takes|took] {d}", "e"),
    ("the {i} is {d} long and [starts|started] at {t}", "e"),
    ("{S} [puts|put] a cake in the oven at {t}. It [has|had] to bake for {d}", "r"),
    ("bread [goes|went] into the oven at {t} and [bakes|baked] for {d}", "r"),
    ("a train [leaves|left] at {t} and the ride [takes|took] {d}", "a"),
    ("the bus [leaves|left] at {t}. The trip [takes|took] {d}", "a"),
    ("{S} [leaves|left] home at {t}. The way to work [takes|took] {d}", "a"),
    ("{S} [sets|set] off at {t} and [drives|drove] for {d}", "a"),
    ("a plane [takes|took] off at {t}. The flight [lasts|lasted] {d}", "a"),
    ("{S} [starts|started] working at {t} and [works|worked] for {d}", "f"),
    ("{S} [goes|went] for a walk at {t} and [walks|walked] for {d}", "f"),
    ("{S} [begins|began] to read at {t} and [reads|read] for {d}", "f"),
    ("it is {t}. My bus leaves in {d}", "t"),
    ("it is {t} now. The {i} begins in {d}", "t"),
    ("it is {t}. I have an appointment in {d}", "t"),
    ("it is {t}. The shop closes in {d}", "t"),
    ("I have to go in {d}. It is {t} now", "t"),
    ("{S} [takes|took] a tablet at {t} and [needs|needed] the next one {d} later", "n"),
    ("the train should leave at {t} but is {d} late", "l"),
    ("the {i} should start at {t} but [is|was] delayed by {d}", "l"),
)
END_ASKS: Final[dict[str, Patterns]] = {
    "e": ("When [does|did] it end?", "At what time [does|did] it end?", "When is it over?",
          "What time [does|did] it finish?", "When will it be over?",
          "When [does|did] the {i} end?"),
    "r": ("When is it ready?", "At what time is it done?", "When will it be ready?",
          "What time [does|did] it come out of the oven?"),
    "a": ("When [is|was] the arrival?", "What is the time of arrival?", "What time is the arrival?",
          "At what time is the trip over?"),
    "f": ("When [does|did] {S} stop?", "At what time [is|was] {S} finished?",
          "What time [is|was] it then?", "When [does|did] {s} finish?"),
    "t": ("What time is that?", "When is that?", "At what time is that?",
          "What time will it be then?"),
    "n": ("When is the next tablet due?", "At what time is that?", "When [does|did] {s} take it?"),
    "l": ("When [does|did] it really start?", "At what time [does|did] it start?",
          "What is the new time?"),
}  # fmt: skip
END_BARE: Final = (
    "what time is {d} after {t}?",
    "what time is it {d} after {t}?",
    "it is {t}. What time will it be in {d}?",
    "if it is {t} now, what time will it be in {d}?",
    "what is {t} plus {d}?",
    "what time will it be {d} from now if it is {t}?",
    "add {d} to {t}.",
)
BEGIN_BARE: Final = (
    "what time is {d} before {t}?",
    "what time was it {d} before {t}?",
    "it is {t}. What time was it {d} ago?",
    "if it is {t} now, what time was it {d} ago?",
    "what is {t} minus {d}?",
    "it is {t}. I got up {d} ago. When was that?",
    "my train left {d} ago and it is {t} now. When did it leave?",
)
BEGIN_ONE: Final = (
    ("a {i} [ends|ended] at {t} and [lasts|lasted] {d}", "b"),
    ("the {i} [lasts|lasted] {d} and [ends|ended] at {t}", "b"),
    ("{S}'s {i} was over at {t}. It took {d}", "b"),
    ("the {i} [finishes|finished] at {t} after {d}", "b"),
    ("dinner has to be ready at {t}. The roast needs {d} in the oven", "p"),
    ("the cake must be ready at {t} and bakes for {d}", "p"),
    ("{S} [has|had] to be at work at {t}. The way there [takes|took] {d}", "v"),
    ("{S} [wants|wanted] to arrive at {t}, and the drive [takes|took] {d}", "v"),
    ("a train [arrives|arrived] at {t}. The ride [takes|took] {d}", "w"),
    ("the plane [lands|landed] at {t} after a flight of {d}", "w"),
)
BEGIN_ASKS: Final[dict[str, Patterns]] = {
    "b": ("When did it start?", "At what time did it begin?", "When was the start?",
          "What time did the {i} start?"),
    "p": ("When must it go into the oven?", "At what time must it go in?",
          "What is the latest time to put it in?"),
    "v": ("When must {S} leave?", "At what time [does|did] {s} have to leave?",
          "When [does|did] {S} have to set off?"),
    "w": ("When did it leave?", "At what time did it set off?", "What was the time of departure?"),
}  # fmt: skip

SPAN_MANY: Final = (
    "how many minutes are there between {t} and {u}?",
    "how many minutes are there from {t} to {u}?",
    "how many minutes pass between {t} and {u}?",
    "how many minutes after {t} is {u}?",
)
SPAN_ONE: Final = (
    "how {q} is it from {t} to {u}?",
    "how {q} is it from {t} until {u}?",
    "it is {t}. The {i} begins at {u}. How {q} is it until then?",
    "it is {t} now. My train leaves at {u}. How {q} do I have left?",
    "a {i} [starts|started] at {t} and [ends|ended] at {u}. How {q} [does|did] it last?",
    "the {i} [goes|went] from {t} to {u}. How {q} is that?",
    "a train [leaves|left] at {t} and [arrives|arrived] at {u}. How {q} [does|did] the ride take?",
    "the flight [takes|took] off at {t} and [lands|landed] at {u}. How {q} [is|was] it in the air?",
    "{S} [works|worked] from {t} to {u}. How {q} is that?",
    "{S} [goes|went] to bed at {t} and [gets|got] up at {u}. How {q} [does|did] {s} sleep?",
    "a shop opens at {t} and closes at {u}. How {q} is it open?",
    "{S} [puts|put] a cake in at {t} and [takes|took] it out at {u}. How {q} [does|did] it bake?",
    "{S} [waits|waited] from {t} until {u}. How {q} is that?",
    "how {q} [does|did] a {i} last that [starts|started] at {t} and [ends|ended] at {u}?",
    "if a {i} [begins|began] at {t} and [is|was] over at {u}, how {q} [does|did] it take?",
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A row of things that take time, one after the other.

    Attributes:
        starts: What happens at the known time.
        legs: Size of each leg (as in `some_duration`) and how it is told, in order.
        ends: Asks for the time at the end.
        deadlines: Something at a second known time after the legs; empty where it does not fit.
        waits: Asks for the time until then, with `{q}` for `long` or `many minutes`.
    """

    starts: Patterns
    legs: tuple[tuple[str, Patterns], ...]
    ends: Patterns
    deadlines: Patterns = ()
    waits: Patterns = ()


FORWARD: Final = (
    Scene(
        ("{S} [leaves|left] home at {t}", "{S} [sets|set] off at {t}",
         "at {t} {S} [leaves|left] the house", "{S} [starts|started] a trip at {t}"),
        (("s", ("the walk to the station [takes|took] {d}", "{s} [walks|walked] {d} to the station",
                "a bus to the station [takes|took] {d}")),
         ("s", ("{s} [waits|waited] {d} for the train", "the train [is|was] {d} late",
                "the train [leaves|left] {d} later")),
         ("l", ("the train [takes|took] {d}", "the train ride [lasts|lasted] {d}",
                "{s} [is|was] on the train for {d}")),
         ("s", ("{s} [has|had] to change and [waits|waited] {d}",
                "changing trains [takes|took] {d}")),
         ("m", ("the second train [needs|needed] {d}", "the next train [takes|took] {d}")),
         ("s", ("a taxi [takes|took] {d} to the hotel", "the rest of the way [takes|took] {d}"))),
        ("When [does|did] {S} arrive?", "At what time [does|did] {s} arrive?",
         "What time [is|was] it at the end?", "When [is|was] {S} there?",
         "What time [does|did] {s} get there?"),
        ("{s} [has|had] a meeting at {u}", "an appointment there [begins|began] at {u}",
         "{P} [is|was] to meet {S} there at {u}"),
        ("How {q} [does|did] {s} have to wait?", "How {q} [does|did] {s} have left until then?",
         "How {q} before that [is|was] {s} there?"),
    ),
    Scene(
        ("an evening at the cinema [begins|began] at {t}", "{S} [is|was] at the cinema at {t}",
         "the doors of the cinema [open|opened] at {t}"),
        (("s", ("the adverts [last|lasted] {d}", "the film [starts|started] {d} later")),
         ("m", ("the first part of the film [lasts|lasted] {d}", "part one [takes|took] {d}")),
         ("s", ("there [is|was] a break of {d}", "the break [takes|took] {d}")),
         ("m", ("the second part [lasts|lasted] {d}", "part two [takes|took] {d}")),
         ("s", ("{S} [has|had] a drink for {d}", "{S} [talks|talked] to {P} for {d}")),
         ("s", ("the bus home [takes|took] {d}", "the way home [takes|took] {d}"))),
        ("When [is|was] it all over?", "What time [is|was] it then?",
         "At what time [does|did] it end?",
         "When [is|was] {S} done?"),
        ("{S} [wants|wanted] to be in bed at {u}", "{S} [expects|expected] a call at {u}"),
        ("How {q} [is|was] left until then?", "How {q} [does|did] {S} have until then?"),
    ),
    Scene(
        ("{S} [starts|started] baking at {t}", "at {t} {S} [begins|began] to bake bread",
         "{S} [begins|began] to cook at {t}"),
        (("s", ("mixing [takes|took] {d}", "making the dough [takes|took] {d}")),
         ("m", ("the dough [has|had] to rest for {d}", "it [rests|rested] for {d}")),
         ("s", ("shaping it [takes|took] {d}", "{s} [needs|needed] {d} to form the loaves")),
         ("s", ("the oven [needs|needed] {d} to get hot", "heating the oven [takes|took] {d}")),
         ("m", ("it [bakes|baked] for {d}", "it [is|was] in the oven for {d}")),
         ("s", ("it [cools|cooled] for {d}", "it [has|had] to cool for {d}"))),
        ("When [is|was] it ready?", "At what time [is|was] everything ready?",
         "What time [is|was] {S} finished?", "When can {S} stop?"),
        ("the guests [come|came] at {u}", "dinner [is|was] at {u}"),
        ("How {q} [is|was] left until then?", "How {q} before that [is|was] {S} done?"),
    ),
    Scene(
        ("{S} [starts|started] work at {t}", "{S}'s day at the office [begins|began] at {t}",
         "at {t} {S} [sits|sat] down to work"),
        (("s", ("{s} [reads|read] letters for {d}", "answering mail [takes|took] {d}")),
         ("m", ("a meeting [takes|took] {d}", "{s} [is|was] in a meeting for {d}")),
         ("m", ("{s} [writes|wrote] a report for {d}", "the report [takes|took] {d}")),
         ("s", ("lunch [lasts|lasted] {d}", "{s} [has|had] a break of {d}")),
         ("l", ("{s} [works|worked] on a plan for {d}", "a visit to a customer [takes|took] {d}")),
         ("s", ("a call [lasts|lasted] {d}", "{s} [tidies|tidied] up for {d}"))),
        ("When [is|was] {S} finished?", "What time [is|was] it then?",
         "At what time [does|did] {s} stop?", "When [does|did] {S} go home?"),
        ("{s} [has|had] to leave at {u}", "the last bus [leaves|left] at {u}"),
        ("How {q} [is|was] left?", "How {q} [does|did] {S} have until then?"),
    ),
    Scene(
        ("the first lesson [starts|started] at {t}", "school [begins|began] at {t}",
         "a course [starts|started] at {t}"),
        (("m", ("the first lesson [lasts|lasted] {d}", "maths [takes|took] {d}")),
         ("s", ("a break of {d} [follows|followed]", "there [is|was] a break of {d}")),
         ("m", ("the second lesson [takes|took] {d}", "English [lasts|lasted] {d}")),
         ("s", ("lunch [takes|took] {d}", "the pupils [have|had] lunch for {d}")),
         ("m", ("sport [lasts|lasted] {d}", "the last lesson [lasts|lasted] {d}")),
         ("s", ("the school bus [needs|needed] {d}", "the way home [takes|took] {d}"))),
        ("When [is|was] it over?", "At what time [is|was] all that done?",
         "What time [is|was] it then?",
         "When [does|did] all this end?"),
        ("{S} [has|had] training at {u}", "{S} [meets|met] {P} at {u}"),
        ("How {q} [is|was] it until then?", "How {q} [is|was] left before that?"),
    ),
    Scene(
        ("{S} [goes|went] shopping at {t}", "at {t} {S} [walks|walked] into town",
         "{S} [leaves|left] for the shops at {t}"),
        (("s", ("the way there [takes|took] {d}", "the bus into town [takes|took] {d}")),
         ("s", ("{s} [spends|spent] {d} in a bookshop", "buying shoes [takes|took] {d}")),
         ("s", ("{s} [drinks|drank] coffee for {d}", "lunch [takes|took] {d}")),
         ("m", ("{s} [visits|visited] {P} for {d}", "the hairdresser [needs|needed] {d}")),
         ("s", ("{s} [queues|queued] for {d} at the bank", "the supermarket [takes|took] {d}")),
         ("s", ("the way back [takes|took] {d}", "{s} [walks|walked] home in {d}"))),
        ("When [is|was] {S} finished?", "At what time [is|was] {s} done?",
         "What time [is|was] it then?"),
        ("{s} [has|had] a visit at {u}", "the doctor [expects|expected] {S} at {u}"),
        ("How {q} [is|was] left until then?", "How {q} [does|did] {s} have to wait?"),
    ),
)  # fmt: skip
BACKWARD: Final = (
    Scene(
        ("{S} [has|had] to be at work at {t}", "{S} [wants|wanted] to be at school at {t}",
         "{S}'s train [leaves|left] at {t}", "{S} [has|had] an appointment at {t}"),
        (("s", ("washing and dressing [take|took] {d}", "{s} [needs|needed] {d} in the bathroom")),
         ("s", ("breakfast [takes|took] {d}", "{s} [needs|needed] {d} for breakfast")),
         ("s", ("packing the bag [takes|took] {d}", "walking the dog [takes|took] {d}")),
         ("s", ("the walk to the bus [takes|took] {d}", "{s} [walks|walked] {d} to the bus")),
         ("m", ("the bus ride [takes|took] {d}", "the bus [needs|needed] {d}")),
         ("s", ("{s} [wants|wanted] {d} to spare", "parking [takes|took] {d}"))),
        ("When must {S} get up?", "At what time [does|did] {s} have to get up?",
         "What [is|was] the latest time to get up?", "When [does|did] {S} have to begin?"),
    ),
    Scene(
        ("dinner [is|was] to be ready at {t}", "the meal must be on the table at {t}",
         "the guests [come|came] at {t} and everything must be ready"),
        (("s", ("shopping [takes|took] {d}", "going to the market [takes|took] {d}")),
         ("s", ("cutting the vegetables [takes|took] {d}", "preparing [takes|took] {d}")),
         ("s", ("the oven [has|had] to heat for {d}", "the sauce [takes|took] {d}")),
         ("m", ("the roast [needs|needed] {d}", "the pie [bakes|baked] for {d}")),
         ("s", ("it [has|had] to rest for {d}", "cooling [takes|took] {d}")),
         ("s", ("laying the table [takes|took] {d}", "tidying up [takes|took] {d}"))),
        ("When must {S} begin?", "At what time must {s} start?", "What is the latest start?",
         "When [does|did] {S} have to start, doing one thing after the other?"),
    ),
    Scene(
        ("{S} [comes|came] home at {t}", "{S} [arrives|arrived] at the hotel at {t}",
         "at {t} {S} [reaches|reached] the end of a tour"),
        (("s", ("the way to the station took {d}", "the first walk took {d}")),
         ("m", ("the train ride lasted {d}", "{s} was on the train for {d}")),
         ("s", ("{s} waited {d} for a bus", "changing took {d}")),
         ("m", ("the bus took {d}", "a boat took {d}")),
         ("s", ("lunch lasted {d}", "a rest took {d}")),
         ("s", ("the last walk took {d}", "the taxi needed {d}"))),
        ("When did {S} set off?", "At what time did {s} start?", "What was the time of the start?"),
    ),
)  # fmt: skip

ZONE_ONE: Final = (
    "it is {t} in {c}. {k} is {y}. What time is it in {k}?",
    "when it is {t} in {c}, what time is it in {k}? {k} is {z} {c}.",
    "{k} is {z} {c}. It is {t} in {c}. What time is it in {k}?",
    "{S} [calls|called] {P} at {t}, {c} time. {k} is {y}. What time [is|was] it in {k}?",
    "a match in {c} begins at {t}. {S} watches it in {k}, which is {y}. At what time is that?",
    "{S} in {c} looks at the clock: {t}. {P} is in {k}, {z} {c}. What time is it for {P}?",
)
ZONE_LAST: Final = (
    "{k} is {z} {c}",
    "the clocks in {k} are {z} those in {c}",
    "{k} time is {z} {c} time",
)
ZONE_ASKS: Final = (
    "What is the local time on arrival?",
    "When [does|did] {S} arrive, local time?",
    "What time is it in {k} then?",
    "At what local time [does|did] {S} land in {k}?",
)
FLIGHT: Final = Scene(
    ("{S} [leaves|left] {c} for {k} at {t}", "{S}'s trip from {c} to {k} [begins|began] at {t}",
     "{S} [starts|started] in {c} at {t} on the way to {k}"),
    (("s", ("the taxi to the airport [takes|took] {d}", "the way to the airport [takes|took] {d}")),
     ("m", ("{s} [waits|waited] {d} at the airport", "the check-in and the wait [take|took] {d}")),
     ("l", ("the flight [takes|took] {d}", "the first flight [lasts|lasted] {d}")),
     ("m", ("the stop on the way [lasts|lasted] {d}",
           "{s} [waits|waited] {d} for the second plane")),
     ("l", ("the second flight [takes|took] {d}", "the rest of the way [takes|took] {d}"))),
    ZONE_ASKS,
)  # fmt: skip
CITIES: Final[dict[str, int]] = {
    "London": 0, "Lisbon": 0, "Paris": 60, "Berlin": 60, "Rome": 60, "Madrid": 60, "Athens": 120,
    "Cairo": 120, "Nairobi": 180, "Dubai": 240, "Karachi": 300, "Delhi": 330, "Dhaka": 360,
    "Bangkok": 420, "Singapore": 480, "Tokyo": 540, "Sydney": 600, "Denver": -420, "Lima": -300,
    "New York": -300, "Chicago": -360, "Boston": -300, "Toronto": -300, "Los Angeles": -480,
}  # fmt: skip

SUM_LEGS: Final = (
    "the film [lasts|lasted] {d}", "the break [takes|took] {d}", "the bus ride [takes|took] {d}",
    "the walk [takes|took] {d}", "cooking [takes|took] {d}", "dinner [takes|took] {d}",
    "the lesson [lasts|lasted] {d}", "homework [takes|took] {d}", "the train [needs|needed] {d}",
    "shopping [takes|took] {d}", "the meeting [lasts|lasted] {d}", "reading [takes|took] {d}",
    "{S} [plays|played] for {d}", "{S} [paints|painted] for {d}", "{S} [runs|ran] for {d}",
    "{S} [waits|waited] for {d}", "{S} [practises|practised] the piano for {d}",
    "{S} [works|worked] in the garden for {d}", "{S} [sleeps|slept] for {d}",
)  # fmt: skip
SUM_ASKS: Final = (
    "How {q} is that altogether?", "How {q} is that in total?", "How {q} is that in all?",
    "How {q} [does|did] it all take together?", "How {q} [does|did] it take in all?",
)  # fmt: skip
