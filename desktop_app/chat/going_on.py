"""Answers that were cut: what there is of one, and how it is gone on with.

It exists so that live and restored answers are gone on with alike. It must not know widgets, nor
which model is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from desktop_app.spending import Spending
from engine.candidate import Beginning
from engine.generation import JsonReply, ModelReport
from engine.own_thinking import OwnThinking
from engine.strategies.think_first import ThinkFirst
from engine.strategies.vote import Vote
from engine.thoughts import beginning_text


@dataclass(frozen=True, slots=True)
class Cut:
    """What there is of an answer that was cut.

    Attributes:
        thought: Its hidden thought.
        response: Its visible response.
        written: Both as the model wrote them, or "" where only the two parts are known.
        tokens: Generated tokens of both.
        thought_tokens: Of these, those of the thought; 0 where that is not known.
        context_tokens: What question and answer took of a context that was full; 0 where it was
            not, or where that is not known any more.
        model_path: The model that wrote it, or "".
        strategy: How the question was thought about.
        own_thinking: What was wished of the model's own thinking.
        greedy: Whether its tokens were the likeliest ones instead of drawn ones.
        json_reply: What it must be, or None where it is free.
    """

    thought: str
    response: str
    written: str
    tokens: int
    thought_tokens: int
    context_tokens: int
    model_path: str
    strategy: str
    own_thinking: OwnThinking
    greedy: bool
    json_reply: JsonReply | None = None

    def beginning(self, report: ModelReport) -> Beginning:
        """What a model goes on from: what it wrote itself, or the parts as it would write them."""
        text = self.written if report.path == self.model_path else ""
        if not text:
            opening = report.thought_opening_when(self.own_thinking)
            text = beginning_text(self.thought, self.response, opening)
        return Beginning(text, max(1, self.tokens), self.thought_tokens)

    def spending(self, now: Spending) -> Spending:
        """How it is gone on with: one attempt, asked for as before, within the limits of now."""
        sampling = now.sampling
        if self.greedy:
            sampling = msgspec.structs.replace(sampling, temperature=0.0)
        return Spending(
            strategy=ThinkFirst.name if self.strategy == ThinkFirst.name else Vote.name,
            budget=msgspec.structs.replace(now.budget, samples=1, rounds=1),
            sampling=sampling,
            options=msgspec.structs.replace(now.options, own_thinking=self.own_thinking),
        )
