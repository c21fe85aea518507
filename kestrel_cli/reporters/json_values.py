"""Any value as JSON text: with an explicit stack, always valid, whatever the value holds.

Text that is fine is quoted by the standard library's C function. Characters that act on a terminal,
reorder a line or cannot be encoded (lone surrogates) become `\\u` escapes, which JSON readers turn
back.
"""

import re
from collections.abc import Callable, Iterator
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, Final, TextIO

Quote = Callable[[str], str]
Scalar = Callable[[Any], str]

_ESCAPED: Final = re.compile(
    r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
# Beyond this the indentation stays: 5,000 levels would be 50 MB of blanks for each line of the
# innermost.
_INDENTED: Final = 40
# A value deeper than this is a cycle or an attack; nothing that a flow may hold comes near.
_DEEPEST: Final = 20_000
_TOO_DEEP: Final = '"[nested too deep]"'


def quoted(text: str) -> str:
    """`text` as a JSON string, non-ASCII characters as they are."""
    if (text.isascii() and "\x7f" not in text) or not _ESCAPED.search(text):
        return encode_basestring(text)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", encode_basestring(text))


def quote_for(stream: TextIO) -> Quote:
    """How to quote for a stream: one whose encoding is not Unicode gets ASCII with escapes."""
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower()
    return quoted if encoding.startswith(("utf", "cp65001")) else encode_basestring_ascii


class Layout:
    """Line breaks and blanks of a JSON text; `indent` None: all on one line, without blanks."""

    def __init__(self, indent: int | None) -> None:
        self.colon = ":" if indent is None else ": "
        self._line_breaks = tuple(
            "" if indent is None else "\n" + " " * (indent * level)
            for level in range(_INDENTED + 1)
        )

    def line_break(self, level: int) -> str:
        """What stands before an item that many levels deep."""
        return self._line_breaks[min(level, _INDENTED)]


class Values:
    """Writes values as JSON in one layout."""

    def __init__(self, layout: Layout, quote: Quote = quoted) -> None:
        self.layout = layout
        self._quote = quote
        self._scalars: dict[type, Scalar] = {
            str: quote,
            int: _integer,
            float: self._float,
            bool: lambda value: "true" if value else "false",
            type(None): lambda _: "null",
        }

    def text(self, value: object, level: int = 0) -> str:
        """The whole text of `value`, which stands `level` levels deep."""
        write = self._scalars.get(type(value))
        if write is not None:
            return write(value)
        if type(value) is dict and value:
            members = self._flat_members(value)
            if members:
                inner = self.layout.line_break(level + 1)
                return f"{{{inner}{f',{inner}'.join(members)}{self.layout.line_break(level)}}}"
        return "".join(self.pieces(value, level))

    def _flat_members(self, value: dict[Any, Any]) -> list[str]:
        """The members of a map without maps and lists, which most outputs are; else nothing."""
        scalars, quote, colon = self._scalars, self._quote, self.layout.colon
        members = []
        for key, item in value.items():
            write = scalars.get(type(item))
            if write is None or type(key) is not str:
                return []
            members.append(f"{quote(key)}{colon}{write(item)}")
        return members

    def pieces(self, value: object, level: int = 0) -> Iterator[str]:
        """The text of `value` piece by piece."""
        scalars = self._scalars
        if not isinstance(value, (dict, list, tuple)):
            yield self._scalar(value)
            return
        stack = [self._open(value, level)]
        while stack:
            for before, item in stack[-1]:
                write = scalars.get(type(item))
                if write is not None:
                    yield before + write(item)
                elif not isinstance(item, (dict, list, tuple)):
                    yield before + self._scalar(item)
                elif len(stack) < _DEEPEST:
                    yield before
                    stack.append(self._open(item, level + len(stack)))
                    break
                else:
                    yield before + _TOO_DEEP
            else:
                stack.pop()

    def _open(
        self, value: dict[Any, Any] | list[Any] | tuple[Any, ...], level: int
    ) -> Iterator[tuple[str, Any]]:
        """Members of a map or list with what stands before them; the last is the bracket."""
        is_map = isinstance(value, dict)
        if not value:
            yield ("{}" if is_map else "[]"), _NOTHING
            return
        layout = self.layout
        inner = layout.line_break(level + 1)
        before = ("{" if is_map else "[") + inner
        if isinstance(value, dict):
            for key, item in value.items():
                yield f"{before}{self._key(key)}{layout.colon}", item
                before = f",{inner}"
        else:
            for item in value:
                yield before, item
                before = f",{inner}"
        yield layout.line_break(level) + ("}" if is_map else "]"), _NOTHING

    def _key(self, key: object) -> str:
        if isinstance(key, str):
            return self._quote(key)
        from kestrel_cli.expressions.text import key_text

        return self._quote(key_text(key))

    def _scalar(self, value: object) -> str:
        """Text of anything but lists and maps; dates and decimals as expressions print them."""
        if value is _NOTHING:
            return ""
        write = self._scalars.get(type(value))
        if write is not None:
            return write(value)
        for kind in (str, bool, int, float):
            if isinstance(value, kind):
                return self._subclass(kind, value)
        from kestrel_cli.expressions.text import json_text, printed

        text = json_text(value)
        return text if text[0] != '"' else self._quote(printed(value))

    def _subclass(self, kind: type, value: Any) -> str:
        # A Duration is an int and prints as ISO text; an enum member is its value.
        text = str(value)
        return self._scalars[kind](kind(value)) if kind is not int else self._number(text, value)

    def _number(self, text: str, value: int) -> str:
        return _integer(value) if text.lstrip("-").isdigit() else self._quote(text)

    def _float(self, value: float) -> str:
        text = float.__repr__(value)
        if text[-1] in "fn":  # inf, nan: not JSON; Jackson writes their Java names as text
            return {"inf": '"Infinity"', "-inf": '"-Infinity"'}.get(text, '"NaN"')
        return text


_NOTHING: Final = object()


def _integer(value: int) -> str:
    try:
        return int.__repr__(value)
    except ValueError:  # more digits than Python turns into text
        return f'"{value:#x}"'


_COMPACT: Final = Values(Layout(None))


def compact_json(value: object) -> str:
    """`value` on one line without blanks."""
    return _COMPACT.text(value)


def clipped_json(value: object, most: int) -> tuple[str, bool]:
    """At most `most` characters of the compact text, and whether that is all; it stops there."""
    parts: list[str] = []
    size = 0
    for piece in _COMPACT.pieces(value):
        parts.append(piece)
        size += len(piece)
        if size > most:
            return "".join(parts)[:most], False
    return "".join(parts), True
