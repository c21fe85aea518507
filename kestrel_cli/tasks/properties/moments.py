"""Properties that are moments: a date, a time and what it is measured against."""

import re
from datetime import UTC, datetime
from typing import Final

from kestrel_cli.tasks.base import RunContext, TaskFailed

_ZONE: Final = re.compile(r"\[[^\]]*\]$")  # Java writes the zone behind the offset
_FINER: Final = re.compile(r"(\.\d{6})\d+")


def moment(ctx: RunContext, name: str, value: object) -> datetime | None:
    """Render a moment, in UTC; None when there is none. Raises TaskFailed."""
    text = ctx.text(value).strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(_FINER.sub(r"\1", _ZONE.sub("", text)))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise TaskFailed(
            f"`{name}` must be a date and time with an offset, such as 2030-01-01T00:00:00Z, "
            f"got `{text[:100]}`"
        )
    return found.astimezone(UTC)
