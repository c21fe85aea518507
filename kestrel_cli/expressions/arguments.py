"""Reading the arguments of filters and functions, with the dialect's wording for misfits."""

from __future__ import annotations

from kestrel_cli.errors import RenderError
from kestrel_cli.java.classes import java_class


def integer(value: object, name: str, argument: str) -> int:
    """An integer; everything else is refused."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise RenderError(
            f"'{name}' expects an integer as argument '{argument}'."
            f" Actual type was: {class_or_null(value)}"
        )
    return value


def number(value: object, message: str) -> int | float:
    """An integer or floating-point number; decimals become floating-point; else `message`."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        raise RenderError(message)
    if isinstance(value, (int, float)):
        return value
    from decimal import Decimal

    if isinstance(value, Decimal):
        return float(value)
    raise RenderError(message)


def text_argument(value: object, name: str, argument: str) -> str:
    """A text; everything else is refused."""
    if not isinstance(value, str):
        raise RenderError(
            f"'{name}' expects a string as argument '{argument}'."
            f" Actual type was: {class_or_null(value)}"
        )
    return value


def optional_text(value: object, name: str, argument: str) -> str | None:
    """A text or null."""
    return None if value is None else text_argument(value, name, argument)


def class_or_null(value: object) -> str:
    """The Java class for an error message."""
    return "null" if value is None else java_class(value)


def only_text(value: object) -> str:
    """The text that a filter was given: Java casts, and makes no text of anything else."""
    if isinstance(value, str):
        return value
    raise RenderError(
        f"class {class_or_null(value)} cannot be cast to class java.lang.String",
        hint="make text of it first, with the filter `string`",
    )
