"""Filters between values and data formats: JSON, YAML, Ion, jq; and `className`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.arguments import text_argument
from kestrel_cli.expressions.text import json_text
from kestrel_cli.java.classes import java_class

if TYPE_CHECKING:
    from kestrel_cli.expressions.scope import Scope


def to_json(value: object) -> str:
    """Compact JSON; null is `null`, text is quoted."""
    return json_text(value)


def to_ion(value: object) -> str:
    """Ion text; null is `null`."""
    from kestrel_cli.expressions.ion import write

    return write(value)


def yaml(value: object) -> str:
    """YAML with as few quotes as possible, ending with a line break; null is `null`."""
    from kestrel_cli.expressions.yaml import write

    return write(value)


def jq(scope: Scope, value: object, expression: object) -> list[object]:
    """The results of a jq program, always as a list. A text is read as JSON first."""
    from kestrel_cli.expressions.jq import run
    from kestrel_cli.expressions.json_data import read_json, to_plain

    program = text_argument(expression, "jq", "expression")
    data = read_json(value, "Unable to parse jq value") if isinstance(value, str) else value
    try:
        return run(program, to_plain(data), lambda: scope.services.now().timestamp())
    except RenderError as error:
        raise RenderError(
            f"Unable to parse jq value '{_short(value)}' with expression '{program}': {error}",
            hint=error.hint,
        ) from None


def class_name(value: object) -> object:
    """The Java class the value would have in Kestra."""
    return None if value is None else java_class(value)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json_text(value)
    return text if len(text) <= 200 else text[:200] + "..."
