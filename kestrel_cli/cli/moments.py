"""Moments on the command line."""

from kestrel_cli.errors import UsageError


def moment(text: str, option: str) -> int:
    """Microseconds since 1970 of a date, or a date and a time; in UTC unless it names an offset.
    Raises UsageError.
    """
    from datetime import UTC, datetime, timedelta

    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        micros = (found - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        micros = -1
    if micros < 0:
        raise UsageError(f"`{option} {text}`: write `2026-01-31` or `2026-01-31T12:00:00Z`")
    return micros
