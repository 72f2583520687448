"""The Jinja sandbox in which a model file's chat template runs.

A template is part of a downloaded file and therefore hostile: it cannot reach Python, change its
input, loop for ever or grow without end. Knows nothing of conversations.

Every loop, call, operator, filter and output is led past `engine.backends.llama.limits`. What no
chat template needs and what would need limits of its own is left out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from jinja2 import TemplateError as JinjaError
from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.filters import make_attrgetter
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

from engine.backends.llama.limits import (
    Limits,
    check_growth,
    check_join,
    check_percent,
    check_power,
    check_product,
    check_size,
    size_of,
    sortable,
)

if TYPE_CHECKING:
    from jinja2.parser import Parser
    from jinja2.runtime import Context

_LONGEST_DATE_FORMAT: Final = 1000
_WIDEST_JSON: Final = 8
"""Characters of an indentation or a separator."""
_LEFT_OUT_FILTERS: Final = (
    "filesizeformat",
    "forceescape",
    "pprint",
    "random",
    "striptags",
    "urlencode",
    "urlize",
    "wordwrap",
    "xmlattr",
)
_LEFT_OUT_METHODS: Final = frozenset({"encode", "maketrans", "striptags", "to_bytes", "translate"})
_JINJAS_OWN: Final = frozenset({"_loop_vars", "_block_vars"})
"""Arguments that Jinja adds to a call and takes away again."""
_COMPARING_TESTS: Final = (
    *("==", "eq", "equalto", "!=", "ne", "<", "lt", "lessthan", ">", "gt", "greaterthan"),
    *("<=", "le", ">=", "ge", "in", "lower", "upper"),
)


class _Generation(Extension):
    """`{% generation %}`, by which training marks the assistant's part; here just its content."""

    tags = {"generation"}  # noqa: RUF012 - Jinja's own contract for extensions

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Metered(NodeTransformer):
    """Puts a step into everything that repeats, and a look at what is made into everything else."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - named by Jinja's visitor
        if node.test is not None:  # it is asked outside of the loop's body
            look = _environment_call("look", [nodes.Const(1)], node.lineno)
            node.test = nodes.And(look, node.test, lineno=node.lineno)
        return self._count(node)

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802
        return self._count(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802
        return self._count(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _environment_call("joined", node.nodes, node.lineno)

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        plain = (nodes.TemplateData, nodes.Const)
        node.nodes = [
            part if isinstance(part, plain) else _environment_call("shown", [part], part.lineno)
            for part in node.nodes
        ]
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            return _made(node)
        node.arg = _looked(node.arg)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        for operand in node.ops:
            operand.expr = _looked(operand.expr)
        return node

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802
        return self._literal(node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:  # noqa: N802
        return self._literal(node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        return self._literal(node) if node.ctx == "load" else node

    def _literal(self, node: nodes.Literal) -> nodes.Node:
        self.generic_visit(node)
        return node if _is_constant(node) else _made(node)

    def _count(self, node: nodes.For | nodes.Macro | nodes.CallBlock) -> nodes.Node:
        self.generic_visit(node)
        texts = [part.data for part in node.find_all(nodes.TemplateData)]
        texts += [part.value for part in node.find_all(nodes.Const) if isinstance(part.value, str)]
        size = nodes.Const(sum(map(len, texts)))
        step = nodes.ExprStmt(_environment_call("step", [size], node.lineno), lineno=node.lineno)
        node.body.insert(0, step)
        return node


def _is_constant(node: nodes.Node) -> bool:
    """Whether a value is written out in the template, so that it is no larger than that."""
    if isinstance(node, nodes.List | nodes.Tuple | nodes.Dict | nodes.Pair):
        return all(map(_is_constant, node.iter_child_nodes()))
    return isinstance(node, nodes.Const)


def _looked(node: nodes.Expr) -> nodes.Expr:
    return node if _is_constant(node) else _environment_call("look", [node], node.lineno)


def _made(node: nodes.Expr) -> nodes.Call:
    return _environment_call("made", [node], node.lineno)


def _environment_call(name: str, arguments: list[nodes.Expr], line: int) -> nodes.Call:
    method = nodes.EnvironmentAttribute(name, lineno=line)
    return nodes.Call(method, arguments, [], None, None, lineno=line)


class _Namespace(Namespace):
    """A namespace that does not show its values, which may be each other many times over."""

    def __repr__(self) -> str:
        return "<Namespace>"


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """One template's environment, with the helpers that chat templates in the field expect."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,  # nothing of a template runs while it is compiled
            extensions=[loopcontrols, _Generation],
        )
        self._limits = limits = Limits()
        self.begin, self.step = limits.begin, limits.step
        self.look, self.made, self.shown = limits.look, limits.made, limits.shown
        del self.globals["lipsum"]
        self.globals["namespace"] = _Namespace
        self.globals["raise_exception"] = self._raise_exception
        self.globals["strftime_now"] = _strftime_now
        for name in _LEFT_OUT_FILTERS:
            del self.filters[name]
        self.filters |= {"tojson": _tojson, "join": self._join, "sum": self._sum}
        for name, function in self.filters.items():
            self.filters[name] = self._metered_filter(name, function)
        tests: dict[str, Any] = self.tests
        for name in _COMPARING_TESTS:
            tests[name] = self._metered_test(tests[name])
        tests |= {"odd": _is_odd, "even": _is_even, "divisibleby": _is_divisible}

    def joined(self, *values: object) -> str:
        """The `~` operator."""
        texts = [self.shown(value) for value in values]
        check_join("", texts)
        return "".join(texts)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may have an attribute."""
        return attr not in _LEFT_OUT_METHODS and super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Run an operator; some can make much out of little."""
        if operator == "*":
            check_product(left, right)
        elif operator == "**":
            check_power(left, right)
        elif operator == "%":
            check_percent(left, right)
        return self.made(super().call_binop(context, operator, left, right))

    # Jinja names these two parameters with underscores so that templates can use any keyword.
    def call(self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call something from a template."""
        owner = getattr(__obj, "__self__", None)
        if owner is self._limits:  # `_Metered` put it there
            return __obj(*args)
        method = getattr(__obj, "__wrapped__", __obj)  # Jinja wraps `str.format`
        owner = getattr(method, "__self__", None)
        if isinstance(owner, str):
            if method.__name__ == "join" and len(args) == 1:
                return self._join(args[0], owner)
            named = (value for key, value in kwargs.items() if key not in _JINJAS_OWN)
            check_growth(method.__name__, owner, (*args, *named))
        return self.made(super().call(__context, __obj, *args, **kwargs))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        return _Metered().visit(tree)  # type: ignore[no-any-return]  # Jinja's visitor says Any

    def _metered_filter(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A filter whose input is measured before it runs, and its output after."""
        skipped = 1 if hasattr(function, "jinja_pass_arg") else 0

        @wraps(function)
        def metered(*args: Any, **kwargs: Any) -> Any:
            own, value, rest = args[:skipped], args[skipped], args[skipped + 1 :]
            size_of(value)
            value = sortable(name, value)
            check_growth(name, value, (*rest, *kwargs.values()))
            return self.made(function(*own, value, *rest, **kwargs))

        return metered

    def _metered_test(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def metered(*args: Any) -> Any:
            self.look()
            for value in args:
                size_of(value)
            return function(*args)

        return metered

    def _join(self, value: Any, d: str = "", attribute: str | int | None = None) -> Any:
        """Jinja's filter, whose items are measured before they are joined."""
        items = value if attribute is None else map(make_attrgetter(self, attribute), value)
        texts = [self.shown(item) for item in items]
        check_join(str(d), texts)
        return self.made(str(d).join(texts))

    def _sum(self, value: Any, attribute: str | int | None = None, start: float = 0) -> float:
        """Jinja's filter for numbers only: lists would be copied for every one that is added."""
        items = value if attribute is None else map(make_attrgetter(self, attribute), value)
        return sum(map(_number, items), _number(start))

    def _raise_exception(self, message: Any) -> None:
        raise JinjaError(self.shown(message))


def _strftime_now(pattern: str) -> str:
    check_size(len(pattern), _LONGEST_DATE_FORMAT)
    return time.strftime(pattern)


def _tojson(value: Any, **options: Any) -> str:
    allowed = {k: v for k, v in options.items() if k in {"indent", "separators", "sort_keys"}}
    if isinstance(allowed.get("indent"), int):
        allowed["indent"] = min(allowed["indent"], _WIDEST_JSON)
    for text in (allowed.get("indent"), *(allowed.get("separators") or ())):
        if isinstance(text, str):
            check_size(len(text), _WIDEST_JSON)
    return json.dumps(value, ensure_ascii=False, **allowed)


def _number(value: Any) -> float:
    """A value with which one can reckon, unlike a text, whose `%` is another thing."""
    if isinstance(value, int | float):
        return value
    raise SecurityError("the chat template reckons with what is no number")


def _is_odd(value: Any) -> bool:
    return _number(value) % 2 == 1


def _is_even(value: Any) -> bool:
    return _number(value) % 2 == 0


def _is_divisible(value: Any, number: Any) -> bool:
    return _number(value) % _number(number) == 0
