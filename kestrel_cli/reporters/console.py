"""What a stream can show: colours, width, Unicode. Decided from facts that are handed in, so tables
can test it.

Rich does not decide here: it takes FORCE_COLOR=0 for "on", wraps piped text at 80 columns and fails
on an ASCII stdout.
"""

import os
from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple, TextIO

from kestrel_cli.model.record import record

Colour = Literal["auto", "always", "never"]

# Variables that say "this is a CI system", and those of them whose log viewers show colours.
_CI: Final = (
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "BUILDKITE",
    "TF_BUILD",
    "TEAMCITY_VERSION",
    "JENKINS_URL",
)
COLOUR_VIEWERS: Final = ("GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE")
_ON: Final = frozenset({"1", "true", "yes", "on", "always"})
_OFF: Final = frozenset({"0", "false", "no", "off", "never"})
_SAMPLE: Final = "✔⚠✘■↷↻‖▶○├─└│┄…"
_NARROWEST: Final = 20
_WIDEST: Final = 1000
_CI_WIDTH: Final = 120
_USUAL_WIDTH: Final = 80


class Flags(NamedTuple):
    """What the user asked for on the command line."""

    colour: Colour = "auto"
    width: int | None = None
    ascii: bool = False


class Output(NamedTuple):
    """What a stream is: a terminal or not, its encoding, the terminal's columns (0: unknown)."""

    terminal: bool = False
    encoding: str = "utf-8"
    columns: int = 0


_NO_FLAGS: Final = Flags()


@record
class Style:
    """How to write on one stream. `wraps`: a person reads along, so lines are folded at `width`;
    `person`: that person sits at a terminal, so hints are of use. `links` says what the address of
    a stored file leads to, where links are shown.
    """

    colour: bool = False
    unicode: bool = True
    width: int = _USUAL_WIDTH
    wraps: bool = False
    person: bool = False
    links: Callable[[str], str | None] | None = None


def style_for(environ: Mapping[str, str], output: Output, flags: Flags = _NO_FLAGS) -> Style:
    """The style of a stream. Pure: everything it depends on is an argument."""
    dumb = environ.get("TERM", "").lower() in ("dumb", "unknown")
    live = output.terminal and not dumb
    return Style(
        colour=_wants_colour(environ, flags.colour, live),
        unicode=not flags.ascii and _draws_unicode(environ, output.encoding),
        width=_width(environ, output, flags.width),
        wraps=(live and not in_ci(environ)) or flags.width is not None,
        person=live and not in_ci(environ),
    )


def in_ci(environ: Mapping[str, str]) -> bool:
    """Whether a CI system runs us."""
    return any(said_yes(environ, name) for name in _CI)


def said_yes(environ: Mapping[str, str], name: str) -> bool:
    """Whether a variable is there and does not say no."""
    return _said(environ, name) not in _OFF | {""}


def look_at(stream: TextIO) -> Output:
    """The facts about a stream; a stream without a file descriptor is no terminal."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        if not stream.isatty():
            return Output(False, encoding)
        return Output(True, encoding, os.get_terminal_size(stream.fileno()).columns)
    except (OSError, ValueError):
        return Output(False, encoding)


def never_fails(stream: TextIO) -> None:
    """Characters that the encoding of `stream` lacks are written as escapes from now on."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _wants_colour(environ: Mapping[str, str], flag: Colour, live: bool) -> bool:
    """Flag, KESTREL_COLOR, NO_COLOR, FORCE_COLOR, CI systems that show colours, the terminal."""
    for wish in (flag, _said(environ, "KESTREL_COLOR")):
        if wish in _ON | _OFF:
            return wish in _ON
    if environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if said := _said(environ, name):
            return said not in _OFF
    if any(said_yes(environ, name) for name in COLOUR_VIEWERS):
        return True
    return live


def _draws_unicode(environ: Mapping[str, str], encoding: str) -> bool:
    if environ.get("TERM") == "linux":  # the kernel's console font lacks the glyphs
        return False
    try:
        _SAMPLE.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _width(environ: Mapping[str, str], output: Output, flag: int | None) -> int:
    said = environ.get("COLUMNS", "")
    wished = flag or (int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0)
    usual = _CI_WIDTH if in_ci(environ) else output.columns or _USUAL_WIDTH
    return max(_NARROWEST, min(wished or usual, _WIDEST))


def _said(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip().lower()
