"""Operators, and the nodes that calls of internal functions become."""

from typing import Final

from jinja2 import nodes

# operator -> (precedence, internal name); larger binds tighter, all are left-associative.
_BINARY: Final = {
    "..": (120, "span"),
    "~": (110, "concatenate"),
    "*": (60, "multiply"),
    "/": (60, "divide"),
    "%": (60, "modulo"),
    "+": (40, "add"),
    "-": (40, "subtract"),
    "==": (30, "equals"),
    "equals": (30, "equals"),
    "!=": (30, "differs"),
    "<": (30, "less"),
    "<=": (30, "less_or_equal"),
    ">": (30, "greater"),
    ">=": (30, "greater_or_equal"),
    "contains": (20, "contains"),
    "and": (15, "and"),
    "or": (10, "or"),
}
_FALLBACK: Final = {"??": "coalesce", "???": "when_missing", "isIn": "is_in"}


def operator_table(compat: int) -> dict[str, tuple[int, str]]:
    """The precedences: Kestra 1.3 takes `??`, `???` and `isIn` before everything but unary signs; 2
    as
    `==`.
    """
    level = 120 if compat == 1 else 30
    return _BINARY | {operator: (level, name) for operator, name in _FALLBACK.items()}


def applied(name: str, first: nodes.Expr, *more: nodes.Expr, line: int = 1) -> nodes.Filter:
    """A call of an internal function."""
    return nodes.Filter(first, name, list(more), [], None, None, lineno=line)


def failing(message: str, line: int = 1, at: int = -1) -> nodes.Filter:
    """An error that is raised when it is reached; `at` is where it stands in the template."""
    return applied("failure", nodes.Const(message), nodes.Const(at), line=line)
