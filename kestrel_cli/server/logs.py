"""Log entries of an execution on a server."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from kestrel_cli.model.record import record
from kestrel_cli.model.task import LEVELS, LogLevel
from kestrel_cli.server.connection import Connection
from kestrel_cli.server.moments import micros

_LEVEL: Final = "INFO"  # of an entry with a level that we do not know


@record
class Entry:
    """One entry. `run` is the id of the task run, None for the execution's own; `attempt` counts
    the attempts that ended before.
    """

    run: str | None
    at: int
    level: LogLevel
    message: str
    attempt: int

    @property
    def key(self) -> tuple[object, ...]:
        """The same for the same entry read again."""
        return self.run, self.at, self.level, self.message, self.attempt


class Heard:
    """Which entries were heard already, so that each is told once, whoever brings it.

    Equal entries of a stream are one that came twice; of a whole log they are as many as there are.
    """

    def __init__(self) -> None:
        self._known: Counter[tuple[object, ...]] = Counter()

    def of_stream(self, data: Any) -> list[Entry]:
        """The entry of an event, unless it is known."""
        entry = entry_of(data)
        if entry is None or self._known[entry.key]:
            return []
        self._known[entry.key] += 1
        return [entry]

    def of_all(self, listed: Iterable[Entry]) -> list[Entry]:
        """Those of a whole log that are not known."""
        there: Counter[tuple[object, ...]] = Counter()
        new: list[Entry] = []
        for entry in listed:
            there[entry.key] += 1
            if there[entry.key] > self._known[entry.key]:
                self._known[entry.key] += 1
                new.append(entry)
        return new


def entries(server: Connection, execution: str) -> list[Entry]:
    """All entries there are, oldest first; none of an execution that is not known.

    They are not filtered by the server: how that is asked for differs by version.
    """
    found = [entry_of(one) for one in server.fetch_list(server.path("logs", execution))]
    return sorted((one for one in found if one is not None), key=lambda one: one.at)


def entry_of(value: Any) -> Entry | None:
    """An entry as the server writes it; None for the empty one with which a stream begins."""
    if not isinstance(value, dict) or not isinstance(value.get("timestamp"), str):
        return None
    level = value.get("level")
    attempt = value.get("attemptNumber")
    run = value.get("taskRunId")
    return Entry(
        run if isinstance(run, str) else None,
        micros(value["timestamp"]),
        level if level in LEVELS else _LEVEL,
        str(value.get("message") or ""),
        attempt if isinstance(attempt, int) else 0,
    )
