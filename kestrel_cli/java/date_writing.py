"""Writing a date with the letters of a DateTimeFormatter pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.java.date_names import names_of
from kestrel_cli.java.date_patterns import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from kestrel_cli.java.date_fields import Fields
    from kestrel_cli.java.date_names import Names
    from kestrel_cli.java.date_patterns import Part


def write_pattern(fields: Fields, pattern: str, language: str | None = None) -> str:
    """The date in the pattern, with the names of a language (English without one)."""
    names = names_of(language)
    return "".join(_write_part(part, fields, names) for part in parts_of(pattern))


def _write_part(part: Part, fields: Fields, names: Names) -> str:
    if part.optional is not None:
        return "".join(_write_part(inner, fields, names) for inner in part.optional)
    if not part.letter:
        return part.literal
    return _LETTERS[part.letter](fields, part.count, names).rjust(part.pad)


def _number(field: Callable[[Fields], int]) -> Callable[[Fields, int, Names], str]:
    return lambda fields, count, _names: f"{field(fields):0{count}d}"


def _year(field: Callable[[Fields], int]) -> Callable[[Fields, int, Names], str]:
    def text(fields: Fields, count: int, _names: Names) -> str:
        year = field(fields)
        return f"{year % 100:02d}" if count == 2 else f"{year:0{count}d}"

    return text


def _month(fields: Fields, count: int, names: Names) -> str:
    month = fields.when.month
    if count <= 2:
        return f"{month:0{count}d}"
    full = names.months[month - 1]
    return {3: names.short_months[month - 1], 4: full}.get(count, full[0].upper())


def _day_name(fields: Fields, count: int, names: Names) -> str:
    day = fields.when.weekday()
    full = names.days[day]
    return {4: full, 5: full[0].upper()}.get(count, names.short_days[day])


def _local_day(fields: Fields, count: int, names: Names) -> str:
    if count <= 2:
        return f"{fields.us_day_of_week():0{count}d}"
    return _day_name(fields, count, names)


def _quarter(fields: Fields, count: int, _names: Names) -> str:
    quarter = (fields.when.month + 2) // 3
    if count <= 2:
        return f"{quarter:0{count}d}"
    ordinal = ("1st", "2nd", "3rd", "4th")[quarter - 1]
    return {3: f"Q{quarter}", 4: f"{ordinal} quarter"}.get(count, str(quarter))


def _era(_fields: Fields, count: int, _names: Names) -> str:
    return {4: "Anno Domini", 5: "A"}.get(count, "AD")


def _fraction(fields: Fields, count: int, _names: Names) -> str:
    return f"{fields.nanos:09d}"[:count]


def _half_day(fields: Fields, _count: int, _names: Names) -> str:
    return "AM" if fields.when.hour < 12 else "PM"


def offset(fields: Fields, count: int, zero: str) -> str:
    """Offsets of `x` and `X`: 1 `+02` or `+0530`, 2 `+0200`, 3 `+02:00`, 4 and 5 with seconds."""
    seconds = fields.offset_seconds()
    if not seconds:
        return zero
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), 3600)
    minutes, second = divmod(rest, 60)
    colon = ":" if count in (3, 5) else ""
    text = f"{sign}{hours:02d}"
    if minutes or count > 1 or (second and count > 3):
        text += f"{colon}{minutes:02d}"
    return f"{text}{colon}{second:02d}" if second and count > 3 else text


def _big_x(fields: Fields, count: int, _names: Names) -> str:
    return offset(fields, count, "Z")


def _small_x(fields: Fields, count: int, _names: Names) -> str:
    return offset(fields, count, {1: "+00", 2: "+0000", 4: "+0000"}.get(count, "+00:00"))


def _big_z(fields: Fields, count: int, names: Names) -> str:
    if count <= 3:
        return offset(fields, 2, "+0000")
    return _localized_offset(fields, 4, names) if count == 4 else offset(fields, 5, "Z")


def _localized_offset(fields: Fields, count: int, _names: Names) -> str:
    """`GMT+1` for one letter, `GMT+01:00` for four."""
    text = offset(fields, 5, "")
    if count == 4 or not text:
        return "GMT" + text
    hours = text[0] + text[1:3].lstrip("0").rjust(1, "0")
    return "GMT" + hours + text[3:].removesuffix(":00")


def _zone_name(fields: Fields, count: int, names: Names) -> str:
    short = fields.zone_name()
    if count < 4:
        return short
    return names.zones.get(short, short)


_LETTERS: Final[dict[str, Callable[[Fields, int, Names], str]]] = {
    "y": _year(lambda f: f.when.year),
    "u": _year(lambda f: f.when.year),
    "Y": _year(lambda f: f.us_week()[0]),
    "M": _month,
    "L": _month,
    "d": _number(lambda f: f.when.day),
    "D": _number(lambda f: f.when.timetuple().tm_yday),
    "E": _day_name,
    "e": _local_day,
    "c": _local_day,
    "a": _half_day,
    "h": _number(lambda f: f.when.hour % 12 or 12),
    "K": _number(lambda f: f.when.hour % 12),
    "H": _number(lambda f: f.when.hour),
    "k": _number(lambda f: f.when.hour or 24),
    "m": _number(lambda f: f.when.minute),
    "s": _number(lambda f: f.when.second),
    "S": _fraction,
    "n": _number(lambda f: f.nanos),
    "A": _number(lambda f: f.nano_of_day() // 10**6),
    "N": _number(lambda f: f.nano_of_day()),
    "Q": _quarter,
    "q": _quarter,
    "w": _number(lambda f: f.us_week()[1]),
    "W": _number(lambda f: f.week_of_month()),
    "F": _number(lambda f: (f.when.day - 1) // 7 + 1),
    "g": _number(lambda f: f.when.toordinal() - 678_576),
    "G": _era,
    "V": lambda f, _count, _names: f.zone_id(),
    "v": _zone_name,
    "z": _zone_name,
    "X": _big_x,
    "x": _small_x,
    "Z": _big_z,
    "O": _localized_offset,
}
