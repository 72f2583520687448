r"""Extraction: which part of a response is its answer, and which rule said so.

Rules in order, the first that fires wins: the last balanced `\boxed{}`; the last answer line or
sentence ("Answer: 12", "The answer is 12."); the last `#### 12`; a choice letter; the last number.
The last two are guesses and only fire when the question asks for such a thing: numbers in prose are
mostly incidental, and a vote over them would look like agreement. For the same reason an "answer"
that is a long sentence is no answer: open questions are grouped by judgement, not by wording.

Every pattern is linear in the text, and only the end of a long response is searched.
"""

from __future__ import annotations

import re
from typing import Final

from engine.answers.boxed import behind_hashes, boxed
from engine.answers.canonical import canonical_key
from engine.answers.choices import chosen_letter, letter_of, offered_choices
from engine.answers.quantity import quantity_key
from engine.candidate import ExtractedAnswer

_TAIL_CHARACTERS: Final = 20_000
"""Only the end of a longer response is searched."""
_LONGEST_ANSWER: Final = 300
_MOST_WORDS: Final = 12
"""More words than this after "Answer:" are an explanation."""
_SHORT_WORDS: Final = 4
"""A response of so few words with one number in it answers with that number."""

_LABEL: Final = (
    r"(?:(?:final|correct|my|exact)\s+)?"
    r"(?:answer|antwort|r[ée]ponse|respuesta|risposta|resposta|ответ|答案(?:是|为)?|答え)"
    r"(?:[ \t]+to[ \t]+[^.:?\n]{1,60}?)?"
)
_COLON: Final = "[:\uff1a]"
_FILLER: Final = r"(?:[ \t]+(?:therefore|thus|then|hence|simply|just|indeed|clearly)\b,?)?"
_REST_OF_LINE: Final = r"(?=([^\n]{1,600}))"
"""Only looked at, because a response may take back what it announced, further on in the line."""
_ANSWER_LINE = re.compile(
    rf"^[ \t>#*_-]*(?:(?:so|thus|hence|therefore),?[ \t]+)?(?:the[ \t]+)?{_LABEL}"
    rf"[ \t*_]*({_COLON}|=|\bis\b(?!\s+not\b){_FILLER}:?)[ \t*_]*(?:\n\s*)?([^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER_HEADING = re.compile(
    rf"^[ \t]*(#{{1,6}}[ \t]*|\*\*)(?:the[ \t]+)?{_LABEL}[* \t]*\n\s*([^\n]+)",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER_SENTENCE = re.compile(
    rf"\b(?:the|my|our)\s+{_LABEL}\s+(is|equals|(?:would|must|should)\s+be)\b(?!\s+not\b)"
    rf"{_FILLER}:?[ \t]*{_REST_OF_LINE}",
    re.IGNORECASE,
)
_ANSWER_WITHIN_LINE = re.compile(
    rf"\b{_LABEL}[*_]{{0,3}}[ \t]?({_COLON})[ \t*_]*{_REST_OF_LINE}", re.IGNORECASE
)
_ANSWER_TAG = re.compile(r"<answer>(\s*)([^<]{1,300})</answer>", re.IGNORECASE)
_ONLY_MARKS = re.compile(r"[ \t]*(?:\\\[|\$\$|\\begin\{\w+\*?\}|[-*_]{3,})[ \t]*")
"""A line that opens a formula, or only draws: the answer stands below it."""
_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})")
_NEXT_LINE = re.compile(r"\s*([^\n]+)")
_ANNOUNCING: Final = (
    _ANSWER_LINE,
    _ANSWER_HEADING,
    _ANSWER_SENTENCE,
    _ANSWER_WITHIN_LINE,
    _ANSWER_TAG,
)
_SENTENCE_END = re.compile(
    r"\.\s|\.$|\n|;(?!\s*[-+]?\d[\d.,/]*\s*(?:[;.]|$))"
    r"|,?\s+(?:because|since|as\s+the|which|so\s+that)\b",
    re.IGNORECASE,
)
_SHORTENED = re.compile(
    r"(?:\b(?i:St|Dr|Mr|Mrs|Ms|Mt|Jr|Sr|Prof|approx)\.\s(?=\S)|\d\s?(?:ft|in)\.\s(?=\d))"
    r"|\b(?!Option|Choice|Answer|Plan|Letter|Box|Bag|Team|Group|Case)[A-Z][a-z]+\s[A-Z]\.\s"
    r"(?=(?!The|This|That|It|He|She|They|We|So|In|If|As|An?|And|But|For|To)[A-Z][a-z])"
)
"""A full stop that ends no sentence: an abbreviation, or the initial in a name."""
_TELLS = re.compile(
    r"\b(?:is|are|was|were|has|have|had|gets?|needs?|takes?|costs?|pays?|earns?|makes?|sold|spent"
    r"|will|can)\b",
    re.IGNORECASE,
)
_HEDGES = re.compile(
    r"\b(?:not|least|most|more|less|fewer|over|under|between|or)\b|[=^*/+<>\\]", re.I
)
_REASON = re.compile(r",?\s+(?:because|since)\b", re.IGNORECASE)
_LIST_MARK = re.compile(r"^[ \t]*\d{1,3}[.)][ \t]+(?=\S)", re.MULTILINE)
_NUMBER = re.compile(
    r"(?<![\w.,])(?:[-\u2212][ \t]?)?[$€£]?"
    r"(?:\d{1,3}(?:,\d{3})++(?:\.\d++)?|\d{1,3}(?:[ \u00a0\u202f]\d{3})++(?!\d|[.,/]\d)"
    r"|\d++(?:\.\d++)?(?:[ \t]?/[ \t]?\d++)?)"
    r"(?:[ \t]?%)?(?!\d|st\b|nd\b|rd\b|th\b)"
)
_COMPOUND_UNIT: Final = (
    r"(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|feet|foot|inch(?:es)?|pounds?|ounces?"
    r"|dollars?|cents?)"
)
_COMPOUND = re.compile(
    rf"\b\d+[ ]{_COMPOUND_UNIT}(?:,[ ]and|,|[ ]and)?[ ]\d+[ ]{_COMPOUND_UNIT}\b", re.IGNORECASE
)
_WHOLE = re.compile(
    r"-?\\[dt]?frac\s?\{[^{}\n]{1,40}\}\s?\{[^{}\n]{1,40}\}"
    r"|\b\d{1,2}:\d\d(?:[ \t]?[ap]\.?m\b\.?)?"
    r"|\d[\d.,]*[ \t]*(?:×|x|\*|\\times|\\cdot)[ \t]*10\^\{?-?\d+\}?"
    r"|[$€£]?\d[\d.,]*[ \t]+(?:dozen|hundred|thousand|million|billion|trillion)\b"
    r"|\d+,\d\d?(?!\d)",
    re.IGNORECASE,
)
"""What a number is only a part of, and what can be compared as it stands."""
_LONGEST_NUMBER: Final = 40
_NEAR: Final = 60
"""Characters around a number in which it is a part of something."""
_PART_OF = re.compile(r"(?:[\\^_√]|\}|[\^_]\{|(?<!text)(?<!mathrm)(?<!mathbf)(?<=[A-Za-z])\{) ?$")
"""Behind this, a number is a part of something that is not read here."""
_GOES_ON = re.compile(r" ?[\^\\√π]")
"""And before this."""
_ASKS_TEXT = re.compile(
    r"\b(?:write|rewrite|draft|implement|essay|poem|translate|summari[sz]e|explain|describe)\b",
    re.IGNORECASE,
)
_ASKS_QUANTITY = re.compile(
    r"\bhow\s+(?:many|much|far|long|old|tall|high|fast|often|big|large|heavy|deep|wide|late)\b"
    r"|\b(?:what|which)\s+(?:number|year|fraction|percentage|age|speed|price|cost)\b"
    r"|\b(?:calculate|compute|evaluate|solve|total|sum|product\s+of|difference\s+between|average"
    r"|percent|percentage|probability|remainder|perimeter|area|volume|distance"
    r"|(?:number|value|cost|price|square\s+root)\s+of)\b"
    r"|\d\s*[+*×÷^=]\s*\d|\d\s+[-/]\s+\d|\b\d{1,3}[-/]\d{1,3}\b(?!/)"
    r"|\d\s*(?:%\s+of|plus|minus|times|divided|multiplied|squared|cubed|mod)\b|=\s*\?",
    re.IGNORECASE,
)

_FOUND_NOTHING = re.compile(
    r"\bno (?:way|solution)\b|\b(?:cannot|can't|could not|couldn't) (?:find|solve|be solved)\b",
    re.IGNORECASE,
)
"""In the last line: the numbers above it are of tries that failed."""


def extract_answer(
    response: str, question: str = "", *, complete: bool = True
) -> ExtractedAnswer | None:
    """Return what a visible response answers, or None.

    Args:
        response: The visible response; hidden thought must have been split off.
        question: The question, which decides whether a letter or a number can be the answer.
        complete: Whether the response came to its own end; in the middle of a text, nothing is
            guessed.
    """
    tail = response[-_TAIL_CHARACTERS:]
    offered = offered_choices(question)
    for rule, find in (("boxed", _last_boxed), ("answer-line", _answer_line), ("hashes", _hashes)):
        text = _clean(find(tail) or "")
        key = canonical_key(text)
        if not key:
            continue
        letter = letter_of(text, offered)
        if rule == "answer-line" and not offered:
            text = _number_told(text, question)
            key = canonical_key(text)
        return ExtractedAnswer(text, letter or key, rule)
    if not complete:
        return None
    if offered:
        letter = chosen_letter(tail, offered)
        return ExtractedAnswer(letter, letter, "choice") if letter else None
    number = _last_number(tail, question)
    return ExtractedAnswer(number, canonical_key(number), "last-number") if number else None


def _last_boxed(text: str) -> str | None:
    r"""The content of the last `\boxed{}` that is no explanation."""
    short = (content for content in boxed(text) if len(content) < 2 * _LONGEST_ANSWER)
    return next(short, None)


def _answer_line(text: str) -> str | None:
    """The answer in the last line, sentence or tag that announces one."""
    announced = [
        (match.start(2), match[1], _below_marks(text, match)[: 2 * _LONGEST_ANSWER])
        for pattern in _ANNOUNCING
        for match in pattern.finditer(text)
    ]
    for _, by, found in sorted(announced, reverse=True):
        if not found.strip(" \t*_.:"):
            continue
        head = _first_sentence(found)
        in_sentence = by[:1].isalpha()
        if not in_sentence and quantity_key(head.strip(" *_")) is None:
            head = _REASON.split(found, maxsplit=1)[0]
        return None if len(head.split()) > _MOST_WORDS and "\\" not in head else head
    return None


def _below_marks(text: str, match: re.Match[str]) -> str:
    """What was announced: below the lines that only open a formula or draw; nothing of code."""
    found, end = match[2], match.end(2)
    while _ONLY_MARKS.fullmatch(found) and (below := _NEXT_LINE.match(text, end)):
        found, end = below[1], below.end()
    return "" if _FENCE.match(found) or _ONLY_MARKS.fullmatch(found) else found


def _first_sentence(text: str) -> str:
    shortened = {match.end() for match in _SHORTENED.finditer(text)}
    for end in _SENTENCE_END.finditer(text):
        if end.end() not in shortened:
            return text[: end.start()]
    return text


def _number_told(text: str, question: str) -> str:
    """The number of an answer such as "There are 18 apples" to a question for one, else it all."""
    if quantity_key(text) is not None or not _TELLS.search(text) or _HEDGES.search(text):
        return text
    numbers = _NUMBER.findall(text)
    asked = _ASKS_QUANTITY.search(question[-_TAIL_CHARACTERS:])
    return str(numbers[0]) if len(numbers) == 1 and asked else text


def _hashes(text: str) -> str | None:
    """What stands behind the last `####`, where the text ends with it: else it is a heading."""
    found = behind_hashes(text)
    return found[-1] if found and text.rstrip().endswith(found[-1]) else None


def _last_number(text: str, question: str) -> str | None:
    """The last number, or the last quantity of two parts such as "2 hours and 30 minutes"."""
    if _FOUND_NOTHING.search(text.rstrip().rpartition("\n")[2]):
        return None
    found = list(_NUMBER.finditer(_LIST_MARK.sub("", text)))
    if not found:
        return None
    asked = question[-_TAIL_CHARACTERS:]
    short = len(found) == 1 and len(text.split()) <= _SHORT_WORDS
    if not short and (_ASKS_TEXT.search(asked) or not _ASKS_QUANTITY.search(asked)):
        return None
    while found and _is_exponent_of_unit(found[-1]):
        found.pop()
    return _whole_quantity(found[-1]) if found else None


def _whole_quantity(number: re.Match[str]) -> str | None:
    """The quantity that a number is or belongs to, or None where that is not read here."""
    text, start, end = number.string, number.start(), number.end()
    if len(number[0]) > _LONGEST_NUMBER:
        return number[0]
    for whole in _WHOLE.finditer(text, max(0, start - _NEAR), end + _NEAR):
        if whole.start() <= start and end <= whole.end():
            return whole[0]
    if _PART_OF.search(text[max(0, start - 12) : start]) or _GOES_ON.match(text, end):
        return None
    for compound in _COMPOUND.finditer(text, max(0, start - _NEAR)):
        if compound.start() < start < compound.end():
            return re.sub(r",? and |, ", " ", compound[0])
    return number[0]


def _is_exponent_of_unit(number: re.Match[str]) -> bool:
    """Whether it is the 2 of "25 cm^2"."""
    before = number.string[max(0, number.start() - 8) : number.start()]
    return re.search(r"[A-Za-z]\^\{?$", before) is not None


def _clean(text: str) -> str:
    """Trim an answer to what a person wants to read."""
    clean = text.strip()[: 2 * _LONGEST_ANSWER].strip("*_` \t\n")
    if whole := re.fullmatch(r"\$\$?([^$]*)\$\$?|\\\((.*)\\\)|\\\[(.*)\\\]", clean, re.DOTALL):
        clean = next(part for part in whole.groups() if part is not None)
    clean = re.sub(r"[.。]$", "", clean.strip())
    return clean.strip("*_` \t\n")[:_LONGEST_ANSWER]
