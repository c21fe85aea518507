"""How things look: a role for each part of the output, a role and glyph for each state.

Roles are written as Rich style definitions. Live lines use the SGR codes made from them here (own
codes cost 0.06 us a line, Rich 40), the final tree hands them to Rich as a theme.
"""

from typing import Final, NamedTuple

from kestrel_cli.model.state import State

ROLES: Final = {
    "plain": "none",
    "time": "dim",
    "path": "cyan",
    "TRACE": "dim",
    "DEBUG": "dim",
    "INFO": "green",
    "WARN": "yellow",
    "ERROR": "red",
    "FAIL": "bold red",
    "KILL": "magenta",
    "STOP": "magenta",
    "WAIT": "blue",
    "AGAIN": "yellow",
    "RUN": "dim",
    "DONE": "green",
    "SKIP": "dim",
    "LOOP": "dim",
    "ok": "green",
    "warning": "yellow",
    "failed": "bold red",
    "killed": "magenta",
    "skipped": "dim",
    "waiting": "blue",
    "name": "bold",
    "value": "cyan",
    "dim": "dim",
    "guide": "dim",
    "json": "dim",
    "error": "red",
}

RESET: Final = "\x1b[0m"
_CODES: Final = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}


def sgr(role: str) -> str:
    """The escape code that turns a role on; empty for plain text."""
    codes = ";".join(_CODES[word] for word in ROLES[role].split() if word in _CODES)
    return f"\x1b[{codes}m" if codes else ""


def painted(role: str, text: str, colour: bool) -> str:
    """`text` in the colours of `role`, if colours are wanted."""
    on = sgr(role) if colour else ""
    return f"{on}{text}{RESET}" if on else text


class Look(NamedTuple):
    """A state's role and its glyph, in Unicode and in ASCII."""

    role: str
    glyph: str
    ascii: str


LOOKS: Final = {
    State.SUCCESS: Look("ok", "✔", "ok"),
    State.WARNING: Look("warning", "⚠", "warn"),
    State.FAILED: Look("failed", "✘", "FAIL"),
    State.KILLED: Look("killed", "■", "kill"),
    State.KILLING: Look("killed", "■", "kill"),
    State.CANCELLED: Look("killed", "■", "stop"),
    State.SKIPPED: Look("skipped", "↷", "skip"),
    State.RETRYING: Look("warning", "↻", "again"),
    State.RETRIED: Look("warning", "↻", "again"),
    State.RESTARTED: Look("waiting", "↻", "again"),
    State.PAUSED: Look("waiting", "‖", "pause"),
    State.RUNNING: Look("waiting", "▶", "run"),
    State.CREATED: Look("waiting", "○", "new"),
    State.QUEUED: Look("waiting", "○", "queue"),
    State.SUBMITTED: Look("waiting", "○", "new"),
    State.BREAKPOINT: Look("waiting", "‖", "pause"),
    State.RESUBMITTED: Look("waiting", "↻", "again"),
}


class Glyphs(NamedTuple):
    """The characters that draw lines and gaps."""

    branch: str
    last: str
    bar: str
    blank: str
    deep: str
    margin: str
    gap: str


UNICODE: Final = Glyphs("├── ", "└── ", "│   ", "    ", "└┄", "│ ", "…")
ASCII: Final = Glyphs("+-- ", "`-- ", "|   ", "    ", "`..", "| ", "...")
