"""Problems with their written working: the family that the built-in model can answer.

Four plots (a running count, sums of products, comparisons, bare arithmetic) are composed from the
patterns of `phrasing.py`. It knows no tokens and no network, and needs nothing but Python.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from models.training import words
from models.training.families import phrasing
from models.training.families.working import Working
from models.training.problem import Problem

LARGEST_VALUE = 9999
FEWEST_STEPS, MOST_STEPS = 1, 7


def solved(question: str, working: Working, answer: int) -> Problem:
    """Return the problem that a question and its working make."""
    return Problem("stories", question, tuple(working.lines), str(answer), working.operations)


def invented_word(rng: random.Random) -> str:
    """Return a word that is in no list, so that names and things never seen before are normal."""
    syllables = rng.randint(2, 3)
    text = "".join(
        rng.choice("bcdfghjklmnprstvwz") + rng.choice("aeiouy") for _ in range(syllables)
    )
    return text + rng.choice(("", "", "n", "r", "s", "x", "ck", "ll"))


class Telling:
    """Words chosen for one story and the sentences written so far."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.past = rng.random() < 0.6
        self.sentences: list[str] = []
        self.people = [self._name() for _ in range(9)]
        owner = self.people[0]
        if rng.random() < 0.2:
            owner = "the " + rng.choice(words.OWNERS)
        self.owner = owner
        self.things = self._thing()
        self.unit = rng.choice(words.MONEY)
        self._pronoun = rng.choice(("he", "she", "they") if self.past else ("he", "she"))
        self._pronoun_share = rng.choice((0.0, 0.5, 0.9))
        self._linking_share = rng.choice((0.0, 0.3, 0.6))

    def _name(self) -> str:
        if self.rng.random() < 0.12:
            return invented_word(self.rng).capitalize()
        return self.rng.choice(words.NAMES)

    def _thing(self) -> str:
        rng = self.rng
        thing = invented_word(rng) + "s" if rng.random() < 0.1 else rng.choice(words.THINGS)
        return f"{rng.choice(words.COLOURS)} {thing}" if rng.random() < 0.12 else thing

    def clause(self, patterns: tuple[str, ...], **given: int | str) -> str:
        """Compose one clause; whole numbers are written out, every other field is chosen here."""
        rng = self.rng
        pattern = rng.choice(patterns)
        subject = self._pronoun if rng.random() < self._pronoun_share else self.owner
        other = rng.choice(self.people[1:])
        if rng.random() < 0.2:
            relative = rng.choice(words.RELATIVES)
            other = f"{'an' if relative[0] in 'au' else 'a'} {relative}"
        fields = {
            "S": self.owner,
            "s": subject,
            "N": self.owner,
            "o": other,
            "T": self.things,
            "D": self._thing(),
            "C": rng.choice(words.CONTAINERS),
            "G": rng.choice(words.PEOPLE),
            "L": rng.choice(words.PLACES),
            "M": rng.choice(words.MONEY),
            "U": self.unit,
        }
        for key, value in given.items():
            fields[key] = phrasing.spell(rng, value) if isinstance(value, int) else value
        return phrasing.render(pattern, fields, past=self.past)

    def tell(self, patterns: tuple[str, ...], **given: int | str) -> None:
        """Add one sentence, at times with a word of time in front or joined to the last one."""
        rng = self.rng
        text = self.clause(patterns, **given)
        if self.sentences and rng.random() < self._linking_share:
            last = self.sentences[-1]
            if rng.random() < 0.25 and last.endswith(".") and len(self.sentences) > 1:
                joint = rng.choice((" and then ", ", and ", " and ", ", but ", ", then ", "; "))
                self.sentences[-1] = phrasing.sentence(last[:-1] + joint + text)
                return
            text = rng.choice(words.TIMES) + rng.choice((" ", ", ")) + text
        self.sentences.append(phrasing.sentence(text))

    def distract(self) -> None:
        """Add a fact that does not matter."""
        self.tell(phrasing.DISTRACT, n=self.rng.randint(2, 999))

    def ask(self, patterns: tuple[str, ...], **given: int | str) -> None:
        """Add the closing question, or put it first."""
        self.sentences.append(phrasing.sentence(self.clause(patterns, **given)))

    def text(self) -> str:
        """Return the whole problem, at times written carelessly."""
        separator = "\n" if self.rng.random() < 0.02 else " "
        text = separator.join(self.sentences)
        roll = self.rng.random()
        if roll < 0.04:
            return text.lower()
        if roll < 0.07:
            return text.rstrip(".?")
        return text


def _amount(rng: random.Random) -> int:
    """Choose a plain amount: one to three digits, the larger ones more often."""
    return rng.randint(*rng.choice(((2, 12), (2, 20), (10, 99), (100, 999), (100, 999))))


def _start(rng: random.Random) -> int:
    """Choose the first amount of a count."""
    return rng.randint(*rng.choice(((2, 20), (10, 99), (100, 999), (100, 999))))


def _factors(rng: random.Random) -> tuple[int, int]:
    """Choose a count of groups and the size of each."""
    roll = rng.random()
    if roll < 0.1:
        return rng.randint(2, 9), rng.randint(2, 12)
    if roll < 0.4:
        return rng.randint(2, 9), rng.randint(3, 99)
    if roll < 0.8:
        return rng.randint(11, 40), rng.randint(11, 99)
    return rng.randint(2, 12), rng.randint(100, 400)


def _divisors(value: int) -> list[int]:
    return [k for k in range(2, 26) if value % k == 0 and value // k >= 2]


class _Collection:
    """A count that changes from event to event."""

    def __init__(self, rng: random.Random, steps: int) -> None:
        self.rng, self.steps = rng, steps
        self.telling, self.working = Telling(rng), Working(rng)
        self.value = 0

    def left(self) -> int:
        return self.steps - self.working.operations

    def story(self) -> Problem:
        """Run events until the steps are used, then ask."""
        distractions = self.rng.choice((0, 0, 1, 1, 2)) if self.steps > 1 else 0
        self._start()
        while self.left() > 1:
            self._event()
            if distractions and self.rng.random() < 0.4:
                self.telling.distract()
                distractions -= 1
        self._finish()
        return solved(self.telling.text(), self.working, self.value)

    def _start(self) -> None:
        if self.left() > 1 and self.rng.random() < 0.35:
            k, m = _factors(self.rng)
            self.telling.tell(phrasing.START_GROUPS, k=k, m=m)
            self.value = self.working.multiply(k, m)
        else:
            self.value = _start(self.rng)
            self.telling.tell(phrasing.START, n=self.value)

    def _event(self) -> None:
        pair = self.left() > 2
        events: list[tuple[float, Callable[[], bool]]] = [
            (2, self._gain),
            (2, self._lose),
            (2.5 if pair else 0, self._gain_groups),
            (2 if pair else 0, self._lose_groups),
            (1, self._multiply),
            (1, self._share),
            (1.5 if pair else 0, self._fraction),
        ]
        weights, actions = zip(*events, strict=True)
        while not self.rng.choices(actions, weights)[0]():
            pass

    def _gain(self) -> bool:
        n = _amount(self.rng)
        if self.value + n > LARGEST_VALUE:
            return False
        self.telling.tell(phrasing.GAIN, n=n)
        self.value = self.working.add(self.value, n)
        return True

    def _lose(self) -> bool:
        n = min(_amount(self.rng), self.value * 3 // 4)
        if n < 1:
            return self._gain()
        self.telling.tell(phrasing.LOSE, n=n)
        self.value = self.working.subtract(self.value, n)
        return True

    def _gain_groups(self) -> bool:
        k, m = _factors(self.rng)
        if self.value + k * m > LARGEST_VALUE:
            return False
        self.telling.tell(phrasing.GAIN_GROUPS, k=k, m=m)
        self.value = self.working.add(self.value, self.working.multiply(k, m))
        return True

    def _lose_groups(self) -> bool:
        k, m = _factors(self.rng)
        if k * m >= self.value:
            return False
        self.telling.tell(phrasing.LOSE_GROUPS, k=k, m=m)
        product = self.working.multiply(k, m)
        self.value = self.working.subtract(self.value, product)
        return True

    def _multiply(self) -> bool:
        k = self.rng.choice((2, 2, 3, 3, 4, 5, 6, 8))
        if self.value * k > LARGEST_VALUE:
            return False
        patterns: tuple[str, ...] = phrasing.MULTIPLY
        if k in (2, 3) and self.rng.random() < 0.7:
            patterns = phrasing.DOUBLE if k == 2 else phrasing.TRIPLE
        self.telling.tell(patterns, k=k)
        self.value = self.working.multiply(self.value, k)
        return True

    def _share(self) -> bool:
        divisors = _divisors(self.value)
        if not divisors or self.value < 20:
            return False
        k = self.rng.choice(divisors)
        if k == 2:
            self.telling.tell(phrasing.HALVE)
        else:
            self.telling.tell(phrasing.SHARE, k=k)
        self.value = self.working.divide(self.value, k)
        return True

    def _fraction(self) -> bool:
        names = {
            3: ("a third", "33"),
            4: ("a quarter", "25%"),
            5: ("a fifth", "20%"),
            10: ("a tenth", "10%"),
        }
        parts = [k for k in names if self.value % k == 0]
        if not parts or self.value < 20:
            return False
        k = self.rng.choice(parts)
        name = names[k][0] if k == 3 else self.rng.choice(names[k])
        self.telling.tell(phrasing.GIVE_FRACTION, f=name)
        part = self.working.divide(self.value, k)
        self.value = self.working.subtract(self.value, part)
        return True

    def _finish(self) -> None:
        divisors = _divisors(self.value)
        roll = self.rng.random()
        if self.left() == 1 and divisors and roll < 0.35:
            k = self.rng.choice(divisors)
            self.telling.ask(phrasing.ASK_SHARE, k=k)
            self.value = self.working.divide(self.value, k)
            return
        if self.left() == 1 and roll < 0.6 and self.value < LARGEST_VALUE // 3:
            k = self.rng.randint(2, min(40, LARGEST_VALUE // self.value))
            self.telling.ask(phrasing.ASK_WORTH, k=k)
            self.value = self.working.multiply(self.value, k)
            return
        while self.left() > 0:
            self._event()
        self.telling.ask(phrasing.ASK)


def _accounts(rng: random.Random, steps: int) -> Problem:
    """A sum of products, with money, distance, pages, points or litres."""
    telling, working = Telling(rng), Working(rng)
    unit = rng.choice(tuple(phrasing.ACCOUNTS))
    products, plain, refunds, questions = phrasing.ACCOUNTS[unit]
    telling.unit = telling.unit if unit == "money" else unit
    k, m = _factors(rng)
    telling.tell(products, k=k, m=m)
    total = working.multiply(k, m)
    while (left := steps - working.operations) > 1:
        roll = rng.random()
        k, m = _factors(rng)
        n = _amount(rng)
        if roll < 0.55 and left > 2 and total + k * m <= LARGEST_VALUE:
            telling.tell(products, k=k, m=m)
            product = working.multiply(k, m)
            total = working.add(total, product)
        elif roll < 0.8 and total + n <= LARGEST_VALUE:
            telling.tell(plain, n=n)
            total = working.add(total, n)
        elif n < total:
            telling.tell(refunds, n=n)
            total = working.subtract(total, n)
        if rng.random() < 0.1:
            telling.distract()
    divisors = _divisors(total)
    if working.operations == steps:
        telling.ask(questions)
    elif divisors and rng.random() < 0.5:
        k = rng.choice(divisors)
        telling.ask(phrasing.ACCOUNT_SPLIT, k=k)
        total = working.divide(total, k)
    else:
        n = total + _amount(rng) if rng.random() < 0.5 else (total // 500 + 1) * 500
        paying = phrasing.ACCOUNT_PAY if unit == "money" else ()
        telling.ask(phrasing.ACCOUNT_CHANGE + paying, n=n)
        total = working.subtract(n, total)
    return solved(telling.text(), working, total)


def _compare(
    rng: random.Random, telling: Telling, working: Working, before: tuple[str, int], name: str
) -> int:
    """Write one comparison and return what the new person has."""
    other, value = before
    fields = {"A": other, "B": name}
    roll = rng.random()
    n = _amount(rng)
    divisors = [k for k in _divisors(value) if k <= 12]
    if roll < 0.25 and divisors:
        k = rng.choice(divisors)
        patterns: tuple[str, ...] = phrasing.COMPARE_PART
        if k == 2:
            patterns = phrasing.COMPARE_HALF
        telling.tell(patterns, k=k, **fields)
        return working.divide(value, k)
    if roll < 0.5 and value < 1500:
        k = rng.choice((2, 2, 3, 4, 5, 6))
        patterns = phrasing.COMPARE_TWICE if k == 2 else phrasing.COMPARE_TIMES
        telling.tell(patterns, k=k, **fields)
        return working.multiply(value, k)
    if roll < 0.75 and n < value:
        telling.tell(phrasing.COMPARE_LESS, n=n, **fields)
        return working.subtract(value, n)
    telling.tell(phrasing.COMPARE_MORE, n=n, **fields)
    return working.add(value, n)


def _comparison(rng: random.Random, steps: int) -> Problem:
    """People who have more or less than each other."""
    telling, working = Telling(rng), Working(rng)
    telling.owner = telling.people[0]
    names = list(dict.fromkeys(telling.people))
    ask_all = rng.random() < 0.5 and steps >= 3
    people = steps if not ask_all else (steps + 1) // 2
    people = min(people, len(names) - 1)
    value = _start(rng)
    telling.tell(phrasing.START, n=value)
    known = [(names[0], value)]
    for name in names[1 : people + 1]:
        value = _compare(rng, telling, working, known[-1], name)
        known.append((name, value))
        if rng.random() < 0.08:
            telling.distract()
    if ask_all and len(known) - 1 + working.operations <= MOST_STEPS:
        telling.ask(phrasing.COMPARE_ASK_ALL)
        total = known[0][1]
        for _, amount in known[1:]:
            total = working.add(total, amount)
        value = total
    elif rng.random() < 0.3 and working.operations < MOST_STEPS:
        telling.ask(phrasing.COMPARE_ASK_GAP, A=known[0][0], B=known[-1][0])
        high, low = sorted((known[0][1], value), reverse=True)
        value = working.subtract(high, low)
    else:
        telling.ask(phrasing.COMPARE_ASK_LAST, B=known[-1][0])
    return solved(telling.text(), working, value)


def _bare(rng: random.Random, steps: int) -> Problem:
    """Arithmetic without a story: one product or quotient, then sums and differences."""
    working = Working(rng)
    times = rng.choice((" * ", "*", " x ", " times ", " \N{MULTIPLICATION SIGN} ", "x"))
    over = rng.choice((" / ", "/", " divided by ", " \N{DIVISION SIGN} ", ":"))
    spaced = rng.random() < 0.7
    plus, minus = rng.choice(((" + ", " - "), (" plus ", " minus "))) if spaced else ("+", "-")
    value, n = rng.randint(2, 999), _amount(rng)
    first = rng.random()
    if first < 0.4:
        a, b = _factors(rng)
        a, b = (b, a) if rng.random() < 0.5 else (a, b)
        text, value = f"{a}{times}{b}", working.multiply(a, b)
    elif first < 0.65:
        k, quotient = rng.randint(2, 25), _amount(rng)
        text, value = f"{k * quotient}{over}{k}", working.divide(k * quotient, k)
    elif first < 0.85 or value < n:
        text, value = f"{value}{plus}{n}", working.add(value, n)
    else:
        text, value = f"{value}{minus}{n}", working.subtract(value, n)
    while working.operations < steps:
        n = _amount(rng)
        if rng.random() < 0.5 and n <= value:
            text, value = f"{text}{minus}{n}", working.subtract(value, n)
        else:
            text, value = f"{text}{plus}{n}", working.add(value, n)
    question = rng.choice(phrasing.BARE).format(e=text)
    return solved(question, working, value)


def make_story(rng: random.Random, steps: int) -> Problem:
    """Compose one story of about `steps` operations, from one random source."""
    roll = rng.random()
    if roll < 0.55:
        return _Collection(rng, steps).story()
    if roll < 0.78:
        return _accounts(rng, steps)
    return _comparison(rng, steps)


def make_bare(rng: random.Random) -> Problem:
    """Compose one bare expression."""
    return _bare(rng, rng.choice((1, 1, 1, 2, 2, 3, 4)))


def stories(seed: int, fewest: int = FEWEST_STEPS, most: int = MOST_STEPS) -> Iterator[Problem]:
    """Yield stories without end; the same seed yields the same ones."""
    rng = random.Random(seed)
    while True:
        yield make_story(rng, rng.randint(fewest, most))
