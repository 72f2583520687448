"""Lets a candidate write only what its reply may be; the hidden thought before it stays free.

A token is drawn as ever and then looked at by llama.cpp's grammar. Only where that refuses it is it
drawn anew, from what is allowed among the likeliest, and only where nothing is, among all: to look
through a vocabulary of 150,000 takes 30 to 60 ms, to look at one token 0.01 ms.
"""

from __future__ import annotations

import codecs
import re
import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.choices import TOKEN_DATA, Choices, apply, choices_of, drawn
from engine.backends.llama.native import low
from engine.backends.llama.vocabulary import Vocabulary
from engine.errors import SchemaError
from engine.generation import JsonReply
from engine.json_grammar.grammar import ANY_OBJECT, START, grammar_of
from engine.thoughts import REPLY_MARKERS, THOUGHT_OPENINGS, ThoughtSplitter

_MOST_SECONDS: Final = 1.0
"""A schema whose forms begin too much alike makes each step take longer than the one before."""
_LIKELIEST: Final = 512
_KNOWN_RULES: Final = 16
_MARK: Final = re.compile(r"<[^<>]+>|\[[^]]+\]|◁[^▷]+▷")

Written = tuple[int | None, bytes]
"""A token with its bytes; None for text that was put there."""


class ReplyRules:
    """The rules of one schema for one vocabulary, shared by all candidates.

    Args:
        grammar: Rules in GBNF with `START` among them.
        vocabulary: The model's.
    """

    def __init__(self, grammar: str, vocabulary: Vocabulary) -> None:
        def marked(texts: frozenset[str]) -> str:
            known = sorted(text for text in texts if _is_marked(text, vocabulary))
            return " | ".join(f'"{_escaped(text)}"' for text in known)

        lead, thoughts, markers = r"[ \t\r\n]{0,4}", marked(THOUGHT_OPENINGS), marked(REPLY_MARKERS)
        reply = f"{lead} ( ( {markers} ) {lead} )? {START}" if markers else f"{lead} {START}"
        thought = rf" | {lead} ( {thoughts} ) [^\x00]*" if thoughts else ""
        self.vocabulary = vocabulary
        self.invisible = vocabulary.invisible  # found out here: candidates are drawn by threads
        self.behind_thought = f"root ::= {reply}\n{grammar}"
        self.from_beginning = f"root ::= {reply}{thought}\n{grammar}"


class Guard:
    """What one candidate may write next.

    Args:
        rules: Of its reply.
        thought_opening: The marker with which its prompt opened a hidden thought, or "".

    Raises:
        SchemaError: llama.cpp does not take the rules.
    """

    def __init__(self, rules: ReplyRules, thought_opening: str) -> None:
        self._rules, self._vocabulary = rules, rules.vocabulary
        self._splitter = ThoughtSplitter(thought_opening)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._response = ""
        self._grammar: low.llama_sampler_p | None = None
        self.written: list[Written] = []
        self.trouble: SchemaError | None = None
        """Why nothing can go on, where it is not the vocabulary."""
        self._thinking = self._splitter.in_thought
        if not self._thinking:
            self._take_up(rules.from_beginning)

    def _take_up(self, grammar: str) -> None:
        self._grammar = self._vocabulary.grammar(grammar)
        if self._grammar is None:
            raise SchemaError("llama.cpp does not take its rules")

    @property
    def rules_apply(self) -> bool:
        """Whether the next token is bound: it is none of a hidden thought."""
        return not self._thinking

    @property
    def whole(self) -> bool:
        """Whether the reply is a value that nothing more can belong to."""
        end = self._vocabulary.end_token
        if self._thinking or end is None or self._response[-1:].isdigit():
            return False
        return bool(self._response.strip()) and self._allows(end)

    def draw(self, chain: low.llama_sampler_p, logits: NDArray[np.float32]) -> int | None:
        """Draw the next token, or return None where none can go on; `trouble` may say why."""
        started = time.thread_time()
        wanted = drawn(chain, choices_of(logits))
        token = wanted if self._allows(wanted) else self._drawn_anew(chain, logits)
        if token is not None:
            low.llama_sampler_accept(chain, token)
            low.llama_sampler_accept(self._grammar, token)
        if time.thread_time() - started > _MOST_SECONDS:
            self.trouble = SchemaError("its forms begin too much alike to be told apart")
            return None
        return token

    def _drawn_anew(self, chain: low.llama_sampler_p, logits: NDArray[np.float32]) -> int | None:
        """Draw from what is allowed, among the likeliest tokens if any of these is."""
        some = (
            np.argpartition(logits, -_LIKELIEST)[-_LIKELIEST:] if logits.size > _LIKELIEST else None
        )
        for tokens in (None,) if some is None else (some, None):
            choices = choices_of(logits, tokens)
            self._apply(choices)
            choices["logit"][np.isin(choices["token"], self._rules.invisible)] = -np.inf
            if np.isfinite(choices["logit"]).any():
                return drawn(chain, choices)
        return None

    def note(self, token: int | None, piece: bytes) -> bool:
        """Take what stands there now, a drawn token or text of ours.

        Returns:
            Whether the reply may go on from there.
        """
        self.written.append((token, piece))
        _, response = self._splitter.feed(self._decoder.decode(piece))
        self._response += response
        thinking, was = self._splitter.in_thought, self._thinking
        self._thinking = thinking
        if thinking and not was:
            self.close()
        elif was and not thinking:
            self._take_up(self._rules.behind_thought)
            begun = self._response = response.lstrip()
            return all(self._accept(t) for t in self._vocabulary.tokenize(begun, special=False))
        return True

    def follow(self, written: list[Written]) -> None:
        """Stand where another one stood that wrote this."""
        for token, piece in written:
            if token is not None and not self._thinking:
                self._accept(token)
            self.note(token, piece)

    def go_on_from(self, text: str) -> None:
        """Stand behind a text that is there already."""
        tokens = self._vocabulary.tokenize(text, special=True)
        self.follow([(token, self._vocabulary.piece(token) or b"") for token in tokens])

    def close(self) -> None:
        """Free the grammar. Idempotent."""
        if self._grammar is not None:
            low.llama_sampler_free(self._grammar)
            self._grammar = None

    def _allows(self, token: int) -> bool:
        if token in self._vocabulary.invisible_tokens:
            return False
        choice = np.zeros(1, TOKEN_DATA)
        choice["token"] = token
        self._apply(choice)
        return bool(np.isfinite(choice["logit"][0]))

    def _accept(self, token: int) -> bool:
        """Go on behind a token where it is allowed: llama.cpp ends the process where it is not."""
        allowed = self._allows(token)
        if allowed:
            low.llama_sampler_accept(self._grammar, token)
        return allowed

    def _apply(self, choices: Choices) -> None:
        assert self._grammar is not None  # it is only looked at where rules apply
        apply(self._grammar, choices)


class Guards:
    """Makes the guards of one model's candidates; a schema is read once for all of them.

    Args:
        vocabulary: The model's.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._rules: dict[str, ReplyRules] = {}

    def of(self, reply: JsonReply, thought_opening: str) -> Guard:
        """Return a new guard of a reply, as `Guard` describes it.

        Raises:
            SchemaError: Its schema cannot be kept.
        """
        schema = reply.schema or ANY_OBJECT
        rules = self._rules.get(schema)
        if rules is None:
            rules = ReplyRules(grammar_of(schema), self._vocabulary)
            while len(self._rules) >= _KNOWN_RULES:
                self._rules.pop(next(iter(self._rules)))
            self._rules[schema] = rules
        return Guard(rules, thought_opening)


def _is_marked(marker: str, vocabulary: Vocabulary) -> bool:
    """Whether a marker is of tokens of its own: no reply begins with that by chance."""
    marks = _MARK.findall(marker)
    return bool(marks) and all(len(vocabulary.tokenize(mark, special=True)) == 1 for mark in marks)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
