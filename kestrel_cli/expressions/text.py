"""The text forms of values: printed, Java text and JSON.

| value | `printed` (`{{ v }}`) | `java_text` (`~`, `join`) | `json_text` (`toJson`) |
| --- | --- | --- | --- |
| null | nothing | `null` | `null` |
| text | as is | as is | quoted |
| 1e9 | `1.0E9` | `1.0E9` | `1.0E9` |
| list | JSON | `[a, null]` | `["a",null]` |
| map | JSON | `{k=v, n=null}` | `{"k":"v"}`, null entries left out |
"""

from __future__ import annotations

import json
import re
from datetime import date, time
from typing import TYPE_CHECKING, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.java.times import moment_json, moment_text

if TYPE_CHECKING:
    from collections.abc import Iterable

# What values that are not plain data print as. Their own `str` could run code or show addresses.
OPAQUE: Final = "[object]"


class Entry:
    """One entry of a map inside a `for`: has `key` and `value`."""

    __slots__ = ("key", "value")

    def __init__(self, key: object, value: object) -> None:
        self.key = key
        self.value = value


_ENCODE: Final = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), check_circular=False
).encode
_ESCAPE: Final = re.compile(r"\\(?:u00[01][0-9a-f]|.)")


def printed(value: object) -> str:
    """The text `{{ value }}` writes."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[return-value]  # `kind is str` does not narrow
    if value is None:
        return ""
    if kind is int:
        return _integer(value)  # type: ignore[arg-type]  # the same
    if isinstance(value, (dict, list, tuple)):
        return json_text(value)
    return _scalar(value)


def java_text(value: object) -> str:
    """The text Java's `String.valueOf` gives: used by `~`, `join`, map keys and error messages."""
    if isinstance(value, (dict, list, tuple)):
        out: list[str] = []
        _write_java(value, out, _Budget(), 0)
        return "".join(out)
    if value is None:
        return "null"
    return _scalar(value, scientific=True)


def json_text(value: object) -> str:
    """Compact JSON with Java's number forms. Null map entries are left out, nulls in lists kept."""
    budget = _Budget()
    if _is_plain(value, budget, 0):
        text = _ENCODE(value)
        return _upper_hex(text) if "\\u" in text else text
    out: list[str] = []
    _write_json(value, out, _Budget(), 0)
    return "".join(out)


def java_double(value: float) -> str:
    """A floating-point number as Java's `Double.toString` writes it."""
    if value != value:  # only NaN differs from itself
        return "NaN"
    size = abs(value)
    if 1e-3 <= size < 1e7 or size == 0:
        return repr(value)
    if size == float("inf"):
        return "Infinity" if value > 0 else "-Infinity"
    mantissa, _, exponent = repr(size).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # The place of the first digit: 0 for 1.5, 2 for 150, -3 for 0.0015.
    leading_zeros = len(whole + fraction) - len(digits)
    power = len(whole) - 1 - leading_zeros + int(exponent or 0)
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[0]}.{digits[1:].rstrip('0') or '0'}E{power}"


def key_text(key: object) -> str:
    """A map key as JSON has it: text as is, everything else as Java text."""
    return key if isinstance(key, str) else java_text(key)


class _Budget:
    """Counts down the characters a text may still have."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = limits.MAX_TEXT

    def spend(self, characters: int) -> None:
        self.left -= characters
        if self.left < 0:
            raise limits.text_too_long("the text of the value")


def _integer(value: int) -> str:
    try:
        return str(value)
    except ValueError:
        limits.check_integer(value)
        raise RenderError("an integer is too long to be printed") from None


def _scalar(value: object, *, scientific: bool = False) -> str:
    """Text of anything but null, lists and maps; `scientific` is how Java prints decimals."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, (date, time)):
        return moment_text(value)
    return _rare(value, scientific=scientific)


def _rare(value: object, *, scientific: bool) -> str:
    # Imported here because hardly a flow has decimals, and the module costs start-up time.
    from decimal import Decimal

    if isinstance(value, Decimal):
        return str(value) if scientific else plain_decimal(value)
    if isinstance(value, (bytes, bytearray)):
        from base64 import b64encode

        return b64encode(value).decode("ascii")
    if isinstance(value, Entry):
        return f"{java_text(value.key)}={java_text(value.value)}"
    return OPAQUE


def plain_decimal(value: object) -> str:
    """A decimal in plain digits, trailing zeros kept: `1.10`, `1000` for 1E+3."""
    from decimal import Decimal

    if not isinstance(value, Decimal) or not value.is_finite():
        return str(value)
    if abs(value.adjusted()) > limits.MAX_TEXT:
        raise limits.text_too_long("a decimal number")
    return format(value, "f")


def _is_plain(value: object, budget: _Budget, depth: int) -> bool:
    """True when the standard library's encoder gives exactly our JSON, within the limits."""
    kind = type(value)
    if kind is str:
        budget.spend(len(value) + 2)  # type: ignore[arg-type]  # `kind is str` does not narrow
        return True
    if kind is list:
        if depth >= limits.MAX_DEPTH:
            raise limits.too_deep()
        budget.spend(2)
        return _all_plain(value, budget, depth + 1)  # type: ignore[arg-type]  # the same
    if kind is dict:
        return _is_plain_map(value, budget, depth)  # type: ignore[arg-type]  # the same
    budget.spend(1)
    return value is None or kind is bool or (kind is int and -(2**63) <= value < 2**63)  # type: ignore[operator]


def _all_plain(items: list[object], budget: _Budget, depth: int) -> bool:
    plain = True
    cost = 0
    for item in items:
        kind = type(item)
        if kind is str:
            cost += len(item) + 2  # type: ignore[arg-type]  # `kind is str` does not narrow
        elif item is None or kind is bool:
            cost += 1
        else:
            # No short cut: the budget has to see every element.
            plain = _is_plain(item, budget, depth) and plain
    budget.spend(cost)
    return plain


def _is_plain_map(value: dict[object, object], budget: _Budget, depth: int) -> bool:
    if depth >= limits.MAX_DEPTH:
        raise limits.too_deep()
    plain = True
    for key, item in value.items():
        if type(key) is not str or item is None:
            plain = False
            budget.spend(4)
        else:
            budget.spend(len(key) + 4)
        plain = _is_plain(item, budget, depth + 1) and plain
    return plain


def _write_json(value: object, out: list[str], budget: _Budget, depth: int) -> None:
    if isinstance(value, dict):
        entries = (
            (_quoted(key_text(key)) + ":", item) for key, item in value.items() if item is not None
        )
        _write_joined(entries, "{}", out, budget, depth)
    elif isinstance(value, (list, tuple)):
        _write_joined((("", item) for item in value), "[]", out, budget, depth)
    else:
        text = _json_scalar(value)
        budget.spend(len(text))
        out.append(text)


def _write_joined(
    items: Iterable[tuple[str, object]],
    brackets: str,
    out: list[str],
    budget: _Budget,
    depth: int,
) -> None:
    _check_depth(depth)
    budget.spend(2)
    separator = brackets[0]
    for label, item in items:
        out.append(separator + label)
        budget.spend(len(label) + 1)
        _write_json(item, out, budget, depth + 1)
        separator = ","
    out.append(brackets[1] if separator == "," else brackets)


def _json_scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, (date, time)):
        return f'"{moment_json(value)}"'
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):
        return f'"{java_double(value)}"'
    text = _scalar(value)
    return text if isinstance(value, (bool, int, float)) or _is_decimal(value) else _quoted(text)


def _is_decimal(value: object) -> bool:
    from decimal import Decimal

    return isinstance(value, Decimal) and value.is_finite()


def _quoted(text: str) -> str:
    encoded = _ENCODE(text)
    return _upper_hex(encoded) if "\\u" in encoded else encoded


def _upper_hex(encoded: str) -> str:
    """Control characters as Java's writer spells them: `\\u001F`, not `\\u001f`."""
    return _ESCAPE.sub(
        lambda found: found[0][:4] + found[0][4:].upper() if len(found[0]) > 2 else found[0],
        encoded,
    )


def _write_java(value: object, out: list[str], budget: _Budget, depth: int) -> None:
    if isinstance(value, dict):
        _check_depth(depth)
        budget.spend(2)
        separator = "{"
        for key, item in value.items():
            label = f"{separator}{java_text(key)}="
            budget.spend(len(label))
            out.append(label)
            _write_java(item, out, budget, depth + 1)
            separator = ", "
        out.append("}" if value else "{}")
    elif isinstance(value, (list, tuple)):
        _check_depth(depth)
        budget.spend(2)
        separator = "["
        for item in value:
            out.append(separator)
            budget.spend(2)
            _write_java(item, out, budget, depth + 1)
            separator = ", "
        out.append("]" if value else "[]")
    else:
        text = java_text(value)
        budget.spend(len(text))
        out.append(text)


def _check_depth(depth: int) -> None:
    if depth >= limits.MAX_DEPTH:
        raise limits.too_deep()
