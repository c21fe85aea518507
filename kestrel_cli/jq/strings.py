"""jq's builtins on text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.jq import limits
from kestrel_cli.jq.arithmetic import split_text
from kestrel_cli.jq.errors import JqError, ProgramError
from kestrel_cli.jq.values import described, dump_json, is_number, type_name

if TYPE_CHECKING:
    from collections.abc import Callable


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise JqError(what)
    return value


def ascii_downcase(value: object) -> object:
    """A to Z in lower case."""
    text = _text(value, "ascii_downcase input must be a string")
    return "".join(char.lower() if char.isascii() else char for char in text)


def ascii_upcase(value: object) -> object:
    """a to z in upper case."""
    text = _text(value, "ascii_upcase input must be a string")
    return "".join(char.upper() if char.isascii() else char for char in text)


def explode(value: object) -> object:
    """The code points of a text."""
    return [ord(char) for char in _text(value, f"{described(value)} cannot be exploded")]


def implode(value: object) -> object:
    """The text of code points."""
    if not isinstance(value, list):
        raise JqError("implode input must be an array")
    characters: list[str] = []
    for code in value:
        if not is_number(code):
            raise JqError("Unicode codepoint must be numeric")
        number = int(code)
        known = 0 <= number <= 0x10FFFF and not 0xD800 <= number < 0xE000
        characters.append(chr(number) if known else "\ufffd")
    return "".join(characters)


def startswith(value: object, start: object) -> object:
    """Whether the text starts so."""
    if not isinstance(value, str) or not isinstance(start, str):
        raise JqError("startswith() requires string inputs")
    return value.startswith(start)


def endswith(value: object, end: object) -> object:
    """Whether the text ends so."""
    if not isinstance(value, str) or not isinstance(end, str):
        raise JqError("endswith() requires string inputs")
    return value.endswith(end)


def ltrimstr(value: object, start: object) -> object:
    """Without that start, if it is there."""
    if isinstance(value, str) and isinstance(start, str):
        return value.removeprefix(start)
    return value


def rtrimstr(value: object, end: object) -> object:
    """Without that end, if it is there."""
    if isinstance(value, str) and isinstance(end, str):
        return value.removesuffix(end)
    return value


def trim(value: object) -> object:
    """Without blanks at both ends."""
    return _text(value, f"{described(value)} cannot be trimmed").strip()


def ltrim(value: object) -> object:
    """Without blanks at the start."""
    return _text(value, f"{described(value)} cannot be trimmed").lstrip()


def rtrim(value: object) -> object:
    """Without blanks at the end."""
    return _text(value, f"{described(value)} cannot be trimmed").rstrip()


def split(value: object, separator: object) -> object:
    """The parts between the separators."""
    if not isinstance(value, str) or not isinstance(separator, str):
        raise JqError("split input and separator must be strings")
    parts = split_text(value, separator)
    limits.check_items(len(parts), "a list in the jq program")
    return parts


def join(value: object, separator: object) -> object:
    """The elements as text with the separator between them; null is empty."""
    if not isinstance(value, list):
        raise JqError(f"Cannot iterate over {described(value)}")
    if not value:
        return ""
    if not isinstance(separator, str):
        raise JqError(f"{described(separator)} and string cannot be added")
    parts: list[str] = []
    for item in value:
        if isinstance(item, (list, dict)):
            raise JqError(f"{described(''.join(parts))} and {described(item)} cannot be added")
        parts.append("" if item is None else item if isinstance(item, str) else dump_json(item))
    size = sum(map(len, parts)) + len(separator) * len(parts)
    limits.check_length(size, "a text in the jq program")
    return separator.join(parts)


def tonumber(value: object) -> object:
    """The number a text spells; a number stays."""
    if is_number(value):
        return value
    if not isinstance(value, str):
        raise JqError(f"{described(value)} cannot be parsed as a number")
    import re

    if not re.fullmatch(r"\s*-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", value[:2000], re.ASCII):
        raise JqError(f"Cannot be parsed as a number: {described(value)}")
    if re.fullmatch(r"\s*-?\d+\s*", value):
        return int(value)
    return float(value)


def fromjson(value: object) -> object:
    """The value of a JSON text."""
    import json

    text = _text(value, f"{described(value)} cannot be parsed as JSON")
    if text.strip() == "nan":
        return float("nan")
    try:
        read: object = json.loads(text, parse_constant=_refuse_constant)
        limits.check_depth(read, "the value")
    except RecursionError:
        problem = "Invalid json: nested too deeply"
    except ProgramError as error:
        problem = str(error)
    except ValueError as error:
        problem = f"Invalid json: {error}"
    else:
        return read
    raise JqError(f"{problem} (while parsing '{text[:100]}')")


def _refuse_constant(constant: str) -> object:
    raise ValueError(f"{constant} is not a JSON value")


def utf8bytelength(value: object) -> object:
    """Bytes of the text in UTF-8."""
    text = _text(value, f"{described(value)} only strings have UTF-8 byte length")
    return len(text.encode("utf-8", "replace"))


def kind(value: object) -> object:
    """The name of the type."""
    return type_name(value)


FUNCTIONS: Final[dict[tuple[str, int], Callable[..., object]]] = {
    ("ascii_downcase", 0): ascii_downcase,
    ("ascii_upcase", 0): ascii_upcase,
    ("explode", 0): explode,
    ("implode", 0): implode,
    ("startswith", 1): startswith,
    ("endswith", 1): endswith,
    ("ltrimstr", 1): ltrimstr,
    ("rtrimstr", 1): rtrimstr,
    ("trim", 0): trim,
    ("ltrim", 0): ltrim,
    ("rtrim", 0): rtrim,
    ("split", 1): split,
    ("join", 1): join,
    ("tonumber", 0): tonumber,
    ("fromjson", 0): fromjson,
    ("utf8bytelength", 0): utf8bytelength,
}
