"""The ways in which people ask for a numbers game, put together from parts by a small grammar.

For training only: the held-out problems keep the plainer wordings of `numbers_game.py`, so that
figures stay comparable. A part is a text with `{fields}`; a field is another part or a fixed word.
"""

from __future__ import annotations

import random
import re
from typing import Final

from models.training.families import numbers_words as words

_FIELD: Final = re.compile(r"\{(\w+)\}")
_LONGEST: Final = 259
_LARGEST_DIGIT, _LARGEST_ROLL = 9, 20
_COUNTS: Final = {3: "three", 4: "four", 5: "five"}

_I: Final = {"I": "I", "my": "my", "me": "me", "Im": "I'm", "Ive": "I've", "was": "was"}
_WE: Final = {"I": "we", "my": "our", "me": "us", "Im": "we're", "Ive": "we've", "was": "were"}


def _filled(rng: random.Random, text: str, given: dict[str, str]) -> str:
    """Fill the fields of a text until none is left."""

    def part(match: re.Match[str]) -> str:
        name = match[1]
        return given[name] if name in given else rng.choice(words.PARTS[name])

    while "{" in text:
        text = _FIELD.sub(part, text)
    return " ".join(text.split()).replace(" one one time", " one once")


def _listed(rng: random.Random, numbers: list[int]) -> str:
    """The numbers as a person lists them."""
    texts = [str(number) for number in numbers]
    head, last = ", ".join(texts[:-1]), texts[-1]
    (style,) = rng.choices(range(6), (34, 28, 20, 10, 5, 2))
    return (
        f"{head} and {last}",
        f"{head}, {last}",
        " ".join(texts),
        f"{head}, and {last}",
        " and ".join(texts),
        " / ".join(texts),
    )[style]


def _noun(rng: random.Random, numbers: list[int]) -> str:
    """What the numbers are called, where their size allows it."""
    (noun,) = rng.choices(tuple(words.NOUNS), (76, 5, 5, 6, 4, 4))
    fits = {"digits": max(numbers) <= _LARGEST_DIGIT, "dice": max(numbers) <= _LARGEST_ROLL}
    return noun if fits.get(noun, True) else "numbers"


def _core(rng: random.Random, noun: str, *, inside: bool) -> list[str]:
    """The sentences with the numbers and the target, and with the rule where it is `inside`."""
    if inside:
        return [rng.choice(words.ONE_RULED)]
    shape = rng.random()
    if shape < 0.4:
        return [rng.choice(words.ONE)]
    if shape < 0.53:
        return [rng.choice(words.BACK), rng.choice(words.HAVE)]
    if shape < 0.62:
        return [rng.choice(words.YOU), rng.choice(words.YOURS)]
    told = {"cards": words.CARDS, "dice": words.DICE, "tiles": words.TILES}.get(noun, words.STORY)
    return [rng.choice(told if rng.random() < 0.5 else words.HAVE), rng.choice(words.ONWARD)]


def _told(rng: random.Random, noun: str, *, ruled: bool) -> list[str]:
    """The sentences of a question, still with their fields."""
    place = rng.random()
    inside = ruled and place < 0.27
    told = _core(rng, noun, inside=inside)
    bare = told[0] not in words.STORY
    if ruled and not inside:
        if place < 0.36:
            told.insert(0, rng.choice(words.RULE_FIRST))
        else:
            between = place < 0.5 and len(told) > 1 and told[0] not in words.BACK
            told.insert(1 if between else len(told), rng.choice(words.RULE))
    if rng.random() < 0.12:
        told.append(rng.choice(words.SIGNS))
    if bare and rng.random() < 0.17:
        told.insert(0, rng.choice(words.INTRO))
    elif rng.random() < 0.2 and not told[0].startswith(("{L}", "{T}", "rule")):
        told[0] = f"{rng.choice(words.HELLO)} {told[0]}"
    return [*told, rng.choice(words.BYE)] if rng.random() < 0.2 else told


def _closed(sentence: str) -> str:
    """A sentence with the question mark that its opening asks for."""
    if "^" in sentence:
        return sentence.replace("^", "")[:-1] + "?"
    return sentence


def _formal(rng: random.Random, sentences: list[str]) -> str:
    text = " ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)
    if rng.random() < 0.03:
        text = re.sub(r"\b(exactly once|all|each)\b", lambda word: word[0].upper(), text, count=1)
    return text[:-1] if rng.random() < 0.12 else text


def _casual(rng: random.Random, sentences: list[str]) -> str:
    """The sentences as they are typed in a chat."""
    (join,) = rng.choices((". ", ", ", " ", " - ", "... "), (50, 28, 14, 4, 4))
    text = sentences[0]
    for sentence in sentences[1:]:
        if join == ". ":
            text += " " + sentence
        else:
            text = text.rstrip(".?!") + (join if sentence[0].isalpha() else ", ") + sentence
    text = text.lower()
    if rng.random() < 0.65:
        text = text.replace("'", "")
    for word, short in words.SLANG:
        if rng.random() < 0.1:
            text = re.sub(rf"\b{word}\b", short, text)
    return text.rstrip(".?!") if rng.random() < 0.6 else text


def told_otherwise(rng: random.Random, numbers: list[int], target: int) -> str:
    """Ask for a game the way people do: in one sentence or several, carefully or in a hurry.

    The numbers and the target are written as digits, and no other digit is in the text. About one
    question in seven leaves the rule out.
    """
    while True:
        noun = _noun(rng, numbers)
        given = {"L": _listed(rng, numbers), "T": str(target), "N": _COUNTS[len(numbers)]}
        given |= {"n": words.NOUNS[noun], "ns": noun} | (_I if rng.random() < 0.75 else _WE)
        told = " ".join(_told(rng, noun, ruled=rng.random() < 0.85))
        sentences = re.split(r"(?<=[.?!]) ", _filled(rng, told, given))
        write = _casual if rng.random() < 0.4 else _formal
        text = write(rng, [_closed(sentence) for sentence in sentences])
        seen = noun not in words.OBJECTS or noun in text.lower() or "roll" in text
        if seen and len(text) <= _LONGEST:
            return text
