"""Values as block YAML, line by line. What single texts and numbers look like, subclasses say.

    team:
      - name: ada
        notes: |
          two
          lines

ruamel's emitter would do the same from its events, and takes thirteen times as long for each task
run. This one knows only what is written here: block lists and maps, literal text, one line for all
else. It imports nothing of Kestrel.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

_LONGEST_KEY: Final = 1000  # readers look 1,024 characters ahead for the colon of a key


class Writer:
    """Hands each line, without its end, to `put`."""

    list_in_map: ClassVar = 2  # columns from a map to the dashes of a list in it
    list_in_list: ClassVar = 0  # columns from the items of a list to the dashes of a list in it
    levels: ClassVar = 20  # of lists and maps that stand in blocks; further ones are `deep`

    def __init__(self, put: Callable[[str], object]) -> None:
        self._put = put

    def is_plain(self, text: str) -> bool:
        """Whether the text may stand as it is."""
        raise NotImplementedError

    def keeps_its_lines(self, text: str) -> bool:
        """Whether text that is not plain may stand line by line: something but line breaks, the
        first line not led by a blank, none ended by one, nothing that needs an escape.
        """
        raise NotImplementedError

    def quoted(self, text: str) -> str:
        """The text between double quotes."""
        raise NotImplementedError

    def other(self, value: object) -> str:
        """What is no text, list or map."""
        raise NotImplementedError

    def deep(self, value: object) -> str:
        """A list or map beyond `levels`, on one line."""
        raise NotImplementedError

    def key_text(self, key: object) -> str:
        """The text of a key."""
        return str(key)

    def entries(self, value: dict[Any, Any]) -> dict[Any, Any]:
        """The entries of a map that are written."""
        return value

    def document(self, value: object) -> None:
        """Any value."""
        if isinstance(value, dict) and (entries := self.entries(value)):
            self.members(entries, 0, 0)
        elif isinstance(value, (list, tuple)) and value:
            self.items(value, self.list_in_list, 0)
        else:
            self._on_line("", value, 0)

    def members(
        self, entries: dict[Any, Any], column: int, level: int, first: str | None = None
    ) -> None:
        """The lines of a map at this column. `first`: what its first line begins with."""
        margin = " " * column
        start = margin if first is None else first
        for key, item in entries.items():
            text = self.key_text(key)
            label = text if self.is_plain(text) else self.quoted(text)
            if len(label) < _LONGEST_KEY:
                head = f"{start}{label}:"
            else:
                self._put(f"{start}? {label}")
                head = f"{margin}:"
            start = margin
            if type(item) is str:
                self._text(head, item, column + 2)
            elif isinstance(item, dict) and level < self.levels and (inner := self.entries(item)):
                self._put(head)
                self.members(inner, column + 2, level + 1)
            elif isinstance(item, (list, tuple)) and level < self.levels and item:
                self._put(head)
                self.items(item, column + self.list_in_map, level + 1)
            else:
                self._on_line(head, item, column + 2)

    def items(self, values: Sequence[Any], column: int, level: int) -> None:
        """The lines of a list whose dashes stand in this column."""
        head = " " * column + "-"
        for item in values:
            if isinstance(item, dict) and level < self.levels and (inner := self.entries(item)):
                self.members(inner, column + 2, level + 1, f"{head} ")
            elif isinstance(item, (list, tuple)) and level < self.levels and item:
                self._put(head)
                self.items(item, column + 2 + self.list_in_list, level + 1)
            else:
                self._on_line(head, item, column + 2)

    def _on_line(self, head: str, value: object, column: int) -> None:
        """What begins on the line of `head`: all but lists and maps in blocks."""
        if isinstance(value, str):
            self._text(head, value, column)
            return
        if isinstance(value, dict):
            text = self.deep(value) if self.entries(value) else "{}"
        elif isinstance(value, (list, tuple)):
            text = self.deep(value) if value else "[]"
        else:
            text = self.other(value)
        self._put(f"{head} {text}" if head else text)

    def _text(self, head: str, text: str, column: int) -> None:
        before = f"{head} " if head else ""
        if self.is_plain(text):
            self._put(before + text)
        elif "\n" in text and self.keeps_its_lines(text):
            self._block(before, text, " " * (column or 2))
        else:
            self._put(before + self.quoted(text))

    def _block(self, before: str, text: str, margin: str) -> None:
        body = text.rstrip("\n")
        breaks = len(text) - len(body)
        self._put(before + ("|-", "|", "|+")[min(breaks, 2)])
        for line in (*body.split("\n"), *[""] * (breaks - 1)):
            self._put(margin + line if line else "")
