"""Log lines that were taken down before the process died, but not what they tell of: who goes on
says them again, and they are not to be taken down twice.
"""

from kestrel_cli.model.event import CalledEnded, Event, LogLine


def repeated(said: list[LogLine], line: LogLine) -> bool:
    """Whether the line is one of these; each of them is repeated once."""
    for place, one in enumerate(said):
        if _known(one) == _known(line):
            del said[place]
            return True
    return False


def outdated(said: list[LogLine], event: Event) -> None:
    """Drop the lines that nobody will say again now that this has happened.

    A line of a task run is kept until something happens to that very run; but executions that it
    has started may end before it goes on to start the next one, which is what the line tells of.
    """
    number = getattr(event, "run", None)
    if number is None:
        said.clear()
    elif not isinstance(event, CalledEnded):
        said[:] = [line for line in said if line.run not in (None, number)]


def _known(line: LogLine) -> tuple[int | None, int, str, str]:
    return line.run, line.attempt, line.level, line.message
