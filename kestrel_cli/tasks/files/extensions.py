"""The ends of file names: what the user wants, and what a file has."""

import re
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from kestrel_cli.tasks.base import RunContext, TaskFailed

PLAIN: Final = ".tmp"
_SHORT: Final = re.compile(r"\.\w{1,20}", re.ASCII)


def extension(ctx: RunContext, value: object) -> str:
    """Render an extension, `.tmp` when there is none; the dot may be left out. Raises TaskFailed
    for one that would lead into a folder.
    """
    text = ctx.text(value) or PLAIN
    if "/" in text or "\\" in text:
        raise TaskFailed(f"the extension can't hold a `/` or a `\\`: `{text[:100]}`")
    return text if text.startswith(".") else f".{text}"


def extension_of(uri: str) -> str:
    """The extension of the file at an address, `.tmp` when it has none."""
    return PurePosixPath(unquote(uri)).suffix or PLAIN


def short_extension(name: str) -> str:
    """`.csv` of a name that ends so; nothing when it has none that any system can take."""
    suffix = PurePosixPath(name).suffix
    return suffix if _SHORT.fullmatch(suffix) else ""
