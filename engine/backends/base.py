"""What a backend is: it turns generation requests into text, many at a time.

The backend owns scheduling. Its caller submits requests, calls `step` until `busy` is false and
reads the events. A backend knows nothing of votes, budgets or strategies.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from engine.candidate import StopReason
from engine.errors import EngineError
from engine.generation import JsonReply, Message, ModelReport, Notice, Sampling
from engine.own_thinking import OwnThinking


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One text to generate.

    Attributes:
        request_id: Unique among live requests; chosen by the caller.
        messages: The conversation, rendered with the model's chat template.
        sampling: How tokens are drawn; `sampling.seed` is set.
        max_tokens: Most tokens to generate, or None for what the context holds.
        continuation: Text the answer begins with, already decided (not counted as generated).
        stop_texts: Texts that end it and are not part of it, beside the model's own end.
        keep: Whether its evaluated tokens stay after its end, for forks, until `forget`.
        fork_of: A kept request that it goes on from, token by token; `messages` and
            `continuation` are then not looked at.
        more_thought: How often the end of a hidden thought is replaced by `MORE_THOUGHT`.
        watched: Whether somebody sees its text while it is written, so that steps stay short.
        own_thinking: What the model's template is told of its own thinking.
        json_reply: What its visible text must be, or None where it is free.
    """

    request_id: int
    messages: tuple[Message, ...]
    sampling: Sampling
    max_tokens: int | None = None
    continuation: str = ""
    stop_texts: tuple[str, ...] = ()
    keep: bool = False
    fork_of: int | None = None
    more_thought: int = 0
    watched: bool = True
    own_thinking: OwnThinking = OwnThinking.AUTO
    json_reply: JsonReply | None = None


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """Ask how likely one continuation is against another; no text is generated.

    Attributes:
        request_id: Unique among live requests; chosen by the caller.
        messages: The conversation, rendered up to where the reply begins. What is in the cache of
            it is not evaluated again.
        yes: Texts whose first tokens mean yes.
        no: Texts whose first tokens mean no.
        continuation: Text the reply begins with, such as an end of its thought.
        own_thinking: As in `GenerationRequest`.
    """

    request_id: int
    messages: tuple[Message, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    continuation: str = ""
    own_thinking: OwnThinking = OwnThinking.AUTO


Request = GenerationRequest | ScoreRequest


@dataclass(frozen=True, slots=True)
class Generated:
    """New text of one request; one event for each token or a few.

    Attributes:
        request_id: Whose text it is.
        text: Whole characters only; an unfinished UTF-8 sequence waits for its rest.
        tokens: Tokens generated since the last event of this request.
    """

    request_id: int
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A request is over, after its last `Generated`.

    Attributes:
        request_id: Whose end it is.
        stop: Why: FINISHED, TOKEN_BUDGET, CONTEXT_FULL, CANCELLED or FAILED.
        tokens: Tokens generated in all.
        mean_logprob: Mean natural log-probability of the generated tokens under the model's
            untempered distribution, or None when nothing was generated.
        stop_text: Which of the request's stop texts ended it, or "".
        machine: Which server ran it, or "" for this engine itself.
        error: What went wrong where it FAILED, if that is known.
    """

    request_id: int
    stop: StopReason
    tokens: int
    mean_logprob: float | None
    stop_text: str = ""
    machine: str = ""
    error: EngineError | None = None


@dataclass(frozen=True, slots=True)
class Restarted:
    """What a request has generated is void: it begins anew on another machine.

    Attributes:
        request_id: Which.
    """

    request_id: int


@dataclass(frozen=True, slots=True)
class Appended:
    """The text that `append` was given stands there now; what is generated comes behind it.

    Attributes:
        request_id: Which.
    """

    request_id: int


@dataclass(frozen=True, slots=True)
class Scored:
    """A score request is answered; it has no other events.

    Attributes:
        request_id: Whose score it is.
        chance: P(yes) / (P(yes) + P(no)) under the model's untempered distribution, or None when
            it was cancelled or the model gives neither any probability.
    """

    request_id: int
    chance: float | None


@dataclass(frozen=True, slots=True)
class PromptRead:
    """Progress of reading a prompt, for the waiting person.

    Attributes:
        request_id: One request that waits for it.
        tokens_done: Prompt tokens evaluated so far, kept ones included.
        tokens_total: Prompt tokens in all.
        tokens_kept: Of these, how many were still in the cache from an earlier turn.
    """

    request_id: int
    tokens_done: int
    tokens_total: int
    tokens_kept: int


BackendEvent = Generated | Restarted | Appended | Ended | Scored | PromptRead | Notice


class Backend(Protocol):
    """A producer of text. Used from one thread, except `interrupt`."""

    @property
    def report(self) -> ModelReport:
        """What is loaded."""
        ...

    @property
    def busy(self) -> bool:
        """Whether any request is unfinished."""
        ...

    def submit(self, requests: Sequence[Request]) -> None:
        """Queue requests. They start as slots and context cells are free, in order.

        Forks and scores go before what waits: they need what is in the cache now.

        Raises:
            PromptTooLongError: A prompt does not fit the context; none of `requests` was queued.
            TemplateError: The conversation could not be rendered; none was queued.
            SchemaError: A reply cannot be kept to its schema; none was queued.
        """
        ...

    def step(self) -> Sequence[BackendEvent]:
        """Advance every live request by one decode step, or read one chunk of a prompt.

        Returns at once with nothing when not busy.

        Raises:
            DecodeError: llama.cpp refused; all live requests have ended.
        """
        ...

    def append(self, request_id: int, text: str) -> bool:
        """Write `text` into a live request as if it had generated it, then let it go on.

        Closes a hidden thought at its cap. Unknown or ended requests are ignored. The text is
        not reported back as `Generated`, and not counted as generated tokens.

        Returns:
            Whether it stands there at once. Otherwise more may be generated in front of it until
            `Appended` tells that it does.
        """
        ...

    def cancel(self, request_ids: Collection[int]) -> None:
        """End requests: each gives `Ended(CANCELLED)`, or `Scored(None)`, at the next step.

        Unknown ids are fine.
        """
        ...

    def forget(self, request_ids: Collection[int]) -> None:
        """Let go of kept requests: nothing will fork from them. Unknown ids are fine."""
        ...

    def interrupt(self) -> None:
        """Make a running `step` return within one decode step, from any thread."""
        ...

    def close(self) -> None:
        """Free everything. Idempotent."""
        ...


MORE_THOUGHT: Final = "\nWait, "
"""What a forced continuation of a thought begins with. Source: s1, arXiv 2501.19393."""

LoadProgress = Callable[[float], bool]
"""Called with 0 to 1 while loading; returning False cancels the load."""
