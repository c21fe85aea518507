"""Properties that are texts, lists of texts, maps, or anything with texts inside."""

import json
from typing import Any

from kestrel_cli.tasks.base import RunContext, TaskFailed


def source_text(value: object) -> str:
    """The text of a value from the flow file: maps and lists are JSON, with the templates inside.
    Nothing is rendered.
    """
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def texts(ctx: RunContext, value: object) -> list[str]:
    """The texts of a list, each rendered, or of the list that an expression gives: that is data and
    not rendered again.
    """
    if value is None:
        return []
    if isinstance(value, list):
        return [ctx.text(one) for one in value]
    return [source_text(one) for one in ctx.items(value)]


def rendered(ctx: RunContext, value: Any) -> Any:
    """A value with every text in it rendered; a lone expression keeps the type of its value."""
    if isinstance(value, dict):
        return {ctx.text(key): rendered(ctx, item) for key, item in value.items()}
    if isinstance(value, list):
        return [rendered(ctx, item) for item in value]
    return ctx.typed(value)


def json_map(name: str, text: str) -> dict[str, Any]:
    """The map that the text of a property gives. Raises TaskFailed."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise TaskFailed(
            f"{name}: expected a map, or text that gives one as JSON, got: {text[:200]}"
        )
    return found
