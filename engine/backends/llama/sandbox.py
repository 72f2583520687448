"""The Jinja sandbox in which a model file's chat template runs.

A template is part of a downloaded file and therefore hostile: it cannot reach Python, change its
input, loop for ever or grow without end. Knows nothing of conversations.

Loops and macros count their steps, and whatever multiplies text is checked before it runs; that is
enough because Jinja has no other way to repeat itself.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from jinja2 import TemplateError as JinjaError
from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

if TYPE_CHECKING:
    from jinja2.parser import Parser
    from jinja2.runtime import Context

MOST_CHARACTERS: Final = 4_000_000
"""No text within a template, and no prompt, is longer."""
_MOST_STEPS: Final = 500_000
_MOST_SECONDS: Final = 2.0
_STEPS_BETWEEN_LOOKS: Final = 500
_MOST_BITS: Final = 4096
_WIDE_FORMAT: Final = re.compile(r"\d{5}|\*")
_GROWING_METHODS: Final = frozenset(
    {"replace", "join", "center", "ljust", "rjust", "zfill", "expandtabs"}
)
_GROWING_FILTERS: Final = ("replace", "join", "center", "indent", "wordwrap", "format")


class _Generation(Extension):
    """`{% generation %}`, by which training marks the assistant's part; here just its content."""

    tags = {"generation"}  # noqa: RUF012 - Jinja's own contract for extensions

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Metered(NodeTransformer):
    """Puts a step count into everything that repeats, and a size check into `~`."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - named by Jinja's visitor
        return self._count(node)

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802
        return self._count(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802
        return self._count(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _environment_call("joined", node.nodes, node.lineno)

    def _count(self, node: nodes.For | nodes.Macro | nodes.CallBlock) -> nodes.Node:
        self.generic_visit(node)
        step = nodes.ExprStmt(_environment_call("step", [], node.lineno), lineno=node.lineno)
        node.body.insert(0, step)
        return node


def _environment_call(name: str, arguments: list[nodes.Expr], line: int) -> nodes.Call:
    method = nodes.EnvironmentAttribute(name, lineno=line)
    return nodes.Call(method, arguments, [], None, None, lineno=line)


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """One template's environment, with the helpers that chat templates in the field expect."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,  # nothing of a template runs while it is compiled
            extensions=[loopcontrols, _Generation],
        )
        del self.globals["lipsum"]
        self.globals["raise_exception"] = _raise_exception
        self.globals["strftime_now"] = time.strftime
        self.filters["tojson"] = _tojson
        for name in _GROWING_FILTERS:
            self.filters[name] = _checked_filter(name, self.filters[name])
        self.begin()

    def begin(self) -> None:
        """Start the step and time limits anew, before each rendering."""
        self._steps = 0
        self._deadline = time.monotonic() + _MOST_SECONDS

    def step(self) -> None:
        """Count one turn of a loop or one macro call.

        Raises:
            SecurityError: The template runs too long.
        """
        self._steps += 1
        if self._steps > _MOST_STEPS or (
            self._steps % _STEPS_BETWEEN_LOOKS == 0 and time.monotonic() > self._deadline
        ):
            raise SecurityError("the chat template takes too long")

    def joined(self, *values: object) -> str:
        """The `~` operator."""
        return _fitting("".join(map(str, values)))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        return _Metered().visit(tree)  # type: ignore[no-any-return]  # Jinja's visitor says Any

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Run an operator that can make much out of little."""
        if operator == "*":
            _check_product(left, right)
            _check_product(right, left)
        elif operator == "**":
            _check_power(left, right)
        elif operator == "%" and isinstance(left, str):
            _check_format(left)
        result = super().call_binop(context, operator, left, right)
        return _fitting(result) if isinstance(result, str) else result

    # Jinja names these two parameters with underscores so that templates can use any keyword.
    def call(self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call something from a template."""
        owner = getattr(__obj, "__self__", None)
        if isinstance(owner, str) and __obj.__name__ in _GROWING_METHODS:
            _check_growth(__obj.__name__, owner, args)
        return super().call(__context, __obj, *args, **kwargs)


def _raise_exception(message: str) -> None:
    raise JinjaError(message)


def _tojson(value: Any, **options: Any) -> str:
    allowed = {k: v for k, v in options.items() if k in {"indent", "separators", "sort_keys"}}
    if isinstance(allowed.get("indent"), int):
        allowed["indent"] = min(allowed["indent"], 16)
    return json.dumps(value, ensure_ascii=False, **allowed)


def _checked_filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that looks at its arguments before it makes something huge."""
    skipped = 1 if hasattr(function, "jinja_pass_arg") else 0

    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        value, *rest = args[skipped:]
        _check_growth(name, value, (*rest, *kwargs.values()))
        return function(*args, **kwargs)

    return checked


def _check_growth(name: str, value: Any, arguments: tuple[Any, ...]) -> None:
    """Estimate from above how long the result of a method or filter can be."""
    if name == "format":
        _check_format(str(value))
        size = 0
    elif name == "join":
        separator, parts = (value, arguments[:1]) if isinstance(value, str) else ("", (value,))
        texts = [*arguments, separator]
        longest = max((len(text) for text in texts if isinstance(text, str)), default=0)
        listed = parts[0] if parts and isinstance(parts[0], list | tuple) else ()
        size = sum(longest + len(part) for part in listed if isinstance(part, str))
    elif name == "replace":
        old, new = (str(argument) for argument in arguments[:2])
        size = len(str(value)) + str(value).count(old) * len(new)
    else:
        numbers = [argument for argument in arguments if isinstance(argument, int)]
        size = (len(str(value)) + 1) * max(numbers, default=1)
    if size > 4 * MOST_CHARACTERS:
        raise SecurityError("the chat template produces too much text")


def _check_product(sequence: Any, times: Any) -> None:
    if isinstance(times, int):
        if isinstance(sequence, str | list | tuple) and len(sequence) * times > MOST_CHARACTERS:
            raise SecurityError("the chat template produces too much text")
        if isinstance(sequence, int) and sequence.bit_length() > _MOST_BITS:
            raise SecurityError("the chat template uses too large a number")


def _check_power(base: Any, exponent: Any) -> None:
    if (
        isinstance(base, int)
        and isinstance(exponent, int)
        and base.bit_length() * exponent > _MOST_BITS
    ):
        raise SecurityError("the chat template uses too large a number")


def _check_format(pattern: str) -> None:
    if _WIDE_FORMAT.search(pattern):
        raise SecurityError("the chat template produces too much text")


def _fitting(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise SecurityError("the chat template produces too much text")
    return text
