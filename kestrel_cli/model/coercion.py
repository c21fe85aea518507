"""Values that Kestra's reader converts without a word, and the words for what a property wants.

Kestra reads a property through Jackson: numbers and booleans become text where text is wanted, text
becomes a number or a boolean where one is wanted.
"""

import re
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model, unwrapped

_WHOLE: Final = re.compile(r"[-+]?\d{1,18}", re.ASCII)
_DECIMAL: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)
_EXACT: Final = 2**53
_BOOLEANS: Final = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


def as_text(value: object) -> str:
    """Text, or the text of a number or boolean. Raises ValueError for the rest, as all do here."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _java_double(value)
        case _:
            raise ValueError


def as_boolean(value: object) -> bool:
    """A boolean, a number (0 is false), or their text."""
    match value:
        case bool():
            return value
        case int():
            return value != 0
        case str() if value.strip() in _BOOLEANS:
            return _BOOLEANS[value.strip()]
        case _:
            raise ValueError


def as_integer(value: object) -> int:
    """A whole number, or its text; a decimal only when nothing is lost."""
    match value:
        case bool():
            raise ValueError
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if _WHOLE.fullmatch(value.strip()):
            return int(value)
        case _:
            raise ValueError


def as_float(value: object) -> float:
    """A number, or its text."""
    match value:
        case bool():
            raise ValueError
        case float():
            return value
        case int() if abs(value) <= _EXACT:
            return float(value)
        case str() if _DECIMAL.fullmatch(value.strip()):
            return float(value)
        case _:
            raise ValueError


READERS: Final[dict[object, Callable[[Any], object]]] = {
    str: as_text,
    bool: as_boolean,
    int: as_integer,
    float: as_float,
    Duration: Duration.parse,
}

_WORDS: Final[dict[object, str]] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    Duration: "a duration such as `PT10S`",
}


def wanted(shape: object) -> str:
    """What a property of this shape wants, to complete "must be ..."."""
    if shape in _WORDS:
        return _WORDS[shape]
    origin, parts = get_origin(shape), get_args(shape)
    if origin is Literal:
        return "one of " + ", ".join(f"`{part}`" for part in parts)
    if origin in (Union, UnionType):
        words = [wanted(unwrapped(part)[0]) for part in parts if part is not NoneType]
        return " or ".join(dict.fromkeys(words))
    if origin in (list, tuple):
        return "a list"
    if origin is dict or (isinstance(shape, type) and issubclass(shape, Model)):
        return "a map"
    return "a value"


def _java_double(value: float) -> str:
    """As Java prints it: an exponent from ten millions on and below a thousandth."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    shortest = next(text for digits in range(17) if float(text := f"{value:.{digits}e}") == value)
    mantissa, _, power = shortest.partition("e")
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}E{int(power)}"
