"""The numbers game: reach a target from given numbers, each used exactly once.

Many ways can lead there, so an answer is checked by working it out (`same_game`), never compared.
"""

from __future__ import annotations

import ast
import operator
import random
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from models.training.problem import Problem

FEWEST_STEPS, MOST_STEPS = 2, 4
LARGEST_TARGET: Final = 200
_LARGEST_BETWEEN: Final = 400
_LONGEST_EXPRESSION: Final = 200

_OPENINGS: Final = (
    "Use {L} to make {T}.",
    "Use the numbers {L} to make {T}.",
    "Use the numbers {L} to get {T}.",
    "Using {L}, make {T}.",
    "Using the numbers {L}, reach {T}.",
    "Make {T} from {L}.",
    "Make {T} out of {L}.",
    "Make {T} using {L}.",
    "Make {T} with the numbers {L}.",
    "Get {T} from {L}.",
    "Get to {T} with {L}.",
    "Reach {T} with {L}.",
    "Reach the target {T} from the numbers {L}.",
    "Can you make {T} from {L}?",
    "Can you get {T} out of {L}?",
    "Can you reach {T} with {L}?",
    "How can you make {T} from {L}?",
    "How do I get {T} from {L}?",
    "How do you reach {T} with the numbers {L}?",
    "Combine {L} to get {T}.",
    "Combine {L} so that the result is {T}.",
    "Combine the numbers {L} into {T}.",
    "The numbers are {L}. The target is {T}.",
    "The target is {T}. The numbers are {L}.",
    "Numbers: {L}. Target: {T}.",
    "Numbers {L}, target {T}.",
    "Target: {T}. Numbers: {L}.",
    "Target {T}, numbers {L}.",
    "I have the numbers {L}. I need {T}.",
    "I have {L} and want to make {T}.",
    "I rolled {L}. How do I make {T}?",
    "You have {L}. Make {T}.",
    "You are given {L}. Reach {T}.",
    "Given {L}, make {T}.",
    "Given the numbers {L}, find a way to {T}.",
    "Find a way to make {T} from {L}.",
    "Find a calculation with {L} that gives {T}.",
    "Find an expression that equals {T} using {L}.",
    "Write {T} using {L}.",
    "Write an expression with {L} that equals {T}.",
    "My cards show {L}. Which calculation gives {T}?",
    "The cards {L} are on the table. Make {T}.",
    "The dice show {L}. Get {T} out of them.",
    "Which calculation with {L} gives {T}?",
    "Turn {L} into {T}.",
    "Let's play the numbers game: {L}, target {T}.",
    "Countdown numbers game: {L}. Target: {T}.",
    "Play with {L} and get {T}.",
)
_RULES: Final = (
    "Use each number once.",
    "Use each number exactly once.",
    "Use every number once.",
    "Use all of them.",
    "Use all the numbers.",
    "Use all numbers, each once.",
    "Each number must be used exactly once.",
    "Every number has to be used once.",
    "Each one may be used only once, and all must be used.",
    "All numbers must be used.",
    "You must use all of them exactly once.",
    "No number twice, none left over.",
)
_SIGNS: Final = (
    "You may add, subtract, multiply and divide.",
    "Only + - * / are allowed.",
    "Allowed are +, -, * and /.",
    "You can use + - * / and brackets.",
    "Brackets are allowed.",
    "Use +, -, * and /.",
    "Plus, minus, times and divided by are fine.",
)
_OPERATIONS: Final[dict[str, Callable[[int, int], int]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.floordiv,
}
_BINDS: Final = {"+": 1, "-": 1, "*": 2, "/": 2}


class _Term:
    """A number with the way it was made."""

    def __init__(self, value: int, text: str, binds: int = 3) -> None:
        self.value, self.text, self.binds = value, text, binds

    def within(self, sign: str, *, right: bool) -> str:
        """Its text as one side of a sign, in brackets where they are needed."""
        need = _BINDS[sign] + (right and sign in "-/")
        return f"({self.text})" if self.binds < need else self.text


def _joined(sign: str, left: _Term, right: _Term) -> _Term:
    value = _OPERATIONS[sign](left.value, right.value)
    text = f"{left.within(sign, right=False)} {sign} {right.within(sign, right=True)}"
    return _Term(value, text, _BINDS[sign])


def _may_join(sign: str, left: int, right: int) -> bool:
    """Keep to positive whole numbers of a readable size, and leave out what changes nothing."""
    if sign == "+":
        return left + right <= _LARGEST_BETWEEN
    if sign == "-":
        return left > right
    if sign == "*":
        return min(left, right) > 1 and left * right <= _LARGEST_BETWEEN
    return right > 1 and left % right == 0


def _draw_numbers(rng: random.Random, count: int) -> list[int]:
    numbers = [rng.randint(1, rng.choice((9, 10, 12, 25))) for _ in range(count)]
    if rng.random() < 0.15:
        numbers[rng.randrange(count)] = rng.choice((25, 50, 75, 100))
    return numbers


@dataclass(frozen=True, slots=True)
class Play:
    """One way of joining all numbers.

    Attributes:
        lines: A line for each operation, with what is left behind it.
        expression: All of it in one.
        result: What it comes to.
        last: The two numbers that were joined last.
    """

    lines: tuple[str, ...]
    expression: str
    result: int
    last: tuple[int, int]


def play(rng: random.Random, numbers: list[int]) -> Play | None:
    """Join random pairs until one term is left; None where the way is blocked."""
    terms = [_Term(number, str(number)) for number in numbers]
    lines: list[str] = []
    last = (0, 0)
    while len(terms) > 1:
        last = (terms[0].value, terms[1].value)
        first, second = rng.sample(range(len(terms)), 2)
        left, right = terms[first], terms[second]
        signs = [sign for sign in _OPERATIONS if _may_join(sign, left.value, right.value)]
        if not signs:
            return None
        sign = rng.choice(signs)
        joined = _joined(sign, left, right)
        terms = [term for place, term in enumerate(terms) if place not in (first, second)]
        terms.append(joined)
        rest = " ".join(str(term.value) for term in terms)
        lines.append(f"{left.value} {sign} {right.value} = {joined.value} ({rest})")
    return Play(tuple(lines), terms[0].text, terms[0].value, last)


def results(some: int, other: int) -> set[int]:
    """Return everything that two numbers can be joined to."""
    pairs = ((some, other), (other, some))
    return {
        work(left, right)
        for left, right in pairs
        for sign, work in _OPERATIONS.items()
        if _may_join(sign, left, right)
    }


def _listed(rng: random.Random, numbers: list[int]) -> str:
    texts = [str(number) for number in numbers]
    way = rng.random()
    if way < 0.5:
        return ", ".join(texts[:-1]) + " and " + texts[-1]
    if way < 0.75:
        return ", ".join(texts)
    if way < 0.85:
        return ", ".join(texts[:-1]) + ", and " + texts[-1]
    return " ".join(texts)


def told(rng: random.Random, numbers: list[int], target: int) -> str:
    """Ask for a game, its numbers in this order."""
    parts = [rng.choice(_OPENINGS).format(L=_listed(rng, numbers), T=target)]
    if rng.random() < 0.8:
        parts.append(rng.choice(_RULES))
    if rng.random() < 0.3:
        parts.append(rng.choice(_SIGNS))
    if rng.random() < 0.15:
        rng.shuffle(parts)
    text = " ".join(parts)
    roll = rng.random()
    if roll < 0.06:
        return text.lower()
    return text.rstrip(".?") if roll < 0.1 else text


def draw_game(rng: random.Random, steps: int) -> tuple[list[int], Play]:
    """Draw numbers for so many operations, shuffled, and a way to join them to a fair target."""
    while True:
        numbers = _draw_numbers(rng, steps + 1)
        played = play(rng, numbers)
        if played is not None and 2 <= played.result <= LARGEST_TARGET:
            rng.shuffle(numbers)
            return numbers, played


def make_numbers_game(rng: random.Random, steps: int) -> Problem:
    """Compose a game that takes so many operations, so one number more."""
    numbers, played = draw_game(rng, steps)
    question = told(rng, numbers, played.result)
    return Problem("numbers", question, played.lines, played.expression, steps)


def is_solution(expression: str, numbers: Collection[int], target: int) -> bool:
    """Whether an expression uses exactly these numbers and gives the target."""
    found = _read(expression)
    return found is not None and found[0] == target and Counter(found[1]) == Counter(numbers)


def same_game(expression: str, solution: str) -> bool:
    """Whether an expression solves the game that another one is a solution of."""
    value, numbers = _read(solution) or (0, [])
    return is_solution(expression, numbers, value)


def _read(expression: str) -> tuple[int, list[int]] | None:
    """Value and numbers of an expression, or None if it is none that the game allows."""
    if len(expression) > _LONGEST_EXPRESSION:
        return None
    try:
        tree = ast.parse(expression.replace("×", "*").replace("÷", "/").strip(), mode="eval")
        return _worked_out(tree.body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def _worked_out(node: ast.expr) -> tuple[int, list[int]]:
    """Value and numbers of an expression of whole numbers and the four signs.

    Raises:
        ValueError: There is something else in it, or a quotient is not whole.
    """
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value, [node.value]
    if isinstance(node, ast.BinOp):
        left, some = _worked_out(node.left)
        right, others = _worked_out(node.right)
        if isinstance(node.op, ast.Div):
            if left % right:
                raise ValueError("not whole")
            return left // right, some + others
        for kind, work in (
            (ast.Add, operator.add),
            (ast.Sub, operator.sub),
            (ast.Mult, operator.mul),
        ):
            if isinstance(node.op, kind):
                return work(left, right), some + others
    raise ValueError("neither a number nor one of the four signs")
