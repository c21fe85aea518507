"""`# kestrel: ignore[RULE]`: findings that the author of a flow has seen and lets stand."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from kestrel_cli.diagnostic import Diagnostic, Position

_MARK: Final = b"kestrel:"
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#\s*kestrel:\s*ignore\[([^\]\n]*)\]")
_NAME: Final = re.compile(r"[^\s,]+")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


class Silenced:
    """What the comments of a file say: rules that are not to be told of at some lines."""

    def __init__(self, data: bytes, file: str) -> None:
        self._rules: dict[int, set[str]] = {}
        self._unknown: list[Diagnostic] = []
        if _MARK in data:
            self._read(_LINE_END.split(data.decode("utf-8", "replace")), file)

    def applied(self, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        """What is left of the findings, and a warning for each name that no rule has."""
        for one in found:
            if one.code not in self._rules.get(one.where.line, ()):
                yield one
        yield from self._unknown

    def _read(self, lines: list[str], file: str) -> None:
        above: set[str] = set()  # of comments that stand alone, for the line below them
        for number, line in enumerate(lines, 1):
            found = _COMMENT.search(line)
            here = set(above)
            if found is not None:
                names = list(_NAME.finditer(line, found.start(1), found.end(1)))
                self._doubt(names, line, Position(file, number, 1))
                here |= {name[0].lower() for name in names}
            if here:
                self._rules[number] = here
            above = here if line.lstrip().startswith("#") else set()

    def _doubt(self, names: list[re.Match[str]], line: str, where: Position) -> None:
        from kestrel_cli.app.rules import near_rule, rules

        for name in names:
            if name[0].lower() not in rules():
                at = where._replace(column=name.start() + 1)
                hint = near_rule(name[0]) or "`kestrel help rules` lists the rules"
                message = f"there is no rule `{name[0]}`"
                self._unknown.append(
                    Diagnostic("warning", "unknown-rule", message, at, hint, line, len(name[0]))
                )
