"""A YAML document as Jackson's reader gives it to Java, made of a parser's events.

Dates stay text, of equal keys the last one counts, and an alias is no reference: it gives its own
name. Nothing here recurses.
"""

from collections.abc import Iterable
from typing import Any, Final

from kestrel_cli.java import yaml_scalars

_KEYS: Final = "a key must be text, not a list or a map"


def value_of(events: Iterable[Any], *, max_depth: int) -> object:
    """The first document as plain data. Raises ValueError for what no value can be made of, and
    OverflowError for what nests deeper than `max_depth`.
    """
    tree = _Tree(max_depth)
    for event in events:
        match type(event).__name__:
            case "ScalarEvent":
                tree.scalar(event)
            case "AliasEvent":
                tree.text(event.anchor)
            case "MappingStartEvent":
                tree.begin({})
            case "SequenceStartEvent":
                tree.begin([])
            case "MappingEndEvent" | "SequenceEndEvent":
                tree.end()
            case "DocumentEndEvent":
                break
            case _:
                pass
    return tree.root


class _Tree:
    """What was read so far, and which lists and maps are still open."""

    def __init__(self, max_depth: int) -> None:
        self.root: object = None
        self._max_depth = max_depth
        self._open: list[Any] = []
        self._keys: list[str | None] = []

    def scalar(self, event: Any) -> None:
        text = event.value if event.value.isascii() else _paired(event.value)
        if event.tag is None and event.implicit[0] and not self._wants_key():
            self._add(yaml_scalars.read(text))
        elif event.tag is None or self._wants_key():
            self.text(text)
        else:
            self._add(yaml_scalars.read_tagged(text, str(event.tag)))

    def text(self, text: str) -> None:
        """A key, or a value that is text whatever it looks like."""
        if self._wants_key():
            self._keys[-1] = text
        else:
            self._add(text)

    def begin(self, holder: Any) -> None:
        if self._wants_key():
            raise ValueError(_KEYS)
        if len(self._open) >= self._max_depth:
            raise OverflowError
        self._add(holder)
        self._open.append(holder)
        self._keys.append(None)

    def end(self) -> None:
        self._open.pop()
        self._keys.pop()

    def _wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1], dict) and self._keys[-1] is None

    def _add(self, value: object) -> None:
        if not self._open:
            self.root = value
        elif isinstance(self._open[-1], list):
            self._open[-1].append(value)
        else:
            self._open[-1][self._keys[-1]] = value
            self._keys[-1] = None


def _paired(text: str) -> str:
    """The text with the escapes of a pair of surrogates made one character, as in JSON."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise ValueError("an escape is half a character") from None
