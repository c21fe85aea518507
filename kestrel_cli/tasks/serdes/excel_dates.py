"""Excel's formats of dates: the text a date has in one, and the format of a Java pattern."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final

_PART: Final = re.compile(
    r'"([^"]*)"|\\(.)|\[(h+|m+|s+)\]|\[[^\]]*\]|(AM/PM|A/P)|([yYmMdDhHsS]+)|(\.0+)|(.)', re.DOTALL
)
_JAVA: Final = re.compile(
    r"'((?:[^']|'')*)'|\[[^\[\]]*[XxZzOVv][^\[\]]*\]|([A-Za-z])\2*|(.)", re.DOTALL
)
_LETTERS: Final = {"y": "y", "u": "y", "M": "m", "d": "d", "H": "h", "h": "h", "m": "m", "s": "s"}
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def shown(value: datetime | date | time | timedelta, number_format: str) -> str:
    """The text of a date or time in an Excel format such as `yyyy-mm-dd h:mm`."""
    when = _moment(value)
    parts = list(_PART.finditer(number_format.partition(";")[0]))
    twelve = any(found[4] for found in parts)
    out = []
    for at, found in enumerate(parts):
        literal, escaped, elapsed, half, letters, fraction, other = found.groups()
        if elapsed:
            out.append(str(_elapsed(value, elapsed[0])))
        elif half:
            name = "AM" if when.hour < 12 else "PM"
            out.append(name if half == "AM/PM" else name[0])
        elif letters:
            out.append(_letters(letters.lower(), when, twelve=twelve, minutes=_minutes(parts, at)))
        elif fraction:
            out.append(
                "." + f"{when.microsecond:06d}"[: len(fraction) - 1].ljust(len(fraction) - 1, "0")
            )
        else:
            out.append(literal or escaped or (other if other and other not in "_*@" else ""))
    return "".join(out)


def format_of(pattern: str) -> str:
    """The Excel format that shows what a Java pattern shows; parts with a zone are left out."""
    out = []
    for found in _JAVA.finditer(pattern):
        literal, letter, other = found.groups()
        if literal is not None:
            out.append(f'"{literal}"' if literal else "'")
        elif letter:
            run = found[0]
            if letter in _LETTERS:
                out.append(_LETTERS[letter] * (len(run) if letter != "u" else 4))
            elif letter == "S":
                out.append("0" * min(len(run), 3))
            elif letter == "E":
                out.append("dddd" if len(run) > 3 else "ddd")
            elif letter == "a":
                out.append("AM/PM")
        elif other and other not in "[]":
            out.append(other)
    return "".join(out)


def _moment(value: datetime | date | time | timedelta) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, timedelta):
        return datetime(1899, 12, 30) + value  # noqa: DTZ001  dates of Excel have no zone
    if isinstance(value, time):
        return datetime.combine(date(1899, 12, 31), value)
    return datetime.combine(value, time())


def _elapsed(value: datetime | date | time | timedelta, unit: str) -> int:
    size = value if isinstance(value, timedelta) else _moment(value) - datetime(1899, 12, 30)  # noqa: DTZ001
    return size // timedelta(**{{"h": "hours", "m": "minutes", "s": "seconds"}[unit]: 1})


def _minutes(parts: list[re.Match[str]], at: int) -> bool:
    """Whether an `m` means minutes: behind hours or before seconds."""
    before = next((part[5] or part[3] for part in reversed(parts[:at]) if part[5] or part[3]), "")
    after = next((part[5] or part[3] for part in parts[at + 1 :] if part[5] or part[3]), "")
    return before.lower().startswith("h") or after.lower().startswith("s")


def _letters(run: str, when: datetime, *, twelve: bool, minutes: bool) -> str:
    size = len(run)
    if run[0] == "y":
        return f"{when.year:04d}" if size > 2 else f"{when.year % 100:02d}"
    if run[0] == "m" and not minutes and size > 2:
        name = _MONTHS[when.month - 1]
        return name[:3] if size == 3 else name[0] if size == 5 else name
    if run[0] == "d" and size > 2:
        name = _DAYS[when.weekday()]
        return name[:3] if size == 3 else name
    hour = (when.hour % 12 or 12) if twelve else when.hour
    number = {
        "m": when.minute if minutes else when.month,
        "d": when.day,
        "h": hour,
        "s": when.second,
    }
    return f"{number[run[0]]:0{min(size, 2)}d}"
