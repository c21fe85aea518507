"""DateTimeFormatters that have a name: Java's constants, in lower case, and its styles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.java.date_names import names_of
from kestrel_cli.java.date_writing import offset, write_pattern
from kestrel_cli.java.times import grouped_fraction, shortest_fraction

if TYPE_CHECKING:
    from collections.abc import Callable

    from kestrel_cli.java.date_fields import Fields

# FormatStyle: the patterns of a date and time in the US.
_STYLES: Final = {
    "full": "EEEE, MMMM d, y 'at' h:mm:ss a zzzz",
    "long": "MMMM d, y 'at' h:mm:ss a z",
    "medium": "MMM d, y, h:mm:ss a",
    "short": "M/d/yy, h:mm a",
}


def write(fields: Fields, format_name: str, language: str | None = None) -> str:
    """The date in a constant (`iso_date_time`), a style (`medium`) or a pattern."""
    constant = _CONSTANTS.get(format_name)
    if constant is not None:
        return constant(fields)
    return write_pattern(fields, pattern_of(format_name), language)


def pattern_of(format_name: str) -> str:
    """The pattern behind a style; a pattern stands for itself."""
    return _STYLES.get(format_name, format_name)


def _iso_date(fields: Fields) -> str:
    return f"{fields.when.year:04d}-{fields.when.month:02d}-{fields.when.day:02d}"


def _iso_time(fields: Fields) -> str:
    when = fields.when
    return f"{when.hour:02d}:{when.minute:02d}:{when.second:02d}" + shortest_fraction(fields.nanos)


def _iso_offset(fields: Fields) -> str:
    return offset(fields, 5, "Z")


def _iso_local(fields: Fields) -> str:
    return f"{_iso_date(fields)}T{_iso_time(fields)}"


def _iso_zoned(fields: Fields) -> str:
    zone = fields.zone_id()
    named = zone != _iso_offset(fields)
    return _iso_local(fields) + _iso_offset(fields) + (f"[{zone}]" if named else "")


def _iso_instant(fields: Fields) -> str:
    from datetime import UTC, datetime

    utc = datetime.isoformat(fields.when.astimezone(UTC).replace(tzinfo=None, microsecond=0))
    return utc + grouped_fraction(fields.nanos) + "Z"


def _rfc_1123(fields: Fields) -> str:
    names, when = names_of(None), fields.when
    return (
        f"{names.short_days[when.weekday()]}, {when.day} {names.short_months[when.month - 1]}"
        f" {when.year:04d} {when.hour:02d}:{when.minute:02d}:{when.second:02d} "
        + offset(fields, 2, "GMT")
    )


def _iso_week(fields: Fields) -> str:
    year, week, day = fields.when.isocalendar()
    return f"{year:04d}-W{week:02d}-{day}" + _iso_offset(fields)


_CONSTANTS: Final[dict[str, Callable[[Fields], str]]] = {
    "iso_date": lambda f: _iso_date(f) + _iso_offset(f),
    "iso_time": lambda f: _iso_time(f) + _iso_offset(f),
    "iso_local_date": _iso_date,
    "iso_local_time": _iso_time,
    "iso_local_date_time": _iso_local,
    "iso_offset_date": lambda f: _iso_date(f) + _iso_offset(f),
    "iso_offset_time": lambda f: _iso_time(f) + _iso_offset(f),
    "iso_offset_date_time": lambda f: _iso_local(f) + _iso_offset(f),
    "iso_date_time": _iso_zoned,
    "iso_zoned_date_time": _iso_zoned,
    "iso_instant": _iso_instant,
    "iso_ordinal_date": lambda f: (
        f"{f.when.year:04d}-{f.when.timetuple().tm_yday:03d}" + _iso_offset(f)
    ),
    "iso_week_date": _iso_week,
    "basic_iso_date": lambda f: f"{_iso_date(f).replace('-', '')}{offset(f, 4, 'Z')}",
    "rfc_1123_date_time": _rfc_1123,
}
