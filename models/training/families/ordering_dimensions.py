"""What the ordering puzzles order: the dimensions, with the people and things that suit each one.

How one speaks of a dimension is built by `ordering_phrasing.py`.
"""

from __future__ import annotations

from typing import Final

from models.training.families.ordering_phrasing import (
    AFTER,
    BEFORE,
    LEVELS,
    PILE,
    QUEUE,
    RIGHT_AFTER,
    RIGHT_BEFORE,
    SIDES,
    Dimension,
    Pool,
    Voice,
    does,
    moment,
    scale,
    stands,
)
from models.training.words import listed

_SHADES = listed("red blue green yellow white black brown pink orange purple grey golden silver")
PEOPLE: Final = Pool("person", "people")
_ANIMALS = Pool(
    "animal",
    "animals",
    listed("dog cat horse cow pig goat sheep rabbit fox bear wolf donkey duck hen mouse deer"),
    "the {}",
)
_GOODS = Pool(
    "thing",
    "things",
    listed(
        "lamp chair table clock radio camera phone bag watch guitar bicycle kettle mirror sofa "
        "carpet jacket hat book pen cup vase laptop desk shirt tent drum"
    ),
    "the {}",
)
_FOOD = Pool(
    "drink",
    "drinks",
    listed("tea coffee milk soup cocoa juice water lemonade broth punch"),
    "the {}",
)
_CITIES = Pool(
    "city",
    "cities",
    listed("Paris London Rome Berlin Madrid Oslo Vienna Prague Dublin Athens Cairo Tokyo Lima"),
)
_SIGHTS = Pool(
    "place",
    "places",
    listed("zoo museum park castle market church library tower beach bridge garden theatre lake"),
    "the {}",
)
_SUBJECTS = Pool(
    "lesson",
    "lessons",
    listed("maths music art English history biology chemistry physics sport French geography"),
)


def _coloured(one: str, many: str) -> Pool:
    return Pool(one, many, _SHADES, f"the {{}} {one}")


_BOOKS, _BOXES, _CARS = (
    _coloured("book", "books"),
    _coloured("box", "boxes"),
    _coloured("car", "cars"),
)
_HOUSES, _LAMPS, _STARS = (
    _coloured("house", "houses"),
    _coloured("lamp", "lamps"),
    _coloured("star", "stars"),
)
_ROPES, _PENCILS, _CUPS = (
    _coloured("rope", "ropes"),
    _coloured("pencil", "pencils"),
    _coloured("cup", "cups"),
)
_BALLS, _TOWERS, _BAGS = (
    _coloured("ball", "balls"),
    _coloured("tower", "towers"),
    _coloured("bag", "bags"),
)


def _owns(things: str) -> Voice:
    return does(
        "have/has/had",
        (f"more {things} than", f"more {things}", f"the most {things}"),
        (f"fewer {things} than", f"fewer {things}", f"the fewest {things}"),
        amount=(f"{{d}} more {things} than {{o}}", f"{{d}} fewer {things} than {{o}}"),
    )


def _owning(things: str) -> Dimension:
    scenes = (f"[count|counted] their {things}", f"[collect|collected] {things}")
    return Dimension(things, (PEOPLE,), scenes, (_owns(things),))


DIMENSIONS: Final = (
    Dimension(
        "height",
        (PEOPLE, PEOPLE, PEOPLE, _ANIMALS, _TOWERS),
        ("[compare|compared] their heights", "[stand|stood] side by side", "[differ|differed] "
         "in height", "[are|were] measured"),
        (scale("tall/taller/tallest", "short/shorter/shortest", "taller", "shorter",
               amount="cm"),),
        ("[towers|towered] over {o}", "[reaches|reached] higher than {o}"),
        ("[does|did] not reach as high as {o}",),
    ),
    Dimension(
        "age",
        (PEOPLE, PEOPLE, PEOPLE, _ANIMALS),
        ("[compare|compared] their ages", "[talk|talked] about their ages",
         "[are|were] all of different ages"),
        (
            scale("old/older/oldest", "young/younger/youngest", "older", "younger",
                   amount="years"),
            scale("old/older/oldest", "young/younger/youngest", "older", "younger",
                   amount="months"),
            Voice("was born", "were born", "Was {x} born", BEFORE[:2], AFTER[:2],
                  ("earlier", "later"), ("first",), ("last",), ("{n}",), ("{n} from last",)),
        ),
    ),
    Dimension(
        "speed",
        (PEOPLE, PEOPLE, _CARS, _ANIMALS),
        ("[compare|compared] their speeds", "[test|tested] how fast they [are|were]"),
        (
            scale("fast/faster/fastest", "slow/slower/slowest", "faster", "slower"),
            scale("quick/quicker/quickest", "slow/slower/slowest", "quicker", "slower"),
            does("move/moves/moved", ("faster than", "faster", "the fastest"),
                  ("slower than", "slower", "the slowest")),
        ),
    ),
    Dimension(
        "weight",
        (PEOPLE, _BOXES, _BAGS, _ANIMALS, _GOODS),
        ("[are|were] weighed", "[differ|differed] in weight", "[are|were] put on the scales"),
        (
            scale("heavy/heavier/heaviest", "light/lighter/lightest", "heavier", "lighter",
                   amount="kg"),
            does("weigh/weighs/weighed", ("more than", "more", "the most"),
                  ("less than", "less", "the least"),
                  amount=("{d} kilos more than {o}", "{d} kilos less than {o}")),
        ),
    ),
    Dimension(
        "price",
        (_GOODS, _GOODS, _CARS, _BOOKS, _BAGS),
        ("[are|were] for sale", "[stand|stood] in a shop window", "[have|had] different prices"),
        (
            scale("expensive/more expensive/most expensive", "cheap/cheaper/cheapest",
                   "more expensive", "cheaper", amount="euros"),
            does("cost/costs/cost", ("more than", "more", "the most"),
                  ("less than", "less", "the least"),
                  amount=("{d} dollars more than {o}", "{d} dollars less than {o}")),
        ),
    ),
    Dimension(
        "brightness",
        (_LAMPS, _STARS),
        ("[light|lit] up the dark", "[differ|differed] in brightness"),
        (
            scale("bright/brighter/brightest", "dim/dimmer/dimmest", "brighter", "dimmer"),
            does("shine/shines/shone", ("brighter than", "brighter", "the brightest"),
                  ("less brightly than", "less brightly", "the least brightly")),
        ),
        ("[outshines|outshone] {o}",),
    ),
    Dimension(
        "length",
        (_ROPES, _PENCILS),
        ("[lie|lay] on the table", "[differ|differed] in length", "[are|were] measured"),
        (scale("long/longer/longest", "short/shorter/shortest", "longer", "shorter",
                amount="cm"),),
    ),
    Dimension(
        "size",
        (_BOXES, _BALLS, _ANIMALS, _CUPS, _HOUSES),
        ("[differ|differed] in size", "[are|were] compared"),
        (
            scale("big/bigger/biggest", "small/smaller/smallest", "bigger", "smaller"),
            scale("large/larger/largest", "small/smaller/smallest", "larger", "smaller"),
        ),
    ),
    Dimension(
        "temperature",
        (_CITIES, _FOOD, _CUPS),
        ("[differ|differed] in temperature", "[are|were] checked with a thermometer"),
        (
            scale("warm/warmer/warmest", "cold/colder/coldest", "warmer", "colder",
                   amount="degrees"),
            scale("hot/hotter/hottest", "cool/cooler/coolest", "hotter", "cooler"),
        ),
    ),
    Dimension(
        "strength",
        (PEOPLE, PEOPLE, _ANIMALS),
        ("[compare|compared] how strong they [are|were]", "[arm-wrestle|arm-wrestled]"),
        (scale("strong/stronger/strongest", "weak/weaker/weakest", "stronger", "weaker"),),
    ),
    Dimension(
        "wealth",
        (PEOPLE,),
        ("[count|counted] their money", "[compare|compared] their savings"),
        (
            scale("rich/richer/richest", "poor/poorer/poorest", "richer", "poorer"),
            does("have/has/had", ("more money than", "more money", "the most money"),
                  ("less money than", "less money", "the least money")),
            does("own/owns/owned", ("more than", "more", "the most"),
                  ("less than", "less", "the least")),
        ),
    ),
    *map(_owning, ("marbles", "stickers", "books")),
    Dimension(
        "marks",
        (PEOPLE,),
        ("[take|took] a test", "[get|got] their marks back", "[compare|compared] their marks",
         "[write|wrote] an exam"),
        (
            does("get/gets/got", ("a higher mark than", "a higher mark", "the highest mark"),
                  ("a lower mark than", "a lower mark", "the lowest mark")),
            does("have/has/had", ("a better mark than", "a better mark", "the best mark"),
                  ("a worse mark than", "a worse mark", "the worst mark")),
            does("score/scores/scored", ("more points than", "more points", "the most points"),
                  ("fewer points than", "fewer points", "the fewest points"),
                  amount=("{d} points more than {o}", "{d} points less than {o}")),
            does("do/does/did", ("better than", "better", "best"),
                  ("worse than", "worse", "worst")),
        ),
        openers=("in the test, ", "in the exam, ", "in the maths test, "),
    ),
    Dimension(
        "distance",
        (PEOPLE,),
        ("[walk|walked] to school", "[go|went] to the same school"),
        (
            does("live/lives/lived",
                  ("farther from school than", "farther from school", "farthest from school"),
                  ("closer to school than", "closer to school", "closest to school")),
            does("live/lives/lived",
                  ("further from school than", "further from school", "furthest from school"),
                  ("nearer to school than", "nearer to school", "nearest to school")),
        ),
    ),
    Dimension(
        "race",
        (PEOPLE, PEOPLE, PEOPLE, _CARS, _ANIMALS),
        ("[run|ran] a race", "[take|took] part in a race", "[race|raced] each other"),
        (
            moment("finish/finishes/finished", race=True),
            moment("come/comes/came", "in", race=True),
            moment("cross/crosses/crossed", "the line", race=True),
            moment("finish/finishes/finished", "the race", race=True),
        ),
        ("[beats|beat] {o}", "[is|was] faster than {o}"),
        ("[loses|lost] to {o}", "[is|was] slower than {o}"),
        ("in a race, ", "in the race, ", "in a running race, "),
        ("{W} [wins|won]?", "{W} [wins|won] the race?", "{W} [comes|came] first?"),
        ("{W} [comes|came] last?", "{W} [is|was] the slowest?"),
        ("In which place [does|did] {x} finish?", "What place [does|did] {x} get?"),
    ),
    Dimension(
        "arrival",
        (PEOPLE,),
        ("[come|came] to a party", "[go|went] to the same office"),
        (
            moment("arrive/arrives/arrived"),
            moment("get/gets/got", "there"),
            moment("come/comes/came", "in"),
        ),
        openers=("on Monday, ", "at the party, "),
    ),
    Dimension(
        "evening",
        (PEOPLE,),
        ("[go|went] home", "[share|shared] a house"),
        (moment("get/gets/got", "home"), moment("come/comes/came", "home")),
        openers=("in the evening, ", "after work, "),
    ),
    Dimension(
        "morning",
        (PEOPLE,),
        ("[share|shared] a flat", "[stay|stayed] at a hotel"),
        (
            moment("get/gets/got", "up"),
            moment("get/gets/got", "out of bed"),
        ),
        openers=("in the morning, ", "on Sunday, "),
    ),
    Dimension(
        "visits",
        (PEOPLE,),
        ("[visit|visited] their grandmother on different days", "[have|had] an appointment this "
         "week, each on another day"),
        (
            moment("visit/visits/visited"),
            moment("come/comes/came", "to visit"),
        ),
        openers=("this week, ", "last week, "),
    ),
    Dimension(
        "timetable",
        (_SUBJECTS, _SIGHTS),
        ("[are|were] on the plan for the day", "[follow|followed] one after the other"),
        (
            moment("come/comes/came"),
            Voice("[is|was]", "[are|were]", "[Is|Was] {x}", BEFORE[:2], AFTER[:2],
                  ("earlier", "later"), ("first",), ("last",), ("{n}",), ("{n} from last",),
                  RIGHT_BEFORE, RIGHT_AFTER, row=True),
        ),
    ),
    Dimension(
        "queue",
        (PEOPLE, PEOPLE, _ANIMALS, _CARS),
        ("[stand|stood] in a queue", "[wait|waited] in line", "[queue|queued] at the counter",
         "[form|formed] a line"),
        (
            stands("be/is/was", ("at the front", "at the back"), QUEUE),
            stands("stand/stands/stood", ("at the front", "at the back"), QUEUE),
            stands("wait/waits/waited", ("at the front", "at the back"), QUEUE),
        ),
        openers=("in a queue, ", "in the line, "),
        ask_first=("{W} [is|was] first in line?", "{W} [is|was] first?"),
        ask_last=("{W} [is|was] last in line?", "{W} [is|was] last?"),
        ask_place=("At what position from the front [is|was] {x}?",),
    ),
    Dimension(
        "shelf",
        (_BOOKS, _BOOKS, _BOXES, _CUPS, _GOODS),
        ("[stand|stood] on a shelf", "[are|were] on a shelf, side by side",
         "[stand|stood] in a row"),
        (
            stands("be/is/was", ("on the far left", "on the far right"), SIDES),
            stands("stand/stands/stood", ("on the far left", "on the far right"), SIDES),
            stands("be/is/was", ("the leftmost", "the rightmost"), SIDES),
        ),
        openers=("on a shelf, ",),
        ask_first=("{W} [is|was] first from the left?",),
        ask_last=("{W} [is|was] first from the right?",),
        ask_place=("At what position from the left [is|was] {x}?",),
    ),
    Dimension(
        "bench",
        (PEOPLE,),
        ("[sit|sat] on a bench", "[sit|sat] in a row", "[pose|posed] for a photo in one row"),
        (
            stands("sit/sits/sat", ("on the far left", "on the far right"), SIDES),
            stands("be/is/was", ("on the left end", "on the right end"), SIDES),
        ),
        openers=("on a bench, ", "in the photo, "),
        ask_place=("At what position from the left [is|was] {x}?",),
    ),
    Dimension(
        "street",
        (_HOUSES, _HOUSES, PEOPLE),
        ("[are|were] on the same side of a street",),
        (
            stands("be/is/was", ("on the far left", "on the far right"), SIDES),
            stands("be/is/was", ("at the left end", "at the right end"), SIDES),
        ),
        openers=("along a street, ", "on a street, "),
        ask_place=("At what position from the left [is|was] {x}?",),
    ),
    Dimension(
        "floors",
        (PEOPLE,),
        ("[live|lived] in the same building", "[live|lived] on different floors of a house"),
        (stands("live/lives/lived", ("at the top", "at the bottom"), LEVELS),),
        openers=("in a building, ",),
        ask_first=("Who [lives|lived] on the top floor?",),
        ask_last=("Who [lives|lived] on the lowest floor?",),
    ),
    Dimension(
        "pile",
        (_BOOKS, _BOXES),
        ("[lie|lay] in a pile", "[are|were] stacked"),
        (
            stands("be/is/was", ("on top", "at the bottom"), PILE),
            stands("lie/lies/lay", ("on top", "at the bottom"), PILE),
        ),
        openers=("in a stack, ", "in a pile, "),
    ),
)  # fmt: skip
