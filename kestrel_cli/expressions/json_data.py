"""JSON text to values, and values to what JSON can say."""

from __future__ import annotations

import json
from datetime import date, time
from typing import Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.text import key_text, printed
from kestrel_cli.java.times import moment_json

_BLANK: Final = " \t\r\n"


def read_json(text: str, problem: str = "Invalid json") -> object:
    """The first value of a JSON text; what stands behind it is not looked at, as in Kestra.

    Nesting, size and integers are limited; NaN is no JSON.
    """
    limits.check_length(len(text), "the JSON text")
    try:
        value = _first(text)
    except (ValueError, RecursionError) as error:
        raise RenderError(f"{problem}: {json_problem(error)}") from None
    check_depth(value)
    return value


def _first(text: str) -> object:
    start = len(text) - len(text.lstrip(_BLANK))
    value, end = json.JSONDecoder(parse_constant=_refuse).raw_decode(text, start)
    ends_itself = isinstance(value, (str, dict, list))
    if not ends_itself and end < len(text) and text[end] not in _BLANK:
        raise json.JSONDecodeError("Expected a blank behind the value", text, end)
    return value


def check_depth(value: object) -> None:
    """Refuse lists and maps nested deeper than the limit."""
    level: list[object] = [value]
    for _ in range(limits.MAX_DEPTH + 1):
        level = [item for outer in level for item in _inside(outer)]
        if not level:
            return
    raise limits.too_deep()


def to_plain(value: object, depth: int = 0) -> object:
    """The value as a JSON reader would give it back: text keys, no null entries, dates as text."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if depth >= limits.MAX_DEPTH:
        raise limits.too_deep()
    if isinstance(value, dict):
        return {
            key_text(key): to_plain(item, depth + 1)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, (list, tuple)):
        return [to_plain(item, depth + 1) for item in value]
    return moment_json(value) if isinstance(value, (date, time)) else _other(value)


def _other(value: object) -> object:
    from decimal import Decimal

    if isinstance(value, Decimal):
        whole = value.is_finite() and value.adjusted() < 300 and value == value.to_integral_value()
        return int(value) if whole else float(value)
    return printed(value)


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not a JSON value")


def json_problem(error: Exception) -> str:
    """Why a text is no JSON value, of what the reader raised."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    said = str(error)
    return "a number with too many digits" if "integer string conversion" in said else said
