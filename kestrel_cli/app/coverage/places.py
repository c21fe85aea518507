"""Which lines of a flow's file belong to a task, and on which of them an expression stands."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from kestrel_cli.model.fields import is_template
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import walk
from kestrel_cli.model.task import Task

_BEFORE: Final = re.compile(r"\s*(?:- +)*(?:[\w.\"'-]+: +)?")  # dashes and the name of a property
_EXPRESSION: Final = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}")


class Places:
    """The lines of a flow, as the tasks in it share them out. Lines are counted from 1."""

    def __init__(self, flow: Flow, text: str) -> None:
        self._lines = text.splitlines()
        self._all = [n for n, line in enumerate(self._lines, 1) if _says(line)]
        self._own: dict[int, list[int]] = {}
        owners: dict[int, int] = {}
        for _, task in walk(flow):  # what is held comes after what holds it
            if not is_hidden(task):
                owners.update(dict.fromkeys(self._extent(task), id(task)))
        for line, owner in sorted(owners.items()):
            self._own.setdefault(owner, []).append(line)
        self._seen: dict[tuple[int, str], int] = {}

    def own(self, task: Task) -> list[int]:
        """The lines of a task from its first to its last, without those of tasks in it, comments
        and empty ones.
        """
        return self._own.get(id(task), [])

    def _extent(self, task: Task) -> Iterator[int]:
        """All lines that are at least as far to the right as the task's first property."""
        first, indent = task.where.line, task.where.column - 1
        if not 1 <= first <= len(self._lines):
            return
        yield first
        for number in range(first + 1, len(self._lines) + 1):
            line = self._lines[number - 1]
            if _says(line):
                if len(line) - len(line.lstrip(" ")) < indent:
                    return
                yield number

    def of(self, template: str, task: Task | None, first: int = 1) -> list[int]:
        """The lines on which the expressions of a template of the task (None: of the flow itself)
        begin; none when it is written in a way that can't be found. Asked again, it is the next
        place where the same text stands, if there is one.
        """
        within = self.own(task) if task else [line for line in self._all if line >= first]
        key = (0 if task is None else id(task), template)
        again = self._seen[key] = self._seen.get(key, -1) + 1
        found: list[int] = []
        for part in template.split("\n"):
            if is_template(part):
                found += self._line(part.strip(), within, again) or self._pieces(part, within)
        return list(dict.fromkeys(found))

    def _pieces(self, part: str, within: Sequence[int]) -> Iterator[int]:
        """Where expressions of a text stand that is folded in the file."""
        for piece in _EXPRESSION.findall(part):
            yield from [line for line in within if piece in self._lines[line - 1]][:1]

    def _line(self, part: str, within: Sequence[int], again: int) -> list[int]:
        holding = [line for line in within if part in self._lines[line - 1]]
        alone = [line for line in holding if self._alone(line) == part]
        places = alone or holding
        return places[min(again, len(places) - 1) :][:1]

    def _alone(self, line: int) -> str:
        """What a line says without the name of the property and quotes."""
        said = self._lines[line - 1]
        found = _BEFORE.match(said)
        return said[found.end() if found else 0 :].strip().strip("\"'")

    def block(self, name: str) -> int | None:
        """The line on which a property of the flow begins."""
        return next((n for n in self._all if self._lines[n - 1].startswith(f"{name}:")), None)


def is_hidden(task: Task) -> bool:
    """Whether a task is a part of another one, and not in the file."""
    return "owner" in task.__dict__


def _says(line: str) -> bool:
    bare = line.lstrip()
    return bool(bare) and not bare.startswith("#")
