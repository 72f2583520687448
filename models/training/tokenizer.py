"""The tokenizer: SentencePiece BPE with single digits, whole words and a byte fallback.

It also holds the one place where turns become token ids (`encode`), which the chat template in the
GGUF must repeat exactly.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sentencepiece

from models.training import words
from models.training.conversations import Conversation, Problems, Turn
from models.training.families.stories import invented_word
from models.training.other_questions import REFUSAL, other_question

VOCABULARY_SIZE = 2048
UNKNOWN, START, END = "<unk>", "<s>", "<|end|>"
SYSTEM, USER, ASSISTANT = "<|system|>", "<|user|>", "<|assistant|>"
ATTEMPT, REVISE = "<|attempt|>", "<|revise|>"
VERIFY, RIGHT, WRONG = "<|verify|>", "<|right|>", "<|wrong|>"
STEP_END = "\n"
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'assistant' -%}"
    "{{- '<|assistant|>' + message['content'] | trim -}}"
    "{%- if loop.last or loop.nextitem['role'] != 'verify' -%}{{- '<|end|>' -}}{%- endif -%}"
    "{%- elif message['role'] == 'attempt' -%}"
    "{{- '<|attempt|>' + message['content'] | trim -}}"
    "{%- elif message['role'] == 'verify' -%}{{- '<|verify|>' -}}"
    "{%- else -%}"
    "{{- ('<|system|> ' if message['role'] == 'system' else '<|user|> ')"
    " + message['content'] | trim -}}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt and messages[-1]['role'] != 'verify' -%}"
    "{{- '<|revise|>' if messages[-1]['role'] == 'attempt' else '<|assistant|>' -}}"
    "{%- endif -%}"
)
"""Three skills, told apart by what the prompt ends with: `<|assistant|>` solves, `<|revise|>` after
`<|attempt|>` turns writes a better attempt, `<|verify|>` behind a response asks if it is right."""


def _corpus(seed: int) -> list[str]:
    """Lines to learn pieces from: problems, and every listed word often enough to stay whole."""
    problems = Problems(seed, ())
    rng = problems.rng
    lines: list[str] = []
    for _ in range(9000):
        problem = problems.next()
        lines += [" " + problem.question, *problem.response.split("\n")]
    for _ in range(600):
        other = other_question(rng).replace("\n", " ")
        lines.append(" " + (other if other.isascii() else REFUSAL))
        lines.append(REFUSAL)
    listed = (*words.NAMES, *words.THINGS, *words.CONTAINERS, *words.PEOPLE, *words.EVERYDAY)
    lines += [f" {word}" for word in listed for _ in range(100)]
    lines += [f" {invented_word(rng)}" for _ in range(3000)]
    return lines


def train_tokenizer(path: Path, seed: int) -> None:
    """Learn the pieces and write a SentencePiece model to `path`."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus.txt")
        corpus.write_text("\n".join(_corpus(seed)), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=str(corpus),
            model_prefix=str(Path(folder, "pieces")),
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
            control_symbols=[SYSTEM, USER, ASSISTANT, ATTEMPT, REVISE, VERIFY, RIGHT, WRONG],
            num_threads=1,
            minloglevel=2,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Path(folder, "pieces.model").read_bytes())


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids, and for each whether the model is to write it."""

    ids: list[int]
    is_response: list[bool]


@dataclass(frozen=True, slots=True)
class Marks:
    """Ids of the control tokens."""

    end: int
    system: int
    user: int
    assistant: int
    attempt: int
    revise: int
    verify: int
    right: int
    wrong: int


class Tokenizer:
    """The learned pieces, with conversations on top."""

    def __init__(self, path: Path) -> None:
        self._pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
        names = (END, SYSTEM, USER, ASSISTANT, ATTEMPT, REVISE, VERIFY, RIGHT, WRONG)
        self.marks = Marks(*(int(self._pieces.piece_to_id(name)) for name in names))

    def __len__(self) -> int:
        return int(self._pieces.get_piece_size())

    def text_ids(self, text: str) -> list[int]:
        """Encode plain text; nothing in it can become a control token."""
        return list(self._pieces.encode(text))

    def text(self, ids: list[int]) -> str:
        """Decode ids; control tokens vanish."""
        return str(self._pieces.decode(ids))

    def prompt(self, question: str, attempts: Sequence[str] = ()) -> list[int]:
        """Encode one question up to the mark where the answer begins."""
        ids = [self.marks.user, *self.text_ids(" " + question.strip())]
        for attempt in attempts:
            ids += [self.marks.attempt, *self.text_ids(attempt.strip())]
        return [*ids, self.marks.revise if attempts else self.marks.assistant]

    def encode_turn(self, turn: Turn) -> Encoded:
        """Encode a question and its response."""
        ids = self.prompt(turn.question, turn.attempts)
        marks = [False] * len(ids)
        for number, line in enumerate(_lines(turn.response)):
            line_ids = self.text_ids(line)
            ids += line_ids
            marks += [number not in turn.astray] * len(line_ids)
        return Encoded([*ids, self.marks.end], [*marks, True])

    def encode(self, conversation: Conversation) -> Encoded:
        """Encode a conversation as the chat template writes it."""
        ids: list[int] = []
        if conversation.system:
            ids = [self.marks.system, *self.text_ids(" " + conversation.system)]
        marks = [False] * len(ids)
        for turn in conversation.turns:
            encoded = self.encode_turn(turn)
            ids += encoded.ids
            marks += encoded.is_response
        return Encoded(ids, marks)

    def step_ends(self, question: str, response: str) -> tuple[list[int], list[int]]:
        """Encode a response and say where its steps end.

        Returns:
            The ids of question and response, without an end mark; and for each line of the
            response how many ids there are up to its end.
        """
        ids = self.prompt(question)
        ends: list[int] = []
        for line in _lines(response):
            ids += self.text_ids(line)
            ends.append(len(ids))
        return ids, ends


def _lines(response: str) -> list[str]:
    """The lines of a response, each but the first with the mark that ends the one before."""
    first, *others = response.split(STEP_END)
    return [first, *(STEP_END + line for line in others)]
