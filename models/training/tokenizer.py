"""The tokenizer: SentencePiece BPE with single digits, whole words and a byte fallback.

It also holds the one place where turns become token ids (`encode`), which the chat template in the
GGUF must repeat exactly.
"""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import sentencepiece

from models.training import words
from models.training.conversations import Conversation
from models.training.other_questions import REFUSAL, other_question
from models.training.stories import invented_word, make_bare, stories

VOCABULARY_SIZE = 2048
UNKNOWN, START, END = "<unk>", "<s>", "<|end|>"
SYSTEM, USER, ASSISTANT = "<|system|>", "<|user|>", "<|assistant|>"
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'assistant' -%}"
    "{{- '<|assistant|>' + message['content'] | trim + '<|end|>' -}}"
    "{%- else -%}"
    "{{- ('<|system|> ' if message['role'] == 'system' else '<|user|> ')"
    " + message['content'] | trim -}}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}"
)


def _corpus(seed: int) -> list[str]:
    """Lines to learn pieces from: stories, and every listed word often enough to stay whole."""
    rng = random.Random(seed)
    lines: list[str] = []
    for story in islice(stories(seed), 4000):
        lines += [" " + story.question, *story.response.split("\n")]
    for _ in range(600):
        lines.append(" " + make_bare(rng).question)
        other = other_question(rng).replace("\n", " ")
        lines.append(" " + (other if other.isascii() else REFUSAL))
        lines.append(REFUSAL)
    listed = (
        *words.NAMES, *words.THINGS, *words.CONTAINERS, *words.PEOPLE, *words.RELATIVES,
        *words.OWNERS, *words.COLOURS, *words.MONEY, *words.EVERYDAY,
    )  # fmt: skip
    lines += [f" {word}" for word in listed for _ in range(300)]
    lines += [f" {word.capitalize()}" for word in words.EVERYDAY[:60] for _ in range(10)]
    lines += [f" {invented_word(rng)}" for _ in range(3000)]
    return lines


def train_tokenizer(path: Path, seed: int) -> None:
    """Learn the pieces and write a SentencePiece model to `path`."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus.txt")
        corpus.write_text("\n".join(_corpus(seed)), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=str(corpus),
            model_prefix=str(Path(folder, "stories")),
            model_type="bpe",
            vocab_size=VOCABULARY_SIZE,
            character_coverage=1.0,
            required_chars="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            split_digits=True,
            byte_fallback=True,
            normalization_rule_name="identity",
            add_dummy_prefix=False,
            remove_extra_whitespaces=False,
            unk_id=0,
            bos_id=1,
            eos_id=2,
            pad_id=-1,
            unk_piece=UNKNOWN,
            bos_piece=START,
            eos_piece=END,
            control_symbols=[SYSTEM, USER, ASSISTANT],
            num_threads=1,
            minloglevel=2,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Path(folder, "stories.model").read_bytes())


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids, and for each whether the model is to write it."""

    ids: list[int]
    is_response: list[bool]


class Tokenizer:
    """The learned pieces, with conversations on top."""

    def __init__(self, path: Path) -> None:
        self._pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
        self.end: int = self._pieces.piece_to_id(END)
        self._system: int = self._pieces.piece_to_id(SYSTEM)
        self._user: int = self._pieces.piece_to_id(USER)
        self._assistant: int = self._pieces.piece_to_id(ASSISTANT)

    def __len__(self) -> int:
        return int(self._pieces.get_piece_size())

    def text_ids(self, text: str) -> list[int]:
        """Encode plain text; nothing in it can become a control token."""
        return list(self._pieces.encode(text))

    def text(self, ids: list[int]) -> str:
        """Decode ids; control tokens vanish."""
        return str(self._pieces.decode(ids))

    def prompt(self, question: str) -> list[int]:
        """Encode one question up to the mark where the answer begins."""
        return [self._user, *self.text_ids(" " + question.strip()), self._assistant]

    def encode(self, conversation: Conversation) -> Encoded:
        """Encode a conversation as the chat template writes it."""
        ids: list[int] = []
        if conversation.system:
            ids = [self._system, *self.text_ids(" " + conversation.system)]
        marks = [False] * len(ids)
        for turn in conversation.turns:
            prompt = self.prompt(turn.question)
            response = [*self.text_ids(turn.response), self.end]
            ids += prompt + response
            marks += [False] * len(prompt) + [True] * len(response)
        return Encoded(ids, marks)
