"""Functions that evaluate templates inside values, and show the context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.text import printed

if TYPE_CHECKING:
    from kestrel_cli.expressions.scope import Scope


def render(scope: Scope, toRender: object, recursive: object = True) -> object:
    """The value with its texts evaluated, again and again until they stop changing."""
    if not isinstance(recursive, bool):
        raise RenderError(
            "The 'render' function expects an optional argument 'recursive' with type boolean."
        )
    return _rendered(scope, toRender, recursive=recursive, depth=0)


def render_once(scope: Scope, toRender: object) -> object:
    """The value with its texts evaluated once."""
    return _rendered(scope, toRender, recursive=False, depth=0)


def print_context(scope: Scope) -> dict[str, object]:
    """Every variable the template sees."""
    return scope.variables()


def _rendered(scope: Scope, value: object, *, recursive: bool, depth: int) -> object:
    if depth > limits.MAX_DEPTH:
        raise limits.too_deep()
    if isinstance(value, str):
        return _text(scope, value, recursive=recursive)
    if isinstance(value, (list, tuple)):
        return [_rendered(scope, item, recursive=recursive, depth=depth + 1) for item in value]
    if isinstance(value, dict):
        rendered: dict[object, object] = {}
        for key, item in value.items():
            name = _rendered(scope, key, recursive=recursive, depth=depth + 1)
            # Two keys that become the same: the first one wins.
            rendered.setdefault(
                name if isinstance(key, str) else key,
                _rendered(scope, item, recursive=recursive, depth=depth + 1),
            )
        return rendered
    return value


def _text(scope: Scope, text: str, *, recursive: bool) -> str:
    return printed(scope.render(text, recursive=recursive))
