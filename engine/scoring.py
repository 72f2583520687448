"""Asking a model how likely a response is right.

A model that was trained to verify is asked with its own mark and answers with its own two tokens;
any other is asked in words and answers yes or no. One position is read, nothing is generated:
P(True) as in CISC (arXiv 2502.06233). The second is a self-assessment and must be shown as one.
"""

from __future__ import annotations

from typing import Final

from engine.backends.base import ScoreRequest
from engine.generation import Message, ModelReport
from engine.own_thinking import OwnThinking
from engine.thoughts import ThoughtSplitter

_ASK_WHOLE: Final = (
    "Is the final answer above correct? Check it, then reply with one word: Yes or No."
)
_ASK_PART: Final = (
    "Are the steps above correct so far, and do they lead to the answer? "
    "Reply with one word: Yes or No."
)
_YES: Final = ("Yes", " Yes", "yes", " yes")
_NO: Final = ("No", " No", "no", " no")


def can_verify(report: ModelReport) -> bool:
    """Whether a model was trained to say how likely a response is right."""
    return "verify" in report.skills


def score_request(
    request_id: int,
    report: ModelReport,
    messages: tuple[Message, ...],
    response: str,
    *,
    whole: bool,
    own_thinking: OwnThinking = OwnThinking.AUTO,
) -> ScoreRequest:
    """Return the request that asks about a response.

    It is asked under the wish that the response was written under: a template may speak of it at
    the very beginning, and then no other prompt is in the cache. A thought that it opens is closed.

    Args:
        request_id: Unique in the backend.
        report: The model that is asked.
        messages: The conversation up to the question.
        response: What was answered, or its first steps.
        whole: Whether it is complete.
        own_thinking: What was wished of the model's own thinking.
    """
    answered = (*messages, Message("assistant", response))
    if can_verify(report):
        right, wrong = report.verify_texts
        marked = (*answered, Message("verify", ""))
        return ScoreRequest(request_id, marked, (right,), (wrong,), own_thinking=own_thinking)
    asked = Message("user", _ASK_WHOLE if whole else _ASK_PART)
    opening = report.thought_opening_when(own_thinking)
    skipped = ThoughtSplitter(opening).closing_text if opening else ""
    return ScoreRequest(request_id, (*answered, asked), _YES, _NO, skipped, own_thinking)
