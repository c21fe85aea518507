"""YAML text in expressions: written with few quotes, read with limits."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.text import json_text, key_text, printed
from kestrel_cli.java.times import moment_json
from kestrel_cli.yaml_writer import Writer

# What a plain text may not be, or it would be read as something else.
_SPECIAL: Final = re.compile(
    r"(?:true|false|yes|no|on|off|y|n|null|~|)"
    r"|[-+]?(?:\.?\d[\d_.]*(?:[eE][-+]?\d+)?|0[xob][\da-fA-F_]+|\.inf|\d+(?::\d+)+(?:\.\d*)?)"
    r"|\.nan|\d{4}-\d\d?-\d\d?.*|<<|=",
    re.IGNORECASE,
)
_UNSAFE: Final = re.compile(
    r"^[\s\-?:,\[\]{}#&*!|>'\"%@`]|: |:$| #|\s$"
    r"|[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
)
_UNPRINTABLE: Final = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_BLANK_AT_END: Final = re.compile(r"[ \t](?:\n|$)")
# Text that reads the same as a literal block: printable lines, the first not starting with a blank.
_BLOCK: Final = re.compile(
    r"(?!\s)[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]*"
)

_MAX_TEXT: Final = 3_145_728


def write(value: object) -> str:
    """Block style, as few quotes as possible, lists indented by one, a line break at the end."""
    lines: list[str] = []

    def put(line: str) -> None:
        limits.check_items(len(lines), "the YAML text")
        lines.append(line)

    _Writer(put).document(value)
    text = "\n".join(lines) + "\n"
    limits.check_length(len(text), "the YAML text")
    return text


class _Writer(Writer):
    """The look of what Java's libraries write."""

    list_in_map = 1
    list_in_list = 1
    levels = limits.MAX_DEPTH - 1

    def is_plain(self, text: str) -> bool:
        return not _SPECIAL.fullmatch(text) and not _UNSAFE.search(text)

    def keeps_its_lines(self, text: str) -> bool:
        return _BLOCK.fullmatch(text) is not None and not _BLANK_AT_END.search(text)

    def quoted(self, text: str) -> str:
        """JSON's quotes, and escapes for what YAML does not take as it is."""
        return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text(text))

    def other(self, value: object) -> str:
        if value is None:
            return "null"
        return json_text(moment_json(value)) if isinstance(value, (date, time)) else printed(value)

    def deep(self, value: object) -> str:
        raise limits.too_deep()

    def key_text(self, key: object) -> str:
        return key_text(key)

    def entries(self, value: dict[Any, Any]) -> dict[Any, Any]:
        return {key: item for key, item in value.items() if item is not None}


def read(text: str) -> object:
    """The value of the first YAML document, as plain data; dates stay text."""
    if len(text) > _MAX_TEXT:
        raise RenderError(f"the YAML text is longer than the limit of {_MAX_TEXT} characters")
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from kestrel_cli.java.yaml_reading import value_of

    try:
        return value_of(YAML(typ="safe", pure=True).parse(text), max_depth=limits.MAX_DEPTH)
    except YAMLError as error:
        raise RenderError(f"Invalid YAML: {_short(error)}") from None
    except OverflowError:
        raise limits.too_deep("the YAML text") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        # ruamel.yaml's scanner lets these out for odd escapes and tags.
        raise RenderError(f"Invalid YAML: {error}") from None


def _short(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error).strip().split("\n")[0]
