"""ISO-8601 durations by Java's rules: exact to the nanosecond, printed without days.

What Java 17 makes of texts is in `tests/model/test_duration.py`.
"""

import re
from typing import Final, Self

NANOS: Final = 1_000_000_000

_ISO: Final = re.compile(
    r"([-+]?)P(?:([-+]?\d+)D)?"
    r"(?:T(?=[-+\d])(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?)(\d+)(?:[.,](\d{0,9}))?S)?)?",
    re.IGNORECASE | re.ASCII,
)
_NUMBER: Final = re.compile(r"[-+]?\d{1,18}(?:\.\d{1,9})?", re.ASCII)
_LIMIT: Final = (2**63 - 1) * NANOS


class Duration(int):
    """A length of time in whole nanoseconds; its text form is ISO-8601 as Java prints it."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `PT1M30S`, `P1D`, or a bare number of seconds (int, float or text).

        Raises ValueError.
        """
        if isinstance(text, bool) or not isinstance(text, (str, int, float)):
            raise ValueError(f"`{text}` is not a duration")
        if not isinstance(text, str):
            if not abs(text) <= _LIMIT // NANOS:  # also true of NaN
                raise ValueError(f"`{text}` is too long a duration")
            return cls._checked(round(text * NANOS), text)
        stripped = text.strip()
        if _NUMBER.fullmatch(stripped):
            return cls._checked(_decimal_nanos(stripped), text)
        match = _ISO.fullmatch(stripped)
        if match is None or not any(match.group(2, 3, 4, 6)):
            raise ValueError(
                f"`{text}` is not a duration: expected a form like PT10S, PT1M30S or P1D"
            )
        sign, days, hours, minutes, second_sign, seconds, fraction = match.groups(default="")
        total = (int(days or 0) * 86400 + int(hours or 0) * 3600 + int(minutes or 0) * 60) * NANOS
        second = int(seconds or 0) * NANOS + int((fraction or "").ljust(9, "0"))
        total += -second if second_sign == "-" else second
        return cls._checked(-total if sign == "-" else total, text)

    @classmethod
    def _checked(cls, nanos: int, text: object) -> Self:
        if abs(nanos) > _LIMIT:
            raise ValueError(f"`{text}` is too long a duration")
        return cls(nanos)

    @classmethod
    def of_micros(cls, micros: int) -> Self:
        """A duration of `micros` microseconds."""
        return cls(micros * 1000)

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return int(self) / NANOS

    @property
    def micros(self) -> int:
        """The length in whole microseconds, towards zero."""
        return int(int(self) / 1000) if self < 0 else int(self) // 1000

    def __str__(self) -> str:
        return iso_duration(int(self))

    def __repr__(self) -> str:
        return f"Duration({iso_duration(int(self))})"

    __hash__ = int.__hash__


def _decimal_nanos(text: str) -> int:
    whole, _, fraction = text.partition(".")
    nanos = abs(int(whole)) * NANOS + int(fraction.ljust(9, "0") or 0)
    return -nanos if text.startswith("-") else nanos


def iso_duration(nanos: int) -> str:
    """`PT1H2M3.5S`: hours, minutes, seconds; zero is `PT0S`; each part carries its own sign."""
    if nanos == 0:
        return "PT0S"
    if 0 < nanos < 60 * NANOS:  # nearly all durations of task runs, at half the cost
        seconds, fraction = divmod(nanos, NANOS)
        return f"PT{seconds}.{fraction:09d}".rstrip("0") + "S" if fraction else f"PT{seconds}S"
    sign, rest = ("-", -nanos) if nanos < 0 else ("", nanos)
    whole, fraction = divmod(rest, NANOS)
    hours, minutes, seconds = whole // 3600, whole % 3600 // 60, whole % 60
    text = "PT"
    if hours:
        text += f"{sign}{hours}H"
    if minutes:
        text += f"{sign}{minutes}M"
    if fraction:
        text += f"{sign}{seconds}.{f'{fraction:09d}'.rstrip('0')}S"
    elif seconds:
        text += f"{sign}{seconds}S"
    return text


def clock_duration(nanos: int) -> str:
    """`00:00:01.000`: hours, minutes, seconds and milliseconds, as Kestra words a timeout."""
    millis = nanos // 1_000_000
    hours, minutes, seconds = millis // 3_600_000, millis // 60_000 % 60, millis // 1000 % 60
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{millis % 1000:03d}"
