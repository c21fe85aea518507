"""Dates, times and instants as ISO text: checked, and written the way Java prints them.

A normalised text sorts like the moment it names (an instant without its `Z`), so nothing else is
kept. The sentences of the errors are those of Java's parsers, measured on Java 17.
"""

import re
from typing import Final, NoReturn

_NUMBER: Final = "[0-9]{2}"
_DATE: Final = ("[0-9]{4}(?![0-9])", "-", _NUMBER, "-", _NUMBER)
_CLOCK: Final = (_NUMBER, ":", _NUMBER)
_FRACTION: Final = r"(?:\.[0-9]{0,9})?"
_SECONDS: Final = rf"(?::{_NUMBER}{_FRACTION})?"
_ZONE: Final = r"[Zz]|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?"
_INSTANT: Final = (*_DATE, "[Tt]", *_CLOCK, ":", _NUMBER, _FRACTION, _ZONE)

_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS: Final = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER",
    "OCTOBER", "NOVEMBER", "DECEMBER",
)  # fmt: skip
_LONGEST_QUOTE: Final = 64  # Java cuts longer texts in its messages


def iso_date(text: str) -> str:
    """`2019-10-06`. Raises ValueError for anything that is no date of the calendar."""
    parts = _parts(text, _DATE)
    if reason := _date_problem(int(parts[0]), int(parts[2]), int(parts[4])):
        _fail(text, f": {reason}")
    return text


def iso_time(text: str) -> str:
    """`18:27:49`, or `18:27` when the seconds are zero. Raises ValueError."""
    hour, _, minute, rest = _parts(text, (*_CLOCK, _SECONDS))
    second, fraction = rest[1:3] or "00", _fraction(rest[3:])
    for name, value, most in (
        ("HourOfDay", hour, 23),
        ("MinuteOfHour", minute, 59),
        ("SecondOfMinute", second, 59),
    ):
        if int(value) > most:
            _fail(text, f": Invalid value for {name} (valid values 0 - {most}): {int(value)}")
    if second == "00" and not fraction:
        return f"{hour}:{minute}"
    return f"{hour}:{minute}:{second}{fraction}"


def iso_instant_text(text: str) -> str:
    """`2019-10-06T18:27:49Z`, in UTC whatever offset the text has. Raises ValueError."""
    parts = _parts(text, _INSTANT)
    year, month, day, hour, minute, second = (int(part) for part in parts[:11:2])
    # Java takes the end of the day and a leap second, and nothing else out of range.
    midnight = (hour, minute, second) == (24, 0, 0) and not _fraction(parts[11][1:])
    leap = (hour, minute, second) == (23, 59, 60)
    fits = midnight or leap or (hour < 24 and minute < 60 and second < 60)
    if not fits or _date_problem(year, month, day):
        _fail(text, " at index 0")
    from datetime import UTC, datetime, timedelta

    try:
        when = datetime(year, month, day, tzinfo=UTC) + timedelta(
            hours=hour, minutes=minute, seconds=59 if leap else second
        )
        when -= timedelta(seconds=_offset(parts[12]))
    except (ValueError, OverflowError):
        _fail(text, " at index 0")
    return f"{when.isoformat()[:19]}{_fraction(parts[11][1:])}Z"


def _parts(text: str, pieces: tuple[str, ...]) -> list[str]:
    """What each piece matched, one after the other; the error names the index where one did not."""
    parts: list[str] = []
    at = 0
    for piece in pieces:
        match = re.compile(piece).match(text, at)
        if match is None:
            _fail(text, f" at index {at}")
        parts.append(match[0])
        at = match.end()
    if at < len(text):
        _fail(text, f", unparsed text found at index {at}")
    return parts


def _date_problem(year: int, month: int, day: int) -> str | None:
    if not 1 <= month <= 12:
        return f"Invalid value for MonthOfYear (valid values 1 - 12): {month}"
    if not 1 <= day <= 31:
        return f"Invalid value for DayOfMonth (valid values 1 - 28/31): {day}"
    if day > _DAYS[month - 1]:
        return f"Invalid date '{_MONTHS[month - 1]} {day}'"
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if month == 2 and day == 29 and not leap:
        return f"Invalid date 'February 29' as '{year}' is not a leap year"
    return None


def _offset(zone: str) -> int:
    """Seconds east of Greenwich; ValueError beyond 18 hours."""
    if zone in "Zz":
        return 0
    hours, minutes, seconds = int(zone[1:3]), int(zone[4:6]), int(zone[7:9] or 0)
    total = hours * 3600 + minutes * 60 + seconds
    if total > 18 * 3600 or minutes > 59 or seconds > 59:
        raise ValueError(zone)
    return -total if zone[0] == "-" else total


def _fraction(digits: str) -> str:
    """The fraction in groups of three digits, nothing for zero. `digits` may start with the dot."""
    digits = digits.removeprefix(".").rstrip("0")
    return f".{digits.ljust(-(-len(digits) // 3) * 3, '0')}" if digits else ""


def _fail(text: str, reason: str) -> NoReturn:
    shown = text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."
    raise ValueError(f"Text '{shown}' could not be parsed{reason}")
