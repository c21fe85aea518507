"""Maps of a flow as names and texts: headers, parameters, fields of forms."""

import json
from typing import Any

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import RunContext


def pairs(ctx: RunContext, value: object) -> list[tuple[str, str]]:
    """Names and texts of a map; a list gives its name to each of its items."""
    found = [] if value is None else entries(ctx, value)
    return [
        (name, words(one))
        for name, item in found
        for one in (item if isinstance(item, list) else [item])
        if one is not None
    ]


def entries(ctx: RunContext, value: object) -> list[tuple[str, Any]]:
    """The rendered entries of a map that are not null. Raises TaskFailed when it is none."""
    rendered = ctx.structure(value)
    if not isinstance(rendered, dict):
        raise TaskFailed("expected an expression that gives a map, got a list")
    return [(name, item) for name, item in rendered.items() if item is not None]


def words(value: object) -> str:
    """A rendered value as one text: maps and lists as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
