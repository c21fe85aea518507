"""jq's dates: seconds since 1970, "broken down times" and C's patterns. Always UTC and English."""

from __future__ import annotations

import calendar
import math
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.values import described, is_number, normal

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_FIELDS: Final = 16
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMERIC: Final = {
    "Y": r"(?P<Y>[+-]?\d{4})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})",
    "e": r" ?(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})", "I": r"(?P<I>\d{1,2})", "M": r"(?P<M>\d{1,2})", "S": r"(?P<S>\d{1,2})",
    "j": r"(?P<j>\d{1,3})", "y": r"(?P<y>\d{2})", "s": r"(?P<s>-?\d{1,12})",
    "Z": r"(?P<zone>[A-Za-z]+)", "z": r"(?P<zone>Z|[+-]\d\d:?\d\d)", "p": r"(?P<p>[AaPp][Mm])",
    "n": r"\s+", "t": r"\s+", "%": "%",
}  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_SHORT_DAYS: Final = tuple(name[:3] for name in _DAYS)
_SHORT_MONTHS: Final = tuple(name[:3] for name in _MONTHS)
_SHORT: Final = {"T": "%H:%M:%S", "D": "%m/%d/%y", "F": "%Y-%m-%d", "R": "%H:%M"}


def gmtime(value: object) -> object:
    """The broken down time of seconds: year, month from 0, day, hours, minutes, seconds, days."""
    if not is_number(value):
        raise JqError("gmtime() requires a number")
    assert isinstance(value, (int, float))
    return _broken_down(value)


def _broken_down(seconds: int | float) -> list[object]:
    if isinstance(seconds, float) and not math.isfinite(seconds):
        raise JqError("error converting number of seconds since epoch to datetime")
    whole = math.floor(seconds)
    try:
        when = _EPOCH + timedelta(seconds=whole)
    except OverflowError:
        raise JqError("error converting number of seconds since epoch to datetime") from None
    second = normal(when.second + (float(seconds) - whole)) if whole != seconds else when.second
    return [
        when.year, when.month - 1, when.day, when.hour, when.minute, second,
        when.isoweekday() % 7, when.timetuple().tm_yday - 1,
    ]  # fmt: skip


def mktime(value: object) -> object:
    """The seconds of a broken down time."""
    return math.floor((_when(value, "mktime") - _EPOCH) / timedelta(seconds=1))


def _when(value: object, name: str) -> datetime:
    if not isinstance(value, list) or len(value) < 6:
        raise JqError(f"{name} requires array of 6 numbers")
    if not all(is_number(part) and math.isfinite(part) for part in value):
        raise JqError(f"{name} requires parsed datetime inputs")
    year, month, day, hour, minute, second = (math.floor(part) for part in value[:6])
    try:
        first = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        return first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
    except (ValueError, OverflowError):
        raise JqError("invalid gmtime representation") from None


def strftime(value: object, pattern: object) -> object:
    """The text of seconds or a broken down time in a C pattern."""
    if is_number(value):
        value = gmtime(value)
    elif not isinstance(value, list):
        raise JqError("strftime/1 requires parsed datetime inputs")
    if not isinstance(pattern, str):
        raise JqError("strftime/1 requires a string format")
    when = _when(value, "strftime/1")
    return re.sub(r"%[-_0^#]?([A-Za-z%])", lambda found: _field(when, found), pattern)


def _field(when: datetime, found: re.Match[str]) -> str:
    letter = found[1]
    texts: dict[str, Callable[[], str]] = {
        "A": lambda: _DAYS[when.weekday()],
        "a": lambda: _SHORT_DAYS[when.weekday()],
        "B": lambda: _MONTHS[when.month - 1],
        "b": lambda: _SHORT_MONTHS[when.month - 1],
        "h": lambda: _SHORT_MONTHS[when.month - 1],
        "p": lambda: "AM" if when.hour < 12 else "PM",
        "Z": lambda: "UTC",
        "z": lambda: "+0000",
        "s": lambda: str(calendar.timegm(when.timetuple())),
        "Y": lambda: str(when.year),
        "k": lambda: f"{when.hour:2d}",
        "l": lambda: f"{when.hour % 12 or 12:2d}",
        "P": lambda: "am" if when.hour < 12 else "pm",
        "c": lambda: (
            f"{_SHORT_DAYS[when.weekday()]} {_SHORT_MONTHS[when.month - 1]}"
            f" {when.day:2d} {when:%H:%M:%S} {when.year}"
        ),
    }
    if letter in texts:
        return texts[letter]()
    if letter in "CdDeFgGHIjmMnrRStTuUVwWxXy%":
        return when.strftime("%" + letter)
    return found[0]


def strptime(value: object, pattern: object) -> object:
    """The broken down time of a text in a C pattern."""
    if not isinstance(value, str):
        raise JqError(f"strptime/1 requires string inputs and arguments, not {described(value)}")
    if not isinstance(pattern, str):
        raise JqError("strptime/1 requires string inputs and arguments")
    if pattern.count("%") > _MOST_FIELDS:
        # Fields beside each other can share the digits of a text in ever more ways.
        raise JqError(f"strptime/1 takes {_MOST_FIELDS} fields at most")
    found = re.fullmatch(_reading(pattern), value, re.IGNORECASE | re.ASCII)
    if found is None:
        raise JqError(f'date "{value}" does not match format "{pattern}"')
    parts = found.groupdict()
    try:
        when = _parsed(parts)
    except ValueError:
        raise JqError(f'date "{value}" does not match format "{pattern}"') from None
    return _broken_down(calendar.timegm(when.timetuple()))


def _reading(pattern: str) -> str:
    """The regular expression of a pattern. A field given twice counts once."""
    for letter, longer in _SHORT.items():
        pattern = pattern.replace("%" + letter, longer)
    named = {
        "A": "|".join([*_DAYS, *_SHORT_DAYS]),
        "B": "|".join([*_MONTHS, *_SHORT_MONTHS]),
    }
    out: list[str] = []
    used: set[str] = set()
    for token in re.findall(r"%[A-Za-z%]|\s+|.", pattern, re.DOTALL):
        if token.isspace():
            out.append(r"\s*")
        elif not token.startswith("%") or len(token) == 1:
            out.append(re.escape(token))
        else:
            out.append(_once(_field_reading(token[1], named), used))
    return "".join(out)


def _field_reading(letter: str, named: dict[str, str]) -> str:
    if letter in "Aa":
        return f"(?P<A>{named['A']})"
    if letter in "Bbh":
        return f"(?P<B>{named['B']})"
    body = _NUMERIC.get(letter)
    if body is None:
        raise JqError(f"strptime/1 does not know %{letter}")
    return body


def _once(body: str, used: set[str]) -> str:
    name = re.search(r"\?P<(\w+)>", body)
    if name is None or name[1] not in used:
        used.update([name[1]] if name else [])
        return body
    return body.replace(f"?P<{name[1]}>", "?:")


def _parsed(parts: dict[str, str | None]) -> datetime:
    if parts.get("s"):
        return _EPOCH + timedelta(seconds=int(parts["s"] or 0))
    year = int(parts.get("Y") or 1900)
    if parts.get("y"):
        short = int(parts["y"] or 0)
        year = short + (2000 if short < 69 else 1900)
    month = int(parts.get("m") or 1)
    if parts.get("B"):
        starts = [name.lower()[:3] for name in _MONTHS]
        month = starts.index(str(parts["B"]).lower()[:3]) + 1
    hour = int(parts.get("H") or 0)
    if parts.get("I"):
        hour = int(parts["I"] or 0) % 12 + (12 if str(parts.get("p")).lower() == "pm" else 0)
    second = min(int(parts.get("S") or 0), 59)
    day = datetime(year, month, int(parts.get("d") or 1), tzinfo=UTC)
    if parts.get("j"):
        day = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=int(parts["j"] or 1) - 1)
    return day.replace(hour=hour, minute=int(parts.get("M") or 0), second=second)


FUNCTIONS: Final[dict[tuple[str, int], Callable[..., object]]] = {
    ("gmtime", 0): gmtime,
    ("mktime", 0): mktime,
    ("strftime", 1): strftime,
    ("strptime", 1): strptime,
}
