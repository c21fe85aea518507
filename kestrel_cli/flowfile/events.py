"""All of YAML: ruamel's scanner and parser, driven without its composer, constructor and reader.

The parser is an automaton with a stack of its own: it does not recurse.
"""

from typing import Any

from ruamel.yaml.parser import Parser
from ruamel.yaml.scanner import Scanner

from kestrel_cli.flowfile.characters import Text
from kestrel_cli.flowfile.composer import Composer
from kestrel_cli.flowfile.nodes import Node


class _Directives:
    """Takes what a %YAML line says; nothing is done with it."""

    doc_version: object = None


class _Loader:
    """What ruamel's scanner and parser ask of the loader they belong to."""

    comment_handling = None
    processing_version = (1, 2)

    def __init__(self, reader: Text) -> None:
        self.reader = self._reader = reader
        self._resolver = self
        self.doc_infos = [_Directives()]


class _Scanner(Scanner):
    """ruamel's scanner, asked once per token, not ten times, whether it needs to look further."""

    reader: Any = None  # a property in ruamel; a plain attribute takes a tenth of the time

    def __init__(self, loader: _Loader) -> None:
        self.reader = loader.reader
        self._ready = False
        super().__init__(loader)

    def _look(self) -> None:
        if not self._ready:
            while self.need_more_tokens():
                self.fetch_more_tokens()
            self._ready = True

    def check_token(self, *choices: type) -> bool:
        self._look()
        return bool(self.tokens) and (not choices or isinstance(self.tokens[0], choices))

    def peek_token(self) -> Any:
        self._look()
        return self.tokens[0] if self.tokens else None

    def get_token(self) -> Any:
        self._look()
        self._ready = False
        if not self.tokens:
            return None
        self.tokens_taken += 1
        return self.tokens.pop(0)


class _Parser(Parser):
    """ruamel's parser with its scanner as a plain attribute."""

    scanner: Any = None

    def __init__(self, loader: _Loader, scanner: _Scanner) -> None:
        self.scanner = scanner
        super().__init__(loader)


def feed(composer: Composer, reader: Text) -> None:
    """Give every part of the text to the composer. Raises whatever ruamel raises for no YAML."""
    loader = _Loader(reader)
    scanner = _Scanner(loader)
    next_event = _Parser(loader, scanner).get_event
    while (event := next_event()) is not None:
        match type(event).__name__:
            case "ScalarEvent":
                _scalar(event, composer)
            case "MappingStartEvent" | "SequenceStartEvent" as kind:
                mark = event.start_mark
                is_map = kind == "MappingStartEvent"
                composer.begin(mark.line + 1, mark.column + 1, is_map=is_map)
            case "MappingEndEvent" | "SequenceEndEvent":
                composer.end()
            case "AliasEvent":
                mark = event.start_mark
                composer.alias(event.anchor, mark.line + 1, mark.column + 1)
            case _:
                pass  # documents and the stream begin and end


def _scalar(event: Any, composer: Composer) -> None:
    start, end, text = event.start_mark, event.end_mark, event.value
    line, column = start.line + 1, start.column + 1
    if start is end and (key := composer.pending_key):
        # ruamel gives a missing value the place of what comes next.
        line, column = key.line, key.column + key.length + 1
    length = max(end.column - start.column, 1) if end.line == start.line else 1
    if event.style == '"' and not text.isascii():
        text = _paired(text, Node(None, line, column, length), composer)
    plain = event.tag is None and bool(event.implicit[0])
    composer.scalar(text, line, column, length, plain=plain, tag=event.tag)


def _paired(text: str, at: Node, composer: Composer) -> str:
    """The text with `\\ud83d\\ude00` made one character, as in JSON; half a pair is refused."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        composer.stop("character", "an escape in this text is half a character", at)
