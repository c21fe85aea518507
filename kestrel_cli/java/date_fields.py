"""What date patterns write from and read into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kestrel_cli.java.times import offset_text, region


@dataclass(frozen=True, slots=True)
class Fields:
    """An aware date-time with nanoseconds, asked for its parts by pattern letters."""

    when: datetime
    nanos: int

    def nano_of_day(self) -> int:
        """Nanoseconds since midnight on the clock."""
        return (
            self.when.hour * 3600 + self.when.minute * 60 + self.when.second
        ) * 10**9 + self.nanos

    def offset_seconds(self) -> int:
        """The offset from UTC."""
        return int((self.when.utcoffset() or timedelta()).total_seconds())

    def zone_id(self) -> str:
        """The region, or the offset as an id (`Z`, `+02:00`)."""
        return region(self.when) or offset_text(self.when.utcoffset())

    def zone_name(self) -> str:
        """The short English name, such as `CET`; `Z` for a bare zero offset."""
        if region(self.when) is None:
            return self.zone_id()
        return self.when.tzname() or self.zone_id()

    def us_week(self) -> tuple[int, int]:
        """Week-based year and week, weeks starting on Sunday and 1 January in week 1."""
        day = self.when.date()
        saturday = day + timedelta(days=7 - self.us_day_of_week())
        if saturday.year > day.year:
            return saturday.year, 1
        first = date(day.year, 1, 1)
        return day.year, (day.timetuple().tm_yday - 1 + first.isoweekday() % 7) // 7 + 1

    def us_day_of_week(self) -> int:
        """1 for Sunday to 7 for Saturday."""
        return self.when.isoweekday() % 7 + 1

    def week_of_month(self) -> int:
        """Weeks starting on Sunday; the first day of the month is in week 1."""
        first = self.when.replace(day=1)
        return (self.when.day - 1 + first.isoweekday() % 7) // 7 + 1


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text spelled: a day, a time of day, its offset in seconds or its zone."""

    day: date
    nano_of_day: int = 0
    offset: int | None = None
    zone: str | None = None
