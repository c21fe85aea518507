"""Reading, moving and writing points in time the way Kestra's date filters do.

Everything becomes a `Moment` first. Text is read as ISO zoned date-time, else ISO local date-time,
else ISO date, or by a pattern; what carries no zone is taken to be in the zone asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import date_formats
from kestrel_cli.expressions.arguments import optional_text
from kestrel_cli.java.classes import java_class
from kestrel_cli.java.date_fields import Fields, Parsed
from kestrel_cli.java.date_reading import read_iso

_DIGITS_OF_MILLIS: Final = 13
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET: Final = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?", re.ASCII)

# ChronoUnit: those that move the clock, in nanoseconds, and those that move the calendar.
_CLOCK_UNITS: Final = {
    "NANOS": 1, "MICROS": 1_000, "MILLIS": 1_000_000, "SECONDS": 10**9, "MINUTES": 60 * 10**9,
    "HOURS": 3600 * 10**9, "HALF_DAYS": 43_200 * 10**9,
}  # fmt: skip
_DAY_UNITS: Final = {"DAYS": 1, "WEEKS": 7}
_MONTH_UNITS: Final = {
    "MONTHS": 1, "YEARS": 12, "DECADES": 120, "CENTURIES": 1200, "MILLENNIA": 12_000,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware date-time with nanoseconds: `when` has microseconds, `nanos` all nine digits."""

    when: datetime
    nanos: int

    @classmethod
    def of(cls, when: datetime, nanos: int | None = None) -> Moment:
        """The moment of an aware date-time; without `nanos` its microseconds count."""
        return cls(when, when.microsecond * 1000 if nanos is None else nanos)

    def epoch_nanos(self) -> int:
        """Nanoseconds since 1970."""
        seconds = (self.when.replace(microsecond=0) - _EPOCH) // timedelta(seconds=1)
        return seconds * 1_000_000_000 + self.nanos

    def at_zone(self, zone: tzinfo) -> Moment:
        """The same moment in another zone."""
        try:
            return Moment(self.when.astimezone(zone), self.nanos)
        except (OverflowError, ValueError):
            raise _out_of_range() from None


@lru_cache(maxsize=64)
def zone_named(name: str) -> tzinfo:
    """The zone of an id such as `Europe/Paris`, `Z`, `+02:00`, `UTC+2`."""
    if name in ("Z", "z"):
        return UTC
    found = _OFFSET.fullmatch(name)
    if found:
        return _fixed_offset(name, found)
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise RenderError(f"Unknown time-zone ID: {name}") from None


def _fixed_offset(name: str, found: re.Match[str]) -> tzinfo:
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    if hours > 18 or minutes > 59 or seconds > 59:
        raise RenderError(f"Invalid ID for a time-zone offset: {name}")
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-size if found[1] == "-" else size)


def zone_of(name: object, server_zone: str) -> tzinfo:
    """The zone of a filter's `timeZone` argument, or the server's."""
    return zone_named(optional_text(name, "date", "timeZone") or server_zone)


def to_moment(value: object, zone: tzinfo, existing_format: object = None) -> Moment:
    """The point in time a value means. Integers count from 1970, in milliseconds when they have
    thirteen digits and in seconds otherwise; date objects are noon.
    """
    if isinstance(value, datetime):
        return Moment.of(value if value.tzinfo is not None else value.replace(tzinfo=zone))
    if isinstance(value, date):
        return Moment.of(datetime.combine(value, time(12), zone))
    if isinstance(value, str):
        return read(value, zone, optional_text(existing_format, "date", "existingFormat"))
    if isinstance(value, int) and not isinstance(value, bool):
        return _from_number(value, zone)
    raise RenderError(f"a {java_class(value)} is not a date")


def _from_number(number: int, zone: tzinfo) -> Moment:
    # As Java's text of the number has them: a sign counts as well.
    in_millis = number.bit_length() < 64 and len(str(number)) == _DIGITS_OF_MILLIS
    try:
        since = timedelta(milliseconds=number) if in_millis else timedelta(seconds=number)
        return Moment.of((_EPOCH + since).astimezone(zone))
    except (OverflowError, ValueError):
        problem = _out_of_range()
        problem.hint = (
            "a number of 13 digits is read as milliseconds, any other one as seconds: divide "
            "microseconds by 1000000, nanoseconds by 1000000000"
        )
        raise problem from None


def read(text: str, zone: tzinfo, existing_format: str | None = None) -> Moment:
    """The point in time a text spells in ISO form, a named format or a Java pattern."""
    named = existing_format
    parsed = read_iso(text) if named is None else date_formats.read(text, named)
    if parsed is None:
        raise RenderError(f"Text '{text[:100]}' could not be parsed as a date")
    return _resolved(parsed, text, zone)


def _resolved(parsed: Parsed, text: str, zone: tzinfo) -> Moment:
    own_zone = zone if parsed.zone is None else zone_named(parsed.zone)
    if parsed.offset is not None:
        own_zone = timezone(timedelta(seconds=parsed.offset))
    try:
        when = datetime.combine(parsed.day, time(0), own_zone) + timedelta(
            seconds=parsed.nano_of_day // 10**9, microseconds=parsed.nano_of_day % 10**9 // 1000
        )
        # In a gap of daylight saving time Java moves on by the gap; so does the way through UTC.
        when = when.astimezone(UTC).astimezone(own_zone)
    except (OverflowError, ValueError):
        raise RenderError(f"Text '{text[:100]}' is out of the range of dates") from None
    return Moment.of(when, parsed.nano_of_day % 10**9)


def formatted(moment: Moment, format: object, zone: tzinfo, locale: object = None) -> str:
    """The moment's text in `zone`, in a named format or a Java pattern (`iso` without one)."""
    pattern = optional_text(format, "date", "format") or "iso"
    language = optional_text(locale, "date", "locale")
    there = moment.at_zone(zone)
    try:
        return date_formats.write(Fields(there.when, there.nanos), pattern, language)
    except (OverflowError, ValueError):
        # The week of the last day of the last year, for one, ends outside.
        raise _out_of_range() from None


def plus(moment: Moment, amount: object, unit: object) -> Moment:
    """The moment moved by `amount` units; days and longer ones keep the time on the clock."""
    count = _amount(amount)
    name = unit if isinstance(unit, str) else str(unit)
    try:
        if name in _CLOCK_UNITS:
            return _moved_on_time_line(moment, count * _CLOCK_UNITS[name])
        if name in _DAY_UNITS:
            return _moved_to(moment, moment.when.date() + timedelta(days=count * _DAY_UNITS[name]))
        if name in _MONTH_UNITS:
            return _moved_to(moment, _months_later(moment.when.date(), count * _MONTH_UNITS[name]))
    except (OverflowError, ValueError):
        raise _out_of_range() from None
    raise RenderError(f"No enum constant java.time.temporal.ChronoUnit.{name[:50]}")


def _amount(amount: object) -> int:
    if isinstance(amount, int) and not isinstance(amount, bool):
        return amount
    if isinstance(amount, str) and re.fullmatch(r"[+-]?\d{1,18}", amount, re.ASCII):
        return int(amount)
    raise RenderError("The 'dateAdd' filter expects an integer as argument 'amount'.")


def _moved_on_time_line(moment: Moment, nanos: int) -> Moment:
    seconds, rest = divmod(moment.nanos + nanos, 10**9)
    start = moment.when.astimezone(UTC).replace(microsecond=0)
    moved = start + timedelta(seconds=seconds, microseconds=rest // 1000)
    return Moment.of(moved.astimezone(moment.when.tzinfo), rest)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            if not date.min.year <= year <= date.max.year:
                raise
    raise ValueError("no such month")


def _moved_to(moment: Moment, day: date) -> Moment:
    local = datetime.combine(day, moment.when.timetz())
    return Moment.of(local.astimezone(UTC).astimezone(moment.when.tzinfo), moment.nanos)


def _out_of_range() -> RenderError:
    return RenderError("the date is out of the range of years 1 to 9999")
