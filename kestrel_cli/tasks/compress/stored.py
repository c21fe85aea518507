"""Names of unpacked files in internal storage."""

import unicodedata

from kestrel_cli.tasks.base import RenderError, parts_of
from kestrel_cli.tasks.files.extensions import short_extension


class Places:
    """A name for each file of an archive: its own, or one that is only an extension where that can
    be no name of a file on every system, or is one that another file has.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """The name for the next file."""
        try:
            parts = parts_of(name)
        except RenderError:
            return short_extension(name)
        plain = unicodedata.normalize("NFC", "/".join(parts)).casefold()
        if plain in self._taken or not plain or plain.startswith("."):
            return short_extension(name)
        self._taken.add(plain)
        return "/".join(parts)
