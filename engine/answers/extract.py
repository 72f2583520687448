r"""Extraction: which part of a response is its answer, and which rule said so.

Rules in order, the first that fires wins: the last balanced `\boxed{}`, the last answer line
("Answer: 12", "The answer is 12."), the last `#### 12`, a choice letter, the last number. The last
two are guesses and only fire when the question asks for such a thing.
"""

from __future__ import annotations

import re
from typing import Final

from engine.answers.canonical import canonical_key
from engine.candidate import ExtractedAnswer

_TAIL_CHARACTERS: Final = 20_000
"""Only the end of a longer response is searched."""
_LONGEST_ANSWER: Final = 300

_ANSWER_LINE = re.compile(
    r"^[ \t>#*_-]*(?:the\s+)?(?:final\s+|correct\s+)?answer[ \t*_]*(?::|=|\bis\b:?)[ \t*_]*(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER_SENTENCE = re.compile(
    r"\b(?:so|thus|hence|therefore)?,?\s*the\s+(?:final\s+|correct\s+)?answer\s+is:?\s+([^\n]{1,300})",
    re.IGNORECASE,
)
_HASHES = re.compile(r"^####[ \t]*(\S.*)$", re.MULTILINE)
_CHOICE_IN_QUESTION = re.compile(r"^\s*\(?([A-J])[).:]\s", re.MULTILINE)
_CHOICE_IN_RESPONSE = re.compile(
    r"(?:\b(?:option|choice|answer)\s+\(?([A-J])\)?\b|^\s*\(?([A-J])[).](?=\s|$)|^\s*([A-J])\s*$)",
    re.MULTILINE,
)
_LAST_NUMBER = re.compile(
    r"[-\u2212]?[$€£]?\d[\d,]*(?:\.\d+)?(?:\s*/\s*\d+)?(?:\s*%)?(?![\w.]*\w)|\d+(?:\.\d+)?"
)
_ASKS_QUANTITY = re.compile(
    r"\bhow\s+(?:many|much|far|long|old|tall|high|fast|often|big|large|heavy|deep|wide)\b"
    r"|\b(?:calculate|compute|evaluate|solve|total|sum|product|difference|average|percentage"
    r"|probability|remainder|perimeter|area|volume|distance|number\s+of)\b"
    r"|\d\s*[-+*/×÷^=]\s*\d",
    re.IGNORECASE,
)


def extract_answer(response: str, question: str = "") -> ExtractedAnswer | None:
    """Return what a visible response answers, or None.

    Args:
        response: The visible response; hidden thought must have been split off.
        question: The question, which decides whether a letter or a number can be the answer.
    """
    tail = response[-_TAIL_CHARACTERS:]
    for rule, text in (
        ("boxed", _last_boxed(tail)),
        ("answer-line", _answer_line(tail)),
        ("hashes", _last(_HASHES, tail)),
        ("choice", _choice(tail, question)),
        ("last-number", _number(tail, question)),
    ):
        if text is None:
            continue
        clean = _clean(text)
        key = canonical_key(clean)
        if clean and key:
            return ExtractedAnswer(clean, key, rule)
    return None


def _last_boxed(text: str) -> str | None:
    r"""The content of the last `\boxed{}` whose braces balance."""
    start = text.rfind("\\boxed")
    while start >= 0:
        brace = text.find("{", start, start + 12)
        depth = 0
        if brace >= 0:
            for place in range(brace, min(len(text), brace + 2 * _LONGEST_ANSWER)):
                depth += {"{": 1, "}": -1}.get(text[place], 0)
                if depth == 0:
                    return text[brace + 1 : place]
        start = text.rfind("\\boxed", 0, start)
    return None


def _answer_line(text: str) -> str | None:
    lines = [match for match in _ANSWER_LINE.finditer(text) if match[1].strip(" *_.")]
    sentences = list(_ANSWER_SENTENCE.finditer(text))
    if lines and (not sentences or lines[-1].start() >= sentences[-1].start()):
        return lines[-1][1]
    if not sentences:
        return None
    return re.split(r"\.\s|\.$|[;\n]", sentences[-1][1], maxsplit=1)[0]


def _last(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.findall(text)
    return found[-1] if found else None


def _choice(text: str, question: str) -> str | None:
    offered = set(_CHOICE_IN_QUESTION.findall(question))
    if len(offered) < 2:
        return None
    named = [next(filter(None, match)) for match in _CHOICE_IN_RESPONSE.findall(text)]
    named = [letter for letter in named if letter in offered]
    return named[-1] if named else None


def _number(text: str, question: str) -> str | None:
    if not _ASKS_QUANTITY.search(question[-_TAIL_CHARACTERS:]):
        return None
    found = _LAST_NUMBER.findall(text)
    return found[-1] if found else None


def _clean(text: str) -> str:
    """Trim an answer to what a person wants to read."""
    clean = text.strip()[: 2 * _LONGEST_ANSWER].strip("*_` \t")
    clean = re.sub(r"^\$\$?(.*?)\$?\$?$", r"\1", clean) if clean.count("$") > 1 else clean
    clean = re.sub(r"[.。]$", "", clean)
    return clean.strip("*_` \t")[:_LONGEST_ANSWER]
