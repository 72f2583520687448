"""A request on its way: its tokens, how far they are evaluated, its text and its confidence."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.backends.base import GenerationRequest
from engine.backends.llama.sampling import Sampler
from engine.backends.llama.text_stream import TextStream


@dataclass(eq=False, slots=True)
class Prompt:
    """A tokenised conversation, shared by all requests that ask the same.

    Attributes:
        tokens: Its tokens.
    """

    tokens: list[int]


@dataclass(eq=False, slots=True)
class Sequence:
    """One request.

    Attributes:
        request: What was asked.
        prompt: Its conversation.
        sampler: Draws its tokens.
        stream: Makes its text.
        first_of_submission: Whether it tells of the prompt's reading for its siblings.
        tokens: Prompt, generated and forced tokens; the last ones may wait for evaluation.
        slot: Its sequence in the cache, or None while it waits.
        position: How many of `tokens` are in the cache.
        generated: How many tokens it has drawn.
        logprob_sum: Sum of their log-probabilities.
    """

    request: GenerationRequest
    prompt: Prompt
    sampler: Sampler
    stream: TextStream
    first_of_submission: bool
    tokens: list[int] = field(init=False)
    slot: int | None = None
    position: int = 0
    generated: int = 0
    logprob_sum: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = list(self.prompt.tokens)

    @property
    def pending(self) -> int:
        """Tokens that wait for evaluation."""
        return len(self.tokens) - self.position

    @property
    def mean_logprob(self) -> float | None:
        """Mean log-probability of its generated tokens."""
        return self.logprob_sum / self.generated if self.generated else None
