"""Points in time as expression values, and their text forms in Java.

| Python value | plays the part of |
| --- | --- |
| `Instant` | java.time.Instant |
| aware `datetime` | ZonedDateTime; a region is printed when `tzinfo` has a `key` (ZoneInfo) |
| naive `datetime` | LocalDateTime |
| `date` | LocalDate |
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta


class Instant(datetime):
    """A point on the time line, always in UTC. Prints as `2024-03-05T14:07:09Z`."""

    __slots__ = ()

    @classmethod
    def of(cls, when: datetime) -> Instant:
        """The instant of an aware date-time; a naive one is read as UTC."""
        utc = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
        return cls(
            utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond, UTC
        )


def grouped_fraction(nanos: int) -> str:
    """The fraction as Java's `toString` has it: nothing, or 3, 6 or 9 digits after a dot."""
    if not nanos:
        return ""
    digits = f"{nanos:09d}"
    if digits.endswith("000000"):
        return "." + digits[:3]
    return "." + (digits[:6] if digits.endswith("000") else digits)


def shortest_fraction(nanos: int) -> str:
    """The fraction as Java's ISO formatters have it: as many digits as needed, after a dot."""
    return "." + f"{nanos:09d}".rstrip("0") if nanos else ""


def offset_text(offset: timedelta | None) -> str:
    """`Z` or `+HH:MM`, with seconds when there are any."""
    if not offset:
        return "Z"
    seconds = int(offset.total_seconds())
    sign = "-" if seconds < 0 else "+"
    minutes, second = divmod(abs(seconds), 60)
    text = f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{second:02d}" if second else text


def region(when: datetime) -> str | None:
    """The zone's name, such as `Europe/Paris`; None for a bare offset."""
    key = getattr(when.tzinfo, "key", None)
    return key if isinstance(key, str) else None


def moment_text(value: date | time) -> str:
    """What `toString` of the Java class prints: seconds are left out when they are zero."""
    if isinstance(value, Instant):
        return f"{value:%Y-%m-%dT%H:%M:%S}".zfill(19) + grouped_fraction(_nanos(value)) + "Z"
    if isinstance(value, datetime):
        text = f"{date.isoformat(value)}T{_clock(value.time())}"
        if value.tzinfo is None:
            return text
        name = region(value)
        return text + offset_text(value.utcoffset()) + (f"[{name}]" if name else "")
    return value.isoformat() if isinstance(value, date) else _clock(value)


def moment_json(value: date | time) -> str:
    """What stands in JSON (without quotes): seconds always, an offset but no region."""
    if isinstance(value, Instant):
        return moment_text(value)
    if isinstance(value, datetime):
        offset = "" if value.tzinfo is None else offset_text(value.utcoffset())
        whole = datetime.isoformat(value.replace(tzinfo=None, microsecond=0))
        return whole + shortest_fraction(_nanos(value)) + offset
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:%H:%M:%S}" + shortest_fraction(value.microsecond * 1000)


def _nanos(value: datetime) -> int:
    return value.microsecond * 1000


def _clock(value: time) -> str:
    text = f"{value:%H:%M}"
    if not value.second and not value.microsecond:
        return text
    return f"{text}:{value.second:02d}" + grouped_fraction(value.microsecond * 1000)
