"""A candidate: one attempt at the question, finished. A plain value, safe to store and send."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class StopReason(StrEnum):
    """Why a candidate ended."""

    FINISHED = "finished"
    TOKEN_BUDGET = "token-budget"
    CONTEXT_FULL = "context-full"
    NOT_NEEDED = "not-needed"
    """Stopped because the verdict was reached without it."""
    TIME_UP = "time-up"
    CANCELLED = "cancelled"
    FAILED = "failed"


class ExtractedAnswer(msgspec.Struct, frozen=True):
    """What a response answers.

    Attributes:
        text: The answer as the response writes it, trimmed; what a person reads.
        key: Canonical form; equal keys are one vote group.
        rule: Which extraction rule fired: `boxed`, `answer-line`, `hashes`, `choice`,
            `last-number`, `json`.
    """

    text: str
    key: str
    rule: str


class Beginning(msgspec.Struct, frozen=True):
    """What an attempt wrote that was cut, where another one goes on.

    Attributes:
        text: As the model wrote it, markers of a thought and white space included.
        tokens: Generated tokens of it.
        thought_tokens: Of these, those of the hidden thought.
    """

    text: str
    tokens: int
    thought_tokens: int


class Candidate(msgspec.Struct, frozen=True):
    """One finished attempt.

    Times are seconds since the deliberation's start on the worker's monotonic clock.

    Attributes:
        index: Position in the deliberation, from 0; also its name in the window (`#1` is index 0).
        round: Which round of a revision chain made it, from 0.
        seed: The sampler's seed.
        thought: Hidden thought, without its markers; empty if there was none.
        response: Visible response.
        answer: What it answers, or None for the "no answer" group.
        tokens: Generated tokens, thought included; prompt excluded.
        thought_tokens: Generated tokens of the hidden thought.
        queued_seconds: When it was handed to the backend.
        first_token_seconds: When its first token was there, or None if it never came.
        finished_seconds: When it ended.
        stop: Why it ended.
        confidence: Geometric mean probability of its tokens under the model, 0 to 1, or None.
        earlier: Indexes of the attempts it was shown, for revisions and aggregates.
        score: How likely it is right, 0 to 1, as the model itself says, or None if not asked.
        path: Indexes of the steps it is made of, for a search.
        machine: Which server ran it, for an engine elsewhere, or "".
        written: All its text as the model wrote it, as in `Beginning`, where it was cut; "" where
            it ended by itself.
        begun_tokens: Generated tokens that it began with, of an attempt that was cut. Thought and
            response hold their text; `tokens` does not count them.
        begun_thought_tokens: Of these, those of the hidden thought.
        thought_cut: Whether its hidden thought ended at a limit of tokens, its own or the
            candidate's.
    """

    index: int
    round: int
    seed: int
    thought: str
    response: str
    answer: ExtractedAnswer | None
    tokens: int
    thought_tokens: int
    queued_seconds: float
    first_token_seconds: float | None
    finished_seconds: float
    stop: StopReason
    confidence: float | None = None
    earlier: tuple[int, ...] = ()
    score: float | None = None
    path: tuple[int, ...] = ()
    machine: str = ""
    written: str = ""
    begun_tokens: int = 0
    begun_thought_tokens: int = 0
    thought_cut: bool = False

    @property
    def whole_thought_tokens(self) -> int:
        """Generated tokens of the whole hidden thought, what it began with included."""
        return self.begun_thought_tokens + self.thought_tokens

    @property
    def cut_in_thought(self) -> bool:
        """Whether a limit of tokens ended it before its response began."""
        return self.thought_cut and self.stop is StopReason.TOKEN_BUDGET and not self.response

    @property
    def thought_cut_tokens(self) -> int:
        """How many tokens there were where the thought was cut."""
        return self.begun_tokens + self.tokens if self.cut_in_thought else self.whole_thought_tokens

    @property
    def counts(self) -> bool:
        """Whether the attempt ran to an end of its own, so that its silence means "no answer"."""
        return self.stop in {
            StopReason.FINISHED,
            StopReason.TOKEN_BUDGET,
            StopReason.CONTEXT_FULL,
        }

    @property
    def seconds(self) -> float:
        """From being queued to its end."""
        return self.finished_seconds - self.queued_seconds

    @property
    def writing_seconds(self) -> float | None:
        """From its first token to its end, or None where none came."""
        if self.first_token_seconds is None:
            return None
        return self.finished_seconds - self.first_token_seconds

    @property
    def tokens_per_second(self) -> float | None:
        """Decode speed after the first token, or None if too short to tell."""
        span = self.writing_seconds
        if span is None or span <= 0 or self.tokens < 2:
            return None
        return (self.tokens - 1) / span
