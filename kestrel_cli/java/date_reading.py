"""Reading dates from text: ISO forms, named formats, and Java patterns as regular expressions."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from kestrel_cli.java.date_fields import Parsed
from kestrel_cli.java.date_formats import pattern_of
from kestrel_cli.java.date_names import names_of
from kestrel_cli.java.date_patterns import parts_of
from kestrel_cli.java.errors import JavaError
from kestrel_cli.matching import bounded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kestrel_cli.java.date_patterns import Part
    from kestrel_cli.matching import Bounded

_DATE: Final = r"(?P<y>\d{4})-(?P<M>\d\d)-(?P<d>\d\d)"
_TIME: Final = r"(?P<H>\d\d):(?P<m>\d\d)(?::(?P<s>\d\d)(?:\.(?P<S>\d{0,9}))?)?"
_OFFSET: Final = r"(?P<X>[Zz]|[+-]\d\d(?::\d\d(?::\d\d)?)?)"
_REGION: Final = r"(?:\[(?P<V>[^\]]+)\])?"
_ISO: Final = re.compile(f"{_DATE}(?:[Tt]{_TIME}(?:{_OFFSET}{_REGION})?)?", re.ASCII)

# Formats with a name whose text is not what a pattern can say.
_NAMED: Final = {
    "iso_date": re.compile(f"{_DATE}{_OFFSET}?", re.ASCII),
    "iso_local_date": re.compile(_DATE, re.ASCII),
    "iso_offset_date": re.compile(_DATE + _OFFSET, re.ASCII),
    "iso_local_date_time": re.compile(f"{_DATE}[Tt]{_TIME}", re.ASCII),
    "iso_offset_date_time": re.compile(f"{_DATE}[Tt]{_TIME}{_OFFSET}", re.ASCII),
    "iso_zoned_date_time": re.compile(f"{_DATE}[Tt]{_TIME}{_OFFSET}{_REGION}", re.ASCII),
    "iso_date_time": re.compile(f"{_DATE}[Tt]{_TIME}(?:{_OFFSET}{_REGION})?", re.ASCII),
    "iso_instant": re.compile(f"{_DATE}[Tt]{_TIME}{_OFFSET}", re.ASCII),
    "iso_ordinal_date": re.compile(f"(?P<y>\\d{{4}})-(?P<D>\\d{{3}}){_OFFSET}?", re.ASCII),
    "iso_week_date": re.compile(
        f"(?P<wy>\\d{{4}})-[Ww](?P<ww>\\d\\d)-(?P<wd>[1-7]){_OFFSET}?", re.ASCII
    ),
    "basic_iso_date": re.compile(
        r"(?P<y>\d{4})(?P<M>\d\d)(?P<d>\d\d)(?P<X>[Zz]|[+-]\d{4}(?:\d\d)?)?", re.ASCII
    ),
}
_RFC_1123: Final = "[EEE, ]d MMM yyyy HH:mm[:ss] [O][Z]"
_TWO_DIGIT_BASE: Final = 2000
_FEW_PARTS: Final = 20  # optional parts beside each other can share digits in ever more ways


def read_iso(text: str) -> Parsed | None:
    """An ISO zoned date-time, local date-time or date; None for anything else."""
    found = _ISO.fullmatch(text)
    return None if found is None else _parsed(found.groupdict(), strict=True)


def read_format(text: str, format_name: str) -> Parsed | None:
    """The text read by a named format or a Java pattern; None when it does not fit."""
    if len(text) > 1000:
        return None
    if format_name in ("rfc_1123_date_time", "RFC_1123_DATE_TIME"):
        return _read_pattern(text, _RFC_1123, ignore_case=True)
    fixed = _NAMED.get(format_name)
    if fixed is not None:
        found = fixed.fullmatch(text)
        return None if found is None else _parsed(found.groupdict(), strict=True)
    return _read_pattern(text, pattern_of(format_name))


def _read_pattern(text: str, pattern: str, *, ignore_case: bool = False) -> Parsed | None:
    found = _regex(pattern, ignore_case).fullmatch(text)
    if found is None:
        return None
    merged: dict[str, str] = {}
    for name, value in found.groupdict().items():
        # A letter used twice has groups X, X_2, ...; both must say the same, as in Java.
        letter = name.partition("_")[0]
        if value is not None and merged.setdefault(letter, value) != value:
            return None
    return _parsed(dict(merged))


@lru_cache(maxsize=128)
def _regex(pattern: str, ignore_case: bool) -> re.Pattern[str] | Bounded:
    used: dict[str, int] = {}
    body = "".join(_part_regex(part, used) for part in parts_of(pattern))
    flags = re.IGNORECASE if ignore_case else re.NOFLAG
    if body.count("(") <= _FEW_PARTS:
        return re.compile(body, flags)
    return bounded(body, JavaError, written=pattern, flags=flags)


def _part_regex(part: Part, used: dict[str, int]) -> str:
    if part.optional is not None:
        return f"(?:{''.join(_part_regex(inner, used) for inner in part.optional)})?"
    if not part.letter:
        return re.escape(part.literal)
    name, body = _letter_regex(part.letter, part.count)
    used[name] = used.get(name, 0) + 1
    suffix = f"_{used[name]}" if used[name] > 1 else ""
    space = " *" if part.pad else ""
    return f"{space}(?P<{name}{suffix}>{body})"


def _letter_regex(letter: str, count: int) -> tuple[str, str]:  # a table
    """The group's name and what it matches. Other names mean other readings of a field."""
    english = names_of(None)
    if letter in "yu":
        return ("yy", "[0-9]{2}") if count == 2 else ("y", _digits(count, 9))
    if letter in "ML":
        names = {3: english.short_months, 4: english.months}.get(count)
        return ("M", _digits(count, 2)) if names is None else ("Mn", _choice(names))
    if letter in "Eec":
        return "En", _choice(english.days if count == 4 else english.short_days)
    if letter == "S":
        return "S", f"[0-9]{{{count}}}"
    if letter == "a":
        return "a", "AM|PM"
    if letter == "G":
        return "G", "AD|Anno Domini|A"
    if letter in "XxZO":
        return "X", _offset_regex(letter, count)
    if letter in "zVv":
        return "V", r"[A-Za-z][A-Za-z0-9_/+-]*|[+-][0-9]{2}:[0-9]{2}|Z"
    if letter in "dDHkKhmsnAN":
        return letter, _digits(count, 3 if letter == "D" else 2 if letter in "dHkKhms" else 19)
    raise JavaError(f"the pattern letter {letter} can be printed but not read")


def _digits(count: int, most: int) -> str:
    """One letter reads as many digits as there are, two exactly two, more at least that many."""
    if count == 1:
        return f"[0-9]{{1,{most}}}"
    return f"[0-9]{{{count}}}" if count == 2 or count >= most else f"[0-9]{{{count},{most}}}"


def _offset_regex(letter: str, count: int) -> str:
    if letter == "O" or (letter == "Z" and count == 4):
        return r"GMT(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?"
    hours = "[+-][0-9]{2}"
    if letter == "Z" and count <= 3:
        return hours + "[0-9]{2}"
    zero = "Z|" if letter == "X" or letter == "Z" else ""
    minutes = {1: "(?:[0-9]{2})?", 2: "[0-9]{2}", 4: "[0-9]{2}(?:[0-9]{2})?"}
    return zero + hours + minutes.get(count, ":[0-9]{2}(?::[0-9]{2})?")


def _choice(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _parsed(groups: dict[str, str | None], *, strict: bool = False) -> Parsed | None:
    """The day, time and zone of the groups that matched; None when they make no date.

    Java reads ISO forms strictly and patterns "smartly": there 31 April is the last of April.
    """
    found = {name: value for name, value in groups.items() if value}
    try:
        day = _day(found, strict=strict)
        nanos = _nano_of_day(found)
    except (ValueError, OverflowError):
        return None
    if day is None or nanos is None or not _weekday_fits(found, day):
        return None
    offset = _offset_seconds(found["X"]) if "X" in found else None
    # With an offset the offset decides; the region only says how the zone is called.
    return Parsed(day, nanos, offset, found.get("V") if offset is None else None)


def _day(found: dict[str, str], *, strict: bool) -> date | None:
    if "wy" in found:
        return date.fromisocalendar(int(found["wy"]), int(found["ww"]), int(found["wd"]))
    year = int(found["y"]) if "y" in found else None
    if year is None and "yy" in found:
        year = _TWO_DIGIT_BASE + int(found["yy"])
    if year is None:
        return None
    if "D" in found:
        day = date(year, 1, 1) + timedelta(days=int(found["D"]) - 1)
        return day if day.year == year and int(found["D"]) else None
    month = int(found["M"]) if "M" in found else _month(found.get("Mn"))
    if month is None or "d" not in found:
        return None
    day_of_month = int(found["d"])
    return date(year, month, day_of_month) if strict else _smart_day(year, month, day_of_month)


def _smart_day(year: int, month: int, day: int) -> date:
    """Java's "smart" reading: 31 April is the last of April, 32 April is nothing."""
    if not 1 <= day <= 31:
        raise ValueError("no such day")
    for last in (day, 30, 29, 28):
        try:
            return date(year, month, min(day, last))
        except ValueError:
            if not 1 <= month <= 12 or not 1 <= year <= 9999:
                raise
    raise ValueError("no such day")


def _month(name: str | None) -> int | None:
    english = names_of(None)
    for months in (english.months, english.short_months):
        for number, month in enumerate(months, start=1):
            if name is not None and name.lower() == month.lower():
                return number
    return None


def _weekday_fits(found: dict[str, str], day: date) -> bool:
    name = found.get("En")
    return name is None or names_of(None).days[day.weekday()].lower().startswith(name.lower()[:3])


def _nano_of_day(found: dict[str, str]) -> int | None:
    if "N" in found:
        return int(found["N"])
    if "A" in found:
        return int(found["A"]) * 10**6
    hour = _hour(found)
    minute, second = int(found.get("m", 0)), int(found.get("s", 0))
    nanos = int(found["S"].ljust(9, "0")) if "S" in found else int(found.get("n", 0))
    if hour is None or minute > 59 or second > 59:
        return None
    # Hour 24 is the end of the day, and only that.
    if hour > 24 or (hour == 24 and (minute or second or nanos)):
        return None
    return (hour * 3600 + minute * 60 + second) * 10**9 + nanos


def _hour(found: dict[str, str]) -> int | None:
    if "H" in found:
        return int(found["H"])
    if "k" in found:
        return int(found["k"]) % 24
    half = found.get("h", found.get("K"))
    if half is None:
        return 0 if not {"m", "s", "S", "n"} & found.keys() else None
    # Without AM or PM the hour of a half day says nothing.
    if "a" not in found or int(half) > 12:
        return None
    return int(half) % 12 + (12 if found["a"].upper() == "PM" else 0)


def _offset_seconds(text: str) -> int:
    digits = re.sub("[^0-9]", "", text)
    if not digits:
        return 0
    if len(digits) in (1, 3):
        digits = "0" + digits
    digits = digits.ljust(6, "0")
    size = int(digits[:2]) * 3600 + int(digits[2:4]) * 60 + int(digits[4:6])
    return -size if "-" in text else size
