"""What a scalar of YAML means to Kestra, whose reader is Jackson's on SnakeYAML: YAML 1.1, mostly.

| text | value |
| --- | --- |
| nothing, `~`, `null` | null |
| `yes`, `on`, `true` ... | true or false |
| `010`, `0x1F`, `0b11`, `+1`, `1_000` | 8, 31, 3, 1, 1000 |
| `08`, `0o14`, `12:30:45`, `2024-01-31` | text |
| `1e3`, `.5`, `1.`, `1_000.5` | numbers |
| `1e400` | `Infinity`, which is text in JSON |
| `.inf`, `.NaN`, `1:30.5` | refused |
"""

import re
from typing import Final

_NULLS: Final = ("", "~", "null", "Null", "NULL")
_TRUE: Final = ("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON")
_FALSE: Final = ("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(_NULLS, None),
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(_FALSE, False),
}
_USUAL: Final = ("true", "false")

_NUMBER_STARTS: Final = frozenset("0123456789-+.")
_INTEGER: Final = re.compile(
    r"([-+]?)(?:(0|[1-9][0-9_]*)|0([0-7_]+)|0x(_*[0-9a-fA-F][0-9a-fA-F_]*)|0b(_*[01][01_]*))",
    re.ASCII,
)
_BASES: Final = (10, 8, 16, 2)  # of the groups after the sign
_FLOAT: Final = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?)",
    re.ASCII,
)
_MALFORMED: Final = re.compile(
    r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*",
    re.ASCII,
)
_LOOKS_LIKE_NUMBER: Final = re.compile(r"[-+]?(?:0[0-9]+|0[oO][0-7_]+|0X[0-9a-fA-F_]+)", re.ASCII)
_PLAIN_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)

# Python refuses to read more than 4,300 digits, with an error of its own.
_MAX_DIGITS: Final = 1000
_CORE: Final = "tag:yaml.org,2002:"


def read(text: str) -> object:
    """The value of a plain scalar without a tag. Raises ValueError for what Kestra refuses."""
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in _NUMBER_STARTS else text


def read_tagged(text: str, tag: str) -> object:
    """The value of a scalar, quoted or not, under a tag as the parser gives it."""
    if tag == "!":
        return read(text)
    if not text or not tag.startswith(_CORE):
        return text
    match tag.removeprefix(_CORE):
        case "int":
            value = read(text)
            return value if type(value) is int else text
        case "float":
            return _float(text)
        case "bool" if isinstance(_WORDS.get(text), bool):
            return _WORDS[text]
        case "null":
            return None
        case _:
            return text


def _number(text: str) -> object:
    found = _INTEGER.fullmatch(text)
    if found is not None:
        return _integer(found)
    if _FLOAT.fullmatch(text) or _MALFORMED.fullmatch(text):
        return _float(text)
    return text


def _integer(found: re.Match[str]) -> int:
    if len(found[0]) > _MAX_DIGITS:
        raise ValueError(f"a number of {len(found[0]):,} digits is too long")
    sign, *groups = found.groups()
    base, digits = next(
        (base, digits) for base, digits in zip(_BASES, groups, strict=True) if digits is not None
    )
    number = int(digits.replace("_", "") or "0", base)
    return -number if sign == "-" else number


def _float(text: str) -> float | str:
    if not _FLOAT.fullmatch(text) and not _PLAIN_INTEGER.fullmatch(text):
        raise ValueError(f"`{text[:40]}` is not a number that Kestra can read")
    value = float(text.replace("_", ""))
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def is_as_written(text: str, value: object) -> bool:
    """Whether the text is what everybody would write for this value."""
    if type(value) is bool:
        return text in _USUAL
    if type(value) is int:
        return _PLAIN_INTEGER.fullmatch(text) is not None and text != "-0"
    return text == (repr(value) if type(value) is float else value)


def surprise(text: str, value: object) -> str | None:
    """What a reader may not expect of this plain scalar; None when it means what it looks like."""
    if type(value) is bool and text.lower() not in _USUAL:
        return f"`{text}` is read as {'true' if value else 'false'}"
    if type(value) is int and text.lstrip("-") not in ("0", str(abs(value))):
        return f"`{text}` is read as the number {value}"
    if type(value) is str and text != value:
        return f"`{text}` is too large a number: it is read as {value}"
    if type(value) is str and text[:1] in _NUMBER_STARTS and _LOOKS_LIKE_NUMBER.fullmatch(text):
        return f"`{text}` is read as text, not as a number"
    return None
