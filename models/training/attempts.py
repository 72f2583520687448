"""Own attempts: what a trained network writes, which of it is right, and how good each step was.

Every later skill learns from these. How good a step was is the share of its continuations that come
out right (Math-Shepherd's Monte Carlo estimate, as in arXiv 2408.03314, section 5.1): those of all
attempts that share it, and a few more that are written for some of the steps.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from models.training.conversations import Problems
from models.training.families import is_right
from models.training.network import Network
from models.training.problem import Problem
from models.training.sampling import sample
from models.training.tokenizer import STEP_END, Tokenizer

_ATTEMPTS: Final = 4
_PROBED_STEPS: Final = 2
_ROLLOUTS: Final = 2
"""Few for each problem: more problems teach more than more attempts at the same."""
_CHUNK: Final = 64


@dataclass(frozen=True, slots=True)
class OwnAttempt:
    """One attempt of the network's own.

    Attributes:
        text: What it wrote.
        right: Whether its answer is right.
        chances: For each line, the share of continuations from there that came out right.
    """

    text: str
    right: bool
    chances: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Attempted:
    """A problem with attempts at it."""

    problem: Problem
    attempts: tuple[OwnAttempt, ...]


def write_attempts(
    network: Network,
    tokenizer: Tokenizer,
    path: Path,
    count: int,
    seed: int,
    held_out: frozenset[str],
) -> None:
    """Let the network attempt `count` problems and append them to a file, one a line.

    Goes on behind what the file holds already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    done = path.read_bytes().count(b"\n") if path.exists() else 0
    while done < count:
        source = Problems(seed * 1_000_003 + done, held_out)
        chunk = [source.next() for _ in range(min(_CHUNK, count - done))]
        lines = [
            json.dumps(asdict(attempted), ensure_ascii=False)
            for attempted in attempt(network, tokenizer, chunk, source.rng)
        ]
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        done += len(chunk)
        if done % (10 * _CHUNK) == 0:
            print(f"{done} of {count} problems attempted", flush=True)


def read_attempts(path: Path) -> Iterator[Attempted]:
    """Yield what `write_attempts` wrote."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            problem = row["problem"]
            for several in ("chain", "astray"):
                problem[several] = tuple(problem[several])
            attempts = tuple(
                OwnAttempt(one["text"], one["right"], tuple(one["chances"]))
                for one in row["attempts"]
            )
            yield Attempted(Problem(**problem), attempts)


def responses_to(
    network: Network, tokenizer: Tokenizer, questions: list[str], count: int, seed: int
) -> list[list[str]]:
    """Sample `count` responses to each question."""
    prompts = [tokenizer.prompt(question) for question in questions for _ in range(count)]
    written = sample(network, prompts, tokenizer.marks.end, seed=seed)
    texts = [tokenizer.text(ids) for ids in written]
    return [texts[start : start + count] for start in range(0, len(texts), count)]


def attempt(
    network: Network, tokenizer: Tokenizer, problems: list[Problem], rng: random.Random
) -> list[Attempted]:
    """Sample attempts at each problem and estimate how good their steps were."""
    questions = [problem.question for problem in problems]
    texts = responses_to(network, tokenizer, questions, _ATTEMPTS, rng.getrandbits(31))
    outcomes: list[defaultdict[str, list[bool]]] = []
    prompts: list[list[int]] = []
    probed: list[tuple[int, str]] = []
    for number, (problem, attempts) in enumerate(zip(problems, texts, strict=True)):
        seen: defaultdict[str, list[bool]] = defaultdict(list)
        for text in attempts:
            for prefix in _prefixes(text):
                seen[prefix].append(is_right(problem, text))
        outcomes.append(seen)
        open_ends = sorted(prefix for prefix in seen if prefix not in attempts)
        for prefix in rng.sample(open_ends, min(_PROBED_STEPS, len(open_ends))):
            ids = tokenizer.prompt(problem.question) + tokenizer.text_ids(prefix + STEP_END)
            prompts += [ids] * _ROLLOUTS
            probed += [(number, prefix)] * _ROLLOUTS
    written = sample(network, prompts, tokenizer.marks.end, seed=rng.getrandbits(31))
    for (number, prefix), ids in zip(probed, written, strict=True):
        text = prefix + STEP_END + tokenizer.text(ids)
        outcomes[number][prefix].append(is_right(problems[number], text))
    return [
        Attempted(problem, tuple(_judged(problem, text, seen) for text in attempts))
        for problem, attempts, seen in zip(problems, texts, outcomes, strict=True)
    ]


def _prefixes(text: str) -> list[str]:
    """The text up to the end of each of its lines."""
    lines = text.split(STEP_END)
    return [STEP_END.join(lines[: count + 1]) for count in range(len(lines))]


def _judged(problem: Problem, text: str, seen: dict[str, list[bool]]) -> OwnAttempt:
    right = is_right(problem, text)
    chances = [sum(seen[prefix]) / len(seen[prefix]) for prefix in _prefixes(text)[:-1]]
    return OwnAttempt(text, right, (*(round(chance, 3) for chance in chances), float(right)))
