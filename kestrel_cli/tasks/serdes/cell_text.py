"""Values of rows as text: what Java's `toString` gives, and dates in a pattern."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

from kestrel_cli.tasks.base import (
    Dynamic,
    Fields,
    Instant,
    RenderError,
    RunContext,
    RunnableTask,
    TaskFailed,
    date_formats,
    java_text,
)
from kestrel_cli.tasks.properties.words import zone

# An optional part of a pattern that a date without an offset leaves out.
_OFFSET_PART: Final = re.compile(r"\[[^\[\]]*[XxZzOVv][^\[\]]*\]")


class TextWriter(RunnableTask):
    """The properties of tasks that write dates in a Java pattern."""

    dateFormat: Dynamic[str] = "yyyy-MM-dd"
    timeFormat: Dynamic[str] = "HH:mm:ss[XXX]"
    dateTimeFormat: Dynamic[str] = "yyyy-MM-dd'T'HH:mm:ss.SSS[XXX]"
    timeZoneId: Dynamic[str] | None = None


def cell_text(ctx: RunContext, task: TextWriter) -> Callable[[object], str]:
    """How a task writes the values of rows; null is the empty text. Instants are written in UTC,
    dates with an offset in the task's zone. Raises TaskFailed for a pattern that is none.
    """
    patterns = {}
    for name in ("dateFormat", "timeFormat", "dateTimeFormat"):
        patterns[name] = ctx.text(getattr(task, name))
        try:
            date_formats.parts_of(patterns[name])
        except RenderError as error:
            raise TaskFailed(f"{name}: {error}") from None
    days = _OFFSET_PART.sub("", patterns["dateFormat"])
    moments = patterns["dateTimeFormat"]
    here = zone(ctx, task.timeZoneId)

    def text(value: object) -> str:
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        if isinstance(value, datetime):
            return _written(value, UTC if isinstance(value, Instant) else here, moments)
        if isinstance(value, date):
            return _written(datetime.combine(value, time(), UTC), UTC, days)
        return java_text(value)

    return text


def _written(when: datetime, where: tzinfo, pattern: str) -> str:
    try:
        there = when.astimezone(where)
        return date_formats.write(Fields(there, there.microsecond * 1000), pattern)
    except (OverflowError, ValueError):
        raise TaskFailed(f"the date {when} can't be written in this zone") from None
