"""Judgements and extraction rules in words. Free of Qt."""

from __future__ import annotations

from typing import Final

from engine.lab.records import SampleRecord, VerdictRecord

_WHY: Final = {
    "no-reference": "no right answer is known",
    "no-answer": "no answer",
    "same-key": "the same answer",
    "symbolic": "an equal expression",
    "checker": "checked",
    "different": "another answer",
}
_RULES: Final = {
    "boxed": "boxed",
    "answer-line": "answer line",
    "hashes": "after ####",
    "choice": "choice",
    "last-number": "last number",
    "json": "JSON",
}


def rule_words(rule: str) -> str:
    """Say which rule found an answer."""
    return _RULES.get(rule, rule.replace("-", " "))


def why_words(record: SampleRecord | VerdictRecord) -> str:
    """Say how it was judged: by hand, or how the judge knew."""
    return "by hand" if record.corrected is not None else _WHY.get(record.why, record.why)


def judgement_words(record: SampleRecord | VerdictRecord) -> str:
    """Say whether it is right, and how that is known."""
    right = record.counts_right
    said = "not judged" if right is None else "right" if right else "wrong"
    return f"{said}, {why_words(record)}"
