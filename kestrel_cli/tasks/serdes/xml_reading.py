"""XML as maps: an element is a map of its attributes and elements, equal names make a list.

Text beside attributes or elements stands under `content`; texts that spell a number, true, false or
null become that. These are the rules of the library that Kestra uses (org.json).
"""

import re
from decimal import Decimal
from typing import Any, Final, TextIO
from xml.parsers.expat import ExpatError, ParserCreate

from kestrel_cli.tasks.base import TaskFailed

_CHUNK: Final = 1 << 16
_DEEPEST: Final = 100
_CONTENT: Final = "content"
_WORDS: Final = {"true": True, "false": False, "null": None}
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,999})")
_DECIMAL: Final = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_LONGEST_NUMBER: Final = 1000


def read_xml(text: TextIO, force_list: frozenset[str]) -> dict[str, Any]:
    """The map of a document: the root's name and what is in it. Raises TaskFailed."""
    builder = _Builder(force_list)
    parser = ParserCreate()
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartCdataSectionHandler = builder.cdata
    parser.EndCdataSectionHandler = builder.cdata_end
    parser.EntityDeclHandler = _refuse_entity
    try:
        while chunk := text.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse("", True)
    except ExpatError as error:
        raise TaskFailed(f"the file is no XML: {error}") from None
    return builder.document


def at_pointer(document: dict[str, Any], pointer: str) -> list[Any]:
    """What a path such as `/catalog/book` leads to, in a list; nothing when it leads nowhere."""
    found: Any = document
    for part in pointer.removeprefix("#").strip("/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        elif name:
            return []
    return [found]


def _refuse_entity(name: str, *_: object) -> None:
    raise TaskFailed(f"the file declares the entity `{name[:100]}`: XML with entities is not read")


class _Builder:
    """Makes the map while the parser goes through the document."""

    def __init__(self, force_list: frozenset[str]) -> None:
        self.document: dict[str, Any] = {}
        self._force_list = force_list
        self._open: list[dict[str, Any]] = [self.document]
        self._text: list[str] = []
        self._literal = False

    def start(self, name: str, attributes: list[str]) -> None:
        self._flush()
        if len(self._open) > _DEEPEST:
            raise TaskFailed(f"the file is nested deeper than {_DEEPEST} elements")
        element: dict[str, Any] = {}
        for at in range(0, len(attributes), 2):
            self._add(element, attributes[at], _value(attributes[at + 1]))
        self._open.append(element)

    def end(self, name: str) -> None:
        self._flush()
        element: Any = self._open.pop()
        if not element:
            element = ""
        elif list(element) == [_CONTENT]:
            element = element[_CONTENT]
        self._add(self._open[-1], name, element)

    def characters(self, text: str) -> None:
        """Text, or a part of one."""
        self._text.append(text)

    def cdata(self) -> None:
        """Text that is taken as it is begins."""
        self._flush()
        self._literal = True

    def cdata_end(self) -> None:
        """Such text ends."""
        self._flush()
        self._literal = False

    def _flush(self) -> None:
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        value = text if self._literal else _value(text.strip())
        if len(self._open) > 1 and value != "":
            self._add(self._open[-1], _CONTENT, value)

    def _add(self, element: dict[str, Any], name: str, value: Any) -> None:
        if name not in element:
            element[name] = [value] if name in self._force_list else value
        elif isinstance(element[name], list):
            element[name].append(value)
        else:
            element[name] = [element[name], value]


def _value(text: str) -> Any:
    word = text.lower()
    if word in _WORDS:
        return _WORDS[word]
    if not text[:1].isdecimal() and text[:1] != "-":
        return text
    if text == "-0":
        return -0.0
    if _WHOLE.fullmatch(text):
        return int(text)
    if any(sign in text for sign in ".eE") and len(text) <= _LONGEST_NUMBER:
        return Decimal(text) if _DECIMAL.fullmatch(text) else text
    return text
