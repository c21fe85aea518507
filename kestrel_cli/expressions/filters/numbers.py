"""Filters on numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.arguments import text_argument

if TYPE_CHECKING:
    from collections.abc import Callable

# What Java's `Integer.decode` reads: decimal, 0x.. or #.. as hexadecimal, 0.. as octal.
_INTEGER: Final = re.compile(
    r"([+-]?)(?:0[xX]([0-9a-fA-F]+)|#([0-9a-fA-F]+)|0([0-7]+)|(0|[1-9]\d*))[lL]?", re.ASCII
)
_FLOAT: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,9})?[fFdD]?", re.ASCII)


def absolute(value: object) -> object:
    """The number without its sign; null and other types are errors."""
    if value is None:
        raise RenderError('Can not pass null value to "abs" filter.')
    from decimal import Decimal

    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise RenderError("The 'abs' filter does require as input a number.")
    return value.copy_abs() if isinstance(value, Decimal) else abs(value)


def number(value: object, type: object = None) -> object:  # the dialect's own name
    """The number a text spells: of the `type`, else an integer where possible."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise RenderError("The 'number' filter can only be applied to a string.")
    text = value.strip()
    if len(text) > limits.MAX_BITS:
        raise RenderError("The number has too many digits.")
    if type is None:
        whole = _integer(text)
        return _floating(text) if whole is None else limits.check_integer(whole)
    kind = text_argument(type, "number", "type")
    reader = _TYPES.get(kind)
    if reader is None:
        raise RenderError(f"The 'number' filter does not know the type '{kind}'.")
    return reader(text)


def _integer(text: str) -> int | None:
    found = _INTEGER.fullmatch(text)
    if found is None:
        return None
    sign, hexadecimal, hash_digits, octal, digits = found.groups()
    if digits is not None:
        size = int(digits)
    elif octal is not None:
        size = int(octal, 8)
    else:
        size = int(hexadecimal or hash_digits, 16)
    return -size if sign == "-" else size


def _floating(text: str) -> object:
    if not _FLOAT.fullmatch(text):
        raise _no_number(text)
    plain = text.rstrip("fFdD")
    size = float(plain)
    return _decimal(plain) if size in (float("inf"), -float("inf")) else size


def _within(bits: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        whole = _integer(text)
        if whole is None or not -(2 ** (bits - 1)) <= whole < 2 ** (bits - 1):
            raise _no_number(text)
        return whole

    return read


def _double(text: str) -> float:
    if not _FLOAT.fullmatch(text):
        raise _no_number(text)
    return float(text.rstrip("fFdD"))


def _decimal(text: str) -> object:
    from decimal import Decimal, InvalidOperation

    try:
        value = Decimal(text)
    except InvalidOperation:
        raise _no_number(text) from None
    if not value.is_finite():
        raise _no_number(text)
    return value


def _no_number(text: str) -> RenderError:
    return RenderError(f"{text} is not a valid number.")


_TYPES: Final[dict[str, Callable[[str], object]]] = {
    "INT": _within(32),
    "LONG": _within(64),
    "BIGINTEGER": _within(limits.MAX_BITS),
    "FLOAT": _double,
    "DOUBLE": _double,
    "BIGDECIMAL": _decimal,
}


def number_format(value: object, format: object = None) -> object:  # the dialect's own
    """The number in Java's DecimalFormat pattern, by default `#,##0.###`; English symbols."""
    if value is None:
        return None
    from decimal import Decimal

    from kestrel_cli.expressions.java_errors import rendering
    from kestrel_cli.java.decimal_format import format_number

    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise RenderError("The input for the 'NumberFormat' filter has to be a number.")
    pattern = None if format is None else text_argument(format, "numberFormat", "format")
    return rendering(format_number)(value, "#,##0.###" if pattern is None else pattern)
