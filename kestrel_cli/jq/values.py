"""jq's view of JSON values: type names, order, text."""

from __future__ import annotations

import json
import math
from typing import Final

TYPE_NAMES: Final[tuple[tuple[type, str], ...]] = (
    (bool, "boolean"),
    (int, "number"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)
_ENCODE: Final = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), check_circular=False
).encode
_EXACT: Final = 1e19
_SHOWN: Final = 11


def type_name(value: object) -> str:
    """`null`, `boolean`, `number`, `string`, `array` or `object`."""
    for python_type, name in TYPE_NAMES:
        if isinstance(value, python_type):
            return name
    return "null"


def is_number(value: object) -> bool:
    """A number; booleans are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def truthy(value: object) -> bool:
    """Everything but null and false."""
    return value is not None and value is not False


def normal(number: float) -> int | float:
    """The result of arithmetic: an integer where it is one, so that `4 / 2` prints as `2`."""
    if number.is_integer() and abs(number) < _EXACT:
        return int(number)
    return number


def order_key(value: object) -> tuple[object, ...]:  # one per type
    """Hashable, and sorts as jq does: null, false, true, numbers, strings, arrays, objects."""
    if value is None:
        return (0,)
    if isinstance(value, bool):
        return (2 if value else 1,)
    if isinstance(value, (int, float)):
        # NaN is less than any number, and so equal to nothing but in sorting.
        return (3, 0, 0) if value != value else (3, 1, value)
    if isinstance(value, str):
        return (4, value)
    if isinstance(value, list):
        return (5, tuple(order_key(item) for item in value))
    if isinstance(value, dict):
        keys = sorted(value)
        return (6, tuple(keys), tuple(order_key(value[key]) for key in keys))
    return (7,)


def equal(left: object, right: object) -> bool:
    """jq's `==`: numbers by size, everything else by type and content; NaN equals nothing."""
    if isinstance(left, str) or isinstance(right, str):
        return type(left) is type(right) and left == right
    if is_number(left) and is_number(right):
        return left == right
    if isinstance(left, (list, dict)) and type(left) is not type(right):
        return False
    return order_key(left) == order_key(right)


def less(left: object, right: object) -> bool:
    """jq's `<`."""
    return order_key(left) < order_key(right)


def dump_json(value: object) -> str:
    """jq's `tojson`."""
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return _ENCODE(value)
    return _ENCODE(_printable(value))


def dump_text(value: object) -> str:
    """jq's `tostring`: text as is, everything else as JSON."""
    return value if isinstance(value, str) else dump_json(value)


def shown(value: object) -> str:
    """The value for an error message, cut as jq does."""
    text = dump_json(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "..."


def described(value: object) -> str:
    """Type and value for an error message: `string ("a")`."""
    return f"{type_name(value)} ({shown(value)})"


def _printable(value: object) -> object:
    """Numbers as jq prints them: integers without `.0`, NaN as null, infinities as the limits."""
    if isinstance(value, float):
        return _printable_number(value)
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    return value


def finite(value: object) -> object:
    """NaN as null and infinities as the largest numbers, for the world outside jq."""
    if isinstance(value, float):
        return value if math.isfinite(value) else _printable_number(value)
    if isinstance(value, list):
        return [finite(item) for item in value]
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return value


def _printable_number(value: float) -> object:
    if math.isnan(value):
        return None
    if math.isinf(value):
        return math.copysign(1.7976931348623157e308, value)
    return normal(value)
