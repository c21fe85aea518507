"""The property `onBadLines`: what is done about a line that can't be read."""

from typing import Literal

from kestrel_cli.tasks.base import RunContext, TaskFailed

OnBadLines = Literal["ERROR", "WARN", "SKIP"]


def bad_line(ctx: RunContext, on_bad_lines: str, message: str) -> None:
    """What `onBadLines` says is to be done about one: raise TaskFailed, warn, or nothing."""
    if on_bad_lines == "ERROR":
        raise TaskFailed(message)
    if on_bad_lines == "WARN":
        ctx.log("WARN", message)
