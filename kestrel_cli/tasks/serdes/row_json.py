"""Values of rows as JSON, with every null kept."""

from datetime import datetime, tzinfo
from typing import Any

from kestrel_cli.tasks.base import Instant, json_text, key_text


def row_json(value: object, zone: tzinfo) -> str:
    """Compact JSON. Dates with an offset are written in `zone`, instants in UTC, bytes in base64,
    decimals as numbers. The value is as deep as a reader of rows allows, no deeper.
    """
    if isinstance(value, dict):
        inner = (
            f"{json_text(key_text(key))}:{row_json(item, zone)}" for key, item in value.items()
        )
        return f"{{{','.join(inner)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join(row_json(item, zone) for item in value)}]"
    return json_text(in_zone(value, zone))


def in_zone(value: Any, zone: tzinfo) -> Any:
    """A date with an offset as it is in that zone, everything else as it is."""
    if isinstance(value, datetime) and value.tzinfo is not None and not isinstance(value, Instant):
        return value.astimezone(zone)
    return value
