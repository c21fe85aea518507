"""`executions logs --task TASK[value]`: the log of one task, or why there is none."""

from collections.abc import Iterator
from contextlib import contextmanager

from kestrel_cli.app.parts import selected
from kestrel_cli.errors import NothingMatched
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.reporters.clean import one_line
from kestrel_cli.reporters.of_task import OfTask

_MOST_NAMED = 10


@contextmanager
def log_of(task: str | None, shown: Reporter) -> Iterator[Reporter]:
    """What to tell the log to, so that `shown` shows that of one task; all of it without one.
    Raises UsageError for what is no name, at the end NothingMatched.
    """
    if task is None:
        yield shown
        return
    of_task = OfTask(*selected(task), shown)
    yield of_task
    if not of_task.found:
        message = f"`--task {task}`: the execution has no log of such a task"
        raise NothingMatched(f"{message}{_instead(task, list(of_task.others))}")


def _instead(task: str, known: list[str]) -> str:
    """The near name, or those that there are."""
    near = nearest(task, known)
    if near is not None:
        return f"\nhint: did you mean `{one_line(near)}`?"
    named = [one for one in known if selected(one)[0] == selected(task)[0]] or known
    if not named:
        return ""
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    told = ", ".join(f"`{one_line(one)}`" for one in named[:_MOST_NAMED])
    return f"\nhint: it has logs of {told}{more}"
