"""Java's DateTimeFormatter patterns: reading the pattern, and writing a date with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.date_names import names_of
from kestrel_cli.expressions.moments import grouped_fraction, shortest_fraction

if TYPE_CHECKING:
    from collections.abc import Callable

    from kestrel_cli.expressions.date_fields import Fields
    from kestrel_cli.expressions.date_names import Names

# Patterns of the formats that have a name.
_PATTERNS: Final = {
    "iso": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "iso_sec": "yyyy-MM-dd'T'HH:mm:ssXXX",
    "sql": "yyyy-MM-dd HH:mm:ss.SSSSSS",
    "sql_seq": "yyyy-MM-dd HH:mm:ss",
    "sql_milli": "yyyy-MM-dd HH:mm:ss.SSS",
    "full": "EEEE, MMMM d, y 'at' h:mm:ss a zzzz",
    "long": "MMMM d, y 'at' h:mm:ss a z",
    "medium": "MMM d, y, h:mm:ss a",
    "short": "M/d/yy, h:mm a",
}

# How many of a letter make sense; more is an error in Java too.
_MOST: Final = {
    **dict.fromkeys("dhHkKms", 2), **dict.fromkeys("MLQqEec", 5), **dict.fromkeys("yuYnNA", 19),
    **dict.fromkeys("XxZ", 5), "D": 3, "S": 9, "w": 2, "W": 1, "F": 1, "a": 1, "G": 5, "z": 4,
    "O": 4, "V": 2, "v": 4, "g": 19,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A literal (`letter` is empty), a run of a letter, or an optional section with its parts."""

    letter: str = ""
    count: int = 0
    literal: str = ""
    pad: int = 0
    optional: tuple[Part, ...] | None = None


def write(fields: Fields, format_name: str, language: str | None = None) -> str:
    """The date in a named format or a Java pattern."""
    named = _NAMED.get(format_name)
    if named is not None:
        return named(fields)
    names = names_of(language)
    pattern = _PATTERNS.get(format_name, format_name)
    return "".join(_write_part(part, fields, names) for part in parts_of(pattern))


def pattern_of(format_name: str) -> str:
    """The pattern behind a format's name; a pattern stands for itself."""
    return _PATTERNS.get(format_name, format_name)


@lru_cache(maxsize=256)
def parts_of(pattern: str) -> tuple[Part, ...]:
    """The parts of a pattern; RenderError names what is wrong with it."""
    if len(pattern) > 1000:
        raise RenderError("a date pattern is longer than 1000 characters")
    stack: list[list[Part]] = [[]]
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "[":
            stack.append([])
            at += 1
        elif char == "]":
            if len(stack) == 1:
                raise RenderError("Pattern invalid as it contains ] without previous [")
            section = stack.pop()
            stack[-1].append(Part(optional=tuple(section)))
            at += 1
        else:
            part, at = _next_part(pattern, at)
            stack[-1].append(part)
    # An unclosed optional section ends with the pattern.
    while len(stack) > 1:
        section = stack.pop()
        stack[-1].append(Part(optional=tuple(section)))
    return tuple(stack[0])


def _next_part(pattern: str, at: int) -> tuple[Part, int]:
    char = pattern[at]
    if char == "'":
        return _literal(pattern, at)
    if char in "{}#":
        raise RenderError(f"Pattern includes reserved character: '{char}'")
    if not (char.isascii() and char.isalpha()):
        return Part(literal=char), at + 1
    count = _run(pattern, at)
    if char == "p":
        after = at + count
        if after >= len(pattern) or not pattern[after].isalpha():
            raise RenderError("Pad letter 'p' must be followed by valid pad pattern: " + pattern)
        padded, end = _next_part(pattern, after)
        return Part(padded.letter, padded.count, padded.literal, count, padded.optional), end
    most = _MOST.get(char)
    if most is None:
        raise RenderError(f"Unknown pattern letter: {char}")
    if count > most:
        raise RenderError(f"Too many pattern letters: {char}")
    if char == "V" and count != 2:
        raise RenderError("Pattern letter count must be 2: V")
    return Part(char, count), at + count


def _run(pattern: str, at: int) -> int:
    end = at
    while end < len(pattern) and pattern[end] == pattern[at]:
        end += 1
    return end - at


def _literal(pattern: str, at: int) -> tuple[Part, int]:
    text: list[str] = []
    end = at + 1
    while True:
        close = pattern.find("'", end)
        if close < 0:
            raise RenderError(f"Pattern ends with an incomplete string literal: {pattern}")
        text.append(pattern[end:close])
        if not pattern.startswith("''", close):
            break
        text.append("'")
        end = close + 2
    return Part(literal="".join(text) or "'"), close + 1


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


def _offset(fields: Fields, count: int, zero: str) -> str:
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
    return _offset(fields, count, "Z")


def _small_x(fields: Fields, count: int, _names: Names) -> str:
    return _offset(fields, count, {1: "+00", 2: "+0000", 4: "+0000"}.get(count, "+00:00"))


def _big_z(fields: Fields, count: int, names: Names) -> str:
    if count <= 3:
        return _offset(fields, 2, "+0000")
    return _localized_offset(fields, 4, names) if count == 4 else _offset(fields, 5, "Z")


def _localized_offset(fields: Fields, count: int, _names: Names) -> str:
    """`GMT+1` for one letter, `GMT+01:00` for four."""
    text = _offset(fields, 5, "")
    if count == 4 or not text:
        return "GMT" + text
    hours = text[0] + text[1:3].lstrip("0").rjust(1, "0")
    return "GMT" + hours + text[3:].removesuffix(":00")


def _zone_name(fields: Fields, count: int, names: Names) -> str:
    short = fields.zone_name()
    if count < 4:
        return short
    return names.zones.get(short, short)


def _iso_date(fields: Fields) -> str:
    return f"{fields.when.year:04d}-{fields.when.month:02d}-{fields.when.day:02d}"


def _iso_time(fields: Fields) -> str:
    when = fields.when
    return f"{when.hour:02d}:{when.minute:02d}:{when.second:02d}" + shortest_fraction(fields.nanos)


def _iso_offset(fields: Fields) -> str:
    return _offset(fields, 5, "Z")


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
        + _offset(fields, 2, "GMT")
    )


def _iso_week(fields: Fields) -> str:
    year, week, day = fields.when.isocalendar()
    return f"{year:04d}-W{week:02d}-{day}" + _iso_offset(fields)


_NAMED: Final[dict[str, Callable[[Fields], str]]] = {
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
    "basic_iso_date": lambda f: f"{_iso_date(f).replace('-', '')}{_offset(f, 4, 'Z')}",
    "rfc_1123_date_time": _rfc_1123,
}

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
