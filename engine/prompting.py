"""How an attempt is asked for: the conversation as its strategy wants it shown."""

from __future__ import annotations

from collections.abc import Sequence

from engine.candidate import Candidate
from engine.generation import Message, ModelReport
from engine.strategies.aggregate import aggregation_prompt
from engine.strategies.base import Asking, Attempt
from engine.strategies.revise import revision_prompt
from engine.strategies.think_first import thought_prompt


def messages_for(
    attempt: Attempt,
    messages: tuple[Message, ...],
    finished: Sequence[Candidate],
    report: ModelReport,
) -> tuple[Message, ...]:
    """Return the conversation for one attempt.

    Args:
        attempt: What is to be started.
        messages: The conversation; the last message is the question.
        finished: Candidates of which some may be shown.
        report: The model; one that was trained to revise is shown attempts in its own manner.
    """
    if attempt.asking is Asking.PLAIN:
        return messages
    *before, question = messages
    if attempt.asking is Asking.THINK_FIRST:
        return (*before, Message("user", thought_prompt(question.content)))
    by_index = {candidate.index: candidate for candidate in finished}
    shown = [by_index[index].response for index in attempt.earlier if index in by_index]
    shown = [response for response in shown if response.strip()]
    if not shown:
        return messages
    if "revise" in report.skills:
        return (*messages, *(Message("attempt", response) for response in shown))
    compose = aggregation_prompt if attempt.asking is Asking.AGGREGATE else revision_prompt
    return (*before, Message("user", compose(question.content, shown)))
