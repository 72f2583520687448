"""One request on its way: what it has written so far, on whichever server."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import msgspec

from engine.backends.base import GenerationRequest, ScoreRequest
from engine.backends.remote.probe import Abilities
from engine.backends.remote.thinking import effort_for, variables_for
from engine.backends.remote.wire import (
    ChatMessage,
    ChatRequest,
    Choice,
    JsonSchema,
    ResponseFormat,
    StreamOptions,
)
from engine.backends.text_stream import TextStream
from engine.candidate import StopReason
from engine.generation import GREEDY, Message, Sampling
from engine.own_thinking import OwnThinking
from engine.thoughts import ThoughtSplitter

_MOST_CHARACTERS: Final = 1 << 20
"""A candidate without a limit of its own ends here."""
_TOKENS_TOO_MANY: Final = 16
"""A server that goes on so far past its limit is stopped."""
_GO_ON: Final = (
    "Go on with your reply exactly where it stops. Write only what comes next, nothing twice."
)
_OPENS, _CLOSES = "<think>\n", "\n</think>\n\n"
_FINISHED: Final = {"length": StopReason.TOKEN_BUDGET, "content_filter": StopReason.FAILED}
_TOP: Final = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """What a finished request leaves to those that go on from it.

    Attributes:
        request_id: The request.
        messages: What was asked.
        text: The reply, with the stop text that ended it.
    """

    request_id: int
    messages: tuple[Message, ...]
    text: str


@dataclass(eq=False, slots=True)
class Job:
    """A request that is not over.

    Attributes:
        request: What was asked.
        given: Text the reply begins with, of a kept request or one that was cut, or "".
        prefix: The same, and what it wrote itself before a thought was closed.
        text: What it has generated behind that, markers of a thought included.
        tokens: Generated, as far as the server tells.
        guessed: Whether pieces of text were counted as tokens, for want of a better number.
        stop: Why the server says it ended, or None.
        avoided: Servers that failed it.
        began: Clock of the loop when it was sent.
        over: Whether its end was told.
    """

    request: GenerationRequest | ScoreRequest
    given: str
    prefix: str = field(init=False)
    stream: TextStream = field(init=False)
    text: str = ""
    tokens: int = 0
    spent: int = 0
    """Tokens of what went into `prefix`."""
    guessed: bool = False
    stop: StopReason | None = None
    avoided: set[int] = field(default_factory=set)
    began: float = 0.0
    over: bool = False
    _thinking: bool = False
    _resumes_thought: bool = False
    """Whether what comes belongs to a thought that what is given has opened."""
    _logprob_sum: float = 0.0
    _logprobs: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.request, GenerationRequest):
            self.given = self.given or self.request.continuation
        self.prefix = self.given
        self._listen()

    def _listen(self) -> None:
        request = self.request
        begun = ThoughtSplitter()
        begun.feed(self.prefix)
        self._resumes_thought = begun.in_thought
        stops = request.stop_texts if isinstance(request, GenerationRequest) else ()
        self.stream = TextStream(stops)

    @property
    def id(self) -> int:
        """Its request's."""
        return self.request.request_id

    @property
    def begun_elsewhere(self) -> bool:
        """Whether it goes on from an attempt that was cut."""
        request = self.request
        return isinstance(request, GenerationRequest) and bool(request.continuation)

    @property
    def begun(self) -> bool:
        """Whether any text of it has come."""
        return bool(self.text) or self.prefix != self.given

    @property
    def mean_logprob(self) -> float | None:
        """Mean of the log-probabilities that were given."""
        return self._logprob_sum / self._logprobs if self._logprobs else None

    @property
    def tokens_left(self) -> int | None:
        """Most tokens it may still generate."""
        most = self.request.max_tokens if isinstance(self.request, GenerationRequest) else 1
        return None if most is None else max(1, most - self.spent)

    def goes_with(self, other: Job) -> bool:
        """Whether one request can ask for both."""
        one, two = self.request, other.request
        if isinstance(one, ScoreRequest) or isinstance(two, ScoreRequest):
            return False
        return (
            one.messages == two.messages
            and not (self.prefix or other.prefix)
            and (one.max_tokens, one.stop_texts) == (two.max_tokens, two.stop_texts)
            and one.own_thinking is two.own_thinking
            and one.json_reply == two.json_reply
            and _all_but_seed(one.sampling) == _all_but_seed(two.sampling)
        )

    def kept(self) -> Kept:
        """What it leaves, once it is over."""
        text = self.prefix + self.text + self.stream.stop_text
        return Kept(self.id, self.request.messages, text)

    def forget_text(self) -> None:
        """Another server begins anew."""
        self.prefix, self.text, self.stop = self.given, "", None
        self.tokens = self.spent = 0
        self.guessed = False
        self._thinking = False
        self._logprob_sum, self._logprobs = 0.0, 0
        self._listen()

    def go_on_behind(self, text: str) -> None:
        """Let what was written, and some text of ours, be decided; the rest is asked for anew."""
        self.prefix += self.text + text
        self.spent = self.tokens
        self.text, self.stop, self._thinking = "", None, False
        self._listen()

    def take(self, choice: Choice) -> tuple[str, int]:
        """Take news.

        Returns:
            Text that is certain by now, and how many tokens came.
        """
        piece = choice.delta or choice.message
        content = choice.logprobs.content if choice.logprobs is not None else None
        for token in content or ():
            self._logprob_sum += token.logprob
            self._logprobs += 1
        text = ""
        if piece is not None:
            if piece.thought and (self._thinking or not self.text):
                opened = self._thinking or self._resumes_thought
                text += piece.thought if opened else _OPENS + piece.thought
                self._thinking = True
            if piece.content:
                text += _CLOSES + piece.content if self._thinking else piece.content
                self._thinking = False
        count = len(content) if content else int(bool(text))
        self.guessed |= bool(text) and not content
        self.tokens += count
        self.text += text
        certain = self.stream.feed(text.encode("utf-8", "replace")) if text else ""
        if choice.finish_reason:
            self.stop = _FINISHED.get(choice.finish_reason, StopReason.FINISHED)
            if self.stop is StopReason.TOKEN_BUDGET and self.tokens_left is None:
                self.stop = StopReason.CONTEXT_FULL
        self._end_by_ourselves()
        return certain, count

    def _end_by_ourselves(self) -> None:
        if self.stream.stopped:
            self.stop = StopReason.FINISHED
            self.text = self.text[: self.text.index(self.stream.stop_text)]
        elif self.stop is None and len(self.text) > _MOST_CHARACTERS:
            self.stop = StopReason.CONTEXT_FULL
        elif self.stop is None and (left := self.tokens_left) is not None:
            too_many = self.tokens - self.spent > left + _TOKENS_TOO_MANY
            self.stop = StopReason.TOKEN_BUDGET if too_many else None

    def count(self, written: int) -> None:
        """The server says how many tokens it has written since it was asked."""
        self.tokens = self.spent + written
        self.guessed = False

    def body(self, model: str, abilities: Abilities, count: int) -> ChatRequest:
        """What is sent for it and `count` - 1 others that ask the same."""
        request, tokens = self.request, self.tokens_left
        scoring = isinstance(request, ScoreRequest)
        messages = tuple(ChatMessage(m.role, m.content) for m in request.messages)
        goes_on: bool | None = None
        prefix = self.prefix or request.continuation
        if prefix:
            messages = (*messages, ChatMessage("assistant", prefix))
            if abilities.goes_on:
                goes_on = True if abilities.server in {"vLLM", "SGLang"} else None
            else:
                messages = (*messages, ChatMessage("user", _GO_ON))
        sampling = GREEDY if isinstance(request, ScoreRequest) else request.sampling
        given = abilities.sampling
        extra = given and abilities.server in {"llama-server", "vLLM", "SGLang", "llama-cpp-python"}
        other_name = abilities.server in {"vLLM", "SGLang"}
        penalty = sampling.repeat_penalty if extra else None
        wish = request.own_thinking if abilities.takes(request.own_thinking) else OwnThinking.AUTO
        return ChatRequest(
            model=model,
            messages=messages,
            stream=None if scoring else True,
            stream_options=StreamOptions() if abilities.usage and not scoring else None,
            n=count if count > 1 else None,
            max_tokens=None if abilities.completion_limit else tokens,
            max_completion_tokens=tokens if abilities.completion_limit else None,
            temperature=sampling.temperature if given else None,
            top_p=sampling.top_p if given else None,
            top_k=(sampling.top_k or -1) if extra else None,
            min_p=sampling.min_p if extra else None,
            repeat_penalty=None if other_name else penalty,
            repetition_penalty=penalty if other_name else None,
            frequency_penalty=(sampling.frequency_penalty or None) if given else None,
            presence_penalty=(sampling.presence_penalty or None) if given else None,
            seed=sampling.seed if given else None,
            logprobs=True if abilities.logprobs else None,
            top_logprobs=_TOP if scoring and abilities.logprobs else None,
            add_generation_prompt=False if goes_on else None,
            continue_final_message=goes_on,
            reasoning_effort=effort_for(abilities.server, wish),
            chat_template_kwargs=variables_for(abilities.server, wish),
            response_format=_format_of(request) if abilities.json_replies else None,
            samples=1 if abilities.server == "Ponder" else None,
        )


def chance_between(job: Job, choice: Choice | None) -> float | None:
    """P(yes) / (P(yes) + P(no)) among the likeliest tokens; None where neither is one of them."""
    request = job.request
    content = choice.logprobs.content if choice is not None and choice.logprobs else None
    if not content or not isinstance(request, ScoreRequest):
        return None
    top = content[0].top_logprobs or ()
    yes = sum(math.exp(min(0.0, t.logprob)) for t in top if t.token in request.yes)
    no = sum(math.exp(min(0.0, t.logprob)) for t in top if t.token in request.no)
    return yes / (yes + no) if yes + no > 0 else None


def _format_of(request: GenerationRequest | ScoreRequest) -> ResponseFormat | None:
    reply = None if isinstance(request, ScoreRequest) else request.json_reply
    if reply is None:
        return None
    if not reply.schema:
        return ResponseFormat("json_object")
    schema = JsonSchema(reply.name, msgspec.Raw(reply.schema.encode()), reply.strict)
    return ResponseFormat("json_schema", schema)


def _all_but_seed(sampling: Sampling) -> tuple[object, ...]:
    names = (n for n in sampling.__struct_fields__ if n != "seed")
    return tuple(getattr(sampling, name) for name in names)
