"""Text to tokens and back, as the model's own vocabulary has it.

Control tokens are invisible, except those that mark a hidden thought: these are given out as text
so that `engine.thoughts` can split. Knows nothing of sequences.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.native import low
from engine.backends.llama.template import PromptPiece, RenderedPrompt
from engine.thoughts import MARKER_TOKENS

_ADD_BEGIN: Final = False
"""`tokenize_prompt` adds it, unless the chat template already has."""


class Vocabulary:
    """A loaded model's vocabulary.

    Args:
        pointer: llama.cpp's vocabulary; lives as long as its model.
    """

    def __init__(self, pointer: low.llama_vocab_p) -> None:
        self._pointer = pointer
        self.size = int(low.llama_vocab_n_tokens(pointer))
        self._pieces: dict[int, bytes | None] = {}
        self._buffer = ctypes.create_string_buffer(512)

    @property
    def begin_text(self) -> str:
        """Text of the beginning-of-sequence token, or "" without one."""
        return self._text(low.llama_vocab_bos(self._pointer))

    @property
    def end_text(self) -> str:
        """Text of the end-of-sequence token, or "" without one."""
        return self._text(low.llama_vocab_eos(self._pointer))

    @cached_property
    def end_token(self) -> int | None:
        """A token that ends the generation, or None without one."""
        ends = (low.llama_vocab_eos(self._pointer), low.llama_vocab_eot(self._pointer))
        known = (t for t in ends if t >= 0 and low.llama_vocab_is_eog(self._pointer, t))
        return next((int(token) for token in known), None)

    @cached_property
    def invisible_tokens(self) -> frozenset[int]:
        """Control tokens that are nothing in a text, and end nothing."""
        control = low.LLAMA_TOKEN_ATTR_CONTROL | low.LLAMA_TOKEN_ATTR_UNKNOWN
        return frozenset(
            token
            for token in range(self.size)
            if low.llama_vocab_get_attr(self._pointer, token) & control and self.piece(token) == b""
        )

    @cached_property
    def invisible(self) -> NDArray[np.int64]:
        """The same as an index into logits."""
        return np.array(sorted(self.invisible_tokens), np.int64)

    def grammar(self, rules: str) -> low.llama_sampler_p | None:
        """Return a new sampler that lets through what rules in GBNF allow, which its owner frees.

        None where they are no rules.
        """
        return low.llama_sampler_init_grammar(self._pointer, rules.encode(), b"root") or None

    def special_texts(self) -> frozenset[str]:
        """Texts that would be read as one control token if they were trusted.

        User-defined tokens are not among them: llama.cpp reads these in any text, and they are
        mere words or white space in some vocabularies.
        """
        special = low.LLAMA_TOKEN_ATTR_CONTROL | low.LLAMA_TOKEN_ATTR_UNKNOWN
        return frozenset(
            self._text(token)
            for token in range(self.size)
            if low.llama_vocab_get_attr(self._pointer, token) & special
        ) - {""}

    def tokenize_prompt(self, rendered: RenderedPrompt) -> list[int]:
        """Tokens of a rendered conversation, with the begin token where the model wants one."""
        tokens = self.tokenize_pieces(rendered.pieces)
        begin = int(low.llama_vocab_bos(self._pointer))
        wanted = low.llama_vocab_get_add_bos(self._pointer) and begin >= 0
        if wanted and tokens[:1] != [begin]:
            tokens.insert(0, begin)
        return tokens

    def tokenize_pieces(self, pieces: Iterable[PromptPiece]) -> list[int]:
        """Tokens of pieces, each by itself."""
        tokens: list[int] = []
        for piece in pieces:
            tokens += self.tokenize(piece.text, special=piece.trusted)
        return tokens

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Tokens of a text.

        Args:
            text: The text.
            special: Whether special tokens' texts in it mean the tokens.
        """
        data = text.encode(errors="replace")
        length = len(data) + 8
        while True:
            tokens = (ctypes.c_int32 * length)()
            count = low.llama_tokenize(
                self._pointer, data, len(data), tokens, length, _ADD_BEGIN, special
            )
            if count >= 0:
                return tokens[:count]
            length = -count

    def piece(self, token: int) -> bytes | None:
        """Bytes of a token, b"" for an invisible one, or None if it ends the generation."""
        try:
            return self._pieces[token]
        except KeyError:
            self._pieces[token] = piece = self._read_piece(token)
            return piece

    def _read_piece(self, token: int) -> bytes | None:
        if low.llama_vocab_is_eog(self._pointer, token):
            return None
        visible = self._text(token) in MARKER_TOKENS
        length = len(self._buffer)
        size = low.llama_token_to_piece(self._pointer, token, self._buffer, length, 0, visible)
        if size < 0:
            self._buffer = ctypes.create_string_buffer(-size)
            size = low.llama_token_to_piece(self._pointer, token, self._buffer, -size, 0, visible)
        return self._buffer.raw[: max(size, 0)]

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        text = low.llama_vocab_get_text(self._pointer, token)
        return text.decode(errors="replace") if text else ""
