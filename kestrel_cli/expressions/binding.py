"""Arguments of filters and functions, by the names they declare; misfits fail when reached."""

from collections.abc import Callable
from typing import NamedTuple

from jinja2 import nodes

from kestrel_cli.expressions.filters import (
    FILTERS,
    IGNORES_ARGUMENTS,
    SCOPED_FILTERS,
    VARIADIC_FILTERS,
)
from kestrel_cli.expressions.functions import FUNCTIONS, SCOPED_FUNCTIONS, VARIADIC_FUNCTIONS


class Arguments(NamedTuple):
    """What stands between the parentheses of a call."""

    positional: list[nodes.Expr]
    named: list[nodes.Keyword]


def bound_filter(
    name: str, value: nodes.Expr | None, arguments: Arguments, line: int, at: int = -1
) -> nodes.Filter:
    """`value | name(arguments)`; `at` is where the name stands in the template."""
    if name == "default":
        return _default(value, arguments, line, at)
    if name not in FILTERS:
        return _failure(f"Filter [{name}] does not exist.", line, at)
    if name in IGNORES_ARGUMENTS:
        arguments = Arguments([], [])
    else:
        leading = 2 if name in SCOPED_FILTERS else 1
        if problem := _problem(name, "filter", FILTERS[name], leading, arguments):
            return _failure(problem, line, at)
    return nodes.Filter(
        value, f"filter {name}", arguments.positional, arguments.named, None, None, lineno=line
    )


def bound_function(name: str, arguments: Arguments, line: int, at: int = -1) -> nodes.Filter:
    """`name(arguments)`; `at` is where the name stands in the template."""
    if name not in FUNCTIONS:
        return _failure(f"Function or Macro [{name}] does not exist.", line, at)
    leading = 1 if name in SCOPED_FUNCTIONS else 0
    if problem := _problem(name, "function", FUNCTIONS[name], leading, arguments):
        return _failure(problem, line, at)
    # A Filter node needs a first value: functions are called through a wrapper that drops it.
    return nodes.Filter(
        nodes.Const(None),
        f"function {name}",
        arguments.positional,
        arguments.named,
        None,
        None,
        lineno=line,
    )


def _default(value: nodes.Expr | None, arguments: Arguments, line: int, at: int) -> nodes.Filter:
    given = [*arguments.positional, *(keyword.value for keyword in arguments.named)]
    if len(given) != 1 or any(keyword.key != "default" for keyword in arguments.named):
        return _failure("The 'default' filter expects an argument 'default'.", line, at)
    return nodes.Filter(value, "default", given, [], None, None, lineno=line)


def _problem(
    name: str, kind: str, function: Callable[..., object], leading: int, arguments: Arguments
) -> str | None:
    if name in VARIADIC_FILTERS or name in VARIADIC_FUNCTIONS:
        named = [keyword.key for keyword in arguments.named]
        return f"The following named argument does not exist: {named[0]}" if named else None
    code = function.__code__
    known = code.co_varnames[leading : code.co_argcount + code.co_kwonlyargcount]
    if len(arguments.positional) > len(known):
        return (
            f"The argument at position {len(known) + 1} is not allowed. "
            f"Only {len(known)} argument(s) are allowed."
        )
    for keyword in arguments.named:
        if keyword.key not in known:
            return f"The following named argument does not exist: {keyword.key}"
    given = [*known[: len(arguments.positional)], *(keyword.key for keyword in arguments.named)]
    if twice := given_twice(given):
        return twice
    required = code.co_argcount - len(function.__defaults__ or ())
    for argument in code.co_varnames[leading:required]:
        if argument not in given:
            return f"The '{name}' {kind} expects an argument '{argument}'."
    return None


def given_twice(names: list[str]) -> str | None:
    """The problem with arguments that are given more than once, if there is one."""
    for name in names:
        if names.count(name) > 1:
            return f"The argument '{name}' is given more than once."
    return None


def _failure(message: str, line: int, at: int) -> nodes.Filter:
    return nodes.Filter(
        nodes.Const(message), "failure", [nodes.Const(at)], [], None, None, lineno=line
    )
