"""User text made harmless: log messages, values and outputs come from children, files and the
network.

What stays is what prints: no control characters but TAB and the line break, no escape sequences but
colours (and those only where asked for), no characters that reorder the line, nothing that a CI
system takes for a command.
"""

import re
from typing import Final

_SGR: Final = re.compile(r"\x1b\[[0-9;:]*m")
# Every repetition below excludes what starts the next alternative, so hostile text costs linear
# time.
_HARMFUL: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: cursor, erase, colour
    # OSC, DCS and other strings, up to their end on the same line
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f\n]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"  # all other escape sequences
    r"|\r\n?"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
    r"|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
# Azure and GitHub find these anywhere in a line. `::command::` only counts where a line starts, and
# none of our lines starts with user text.
_CI_COMMAND: Final = re.compile(r"##(?=\[|vso\[|teamcity\[)")


def clean(text: str, colours: bool = False) -> str:
    """`text` without anything that acts on a terminal or a CI log; `colours` keeps colour codes.

    A lone carriage return becomes a line break, so nothing can be overwritten. Characters that
    reorder a line, and lone surrogates, become visible escapes.
    """
    if not text.isprintable():
        text = _HARMFUL.sub(_kept_colour if colours else _replaced, text)
    return _CI_COMMAND.sub("## ", text) if "##" in text and not colours else text


def one_line(text: str) -> str:
    """`text` made harmless and put on one line."""
    return " ".join(clean(text).split("\n")).replace("\t", " ")


def _kept_colour(found: re.Match[str]) -> str:
    return found[0] if _SGR.fullmatch(found[0]) else _replaced(found)


def _replaced(found: re.Match[str]) -> str:
    text = found[0]
    if text[0] == "\r":
        return "\n"
    if text > "\u0600" and len(text) == 1:
        return " " if text in "\u2028\u2029" else f"\\u{ord(text):04x}"
    return ""
