"""`now` and the calendar questions."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.arguments import text_argument

if TYPE_CHECKING:
    from kestrel_cli.expressions.scope import Scope

_WEEKDAYS: Final = (
    "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY",
)  # fmt: skip
_POSITIONS: Final = {"FIRST": 1, "SECOND": 2, "THIRD": 3, "FOURTH": 4}
_DATE_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?"
    r"(?:[Zz]|[+-]\d\d(?::?\d\d)?)?(?:\[[^\]]+\])?)?",
    re.ASCII,
)


def now(
    scope: Scope,
    format: object = None,  # the dialect's own name
    timeZone: object = None,
    existingFormat: object = None,
    locale: object = None,
) -> str:
    """The current time as text, in a named format or a Java pattern (`iso` without one)."""
    from kestrel_cli.expressions import dates

    zone = dates.zone_of(timeZone, scope.services.zone)
    return dates.formatted(dates.Moment.of(scope.services.now()), format, zone, locale)


def day_of_week(date: object) -> str:
    """`MONDAY` to `SUNDAY`."""
    return _WEEKDAYS[_day(date, "dayOfWeek").weekday()]


def day_of_month(date: object) -> int:
    """1 to 31."""
    return _day(date, "dayOfMonth").day


def month_of_year(date: object) -> int:
    """1 to 12."""
    return _day(date, "monthOfYear").month


def hour_of_day(date: object) -> int:
    """The hour as written, whatever the offset; a date without a time is an error."""
    if isinstance(date, datetime):
        return date.hour
    found = _DATE_TIME.fullmatch(date) if isinstance(date, str) else None
    if found is None or found[2] is None or int(found[2]) > 23:
        raise RenderError("The 'hourOfDay' function expects a date with a time in argument 'date'.")
    _day(date, "hourOfDay")
    return int(found[2])


def is_weekend(date: object) -> bool:
    """Saturday or Sunday."""
    return _day(date, "isWeekend").weekday() >= 5


def is_day_week_in_month(date: object, dayOfWeek: object, position: object) -> bool:
    """Whether the date is the FIRST to FOURTH, or the LAST, such weekday of its month."""
    day = _day(date, "isDayWeekInMonth")
    weekday = _weekday(dayOfWeek, "isDayWeekInMonth")
    place = text_argument(position, "isDayWeekInMonth", "position").upper()
    if place != "LAST" and place not in _POSITIONS:
        raise RenderError(
            "The 'isDayWeekInMonth' function expects FIRST, SECOND, THIRD, FOURTH or LAST"
            " in argument 'position'."
        )
    if day.weekday() != weekday:
        return False
    if place == "LAST":
        return _in_days(day, 7).month != day.month
    return (day.day - 1) // 7 + 1 == _POSITIONS[place]


def is_last_working_day(
    date: object, workingDays: object = "MONDAY,TUESDAY,WEDNESDAY,THURSDAY,FRIDAY"
) -> bool:
    """Whether no later day of the month is a working day, and the date is one."""
    day = _day(date, "isLastWorkingDay")
    names: list[object]
    if isinstance(workingDays, (list, tuple)):
        names = list(workingDays)
    else:
        names = list(text_argument(workingDays, "isLastWorkingDay", "workingDays").split(","))
    limits.check_items(len(names), "the list of working days")
    working = {_weekday(name, "isLastWorkingDay") for name in names}
    if day.weekday() not in working:
        return False
    later = _in_days(day, 1)
    while later.month == day.month and later > day:
        if later.weekday() in working:
            return False
        later = _in_days(later, 1)
    return True


def is_date_between(date: object, after: object, before: object) -> bool:
    """Whether the instant lies strictly between the two others."""
    lower, upper = _instant(after, "after"), _instant(before, "before")
    return lower < _instant(date, "date") < upper


def is_public_holiday(date: object, countryCode: object = None, subDivision: object = None) -> bool:
    """Whether the date is a public holiday of a country (ISO code), or of a part of it."""
    day = _day(date, "isPublicHoliday")
    country = text_argument(countryCode, "isPublicHoliday", "countryCode").upper()
    part = (
        None
        if subDivision is None
        else text_argument(subDivision, "isPublicHoliday", "subDivision")
        .upper()
        .removeprefix(f"{country}-")
    )
    try:
        from holidays import country_holidays
    except ImportError:
        raise RenderError(
            "the function `isPublicHoliday` needs a holiday calendar, which is not installed",
            hint="pip install 'kestrel-flow[holidays]'",
        ) from None
    try:
        return day in country_holidays(country, subdiv=part, years=day.year)
    except NotImplementedError:
        where = country if part is None else f"{country}-{part}"
        raise RenderError(
            f"the function `isPublicHoliday` knows no holidays of '{where}'"
        ) from None


def _day(value: object, function: str) -> date:
    """The calendar day of a date, or of a text that starts with one; the written offset counts."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if found is not None:
        try:
            return date.fromisoformat(found[1])
        except ValueError:
            pass
    raise RenderError(f"The '{function}' function could not parse 'date'.")


def _weekday(name: object, function: str) -> int:
    upper = name.strip().upper() if isinstance(name, str) else ""
    if upper not in _WEEKDAYS:
        raise RenderError(f"The '{function}' function expects a day of the week such as MONDAY.")
    return _WEEKDAYS.index(upper)


def _in_days(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.min


def _instant(value: object, argument: str) -> int:
    """Nanoseconds since 1970 of a value with a zone."""
    from kestrel_cli.expressions import dates
    from kestrel_cli.java.date_reading import read_iso

    if isinstance(value, datetime) and value.tzinfo is not None:
        return dates.Moment.of(value).epoch_nanos()
    if isinstance(value, str):
        parsed = read_iso(value)
        if parsed is not None and parsed.offset is not None:
            return dates.read(value, dates.zone_named("UTC")).epoch_nanos()
    raise RenderError(f"The 'isDateBetween' function could not parse '{argument}'.")
