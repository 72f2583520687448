"""How an answer came out, as a screen reader says it. It must not know who decides when."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication

from desktop_app.chat.answer import Answer
from desktop_app.chat.transcript_figures import agreement
from desktop_app.words.one_line import one_line
from engine.verdict import StoppedWhy

_LONGEST: Final = 100
"""Characters of an answer; the rest is in the transcript."""


def spoken_end(answer: Answer) -> str:
    """Return the verdict and its votes, or why there is none, of an answer that has ended."""
    turn, verdict = answer.turn(), answer.view.verdict
    if turn.evidence is None or verdict is None:
        return _tr("Not answered: {reason}.").format(reason=turn.error_title)
    if verdict.stopped is StoppedWhy.CANCELLED:
        return _tr("Stopped.")
    vote = agreement(turn.evidence).text
    if not verdict.answer:
        return _tr("The answer is ready: {vote}.").format(vote=vote)
    said = one_line(verdict.answer, _LONGEST)
    return _tr("The answer is ready: {answer}. {vote}.").format(answer=said, vote=vote)


def _tr(text: str) -> str:
    return QCoreApplication.translate("SpokenEnd", text)
