"""The values of loops: every form Kestra takes, as the texts that task runs carry."""

import json
from typing import Any

from kestrel_cli.tasks.base import Lane, RunContext, Task, TaskFailed


def loop_values(ctx: RunContext, values: object) -> list[str]:
    """Render `values` once: a text that gives a JSON array, or a list of texts, whole numbers and
    maps.

    Equal values are dropped, the first one stays. Raises TaskFailed for anything else, and for null
    elements.
    """
    if isinstance(values, str):
        elements = _array(ctx.text(values))
    elif isinstance(values, list):
        elements = [_element(ctx, value) for value in values]
    else:
        raise TaskFailed(
            f"Unknown value type: expected a list or a JSON array, got {_kind(values)}"
        )
    nulls = sum(element is None for element in elements)
    if nulls:
        raise TaskFailed(f"Found '{nulls}' null values on Each, with values={_json(elements)}")
    texts = [element if isinstance(element, str) else _json(element) for element in elements]
    return list(dict.fromkeys(texts))


def value_lanes(values: list[str], tasks: tuple[Task, ...]) -> list[Lane]:
    """One lane for each value, through all tasks of the block."""
    stop = len(tasks)
    return (
        [Lane("tasks", 0, stop, value, number) for number, value in enumerate(values)]
        if stop
        else []
    )


def _array(text: str) -> list[Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise TaskFailed(
            f"the values must render to a JSON array, got: {_short(text)}"
        ) from problem
    if not isinstance(parsed, list):
        raise TaskFailed(
            f"the values must render to a JSON array, got {_kind(parsed)}: {_short(text)}"
        )
    return parsed


def _element(ctx: RunContext, value: object) -> object:
    match value:
        case str():
            return ctx.text(value)
        case bool() | float():
            raise TaskFailed(
                f"Unknown value element type: {_kind(value)} `{value}`; write it as text"
            )
        case int() | None:
            return value
        case dict():
            return ctx.structure(value)
        case _:
            raise TaskFailed(
                f"Unknown value element type: {_kind(value)}; write the list as a JSON text"
            )


def _json(value: object) -> str:
    if type(value) is int:  # a long range: no encoder is made for each
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}..."


def _kind(value: object) -> str:
    names = {
        dict: "a map",
        list: "a list",
        str: "text",
        bool: "a boolean",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "nothing")
