"""Amazon Ion text: writing JSON-like values, and reading them back with dates, decimals and blobs.

Kestra keeps rows in its internal storage as Ion text, one top-level value per line. Annotations and
symbol tables carry nothing for JSON-like data; they are read and dropped.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, NoReturn

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.text import java_double, key_text, printed
from kestrel_cli.java.times import Instant, moment_json

if TYPE_CHECKING:
    from collections.abc import Iterable

_IDENTIFIER: Final = re.compile(r"[$_a-zA-Z][$_a-zA-Z0-9]*", re.ASCII)
_RESERVED: Final = frozenset({"null", "true", "false", "nan"})
_SPECIAL_FLOATS: Final = {"Infinity": "+inf", "-Infinity": "-inf", "NaN": "nan"}
_WRITTEN_ESCAPES: Final = {
    '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f",
    "\0": "\\0", "\x07": "\\a", "\x0b": "\\v",
}  # fmt: skip

_BLANK: Final = re.compile(r"(?:[\s\ufeff]+|//[^\n\r]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER: Final = re.compile(
    r"[+-]inf(?![$\w])|-?(?:0[xX][0-9a-fA-F](?:_?[0-9a-fA-F])*|0[bB][01](?:_?[01])*"
    r"|\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?(?:[eEdD][+-]?\d+)?)",
    re.ASCII,
)
_TIMESTAMP: Final = re.compile(
    r"(\d{4})(?:T|-(\d\d)(?:T|-(\d\d)(?:T(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
    r"(Z|[+-]\d\d:\d\d))?)?))(?![\w:.+-])",
    re.ASCII,
)
_ESCAPES: Final = {
    "0": "\0", "a": "\x07", "b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "v": "\x0b",
    '"': '"', "'": "'", "?": "?", "\\": "\\", "/": "/", "\n": "", "\r": "",
}  # fmt: skip
_HEX_ESCAPES: Final = {"x": 2, "u": 4, "U": 8}
_OPERATORS: Final = re.compile(r"[!#%&*+\-./;<=>?@^`|~]+")


def write(value: object) -> str:
    """The Ion text of one value, on one line."""
    out: list[str] = []
    _write(value, out, 0)
    text = "".join(out)
    limits.check_length(len(text), "the Ion text")
    return text


def write_lines(values: Iterable[object]) -> str:
    """One top-level value per line, each line ended."""
    return "".join(write(value) + "\n" for value in values)


def read_first(text: str) -> object:
    """The first top-level value; null when there is none."""
    return _Reader(text).first()


def read_all(text: str, *, annotations: bool = False) -> list[object]:
    """All top-level values. With `annotations` an annotated value becomes a map of its
    `ion_annotations` and its `value`; else they are dropped.
    """
    return _Reader(text, annotations=annotations).all()


def _write(value: object, out: list[str], depth: int) -> None:
    if depth > limits.MAX_DEPTH:
        raise limits.too_deep()
    if isinstance(value, dict):
        out.append("{")
        for at, (key, item) in enumerate(value.items()):
            out.append(("," if at else "") + _symbol(key_text(key)) + ":")
            _write(item, out, depth + 1)
        out.append("}")
    elif isinstance(value, (list, tuple)):
        out.append("[")
        for at, item in enumerate(value):
            if at:
                out.append(",")
            _write(item, out, depth + 1)
        out.append("]")
    else:
        out.append(_scalar(value))
    limits.check_items(len(out) // 4, "the Ion text")


def _scalar(value: object) -> str:  # one per type
    if value is None:
        return "null"
    if isinstance(value, str):
        return f'"{_escaped(value)}"'
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, (bool, int)):
        return printed(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return f'"{moment_json(value)}"'
    if isinstance(value, date):
        return moment_json(value)
    return _rare(value)


def _rare(value: object) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        text = str(value).replace("E+", "d").replace("E", "d")
        return text if "." in text or "d" in text else text + "."
    if isinstance(value, (bytes, bytearray)):
        return "{{" + printed(value) + "}}"
    return f'"{_escaped(printed(value))}"'


def _float(value: float) -> str:
    text = java_double(value)
    if text in _SPECIAL_FLOATS:
        return _SPECIAL_FLOATS[text]
    if text.endswith(".0"):
        return text.removesuffix(".0") + "e0"
    return text if "E" in text else text + "e0"


def _symbol(name: str) -> str:
    if _IDENTIFIER.fullmatch(name) and name not in _RESERVED:
        return name
    return "'" + _escaped(name).replace('\\"', '"').replace("'", "\\'") + "'"


def _escaped(text: str) -> str:
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return "".join(_WRITTEN_ESCAPES.get(char) or _hex_if_control(char) for char in text)


def _hex_if_control(char: str) -> str:
    return f"\\x{ord(char):02x}" if char < " " or char == "\x7f" else char


class _Reader:
    """Reads one Ion text from left to right."""

    def __init__(self, text: str, *, annotations: bool = False) -> None:
        limits.check_length(len(text), "the Ion text")
        self.text = text
        self.at = 0
        self.annotations = annotations

    def first(self) -> object:
        """The first top-level value, or null."""
        self.skip_blank()
        while self.at < len(self.text):
            kind, value = self.annotated(0)
            if kind != "system":
                return value
            self.skip_blank()
        return None

    def all(self) -> list[object]:
        """Every top-level value."""
        values: list[object] = []
        self.skip_blank()
        while self.at < len(self.text):
            kind, value = self.annotated(0)
            if kind != "system":
                values.append(value)
                limits.check_items(len(values), "the Ion text")
            self.skip_blank()
        return values

    def skip_blank(self) -> None:
        """Blanks and comments."""
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def fail(self, what: str) -> NoReturn:
        """Raise the error for what stands here."""
        line = self.text.count("\n", 0, self.at) + 1
        raise RenderError(f"Invalid Ion text at line {line}: {what}")

    def annotated(self, depth: int) -> tuple[str, object]:
        """A value after its annotations; `system` for version markers and symbol tables."""
        if depth > limits.MAX_DEPTH:
            raise limits.too_deep("the Ion text")
        annotations: list[object] = []
        while True:
            kind, value = self.value(depth)
            self.skip_blank()
            if kind != "symbol" or not self.text.startswith("::", self.at):
                break
            annotations.append(value)
            self.at += 2
            self.skip_blank()
        marker = depth == 0 and kind == "symbol" and re.fullmatch(r"\$ion_\d+_\d+", str(value))
        if marker or (depth == 0 and annotations[:1] == ["$ion_symbol_table"]):
            return "system", None
        if annotations and self.annotations:
            value = {"ion_annotations": annotations, "value": value}
        return kind, value

    def value(self, depth: int) -> tuple[str, object]:  # one per kind
        """One value and what kind it is."""
        start = self.text[self.at : self.at + 1]
        if start == "{":
            if self.text.startswith("{{", self.at):
                return "lob", self.lob()
            return "struct", self.struct(depth)
        if start == "[":
            return "list", self.sequence(depth, "]")
        if start == "(":
            return "sexp", self.sequence(depth, ")")
        if start == '"':
            return "string", self.short_string('"')
        if start == "'":
            if self.text.startswith("'''", self.at):
                return "string", self.long_string()
            return "symbol", self.short_string("'")
        return self.word()

    def word(self) -> tuple[str, object]:
        """A timestamp, number, keyword or symbol."""
        stamp = _TIMESTAMP.match(self.text, self.at)
        if stamp:
            self.at = stamp.end()
            return "timestamp", self.timestamp(stamp)
        number = _NUMBER.match(self.text, self.at)
        if number:
            self.at = number.end()
            if _IDENTIFIER.match(self.text, self.at):
                self.fail("a number runs into a word")
            return "number", self.number(number[0])
        found = _IDENTIFIER.match(self.text, self.at)
        if not found:
            self.fail(f"unexpected {self.text[self.at : self.at + 1]!r}")
        self.at = found.end()
        return self.keyword(found[0])

    def keyword(self, word: str) -> tuple[str, object]:
        if word == "null":
            typed = re.compile(r"\.[a-z]+").match(self.text, self.at)
            self.at = typed.end() if typed else self.at
            return "null", None
        if word in ("true", "false"):
            return "bool", word == "true"
        return ("float", float("nan")) if word == "nan" else ("symbol", word)

    def number(self, text: str) -> object:
        """An integer, float (`e`) or decimal (`.` or `d`)."""
        if text.endswith("inf"):
            return float(text)
        plain = text.replace("_", "").lower()
        if len(plain) > limits.MAX_BITS:
            self.fail("a number has too many digits")
        if "0x" in plain or "0b" in plain:
            return limits.check_integer(int(plain, 0))
        if "e" in plain:
            return float(plain)
        if "d" in plain or "." in plain:
            return self.decimal(plain.replace("d", "e"))
        if re.match(r"-?0\d", plain):
            self.fail("a number starts with 0")
        return limits.check_integer(int(plain))

    def decimal(self, text: str) -> Decimal:
        try:
            value = Decimal(text)
        except InvalidOperation:
            self.fail("no decimal number")
        if abs(value.adjusted()) > limits.MAX_BITS:
            self.fail("a decimal number is too large")
        return value

    def timestamp(self, found: re.Match[str]) -> object:
        """A date, an instant when the offset is UTC or unknown, or a date-time with its offset."""
        year, month, day, hour, minute, second, fraction, offset = found.groups()
        try:
            whole = date(int(year), int(month or 1), int(day or 1))
            if hour is None:
                return whole
            micros = int((fraction or "0")[:6].ljust(6, "0"))
            clock = time(int(hour), int(minute), int(second or 0), micros)
            if offset in ("Z", "-00:00", "+00:00"):
                return Instant.of(datetime.combine(whole, clock, UTC))
            size = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))
            return datetime.combine(whole, clock, timezone(-size if offset[0] == "-" else size))
        except ValueError:
            self.fail("no such date")

    def struct(self, depth: int) -> dict[str, object]:
        """A map; of two entries of one name the last counts."""
        self.at += 1
        entries: dict[str, object] = {}
        self.skip_blank()
        while not self.took("}"):
            kind, name = self.value(depth + 1)
            if kind not in ("symbol", "string"):
                self.fail("a field name has to be a symbol or a string")
            self.skip_blank()
            if not self.took(":"):
                self.fail("expected `:`")
            self.skip_blank()
            entries[str(name)] = self.annotated(depth + 1)[1]
            self.skip_blank()
            if not self.took(",") and not self.text.startswith("}", self.at):
                self.fail("expected `,` or `}`")
            self.skip_blank()
        return entries

    def sequence(self, depth: int, end: str) -> list[object]:
        """A list `[a, b]` or an S-expression `(a b)`."""
        self.at += 1
        items: list[object] = []
        self.skip_blank()
        while not self.took(end):
            operator = _OPERATORS.match(self.text, self.at) if end == ")" else None
            if operator and not _NUMBER.match(self.text, self.at):
                self.at = operator.end()
                items.append(operator[0])
            else:
                items.append(self.annotated(depth + 1)[1])
            limits.check_items(len(items), "the Ion text")
            self.skip_blank()
            if end == "]" and not self.took(",") and not self.text.startswith(end, self.at):
                self.fail("expected `,` or `]`")
            self.skip_blank()
        return items

    def took(self, sign: str) -> bool:
        """Step over the sign if it stands here."""
        found = self.text.startswith(sign, self.at)
        self.at += len(sign) if found else 0
        return found

    def short_string(self, quote: str) -> str:
        self.at += 1
        out: list[str] = []
        while not self.took(quote):
            if self.at >= len(self.text) or self.text[self.at] in "\n\r":
                self.fail("a string is not closed")
            out.append(self.character())
        return "".join(out)

    def long_string(self) -> str:
        """`'''a''' '''b'''`: parts next to each other are one text."""
        out: list[str] = []
        while self.took("'''"):
            while not self.took("'''"):
                if self.at >= len(self.text):
                    self.fail("a string is not closed")
                out.append(self.character())
            self.skip_blank()
        return "".join(out)

    def character(self) -> str:
        """One character of a string, or an escape."""
        run = re.compile(r"[^\\\"'\n\r]+").match(self.text, self.at)
        if run:
            self.at = run.end()
            return run[0]
        char = self.text[self.at]
        self.at += 1
        return self.escape() if char == "\\" else char

    def escape(self) -> str:
        name = self.text[self.at : self.at + 1]
        self.at += 1
        digits = _HEX_ESCAPES.get(name, 0)
        if not digits:
            if name not in _ESCAPES or not name:
                self.fail(f"unknown escape \\{name}")
            return _ESCAPES[name]
        code = self.text[self.at : self.at + digits]
        self.at += digits
        if not re.fullmatch(rf"[0-9a-fA-F]{{{digits}}}", code) or int(code, 16) > 0x10FFFF:
            self.fail(f"unknown escape \\{name}{code}")
        return chr(int(code, 16))

    def lob(self) -> bytes:
        """`{{base64}}` or `{{"text"}}`."""
        from base64 import b64decode

        self.at += 2
        # Only blanks: base64 may start with the `//` of a comment.
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        if self.text.startswith(('"', "'''"), self.at):
            content = self.value(0)[1]
            data = str(content).encode("latin-1", "replace")
            self.skip_blank()
            end = self.at
        else:
            end = self.text.find("}}", self.at)
            try:
                data = b64decode("".join(self.text[self.at : end].split()), validate=True)
            except ValueError:
                self.fail("no base64 in a blob")
        self.at = end
        if end < 0 or not self.took("}}"):
            self.fail("a blob is not closed")
        return data
