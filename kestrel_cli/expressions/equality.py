"""When two values are the same element of a list: Java's `equals`, not Python's `==`."""

from __future__ import annotations

from kestrel_cli.expressions import limits
from kestrel_cli.expressions.text import java_text
from kestrel_cli.java.classes import java_class


def identity(value: object, depth: int = 0) -> object:
    """A hashable mark that is equal for equal values: `1`, `1.0`, `true` and `'1'` all differ."""
    if isinstance(value, (bool, float)):
        # repr, because NaN equals itself here, as in Java.
        return (type(value).__name__, repr(value))
    if isinstance(value, (str, int)) or value is None:
        return value
    if depth > limits.MAX_DEPTH:
        raise limits.too_deep()
    if isinstance(value, dict):
        return (
            "map",
            frozenset((identity(k, depth + 1), identity(v, depth + 1)) for k, v in value.items()),
        )
    if isinstance(value, (list, tuple)):
        return ("list", tuple(identity(item, depth + 1) for item in value))
    return (java_class(value), java_text(value))
