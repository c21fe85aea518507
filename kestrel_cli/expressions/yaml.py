"""YAML text in expressions: written with few quotes, read with limits."""

from __future__ import annotations

import re
from datetime import date, time
from typing import TYPE_CHECKING, Any, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.text import json_text, key_text, printed
from kestrel_cli.java.times import moment_json
from kestrel_cli.yaml_writer import Writer

if TYPE_CHECKING:
    from ruamel.yaml import YAML

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
_MAX_ALIASES: Final = 50


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
    from ruamel.yaml.error import YAMLError

    try:
        _check_events(text)
        return _plain(next(iter(_reader().load_all(text)), None), 0)
    except YAMLError as error:
        raise RenderError(f"Invalid YAML: {_short(error)}") from None
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError) as error:
        # ruamel.yaml's constructors let these out for odd numbers, tags and keys.
        raise RenderError(f"Invalid YAML: {error}") from None
    except RecursionError:
        raise limits.too_deep("the YAML text") from None


def _reader() -> YAML:
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import SafeConstructor

    class Constructor(SafeConstructor):
        """The safe types, with dates left as the text they are."""

    Constructor.add_constructor("tag:yaml.org,2002:timestamp", Constructor.construct_yaml_str)
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = Constructor
    return reader


def _check_events(text: str) -> None:
    """Refuse deep nesting and many aliases before anything is built."""
    from ruamel.yaml import YAML
    from ruamel.yaml.events import (
        AliasEvent,
        CollectionEndEvent,
        CollectionStartEvent,
        DocumentEndEvent,
    )

    depth = aliases = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        elif isinstance(event, AliasEvent):
            aliases += 1
        elif isinstance(event, DocumentEndEvent):
            return
        if depth > limits.MAX_DEPTH:
            raise limits.too_deep("the YAML text")
        if aliases > _MAX_ALIASES:
            raise RenderError(f"the YAML text has more than the limit of {_MAX_ALIASES} aliases")


def _plain(value: object, depth: int) -> object:
    """Text keys, lists for sets and tuples; a map inside itself is refused by its depth."""
    if depth > limits.MAX_DEPTH:
        raise limits.too_deep("the YAML text")
    if isinstance(value, dict):
        return {key_text(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item, depth + 1) for item in value]
    if value is None or isinstance(value, (str, bool, float)):
        return value
    return limits.check_integer(value) if isinstance(value, int) else printed(value)


def _short(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error).strip().split("\n")[0]
