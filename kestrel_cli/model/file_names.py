"""Names of files inside a folder: one check for everybody who reads or writes there.

A name that passes is safe on every system, by its spelling; links are looked at when a file is
opened.
"""

from typing import Final
from urllib.parse import unquote

from kestrel_cli.errors import RenderError

_MAX_NAME: Final = 255  # bytes of one part, on all common file systems
_RESERVED: Final = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{device}{number}" for device in ("COM", "LPT") for number in "123456789¹²³"]
)


def parts_of(name: str, doing: str = "read") -> list[str]:
    """The parts of a relative name, `\\` taken as `/`. Raises RenderError for a name that is not
    safe on every system, as it is or with its percent forms decoded; `doing` completes its words.
    """
    text = name
    for _ in range(4):
        if why := _flaw_of(text):
            raise refused(name, why, doing)
        decoded = unquote(text)
        if decoded == text:
            return [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
        text = decoded
    raise refused(name, "it is percent-encoded again and again", doing)


def refused(name: str, why: str, doing: str = "read") -> RenderError:
    """The error that says why a file is not touched; Kestra's own words for a way up."""
    if why == _UP:
        return RenderError(why)
    shown = name if len(name) <= _MAX_NAME else f"{name[:40]}..."
    return RenderError(f"Unable to {doing} the file {shown!r}: {why}")


_UP: Final = "Path must not contain '../'"


def _flaw_of(text: str) -> str | None:
    parts = text.replace("\\", "/").split("/")
    if ".." in parts:
        return _UP
    if not text or parts[0] == "":
        return "it must be relative" if text else "it is empty"
    if any(letter < " " or letter in ":\x7f" or "\ud800" <= letter <= "\udfff" for letter in text):
        return "it holds a `:` or a control character"
    return next((flaw for part in parts if (flaw := _flaw_of_part(part))), None)


def _flaw_of_part(part: str) -> str | None:
    if part in ("", "."):
        return None
    if part[-1] in ". ":
        return "a part of it ends with a dot or a space"
    if part.split(".", 1)[0].rstrip().upper() in _RESERVED:
        return f"`{part}` is the name of a device on Windows"
    if len(part.encode("utf-8")) > _MAX_NAME:
        return f"a part of it is longer than {_MAX_NAME} bytes"
    return None


def slug(text: str) -> str:
    """A name as it stands in the paths of storage (Kestra's: lower case, other signs as `-`)."""
    kept = "".join(letter if letter.isalnum() else "-" for letter in text.lower())
    return "-".join(part for part in kept.split("-") if part) or "-"
