"""Values of inputs and flow outputs: from what was given to what their type says.

Every type is read as Kestra reads it (`tests/model/test_typed.py` has the table). Results stay
JSON-friendly: dates, times and durations are normalised ISO text. The sentences of the errors are
Kestra's, for numbers and dates Java's own.
"""

from collections.abc import Callable, Mapping
from typing import Final

from kestrel_cli.model.duration import Duration

# What a good value looks like, for the hint below an error.
FORMS: Final[Mapping[str, str]] = {
    "INT": "a whole number from -2147483648 to 2147483647",
    "FLOAT": "a number such as 42.5",
    "DATE": "a date such as 2019-10-06",
    "DATETIME": "a date and time with zone, such as 2019-10-06T18:27:49Z",
    "TIME": "a time such as 18:27:49 or 18:27",
    "DURATION": "a duration such as PT5M6S or P1D",
    "JSON": 'a JSON text such as {"key": "value"}',
    "YAML": "a YAML text such as `key: value`",
    "ARRAY": 'a list as JSON, such as ["a", "b"]',
    "MULTISELECT": 'a list as JSON, such as ["a", "b"]',
    "URI": "an address with a scheme, such as https://example.com",
    "EMAIL": "an address such as someone@example.com",
}
TYPES: Final = frozenset(FORMS) | {"STRING", "BOOL", "BOOLEAN", "SELECT", "ENUM", "SECRET", "FILE"}

_INT: Final = (-(2**31), 2**31 - 1)
_LARGEST_FLOAT: Final = 3.4028235677973362e38  # what still rounds to the largest one


def typed(
    type_name: str,
    raw: object,
    *,
    item_type: str | None = None,
    read_yaml: Callable[[str], object] | None = None,
) -> object:
    """`raw` as a value of the type. Raises ValueError with the cause Kestra gives.

    `item_type` is the type of the elements of an ARRAY or MULTISELECT. `read_yaml` reads the text
    of a YAML value; without it that text is kept.
    """
    if raw is None:
        raise ValueError("the value is null")
    if type_name in ("ARRAY", "MULTISELECT"):
        return _items(raw, item_type, read_yaml)
    if type_name == "YAML":
        if isinstance(raw, (dict, list)) or read_yaml is None:
            return raw
        return read_yaml(as_text(raw))
    reader = _READERS.get(type_name)
    if reader is None:
        raise ValueError(f"`{type_name}` is not a type of input or output")
    return reader(raw)


def as_text(value: object) -> str:
    """The text of a value as Java prints it: `true`, `null`, `[a, b]`, `{k=v}`."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(as_text(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{as_text(k)}={as_text(v)}' for k, v in value.items())}}}"
    written = getattr(value, "isoformat", None)  # dates of YAML and of expressions
    return written().replace("+00:00", "Z") if callable(written) else str(value)


def choices(values: list[object] | None) -> list[str]:
    """The texts a SELECT, MULTISELECT or ENUM offers; of Kestra 2's `{value, label}` the value."""
    return [
        as_text(value["value"] if isinstance(value, dict) and "value" in value else value)
        for value in values or ()
    ]


def _items(
    raw: object, item_type: str | None, read_yaml: Callable[[str], object] | None
) -> list[object]:
    items = raw if isinstance(raw, (list, tuple)) else _json(as_text(raw))
    if not isinstance(items, (list, tuple)):
        raise ValueError(f"`{as_text(raw)}` is not a list")
    if item_type is None:
        return list(items)
    made = []
    for item in items:
        try:
            made.append(typed(item_type, item, read_yaml=read_yaml))
        except ValueError:
            raise ValueError(
                f"Unable to parse array element as `{item_type}` on `{as_text(item)}`"
            ) from None
    return made


def _int(raw: object) -> int:
    import re

    text = as_text(raw)
    # Longer texts are out of range anyway, and Python refuses to read very long ones.
    if re.fullmatch(r"[-+]?0*\d{1,10}", text) and _INT[0] <= (number := int(text)) <= _INT[1]:
        return number
    raise ValueError(f'For input string: "{text}"')


def _float(raw: object) -> float:
    """A 32-bit float, as the number with its shortest digits: what Java prints is what we keep."""
    import re

    text = as_text(raw).strip()
    if not text:
        raise ValueError("empty String")
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?[fFdD]?", text, re.ASCII):
        raise ValueError(f'For input string: "{text}"')
    number = float(text.rstrip("fFdD"))
    if abs(number) > _LARGEST_FLOAT:
        raise ValueError(f"`{text}` is too large for a 32-bit float")
    return _shortest(number)


def _shortest(number: float) -> float:
    import struct

    packed = struct.pack("f", number)
    (narrow,) = struct.unpack("f", packed)
    candidates = (float(f"{narrow:.{digits}g}") for digits in range(1, 10))
    return next(one for one in candidates if struct.pack("f", one) == packed)


def _bool(raw: object) -> bool:
    # As Java's Boolean.valueOf: everything but "true" is false, nothing is an error.
    return as_text(raw).lower() == "true"


def _date(raw: object) -> str:
    from kestrel_cli.model.iso_text import iso_date

    return iso_date(as_text(raw))


def _time(raw: object) -> str:
    from kestrel_cli.model.iso_text import iso_time

    return iso_time(as_text(raw))


def _datetime(raw: object) -> str:
    from kestrel_cli.model.iso_text import iso_instant_text

    text = as_text(raw)
    # A YAML reader hands unquoted instants over as date-times in UTC, without saying so.
    naive = not isinstance(raw, str) and getattr(raw, "tzinfo", "") is None
    return iso_instant_text(f"{text}Z" if naive else text)


def _duration(raw: object) -> str:
    try:
        return str(Duration(raw) if isinstance(raw, Duration) else Duration.parse(raw))
    except ValueError:
        raise ValueError("Text cannot be parsed to a Duration") from None


def _json(raw: object) -> object:
    if isinstance(raw, (dict, list)):
        return raw
    import json

    try:
        return json.loads(as_text(raw), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise ValueError("not valid JSON: nested too deeply") from None
    except ValueError as error:
        if "integer string conversion" not in str(error):
            raise
        raise ValueError("not valid JSON: a number with too many digits") from None


def _no_constant(name: str) -> object:
    raise ValueError(f"not valid JSON: {name} is not a JSON value")


def _uri(raw: object) -> str:
    import re

    text = as_text(raw)
    if not re.fullmatch(r'[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`\x00-\x1f]+', text):
        raise ValueError("Invalid URI format.")
    return text


_READERS: Final[Mapping[str, Callable[[object], object]]] = {
    "STRING": as_text,
    "SELECT": as_text,
    "ENUM": as_text,
    "EMAIL": as_text,
    "SECRET": as_text,
    "FILE": as_text,
    "INT": _int,
    "FLOAT": _float,
    "BOOL": _bool,
    "BOOLEAN": _bool,
    "DATE": _date,
    "TIME": _time,
    "DATETIME": _datetime,
    "DURATION": _duration,
    "JSON": _json,
    "URI": _uri,
}
