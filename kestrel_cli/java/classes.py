"""The Java class a value would have in Kestra: for `className` and for error messages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from kestrel_cli.java.times import Instant

# In this order: bool is an int, Instant is a datetime, datetime is a date.
_CLASSES: Final[tuple[tuple[type, str], ...]] = (
    (str, "java.lang.String"),
    (bool, "java.lang.Boolean"),
    (float, "java.lang.Double"),
    (dict, "java.util.LinkedHashMap"),
    (list, "java.util.ArrayList"),
    (tuple, "java.util.ArrayList"),
    (Instant, "java.time.Instant"),
    (bytes, "byte[]"),
)


def java_class(value: object) -> str:
    """`java.lang.String`, ... Integers get the smallest class that holds them."""
    for python_type, name in _CLASSES:
        if isinstance(value, python_type):
            return name
    if isinstance(value, int):
        return _integer_class(value)
    if isinstance(value, datetime):
        return "java.time.LocalDateTime" if value.tzinfo is None else "java.time.ZonedDateTime"
    return "java.time.LocalDate" if isinstance(value, date) else _rare_class(value)


def _rare_class(value: object) -> str:
    # Imported here because hardly a flow has decimals, and the module costs start-up time.
    from decimal import Decimal

    return "java.math.BigDecimal" if isinstance(value, Decimal) else "java.lang.Object"


def _integer_class(value: int) -> str:
    bits = value.bit_length()
    if bits < 32:
        return "java.lang.Integer"
    return "java.lang.Long" if bits < 64 else "java.math.BigInteger"
