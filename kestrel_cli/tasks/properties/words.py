"""Properties that have to be one of a few words, one character, or the name of a zone."""

from datetime import tzinfo

from kestrel_cli.tasks.base import RenderError, RunContext, TaskFailed, zone_named


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
