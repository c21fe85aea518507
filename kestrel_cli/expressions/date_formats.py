"""The formats of dates in expressions: Kestra's own names, then Java's, then Java's patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.expressions.java_errors import rendering
from kestrel_cli.java import date_formats, date_patterns, date_reading

if TYPE_CHECKING:
    from kestrel_cli.java.date_fields import Fields, Parsed

_PATTERNS: Final = {
    "iso": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "iso_sec": "yyyy-MM-dd'T'HH:mm:ssXXX",
    "sql": "yyyy-MM-dd HH:mm:ss.SSSSSS",
    "sql_seq": "yyyy-MM-dd HH:mm:ss",
    "sql_milli": "yyyy-MM-dd HH:mm:ss.SSS",
}

parts_of: Final = rendering(date_patterns.parts_of)


@rendering
def write(fields: Fields, format_name: str, language: str | None = None) -> str:
    """The date in a named format or a pattern. RenderError says what is wrong with a pattern."""
    return date_formats.write(fields, _PATTERNS.get(format_name, format_name), language)


@rendering
def read(text: str, format_name: str) -> Parsed | None:
    """The text read by a named format or a pattern; None when it does not fit."""
    return date_reading.read_format(text, _PATTERNS.get(format_name, format_name))
