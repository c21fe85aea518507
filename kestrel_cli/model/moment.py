"""Points in time as whole microseconds since 1970 (UTC), and their ISO text."""

from typing import Final

_DAY: Final = 86_400_000_000
_last: tuple[int, str] = (0, "1970-01-01T00:00:00")


def iso_instant(micros: int) -> str:
    """`2025-05-04T12:02:54.121836Z`; a fraction has six digits, one of zero is not written."""
    global _last  # noqa: PLW0603  one second's prefix serves all task runs of that second
    second, fraction = divmod(micros, 1_000_000)
    known, prefix = _last
    if second != known:
        prefix = _to_second(second)
        _last = (second, prefix)
    return f"{prefix}.{fraction:06d}Z" if fraction else f"{prefix}Z"


def _to_second(second: int) -> str:
    days, rest = divmod(second, 86_400)
    year, month, day = _civil(days)
    return (
        f"{year:04d}-{month:02d}-{day:02d}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    )


def _civil(days: int) -> tuple[int, int, int]:
    """Year, month, day of a day number counted from 1970-01-01 (proleptic Gregorian calendar)."""
    shifted = days + 719_468
    era, of_era = divmod(shifted, 146_097)
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    slot = (5 * of_year + 2) // 153
    month = slot + 3 if slot < 10 else slot - 9
    return year_of_era + era * 400 + (month <= 2), month, of_year - (153 * slot + 2) // 5 + 1
