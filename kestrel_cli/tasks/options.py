"""Properties that have to be one of a few words, one character, or the name of a zone."""

from datetime import tzinfo
from typing import Literal

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.expressions.dates import zone_named
from kestrel_cli.model.task import RunContext

OnBadLines = Literal["ERROR", "WARN", "SKIP"]


def word(ctx: RunContext, name: str, value: object, *known: str) -> str:
    """Render a property that is one of the known words. Raises TaskFailed."""
    text = ctx.text(value).strip().upper()
    if text not in known:
        raise TaskFailed(f"`{name}` must be one of {', '.join(known)}, got `{text[:100]}`")
    return text


def character(ctx: RunContext, name: str, value: object) -> str:
    """Render a property that is one character. Raises TaskFailed."""
    text = ctx.text(value)
    if len(text) != 1:
        raise TaskFailed(f"`{name}` must be one character, got `{text[:100]}`")
    return text


def zone(ctx: RunContext, value: object) -> tzinfo:
    """Render the name of a time zone; without one the zone is that of `TZ`, or UTC. Raises
    TaskFailed.
    """
    name = ctx.text(value) or ctx.about.environ.get("TZ", "").lstrip(":") or "UTC"
    try:
        return zone_named(name)
    except RenderError as error:
        raise TaskFailed(f"timeZoneId: {error}") from None


def bad_line(ctx: RunContext, on_bad_lines: str, message: str) -> None:
    """What `onBadLines` says is to be done about one: raise TaskFailed, warn, or nothing."""
    if on_bad_lines == "ERROR":
        raise TaskFailed(message)
    if on_bad_lines == "WARN":
        ctx.log("WARN", message)
