"""The model's own chat template, run in Jinja's immutable sandbox.

A template is part of a downloaded file and therefore hostile: it cannot reach Python, change its
input, loop for ever or produce without end. What people typed is hostile to the template in turn:
a special token's text inside a message is cut out before rendering and put back as plain text, so
that it is never tokenised as that token.
"""

from __future__ import annotations

import ctypes
import json
import re
import threading
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from jinja2 import TemplateError as JinjaError
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.errors import TemplateError
from engine.generation import Message, Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Template
    from jinja2.parser import Parser

_RENDER_SECONDS = 2.0
_MOST_CHARACTERS = 4_000_000
_OPEN, _CLOSE, _BASE = "\ue000", "\ue001", 0xE100
_MOST_SPECIAL = 0xF8FF - _BASE
_SENTINEL = re.compile(f"{_OPEN}([\ue100-\uf8ff]){_CLOSE}")

_FALLBACK = (
    "{% for m in messages %}{{ '### ' + {'system': 'System', 'user': 'User', "
    "'assistant': 'Assistant'}[m['role']] + ':\\n' + m['content'] + '\\n\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '### Assistant:\\n' }}{% endif %}"
)
_FALLBACK_STOPS = ("### User:", "### System:")


@dataclass(frozen=True, slots=True)
class PromptPiece:
    """A stretch of the prompt.

    Attributes:
        text: Its text.
        trusted: Whether special tokens in it are meant.
    """

    text: str
    trusted: bool


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A conversation as the model wants to read it.

    Attributes:
        pieces: In order; neighbours differ in trust.
        thought_opened: Whether it ends inside an opened hidden thought.
    """

    pieces: tuple[PromptPiece, ...]
    thought_opened: bool


class _TemplateTimeoutError(Exception):
    """Raised inside a template that runs too long."""


class _Generation(Extension):
    """`{% generation %}`, by which training marks the assistant's part; here just its content."""

    tags = {"generation"}  # noqa: RUF012 - Jinja's own contract for extensions

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _environment() -> ImmutableSandboxedEnvironment:
    """The sandbox with the helpers that chat templates in the field expect."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, _Generation]
    )

    def raise_exception(message: str) -> None:
        raise JinjaError(message)

    def tojson(value: Any, **options: Any) -> str:
        allowed = {k: v for k, v in options.items() if k in {"indent", "separators", "sort_keys"}}
        return json.dumps(value, ensure_ascii=False, **allowed)

    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = time.strftime
    environment.filters["tojson"] = tojson
    return environment


class ChatTemplate:
    """Renders conversations. Build it with `from_model`."""

    def __init__(
        self,
        template: Template,
        kind: Literal["model", "fallback"],
        notice: Notice | None,
        tokens: dict[str, str],
        special_tokens: frozenset[str],
    ) -> None:
        self._template = template
        self._tokens = tokens
        self._special = sorted(filter(None, special_tokens), key=len, reverse=True)[:_MOST_SPECIAL]
        parts = [re.escape(token) for token in self._special]
        self._pattern = re.compile("|".join([*parts, "[\ue000-\uf8ff]"]))
        self.kind = kind
        self.notice = notice

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
                template = cls(
                    _environment().from_string(source), "model", None, tokens, special_tokens
                )
                template.render((Message("user", "Hello"),))
            except (JinjaError, TemplateError, RecursionError, OverflowError) as error:
                reason = f"{type(error).__name__}: {error}"
            else:
                return template
        fallback = _environment().from_string(_FALLBACK)
        notice = Notice("template-fallback", reason)
        return cls(fallback, "fallback", notice, tokens, special_tokens)

    @property
    def stop_texts(self) -> tuple[str, ...]:
        """Texts that end a generation, for a model that knows no turns of its own."""
        return _FALLBACK_STOPS if self.kind == "fallback" else ()

    def render(self, messages: Sequence[Message], continuation: str = "") -> RenderedPrompt:
        """Render a conversation up to where the answer begins.

        Args:
            messages: The conversation.
            continuation: Text the answer begins with, put after the prompt.

        Raises:
            TemplateError: The template failed, took too long, or produced too much.
        """
        hidden: list[str] = []
        escaped = [
            {"role": message.role, "content": self._escape(message.content, hidden)}
            for message in messages
        ]
        try:
            text = self._run(escaped)
        except TemplateError:
            folded = _fold_system(escaped)
            if folded is None:
                raise
            text = self._run(folded)
        pieces = _split(text, hidden)
        opened = re.search(r"<(think|thinking|thought|reasoning|seed:think)>\s*$", text)
        if continuation:
            pieces.append(PromptPiece(continuation, trusted=False))
        return RenderedPrompt(tuple(pieces), opened is not None and not continuation)

    def _escape(self, content: str, hidden: list[str]) -> str:
        """Put sentinels where special tokens' texts are."""

        def hide(match: re.Match[str]) -> str:
            if match[0] not in hidden:
                hidden.append(match[0])
            return f"{_OPEN}{chr(_BASE + hidden.index(match[0]))}{_CLOSE}"

        return self._pattern.sub(hide, content)

    def _run(self, messages: list[dict[str, str]]) -> str:
        parts: list[str] = []
        size = 0
        try:
            with _time_limit(_RENDER_SECONDS):
                for part in self._template.generate(
                    messages=messages, add_generation_prompt=True, **self._tokens
                ):
                    parts.append(part)
                    size += len(part)
                    if size > _MOST_CHARACTERS:
                        break
        except _TemplateTimeoutError:
            raise TemplateError("the chat template takes too long") from None
        except Exception as error:  # a template can raise anything Python can
            raise TemplateError(f"{type(error).__name__}: {error}") from error
        if size > _MOST_CHARACTERS:
            raise TemplateError("the chat template produces too much text")
        return "".join(parts)


def _fold_system(messages: list[dict[str, str]]) -> list[dict[str, str]] | None:
    """Move a system message into the first user message, for templates that refuse one."""
    if len(messages) < 2 or messages[0]["role"] != "system" or messages[1]["role"] != "user":
        return None
    content = f"{messages[0]['content']}\n\n{messages[1]['content']}"
    return [{"role": "user", "content": content}, *messages[2:]]


def _split(text: str, hidden: list[str]) -> list[PromptPiece]:
    """Cut rendered text at its sentinels."""
    pieces: list[PromptPiece] = []
    end = 0
    for match in _SENTINEL.finditer(text):
        number = ord(match[1]) - _BASE
        if number >= len(hidden):
            continue
        if match.start() > end:
            pieces.append(PromptPiece(text[end : match.start()], trusted=True))
        pieces.append(PromptPiece(hidden[number], trusted=False))
        end = match.end()
    if end < len(text):
        pieces.append(PromptPiece(text[end:], trusted=True))
    return pieces


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise `_TemplateTimeoutError` in this thread when the block runs too long.

    A template runs Python bytecode, so an asynchronous exception reaches it on every platform.
    """
    thread = ctypes.c_ulong(threading.get_ident())
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    lock = threading.Lock()
    done = False

    def expire() -> None:
        with lock:
            if not done:
                raise_in(thread, ctypes.py_object(_TemplateTimeoutError))

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            done = True
        timer.cancel()
