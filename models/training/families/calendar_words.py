"""Sentence patterns of days, dates and units of time; `calendar_sums.py` decides what they mean.

`{w}` is a day of the week, `{t}` and `{u}` dates, `{d}` a number of days, `{e}` and `{f}` events.
"""

from __future__ import annotations

from typing import Final

EVENTS: Final = (
    "exam", "party", "trip", "wedding", "match", "concert", "meeting", "holiday", "visit", "race",
    "interview", "delivery", "market", "festival", "repair", "check-up", "course", "test", "dinner",
    "school play", "birthday", "deadline", "flight", "picnic", "auction", "move",
)  # fmt: skip

WEEKDAY_AFTER: Final = (
    "what day of the week is {d} after a {w}?",
    "what day is {d} after {w}?",
    "which day of the week comes {d} after {w}?",
    "today is {w}. What day is it in {d}?",
    "if today is {w}, what day will it be in {d}?",
    "it is {w}. The {e} is in {d}. On which day is it?",
    "today is {w}. {S}'s {e} is in {d}. What day of the week is that?",
    "{S} orders a book on a {w}. It arrives {d} later. On what day does it come?",
    "on {w} {S} starts a trip of {d}. On which weekday is {s} back after {d}?",
    "the {e} was on a {w}. On what weekday was the day {d} later?",
    "what weekday is it {d} from now if today is {w}?",
    "I have an appointment in {d} and today is {w}. What day is that?",
    "a library book is taken out on a {w} and due {d} later. What weekday is that?",
)
WEEKDAY_BEFORE: Final = (
    "what day of the week is {d} before a {w}?",
    "what day was {d} before {w}?",
    "if today is {w}, what day was it {d} ago?",
    "today is {w}. What day of the week was it {d} ago?",
    "it is {w}. {S} came back {d} ago. On which day was that?",
    "the {e} is on a {w}. {S} has to pay {d} before. Which day is that?",
    "today is {w}. The {e} was {d} ago. What day was that?",
    "{S} was born {d} before a certain {w}. On what day of the week was that?",
)
WEEKDAY_ASKS: Final = (
    "What day of the week is the {f}?", "On which day is the {f}?", "Which weekday is the {f} on?",
    "On what day of the week does the {f} fall?", "What day is the {f}?",
)  # fmt: skip
DATE_AFTER: Final = (
    "what date is {d} after {t}?",
    "what is the date {d} after {t}?",
    "today is {t}. The {e} is in {d}. What date is that?",
    "today is {t}. What date will it be in {d}?",
    "if today is {t}, what is the date in {d}?",
    "{S} borrows a book on {t} and must return it {d} later. On what date?",
    "a parcel sent on {t} comes {d} later. On which date does it come?",
    "{S} plants seeds on {t}. They sprout after {d}. What date is that?",
    "a bill of {t} must be paid within {d}. What is the last date?",
    "the {e} on {t} was put off by {d}. What is the new date?",
    "which date comes {d} after {t}?",
    "I start on {t} and finish {d} later. What is the date then?",
)
DATE_BEFORE: Final = (
    "what date is {d} before {t}?",
    "what was the date {d} before {t}?",
    "today is {t}. What date was it {d} ago?",
    "if today is {t}, what was the date {d} ago?",
    "the {e} is on {t}. Tickets are sold from {d} before. On what date does that begin?",
    "{S} must book {d} before {t}. What date is that?",
    "it is {t}. {S} moved here {d} ago. On what date was that?",
)
DATE_ASKS: Final = (
    "What date is the {f}?", "On what date is the {f}?", "On which date does the {f} fall?",
    "What is the date of the {f}?",
)  # fmt: skip
CHAIN_DAY: Final = (
    "today is {w}", "it is {w} today", "the {e} [is|was] on a {w}", "the {e} [falls|fell] on a {w}",
    "{S}'s {e} [is|was] on a {w}",
)  # fmt: skip
CHAIN_DATE: Final = (
    "today is {t}", "it is {t} today", "the {e} [is|was] on {t}", "the {e} [falls|fell] on {t}",
    "{S}'s {e} [is|was] on {t}",
)  # fmt: skip
CHAIN_FROM_TODAY: Final = ("the {f} is in {d}", "in {d} is the {f}", "{S} has the {f} in {d}")
CHAIN_AFTER: Final = (
    "the {f} [is|was] {d} after the {e}", "the {f} [comes|came] {d} after the {e}",
    "{d} after the {e} [is|was] the {f}", "the {f} [follows|followed] {d} after the {e}",
)  # fmt: skip
CHAIN_BEFORE: Final = (
    "the {f} [is|was] {d} before the {e}", "the {f} [comes|came] {d} before the {e}",
    "{d} before the {e} [is|was] the {f}",
)  # fmt: skip
DATE_SPAN: Final = (
    "how many days is it from {t} to {u}?",
    "how many days are there from {t} to {u}?",
    "how many days from {t} to {u}?",
    "how many days after {t} is {u}?",
    "how many days are between {t} and {u}, counting the last but not the first?",
    "today is {t}. The {e} is on {u}. How many days is that?",
    "today is {t}. {S}'s {e} is on {u}. How many days are left until then?",
    "it is {t}. How many days is it until {u}?",
    "{S} [stays|stayed] in a hotel from {t} to {u}. How many nights is that?",
    "{S} [leaves|left] on {t} and [comes|came] back on {u}. How many nights [is|was] {s} away?",
    "how many days must I wait from {t} until {u}?",
    "the {e} [is|was] moved from {t} to {u}. By how many days is that?",
    "a plant [is|was] bought on {t} and [flowers|flowered] on {u}. How many days later is that?",
)
SPAN_END: Final = ("{S}'s holidays begin on {u}", "the shop closes on {u}", "summer camp is on {u}")
SPAN_ASKS: Final = (
    "How many days after the {f} is that?", "How many days is it from the {f} until then?",
    "How many days lie between the {f} and that date?",
)  # fmt: skip
KNOWN_DAY: Final = (
    "{t} is a {w}", "{t} [is|was] a {w}", "{w} is {t}", "the {e} on {t} [is|was] on a {w}",
    "in a certain year {t} is a {w}", "today is {w}, {t}", "suppose {t} is a {w}",
)  # fmt: skip
KNOWN_ASKS: Final = (
    "What day of the week is {u}?", "On which day of the week does {u} fall?",
    "Which weekday is {u}?", "What weekday is {u}?",
)  # fmt: skip
NO_LEAP: Final = (
    "It is not a leap year.", "February has 28 days.", "February has 28 days that year.",
    "There is no leap day.",
)  # fmt: skip

COUNT_ASKS: Final = (
    "how many {y} are there in {x}?", "how many {y} are in {x}?", "how many {y} is {x}?",
    "{x}: how many {y} is that?", "what is {x} in {y}?", "convert {x} to {y}.",
    "{S} [is|was] away for {x}. How many {y} is that?", "write {x} in {y}.",
    "a trip [takes|took] {x}. How many {y} is that?", "{x} in {y}?",
    "how many {y} make {x}?", "{S} [has|had] to wait {x}. How many {y} is that?",
    "the repair [lasts|lasted] {x}. How many {y} [does|did] it take?",
)  # fmt: skip
SPLIT_ASKS: Final = (
    "how many {y} and {z} are {x}?", "write {x} in {y} and {z}.", "convert {x} to {y} and {z}.",
    "what is {x} in {y} and {z}?", "{x}: how many {y} and {z} is that?",
    "a journey [takes|took] {x}. How long is that in {y} and {z}?", "{x} in {y} and {z}?",
    "{S} [is|was] away for {x}. How much is that in {y} and {z}?",
    "the film [lasts|lasted] {x}. Give that in {y} and {z}.",
    "turn {x} into {y} and {z}.",
)  # fmt: skip
DOSES: Final = (
    "{S} takes a tablet every {h} hours for {d}. How many tablets is that?",
    "a medicine must be taken every {h} hours for {d}. How many times is that?",
    "the doctor tells {S} to take a spoonful every {h} hours, day and night, for {d}. How many"
    " spoonfuls is that?",
    "a bus goes every {h} hours, day and night. How many buses go in {d}?",
    "a machine is checked every {h} hours. How many checks are there in {d}?",
    "{S} feeds a young cat every {h} hours for {d}. How many meals is that?",
)
