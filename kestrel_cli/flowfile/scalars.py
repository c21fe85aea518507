"""What a plain scalar means, measured with Kestra's own YAML reader.

| text | value |
| --- | --- |
| nothing, `~`, `null` | null |
| `yes`, `on`, `true` ... | true or false |
| `014` | 14 |
| `08`, `0x1F`, `0o14`, `0b11`, `+1`, `1_000`, `12:30:45`, `2024-01-31` | text |
| `1e3`, `.5`, `1.` | numbers |
| `.inf`, `.NaN` | refused |
"""

import re
from typing import Final

_NULLS: Final = ("", "~", "null", "Null", "NULL")
_TRUE: Final = ("yes", "Yes", "YES", "on", "On", "ON")
_FALSE: Final = ("no", "No", "NO", "off", "Off", "OFF")
WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(_NULLS, None),
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(_FALSE, False),
}

_NUMBER_STARTS: Final = frozenset("0123456789-+.")
_INTEGER: Final = re.compile(r"-?(?:0[0-7]*|[1-9][0-9]*)", re.ASCII)
_FLOAT: Final = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?)",
    re.ASCII,
)
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LOOKS_LIKE_NUMBER: Final = re.compile(
    r"[-+]?(?:0[0-9]+|0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*)", re.ASCII
)

# Python refuses to read more than 4,300 digits, with an error of its own.
_MAX_DIGITS: Final = 1000


def read(text: str) -> object:
    """The value of a plain scalar. Raises ValueError for a number that JSON could not carry."""
    if text in WORDS:
        return WORDS[text]
    if text[0] in _NUMBER_STARTS:
        return _number(text)
    if len(text) < 6 and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


def _number(text: str) -> object:
    if _INTEGER.fullmatch(text):
        if len(text) > _MAX_DIGITS:
            raise ValueError(f"a number of {len(text):,} digits is too long")
        return int(text)
    if _FLOAT.fullmatch(text):
        value = float(text.replace("_", ""))
        if value in (float("inf"), float("-inf")):
            raise ValueError(f"`{text[:40]}` is too large a number")
        return value
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"`{text}` is not a number that a flow can hold")
    return text


def surprise(text: str, value: object) -> str | None:
    """What a reader may not expect of this plain scalar; None when it means what it looks like."""
    if type(value) is bool and text in WORDS:
        return f"`{text}` is read as {'true' if value else 'false'}"
    if type(value) is int and text.lstrip("-") not in ("0", str(abs(value))):
        return f"`{text}` is read as the number {value}"
    if type(value) is str and text[:1] in _NUMBER_STARTS and _LOOKS_LIKE_NUMBER.fullmatch(text):
        return f"`{text}` is read as text, not as a number"
    return None
