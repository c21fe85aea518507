"""Links that terminals open (OSC 8): which terminals have them, and texts cut into linked parts."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from kestrel_cli.reporters.console import said_yes

Links = Callable[[str], str | None]  # the address of a stored file -> what a link leads to

LINK: Final = "link "  # a role that begins so is a link to what follows
OPEN: Final = "\x1b]8;;"
END: Final = "\x1b\\"
_STORED: Final = re.compile(r"kestra:///[^\s\"'\\<>]+")
_PROGRAMS: Final = ("iTerm.app", "WezTerm", "vscode", "Hyper", "ghostty", "Tabby", "rio")
_VARIABLES: Final = ("WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "DOMTERM")
_TERMS: Final = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot")
_OLDEST_VTE: Final = 5000
_BETWEEN: Final = ("screen", "tmux")  # programs that may take links away, or show their codes


def has_links(environ: Mapping[str, str], *, person: bool) -> bool:
    """Whether links are written: KESTREL_HYPERLINKS decides, else what is known of the terminal;
    `person`: somebody sits at one that understands escapes, and no CI system.
    """
    if environ.get("KESTREL_HYPERLINKS", "").strip():
        return said_yes(environ, "KESTREL_HYPERLINKS")
    term = environ.get("TERM", "")
    if not person or term.startswith(_BETWEEN):
        return False
    vte = environ.get("VTE_VERSION", "")
    return (
        environ.get("TERM_PROGRAM") in _PROGRAMS
        or any(environ.get(name) for name in _VARIABLES)
        or term.startswith(_TERMS)
        or (vte.isascii() and vte.isdigit() and int(vte) >= _OLDEST_VTE)
    )


def linked(text: str, target: str | None) -> str:
    """A text as a link, if there is something that it leads to."""
    return text if target is None else f"{OPEN}{target}{END}{text}{OPEN}{END}"


def parts(rows: list[str], role: str, links: Links) -> list[list[tuple[str, str]]]:
    """The rows of one text in roles; the addresses of stored files in it are links, those too that
    are broken between two rows.
    """
    found = [(one.start(), one.end(), links(one[0])) for one in _STORED.finditer("".join(rows))]
    lines, at = [], 0
    for row in rows:
        line, done, end = [], at, at + len(row)
        for start, stop, target in found:
            if target is None or stop <= at or start >= end:
                continue
            line.append((role, row[done - at : max(start, at) - at]))
            done = min(stop, end)
            line.append((f"{LINK}{target}", row[max(start, at) - at : done - at]))
        line.append((role, row[done - at :]))
        lines.append([part for part in line if part[1]])
        at = end
    return lines
