"""Looking at a template without rendering it: syntax, and names of filters, functions and tests."""

import re
from collections.abc import Iterator
from typing import Final

from jinja2 import nodes

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.lexer import line_of
from kestrel_cli.expressions.tags import parse
from kestrel_cli.expressions.template import only_paths

# What goes on when a part is missing.
_FALLBACK: Final = re.compile(r"\?\?|\|\s*default\b|\bdefined\b|\btry\b")


def check(source: str, compat: int = 1) -> None:
    """Raise RenderError, with place and nearest name, for the first mistake seen without values."""
    for problem in problems(source, compat):
        raise problem


def problems(source: str, compat: int = 1) -> Iterator[RenderError]:
    """Every such mistake. A template that cannot be parsed has one."""
    if "{" not in source or only_paths(source):
        return
    try:
        tree = parse(source, compat)
        failures = [node for node in tree.find_all(nodes.Filter) if node.name == "failure"]
    except RenderError as error:
        error.template = source
        yield error
        return
    except RecursionError:
        yield RenderError("The template is too complex: too many nested or chained parts")
        return
    yield from _methods(tree, source)
    for node in failures:
        message, at = node.node, node.args[0] if node.args else None
        if isinstance(message, nodes.Const) and isinstance(at, nodes.Const):
            line = line_of(source, max(at.value, 0))
            hint = near_name(message.value)
            found = RenderError(message.value, hint=hint, line=line, at=at.value)
            found.template = source
            yield found


def _methods(tree: nodes.Template, source: str) -> Iterator[RenderError]:
    """Calls of methods of Python's, which no value has; what a fallback may catch is left alone."""
    calls = [node for node in tree.find_all(nodes.Filter) if node.name == "call_method"]
    if not calls or _FALLBACK.search(source):
        return
    from kestrel_cli.expressions.habits import PYTHON_ONLY, method_hint

    for node in calls:
        name = node.args[0].value if isinstance(node.args[0], nodes.Const) else ""
        found = re.search(rf"\.\s*({name})\s*\(", source) if name in PYTHON_ONLY else None
        if found is not None:
            at = found.start(1)
            error = RenderError(
                f"no value has a method `{name}()`",
                hint=method_hint(name),
                line=line_of(source, at),
                at=at,
            )
            error.template = source
            yield error


def near_name(message: str) -> str | None:
    """`did you mean ...?` for a message about an unknown filter, function or test."""
    kind, bracket, rest = message.partition(" [")
    if not bracket or not message.endswith("does not exist."):
        return None
    from difflib import get_close_matches

    from kestrel_cli.expressions.filters import FILTERS
    from kestrel_cli.expressions.functions import FUNCTIONS
    from kestrel_cli.expressions.tests import TESTS

    tables = {"Filter": [*FILTERS, "default"], "Test": [*TESTS, "defined"]}
    known = tables.get(kind, [*FUNCTIONS, "block"])
    name = rest.partition("]")[0]
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else None
