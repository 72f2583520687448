"""The model's own chat template: a conversation becomes the text the model was trained on.

What people typed is hostile to a template: a control token's text inside a message must never be
tokenised as that token. Such texts are cut out before rendering and put back as plain text. Because
a template may also join two harmless parts into one, a second rendering with all their first
characters cut out shows whether every control token in the prompt is the template's own.

Knows nothing of tokens' numbers. The sandbox is in `engine.backends.llama.sandbox`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from jinja2 import TemplateError as JinjaError
from jinja2.exceptions import SecurityError

from engine.backends.llama.limits import MOST_CHARACTERS
from engine.backends.llama.sandbox import TemplateSandbox
from engine.backends.llama.thinking_control import Control, Variables, find_controls
from engine.errors import TemplateError
from engine.generation import Message, Notice
from engine.own_thinking import OwnThinking, ThinkingMode
from engine.thoughts import marker_pieces, thought_opening_of

if TYPE_CHECKING:
    from jinja2 import Template

_OPEN, _CLOSE = "\ue000", "\ue001"
_PRIVATE = "[\ue000\ue001]"
_SENTINEL: Final = re.compile(f"{_OPEN}([0-9]{{1,9}}){_CLOSE}")

_EVERYTHING: Final = re.compile(".+", re.DOTALL)
_MOST_HIDDEN: Final = 20_000
"""Texts to hide; where there are more, whole messages are hidden, which takes no time."""

_FALLBACK: Final = (
    "{% for m in messages %}{{ '### ' + {'system': 'System', 'user': 'User', "
    "'assistant': 'Assistant'}[m['role']] + ':\\n' + m['content'] + '\\n\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '### Assistant:\\n' }}{% endif %}"
)
_FALLBACK_STOPS: Final = ("### User:", "### System:")
_LONGEST_SOURCE: Final = 120_000
"""Characters of a template; those of the field have some ten thousand at most."""
_SETTINGS: Final[tuple[dict[str, object], ...]] = (
    {"tools": None, "documents": None},
    {"tools": [], "documents": [], "functions": "", "datetime": ""},
)
"""What stands for "no tools": the first as in the transformers library, then for templates that
walk through them without asking."""
_PROBE: Final = (
    Message("system", "probe of the system"),
    Message("user", "probe of the question"),
    Message("assistant", "probe of the answer"),
    Message("user", "probe of the next question"),
)


@dataclass(frozen=True, slots=True)
class PromptPiece:
    """A stretch of the prompt.

    Attributes:
        text: Its text.
        trusted: Whether control tokens in it are meant.
    """

    text: str
    trusted: bool


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A conversation as the model wants to read it.

    Attributes:
        pieces: In order.
        thought_opening: The marker of the hidden thought it ends inside, or "".
        begun: How many pieces at its end are what the answer begins with.
    """

    pieces: tuple[PromptPiece, ...]
    thought_opening: str
    begun: int = 0

    @property
    def text(self) -> str:
        """The whole prompt."""
        return "".join(piece.text for piece in self.pieces)


class ChatTemplate:
    """Renders conversations. Build it with `from_model`.

    Attributes:
        kind: Whether it is the model's own or the plain fallback.
        notice: Why it is the fallback, else None.
    """

    def __init__(
        self,
        source: str,
        tokens: dict[str, str],
        special_tokens: frozenset[str],
        fallback_reason: str | None = None,
    ) -> None:
        self.kind: Literal["model", "fallback"] = "fallback" if fallback_reason else "model"
        self.notice = Notice("template-fallback", fallback_reason) if fallback_reason else None
        self._tokens = tokens
        self._settings = _SETTINGS[0]
        self._folds_system = False
        self._controls: dict[OwnThinking, Control] = {}
        special = sorted(filter(None, special_tokens), key=len, reverse=True)
        self._special = _any_of(special)
        self._hidden = _any_of(special, _PRIVATE)
        self._hidden_strictly = _any_of(special, _PRIVATE, *{re.escape(t[0]) for t in special})
        self._sandbox = TemplateSandbox()
        self._template = self._compiled(source)

    @classmethod
    def from_model(
        cls, source: str | None, bos: str, eos: str, special_tokens: frozenset[str]
    ) -> ChatTemplate:
        """Compile a model's template, or the announced plain fallback where that fails.

        Args:
            source: The template's text, or None when the file has none.
            bos: Text of the beginning-of-sequence token.
            eos: Text of the end-of-sequence token.
            special_tokens: Texts that must not be tokenised as such in what people wrote.
        """
        tokens = {"bos_token": bos, "eos_token": eos}
        reason = "the model file has no chat template"
        if source is not None:
            try:
                template = cls(source, tokens, special_tokens)
                template._learn_from_probe()
                template._learn_own_thinking(source)
            except TemplateError as error:
                reason = error.detail
            else:
                return template
        return cls(_FALLBACK, tokens, special_tokens, reason)

    @property
    def stop_texts(self) -> tuple[str, ...]:
        """Texts that end a generation, for a model that knows no turns of its own."""
        return _FALLBACK_STOPS if self.kind == "fallback" else ()

    @property
    def own_thinking(self) -> tuple[ThinkingMode, ...]:
        """What it can be told of the model's own thinking."""
        return tuple(
            ThinkingMode(wish, control.thought_opening) for wish, control in self._controls.items()
        )

    def render(
        self,
        messages: Sequence[Message],
        continuation: str = "",
        own_thinking: OwnThinking = OwnThinking.AUTO,
    ) -> RenderedPrompt:
        """Render a conversation up to where the answer begins.

        Args:
            messages: The conversation.
            continuation: Text the answer begins with, put after the prompt; nothing behind it
                ends the assistant's turn.
            own_thinking: What is wished of the model's own thinking; what the template cannot be
                told is left unsaid.

        Raises:
            TemplateError: The template failed, took too long, or produced too much.
        """
        control = self._controls.get(own_thinking)
        return self._rendered(messages, control.variables if control else {}, continuation)

    def _rendered(
        self, messages: Sequence[Message], said: Variables, continuation: str = ""
    ) -> RenderedPrompt:
        matches = self._hidden_strictly.finditer(_contents(messages))
        found = [match[0] for match in islice(matches, _MOST_HIDDEN + 1)]
        many = len(found) > _MOST_HIDDEN
        pieces = self._pieces(messages, _EVERYTHING if many else self._hidden, said)
        if not many and any(not self._hidden.fullmatch(text) for text in found):
            strict = self._pieces(messages, self._hidden_strictly, said)
            if self._control_tokens(pieces) != self._control_tokens(strict):
                pieces = strict
        end = "".join(piece.text for piece in pieces[-2:])
        begun = self._begun(continuation, thought_opening_of(end)) if continuation else []
        opening = thought_opening_of(end + continuation)
        return RenderedPrompt((*pieces, *begun), opening, len(begun))

    def _begun(self, text: str, opening: str) -> list[PromptPiece]:
        """Text the answer begins with; of control tokens only a thought's own markers are meant."""
        pieces: list[PromptPiece] = []
        plain = ""
        for part, is_marker in marker_pieces(text, opening):
            if is_marker and self._special.search(part):
                pieces += [PromptPiece(plain, trusted=False)] if plain else []
                pieces.append(PromptPiece(part, trusted=True))
                plain = ""
            else:
                plain += part
        return [*pieces, PromptPiece(plain, trusted=False)] if plain else pieces

    def _compiled(self, source: str) -> Template:
        if len(source) > _LONGEST_SOURCE:
            raise TemplateError("the chat template is too long")
        try:
            return self._sandbox.from_string(source)
        except Exception as error:  # Jinja lets what Python says of a hostile source through
            raise TemplateError(_told(error)) from error

    def _learn_from_probe(self) -> None:
        """Try a whole conversation; find out whether the template takes a system message.

        Raises:
            TemplateError: The template fails, or loses what people say.
        """
        try:
            text = self.render(_PROBE[1:]).text
        except TemplateError as error:
            if isinstance(error.__cause__, SecurityError):
                raise
            self._settings = _SETTINGS[1]
            text = self.render(_PROBE[1:]).text
        try:
            self._folds_system = _PROBE[0].content not in self.render(_PROBE).text
        except TemplateError:
            self._folds_system = True
        for beginning in (_PROBE, _PROBE[:2], _PROBE[1:2]):
            self.render(beginning)
        if _PROBE[1].content not in text or _PROBE[3].content not in text:
            raise TemplateError("the chat template loses messages")

    def _learn_own_thinking(self, source: str) -> None:
        """Find out what the template can be told of the model's own thinking."""

        def prompt_of(said: Variables) -> tuple[str, str]:
            prompt = self._rendered(_PROBE[1:2], said)
            return prompt.text, prompt.thought_opening

        self._controls = find_controls(source, prompt_of)

    def _pieces(
        self, messages: Sequence[Message], hiding: re.Pattern[str], said: Variables
    ) -> list[PromptPiece]:
        """Render once, with everything that `hiding` matches cut out of the messages."""
        hidden: dict[str, int] = {}

        def hide(match: re.Match[str]) -> str:
            return f"{_OPEN}{hidden.setdefault(match[0], len(hidden))}{_CLOSE}"

        escaped = [
            {"role": message.role, "content": hiding.sub(hide, message.content)}
            for message in messages
        ]
        if self._folds_system:
            escaped = _fold_system(escaped)
        return _split(self._run(escaped, said), tuple(hidden))

    def _run(self, messages: list[dict[str, str]], said: Variables) -> str:
        parts: list[str] = []
        size = 0
        self._sandbox.begin()
        try:
            for part in self._template.generate(
                messages=messages,
                add_generation_prompt=True,
                **self._settings,
                **self._tokens,
                **said,
            ):
                parts.append(part)
                size += len(part)
                if size > MOST_CHARACTERS:
                    break
        except Exception as error:  # a template can raise anything Python can
            raise TemplateError(_told(error)) from error
        if size > MOST_CHARACTERS:
            raise TemplateError("the chat template produces too much text")
        return "".join(parts)

    def _control_tokens(self, pieces: Iterable[PromptPiece]) -> list[str]:
        """All control tokens that will be tokenised as such."""
        return [
            token
            for piece in pieces
            if piece.trusted
            for token in self._special.findall(piece.text)
        ]


def _told(error: Exception) -> str:
    """What may be said about a failure: Python's own messages can quote what people wrote."""
    told = type(error).__name__
    return f"{told}: {str(error)[:300]}" if isinstance(error, JinjaError) else told


def _any_of(texts: Sequence[str], *patterns: str) -> re.Pattern[str]:
    """A pattern for any of the texts or patterns; never matches without any."""
    return re.compile("|".join([*map(re.escape, texts), *patterns]) or r"(?!)")


def _contents(messages: Sequence[Message]) -> str:
    return "\n".join(message.content for message in messages)


def _fold_system(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    """Move a system message into the first user message, for templates that take none."""
    if len(messages) < 2 or messages[0]["role"] != "system" or messages[1]["role"] != "user":
        return messages
    content = f"{messages[0]['content']}\n\n{messages[1]['content']}"
    return [{"role": "user", "content": content}, *messages[2:]]


def _split(text: str, hidden: tuple[str, ...]) -> list[PromptPiece]:
    """Cut rendered text at its sentinels. A private character of the template's own is dropped."""
    pieces: list[PromptPiece] = []
    for number, part in enumerate(_SENTINEL.split(text)):
        if number % 2 == 0:
            pieces.append(PromptPiece(re.sub(_PRIVATE, "", part), trusted=True))
        elif int(part) < len(hidden):
            pieces.append(PromptPiece(hidden[int(part)], trusted=False))
    return [piece for piece in pieces if piece.text]
