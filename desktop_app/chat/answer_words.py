"""What is said of an answer: why there is none, where it breaks off, how it was counted.

It exists so that the sentences stand together and can be read without a deliberation. It must not
know what is shown where.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication

from desktop_app.error_text import ErrorText, error_text
from desktop_app.rich_text.without_marks import without_marks
from desktop_app.words.quantities import format_count
from desktop_app.words.translation import translated
from engine.candidate import Candidate, StopReason
from engine.generation import Notice
from engine.power.meter import EnergyReport
from engine.tally import GroupingMethod
from engine.verdict import Outcome, StoppedWhy, Verdict

_LONGEST_DETAIL: Final = 160
_MOST_NAMED: Final = 4
"""Of answers with as many votes; more are counted."""
_MARKS: Final = re.compile(r"[\\`*_<&~|$#]")
"""Marks of Markdown within a line, but for the bracket: behind a backslash it is a formula."""


def all_cut(finished: Sequence[Candidate]) -> bool:
    """Whether the limit of tokens cut every candidate that counts."""
    counted = [candidate for candidate in finished if candidate.counts]
    return bool(counted) and all(done.stop is StopReason.TOKEN_BUDGET for done in counted)


def text_without_winner(
    verdict: Verdict, finished: Sequence[Candidate], limit: int | None, *, was_thinking: bool
) -> str:
    """Say why nothing is the answer.

    Args:
        verdict: What came of it.
        finished: Its candidates.
        limit: Tokens that each could have, or None without a limit here.
        was_thinking: Whether there is a hidden thought that was cut.
    """
    if verdict.outcome is Outcome.TIE:
        return _tie_text(verdict)
    if verdict.outcome is Outcome.NO_ANSWER:
        return _no_answer_text(finished, limit)
    if verdict.stopped is StoppedWhy.CANCELLED:
        if was_thinking:
            return _tr("Stopped while it was thinking.")
        return _tr("Stopped before anything was written.")
    return _tr("No candidate finished. Give it more time, or choose a smaller budget.")


def chosen_note(promoted: int | None) -> Iterable[str]:
    """Say which candidate a person chose."""
    if promoted is not None:
        yield _tr("You chose candidate {number}.").format(number=promoted + 1)


def breaks_off_note(stop: StopReason | None, *, all_alike: bool) -> Iterable[str]:
    """Say that an answer ended before its end.

    Args:
        stop: Why its candidate ended, or None where no candidate is the answer.
        all_alike: Whether the limit of tokens cut all of several candidates.
    """
    match stop:
        case StopReason.TOKEN_BUDGET if all_alike:
            yield _tr("It breaks off at the limit of tokens for each candidate, as all of them do.")
        case StopReason.TOKEN_BUDGET:
            yield _tr("It breaks off at the limit of tokens for each candidate.")
        case StopReason.CONTEXT_FULL:
            yield _tr(
                "It breaks off because the context is full. Start a new conversation, or set a "
                "longer context in the settings."
            )


def counted_note(method: GroupingMethod) -> Iterable[str]:
    """Say how agreement was found where that was not plain."""
    match method:
        case GroupingMethod.MODEL_JUDGED:
            yield _tr("Agreement was judged by the model itself.")
        case GroupingMethod.MEDOID:
            yield _tr("No vote was possible; the most typical response is shown.")
        case GroupingMethod.SYMBOLIC:
            yield _tr("Equal answers were told by symbolic comparison.")


def notice_notes(notices: Iterable[Notice]) -> Iterable[str]:
    """Say what worked differently than asked, each once."""
    for code in dict.fromkeys(notice.code for notice in notices):
        text = translated(error_text(code))
        yield f"{text.title}. {text.next_step}"


def error_body(error: ErrorText, detail: str) -> str:
    """The cause, what a person can do, and the last line that was said of it."""
    lines = detail.strip().splitlines()
    said = textwrap.shorten(lines[-1], _LONGEST_DETAIL) if lines else ""
    return "\n".join(
        filter(None, (f"{error.cause} {error.next_step}", said[:1].upper() + said[1:]))
    )


def energy_method(report: EnergyReport | None) -> str:
    """Say how energy was measured, or why it was not."""
    if report is None or not report.label:
        return _tr("No power sensor was found.")
    if report.joules is None:
        return _tr("{sensor} gave no energy.").format(sensor=report.label)
    if report.method == "counter":
        return _tr("{sensor}, energy counter, idle draw included").format(sensor=report.label)
    return _tr("{sensor}, power summed over time ({window}), idle draw included").format(
        sensor=report.label, window=report.window
    )


def _as_it_is(label: str) -> str:
    """An answer as Markdown that shows it in one line, whatever it looks like."""
    return _MARKS.sub(r"\\\g<0>", without_marks(label)).replace("[", "&#91;")


def _tie_text(verdict: Verdict) -> str:
    """What is said where nobody won."""
    tied = verdict.tally.leading
    if len(tied) > _MOST_NAMED:
        answers = _tr("**{count} answers**").format(count=len(tied))
    else:
        *others, last = (f"**{_as_it_is(group.label)}**" for group in tied)
        answers = _tr("{answers} and {last}").format(answers=", ".join(others), last=last)
    if verdict.tally.is_weighed:
        return _tr(
            "No majority: the votes for {answers} weigh the same. Choose one, or think longer."
        ).format(answers=answers)
    if tied[0].count == 1:
        return _tr(
            "No majority: {answers} have one vote each. Choose one, or think longer."
        ).format(answers=answers)
    return _tr(
        "No majority: {answers} have {count} votes each. Choose one, or think longer."
    ).format(answers=answers, count=tied[0].count)


def _no_answer_text(finished: Sequence[Candidate], limit: int | None) -> str:
    counted = [candidate for candidate in finished if candidate.counts]
    if all(done.stop is StopReason.CONTEXT_FULL for done in counted):
        return _tr(
            "There is no answer yet: the context is full. Start a new conversation, or set a "
            "longer context in the settings."
        )
    if not all_cut(finished):
        return _tr("No candidate gave an answer. Think longer, or ask in another way.")
    if len(counted) == 1:
        thinking = _tr("There is no answer yet: it was still thinking.")
    else:
        thinking = _tr("There is no answer yet: they were still thinking.")
    return f"{_all_cut_text(limit, len(finished))} {thinking}"


def _all_cut_text(limit: int | None, number: int) -> str:
    """What the limit of tokens did to every candidate."""
    if limit is None:  # a server has a limit of its own
        return _tr("A limit of tokens cut every candidate.")
    tokens = format_count(limit)
    if number == 1:
        return _tr("The limit of {tokens} tokens cut it.").format(tokens=tokens)
    return _tr("The limit of {tokens} tokens cut all {number} candidates.").format(
        tokens=tokens, number=number
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Answer", text)
