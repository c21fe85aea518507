"""Failures that a loop brings again and again: the first few are told one by one, of the others
only how many there are, once, when the loop is over.
"""

import re
from collections.abc import Iterator
from typing import Final

from kestrel_cli.model.record import entity, fresh
from kestrel_cli.reporters.log_entry import Entry
from kestrel_cli.reporters.log_places import Loop

_ALIKE: Final = 3  # task runs whose equal failures are told one by one
_MOST: Final = 10_000  # different messages that are remembered
_TOLD: Final = 3  # different messages of a task that are told with their number
_POSITION: Final = re.compile(r"\[\d+(?:/\d+)?\]")

_Key = tuple[str, str, str, str]  # flow, task, name, message


@entity
class _Seen:
    """Equal entries: of which task runs, the last of them, and whether they ended attempts."""

    last: Entry
    path: str
    ends: bool
    runs: set[tuple[str, int | None]] = fresh(factory=set)


class Repeats:
    """Counts equal failures and warnings of the task runs of loops."""

    def __init__(self) -> None:
        self._seen: dict[_Key, _Seen] = {}
        self._folded: dict[tuple[str, int], tuple[Loop, dict[_Key, _Seen]]] = {}

    def folds(self, entry: Entry, path: str, loop: Loop | None, alike: str, *, ends: bool) -> bool:
        """Whether this entry is told later, as one of many whose text `alike` is equal."""
        if loop is None or entry.run is None:
            return False
        execution = entry.execution
        task = execution.runs[entry.run].task.id
        key = (execution.flow.id, task, entry.name, alike)
        seen = self._seen.get(key)
        if seen is None:
            if len(self._seen) >= _MOST:
                return False
            seen = self._seen[key] = _Seen(entry, path, ends)
        seen.runs.add((execution.id, entry.run))
        if len(seen.runs) <= _ALIKE:
            return False
        seen.last, seen.path = entry, path
        _, folded = self._folded.setdefault((loop[0].id, loop[1]), (loop, {}))
        folded[key] = seen
        return True

    def ended(self, at: int, *, all_loops: bool = False) -> Iterator[tuple[Entry, str]]:
        """What is to be told of loops that are over, with its path."""
        if not self._folded:
            return
        for name, ((execution, number), folded) in list(self._folded.items()):
            if all_loops or execution.runs[number].ended:
                del self._folded[name]
                yield from _told(at, folded)


def _told(at: int, folded: dict[_Key, _Seen]) -> Iterator[tuple[Entry, str]]:
    """A task's failures; if it had none, what else it said again and again."""
    by_task: dict[tuple[str, str], list[tuple[str, _Seen]]] = {}
    for (flow, task, _, alike), seen in folded.items():
        by_task.setdefault((flow, task), []).append((alike, seen))
    for found in by_task.values():
        shown = [one for one in found if one[1].ends] or found
        shown.sort(key=lambda one: -len(one[1].runs))
        for alike, seen in shown[:_TOLD]:
            number = len(seen.runs) - _ALIKE
            if number == 1:
                yield seen.last, seen.path
            else:
                first = alike.partition("\n")[0]
                yield _said(at, seen, f"the same again, {number:,} times: {first}")
        if len(shown) > _TOLD:
            more = f"and {len(shown) - _TOLD:,} other messages, again and again"
            yield _said(at, shown[_TOLD][1], more)


def _said(at: int, seen: _Seen, message: str) -> tuple[Entry, str]:
    entry = seen.last._replace(at=at, message=message, attempt=None)
    return entry, _POSITION.sub("", seen.path)
