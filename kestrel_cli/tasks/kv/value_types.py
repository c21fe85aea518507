"""Text as a value of one of the types that the key-value store knows."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

from kestrel_cli.tasks.base import Duration, RenderError, TaskFailed

KvType = Literal["STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON"]


def converted(text: str, kind: str) -> Any:
    """The text as a value of that type; dates, date-times and durations stay text, in one form.
    Raises TaskFailed.
    """
    name = kind.strip().upper()
    reader = _READERS.get(name)
    if reader is None:
        raise TaskFailed(f"`{kind[:100]}` is no kvType: use {', '.join(_READERS)}")
    try:
        return reader(text)
    except (ValueError, OverflowError, RenderError):
        raise TaskFailed(f"the value is no {name}: `{text[:200]}`") from None


def storable(value: object) -> Any:
    """The value as JSON has it: dates as text, keys as text. Raises RenderError."""
    from kestrel_cli.tasks.base import to_plain

    return to_plain(value)


def _number(text: str) -> Any:
    found = _json(text)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise ValueError
    return found


def _json(text: str) -> Any:
    from kestrel_cli.tasks.base import read_json

    return read_json(text)


def _datetime(text: str) -> str:
    found = datetime.fromisoformat(text.strip())
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _date(text: str) -> str:
    if "T" in text:
        return _datetime(text)
    return date.fromisoformat(text.strip()).isoformat()


_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "STRING": str,
    "NUMBER": _number,
    "BOOLEAN": lambda text: text.strip().lower() == "true",
    "DATETIME": _datetime,
    "DATE": _date,
    "DURATION": lambda text: str(Duration.parse(text)),
    "JSON": _json,
}
