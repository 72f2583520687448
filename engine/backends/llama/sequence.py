"""A request on its way: its tokens, how far they are evaluated, its text and its confidence."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.backends.base import GenerationRequest, ScoreRequest
from engine.backends.llama.guard import Guard
from engine.backends.llama.sampling import Sampler
from engine.backends.text_stream import TextStream


@dataclass(eq=False, slots=True)
class Prompt:
    """A tokenised conversation, shared by all requests that ask the same.

    Attributes:
        tokens: Its tokens.
        begun: How many of them, at its end, are what the answer begins with.
    """

    tokens: list[int]
    begun: int = 0

    @property
    def written(self) -> list[int]:
        """The tokens of the answer that it ends with."""
        return self.tokens[len(self.tokens) - self.begun :]


@dataclass(frozen=True, slots=True)
class Probe:
    """The tokens between which a score is read.

    Attributes:
        yes: First tokens of what means yes.
        no: First tokens of what means no.
    """

    yes: tuple[int, ...]
    no: tuple[int, ...]


@dataclass(eq=False, slots=True)
class Sequence:
    """One request.

    Attributes:
        request: What was asked.
        prompt: Its conversation.
        sampler: Draws its tokens; None for a score.
        stream: Makes its text.
        first_of_submission: Whether it tells of the prompt's reading for its siblings.
        probe: What a score is read from; None for a generation.
        direct: Whether it starts from any sequence in the cache, not through the trunk: forks
            and scores, which add a few tokens of their own.
        lent: How much of the slot's own tokens must be there again when a score is done, or None.
        forced: How often the end of its thought was replaced.
        tokens: Prompt, generated and forced tokens; the last ones may wait for evaluation.
        slot: Its sequence in the cache, or None while it waits.
        position: How many of `tokens` are in the cache.
        kept: How many of them were there when it started.
        generated: How many tokens it has drawn.
        logprob_sum: Sum of their log-probabilities.
    """

    request: GenerationRequest | ScoreRequest
    prompt: Prompt
    sampler: Sampler | None
    stream: TextStream
    first_of_submission: bool
    probe: Probe | None = None
    direct: bool = False
    lent: int | None = None
    forced: int = 0
    tokens: list[int] = field(init=False)
    slot: int | None = None
    position: int = 0
    kept: int = 0
    generated: int = 0
    logprob_sum: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = list(self.prompt.tokens)

    @property
    def pending(self) -> int:
        """Tokens that wait for evaluation."""
        return len(self.tokens) - self.position

    @property
    def guard(self) -> Guard | None:
        """What binds its reply, or None."""
        return self.sampler.guard if self.sampler is not None else None

    @property
    def max_tokens(self) -> int | None:
        """Most tokens it may draw, or None for what the context holds."""
        return 1 if isinstance(self.request, ScoreRequest) else self.request.max_tokens

    @property
    def watched(self) -> bool:
        """Whether somebody sees its text while it is written."""
        return isinstance(self.request, GenerationRequest) and self.request.watched

    @property
    def keep(self) -> bool:
        """Whether its tokens stay in the cache for forks."""
        return isinstance(self.request, GenerationRequest) and self.request.keep

    @property
    def mean_logprob(self) -> float | None:
        """Mean log-probability of its generated tokens."""
        return self.logprob_sum / self.generated if self.generated else None
