"""Compile templates of the dialect and run them.

Everything of Jinja2 that a template could name is replaced.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from jinja2 import Environment, Undefined
from jinja2.compiler import generate
from jinja2.nodes import EvalContext
from jinja2.utils import missing as JINJA_MISSING  # noqa: N812  a constant there
from jinja2.utils import pass_context

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import lookup, operators
from kestrel_cli.expressions.codegen import ValueCodeGenerator, global_name
from kestrel_cli.expressions.filters import FILTERS, SCOPED_FILTERS
from kestrel_cli.expressions.functions import FUNCTIONS, SCOPED_FUNCTIONS
from kestrel_cli.expressions.identifiers import unmangled
from kestrel_cli.expressions.scope import MISSING, Scope
from kestrel_cli.expressions.tags import parse
from kestrel_cli.expressions.tests import TESTS

Root = Callable[["Rendering"], Iterator[object]]


class Absent(Undefined):
    """Jinja2 makes one of these where a variable is missing; the dialect fails right there."""

    def __init__(
        self, hint: object = None, obj: object = None, name: str | None = None, exc: object = None
    ) -> None:
        kind, _, shown = (name or "").partition("_")
        if kind != "v":  # macro_ or block_
            raise RenderError(f"Function or Macro [{unmangled(shown)}] does not exist.")
        raise lookup.missing(unmangled(shown), ())


class Rendering:
    """One rendering of one template: what Jinja2's generated code calls its context."""

    __slots__ = (
        "blocks",
        "budget",
        "eval_ctx",
        "exported_vars",
        "lookup",
        "masker",
        "name",
        "scope",
        "scopes",
        "vars",
    )

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.lookup = scope.lookup
        self.eval_ctx = _EVAL
        self.exported_vars: set[str] = set()
        self.vars: dict[str, object] = {}
        self.scopes: list[dict[str, object] | None] = []  # None hides everything outside of it
        self.blocks: dict[str, object] = {}
        self.name = None
        self.budget = lookup.Budget()
        self.masker = scope.services.masker

    def resolve_or_missing(self, key: str) -> object:
        """A variable of the context; the generated code asks under our own prefix."""
        if not key.startswith("v_"):
            return JINJA_MISSING
        value = self.lookup(unmangled(key[2:]))
        return JINJA_MISSING if value is MISSING else value

    def call(self, function: Callable[..., object], *args: object, **named: object) -> object:
        """Call a macro or block."""
        self.budget.spend()
        # Inside loops Jinja2 hands over its own scopes, which are not for macros.
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return function(*args, **named)

    def read(self, name: str) -> object:
        """A variable from the run-time scopes, else from the context."""
        for scope in reversed(self.scopes):
            if scope is None:
                raise lookup.missing(name, ())
            if name in scope:
                return scope[name]
        value = self.lookup(name)
        if value is MISSING:
            raise lookup.missing(name, ())
        return value

    def assign(self, name: str, value: object) -> None:
        """Change the nearest scope that has the name, else make it in the innermost one."""
        for scope in reversed(self.scopes):
            if scope is None:
                break
            if name in scope:
                scope[name] = value
                return
        outermost = not self.scopes or (
            self.lookup(name) is not MISSING and None not in self.scopes
        )
        if outermost:
            if not self.scopes:
                self.scopes.append({})
            bottom = self.scopes[0]
            assert bottom is not None  # a hiding scope is never the first: a macro opens one above
            bottom[name] = value
        else:
            self.bind(name, value)

    def bind(self, name: str, value: object) -> None:
        """Set in the innermost scope."""
        innermost = self.scopes[-1]
        assert innermost is not None  # open_scope always leaves a map on top
        innermost[name] = value

    def open_scope(self, *, hidden: bool) -> None:
        """A new innermost scope; a hiding one shuts off everything outside."""
        if not self.scopes:
            self.scopes.append({})
        if hidden:
            self.scopes.append(None)
        self.scopes.append({})

    def close_scope(self) -> None:
        """Leave the innermost scope."""
        self.scopes.pop()
        if self.scopes[-1] is None:
            self.scopes.pop()


def _filter(function: Callable[..., object], *, scoped: bool) -> Callable[..., object]:
    """A filter as the generated code calls it: with the scope where it wants it, secrets
    followed.
    """

    @pass_context
    def call(context: Rendering, value: object, *args: object, **named: object) -> object:
        if scoped:
            result = function(context.scope, value, *args, **named)
        else:
            result = function(value, *args, **named)
        if context.masker is not None:
            context.masker.follow((value, *args, *named.values()), result)
        return result

    return call


def _function(function: Callable[..., object], *, scoped: bool) -> Callable[..., object]:
    """A function as the code calls it; the first value is there because all are called like
    filters.
    """

    @pass_context
    def call(context: Rendering, _: None, *args: object, **named: object) -> object:
        result = function(context.scope, *args, **named) if scoped else function(*args, **named)
        if context.masker is not None:
            context.masker.follow((*args, *named.values()), result)
        return result

    return call


@pass_context
def _iterate(context: Rendering, values: object) -> Iterable[tuple[lookup.Loop, object]]:
    return lookup.iterate(values, context.budget)


@pass_context
def _items(context: Rendering, values: object) -> Iterable[object]:
    return lookup.items(values, context.budget)


@pass_context
def _read(context: Rendering, name: str) -> object:
    return context.read(name)


@pass_context
def _assign(context: Rendering, name: str, value: object) -> None:
    context.assign(name, value)


@pass_context
def _bind(context: Rendering, name: str, value: object) -> None:
    context.bind(name, value)


@pass_context
def _open_scope(context: Rendering, hidden: object) -> None:
    context.open_scope(hidden=bool(hidden))


@pass_context
def _close_scope(context: Rendering, _: None) -> None:
    context.close_scope()


def _joined(values: Iterable[object]) -> str:
    """The text of a macro, filter block or `block()`: what `~` makes of the pieces, so lists and
    maps stand in Java's form.
    """
    return operators.concatenate(*values)


_OPERATORS: Final = [
    "add",
    "as_boolean",
    "chosen",
    "coalesce",
    "coalesce_part",
    "concatenate",
    "contains",
    "default",
    "differs",
    "divide",
    "equals",
    "failure",
    "greater",
    "greater_or_equal",
    "holds",
    "identity",
    "is_defined",
    "is_in",
    "less",
    "less_or_equal",
    "mapping",
    "missing_name",
    "modulo",
    "multiply",
    "negate",
    "negated",
    "span",
    "subtract",
    "when_missing",
]


def _table() -> dict[str, Callable[..., object]]:
    table: dict[str, Callable[..., object]] = {
        name: getattr(operators, name) for name in _OPERATORS
    }
    table |= {
        "get": lookup.get,
        "call_method": lookup.call_method,
        "iterate": _iterate,
        "items": _items,
        "is_not_null": lambda value: value is not None,
        "read": _read,
        "assign": _assign,
        "bind": _bind,
        "open_scope": _open_scope,
        "close_scope": _close_scope,
    }
    for name, function in FILTERS.items():
        table[f"filter {name}"] = _filter(function, scoped=name in SCOPED_FILTERS)
    for name, function in FUNCTIONS.items():
        table[f"function {name}"] = _function(function, scoped=name in SCOPED_FUNCTIONS)
    for name, test in TESTS.items():
        table[f"test {name}"] = test
    return table


class _Dialect(Environment):
    """An environment without one name of Jinja2's own."""

    code_generator_class = ValueCodeGenerator
    concat = staticmethod(_joined)


_ENVIRONMENT: Final = _Dialect(autoescape=False, undefined=Absent, optimized=False, cache_size=0)
_ENVIRONMENT.globals.clear()
_ENVIRONMENT.tests.clear()
_ENVIRONMENT.filters = _table()
# What the generated code finds by name.
_NAMESPACE: Final[dict[str, Any]] = {
    "environment": _ENVIRONMENT,
    "__file__": "<template>",
    **{global_name(name): function for name, function in _ENVIRONMENT.filters.items()},
}
_EVAL: Final = EvalContext(_ENVIRONMENT)


def compile_root(source: str, compat: int) -> Root:
    """The generator function of a template. Raises RenderError for what cannot be compiled."""
    try:
        tree = parse(source, compat)
        tree.set_environment(_ENVIRONMENT)
        code = generate(tree, _ENVIRONMENT, None, None, defer_init=False, optimized=False)
        assert code is not None  # it returns text when no stream is given
        namespace = _NAMESPACE.copy()
        exec(compile(code, "<template>", "exec"), namespace)
    except (RecursionError, SyntaxError, MemoryError, OverflowError) as error:
        raise RenderError(
            "The template is too complex: too many nested or chained parts"
        ) from error
    root: Root = namespace["root"]
    return root
