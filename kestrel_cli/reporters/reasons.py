"""Why a stream is written to as it is: the same order as in `console.py`, told in words."""

from collections.abc import Iterator, Mapping
from typing import Final

from kestrel_cli.reporters.console import COLOUR_VIEWERS, Flags, Output, in_ci, style_for

_COLOUR: Final = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE")


def reasons(
    environ: Mapping[str, str], output: Output, flags: Flags, colour_by: str = "--color"
) -> Iterator[tuple[str, str, str]]:
    """What holds for a stream: name, value, and why it is so. `colour_by`: who said the colour that
    stands in the flags.
    """
    style = style_for(environ, output, flags)
    yield "stdout", "a terminal" if output.terminal else "a pipe or a file", ""
    why = _why_colour(environ, output, flags) if flags.colour == "auto" else f"by {colour_by}"
    yield "colour", "on" if style.colour else "off", why
    yield "width", str(style.width), _why_width(environ, output, flags)
    yield "characters", "Unicode" if style.unicode else "ASCII", _why_ascii(environ, output, flags)
    yield "lines", "folded at the width" if style.wraps else "left whole", ""
    yield "CI", "yes" if in_ci(environ) else "no", ""


def _why_colour(environ: Mapping[str, str], output: Output, flags: Flags) -> str:
    """The first thing that decides: it is what turns the answer when it is taken away."""
    colour = style_for(environ, output, flags).colour
    for name in ("KESTREL_COLOR", *_COLOUR, *COLOUR_VIEWERS):
        if environ.get(name) and _decides(name, colour, environ, output, flags):
            return f"by {name}"
    if output.terminal and not colour:
        return f"by TERM={environ.get('TERM', '')}"
    return "as it is a terminal" if output.terminal else "as it is no terminal"


def _decides(
    name: str, colour: bool, environ: Mapping[str, str], output: Output, flags: Flags
) -> bool:
    """Whether the variable alone gives this answer, at a terminal as well as without one."""
    alone = {name: environ[name]}
    found = {style_for(alone, Output(live), flags).colour for live in (True, False)}
    return found == {colour}


def _why_width(environ: Mapping[str, str], output: Output, flags: Flags) -> str:
    if flags.width is not None:
        return "by --width"
    if environ.get("COLUMNS", "").isdigit():
        return "by COLUMNS"
    if in_ci(environ):
        return "as in CI"
    return "of the terminal" if output.columns else "as nothing tells"


def _why_ascii(environ: Mapping[str, str], output: Output, flags: Flags) -> str:
    if flags.ascii:
        return "by --ascii"
    if environ.get("TERM") == "linux":
        return "by TERM=linux"
    return f"encoding {output.encoding}"
