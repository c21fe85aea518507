"""What PostgreSQL sends as text, as values of rows."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

Read = Callable[[str], Any]

_INTERVAL: Final = re.compile(
    r"(?:(-?\d+) years? ?)?(?:(-?\d+) mons? ?)?(?:(-?\d+) days? ?)?"
    r"(?:([+-])?(\d+):(\d\d):(\d\d)(?:\.\d+)?)?"
)
_TIME_ZONED: Final = re.compile(r"(\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::\d\d){0,2})")
# Types that stay the text they are, for the driver would make objects of its own of them:
# addresses, points, records, ranges of all kinds.
_TEXTS: Final = (
    650, 869, 829, 600, 2249, 2950, 3904, 3906, 3908, 3910, 3912, 3926, 4451, 4532, 4533, 4534,
    4535, 4536, 1083, 790,
)  # fmt: skip


def readers(zone: tzinfo) -> dict[int, Read]:
    """How the texts of types are read, by the types' numbers. Arrays are the driver's affair."""
    made: dict[int, Read] = dict.fromkeys(_TEXTS, str)
    made |= dict.fromkeys((20, 21, 23, 26, 28), int)
    made |= dict.fromkeys((700, 701), float)
    made |= dict.fromkeys((114, 3802), json.loads)
    return made | {
        16: lambda text: text == "t",
        17: lambda text: bytes.fromhex(text[2:]),
        1082: lambda text: _or_text(date.fromisoformat, text),
        1114: lambda text: _or_text(datetime.fromisoformat, text),
        1184: lambda text: _or_text(lambda one: datetime.fromisoformat(one).astimezone(zone), text),
        1186: iso_interval,
        1266: lambda text: _time_in(text, zone),
        1700: Decimal,
        2278: lambda _: None,  # void
    }


def iso_interval(text: str) -> str:
    """An interval such as `1 year 2 mons 3 days 04:05:06` as Kestra writes it:
    `P1Y2M3DT4H5M6S`, every part of it and no parts of seconds.
    """
    found = _INTERVAL.fullmatch(text)
    if not found:
        return text
    years, months, days, sign, hours, minutes, seconds = found.groups()
    clock = [int(part or 0) * (-1 if sign == "-" else 1) for part in (hours, minutes, seconds)]
    return (
        f"P{int(years or 0)}Y{int(months or 0)}M{int(days or 0)}DT{clock[0]}H{clock[1]}M{clock[2]}S"
    )


def _or_text(read: Read, text: str) -> Any:
    """`infinity` and years that Python does not have stay text."""
    try:
        return read(text)
    except (ValueError, OverflowError):
        return text


def _time_in(text: str, zone: tzinfo) -> Any:
    """A time of day with an offset as it is in the zone, on the first day of 1970."""
    found = _TIME_ZONED.fullmatch(text)
    if not found:
        return text
    return _or_text(
        lambda one: datetime.fromisoformat(one).astimezone(zone).time().isoformat(),
        f"1970-01-01T{found[1]}{found[2]}",
    )
