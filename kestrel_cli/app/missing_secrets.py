"""Secrets that a flow will ask for and nobody gave: found in its text, before anything runs."""

import re
from collections.abc import Callable, Container, Iterator
from typing import Final

from kestrel_cli.errors import InputError
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.fields import Model
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import enabled
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from kestrel_cli.store.secrets import how_to_set

_SILENT: Final = re.compile(
    r"\{#.*?#\}|\{%-?\s*(raw|verbatim)\s*-?%\}.*?\{%-?\s*end\1\s*-?%\}", re.DOTALL
)
_CODE: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# `secret('X')` and `secret(key="X", ...)`, unless a `??` gives something in its place.
_CALL: Final = re.compile(
    r"""(?<![\w.])secret\s*\(\s*(?:key\s*=\s*)?(['"])([^'"\\{}]+)\1"""
    r"""\s*(?:,[^()]*)?\)(?!\s*\?\?)"""
)


def refuse_missing_secrets(
    flow: Flow, known: Callable[[str], bool], covers: Callable[[Task], bool] = lambda _: False
) -> None:
    """Raise InputError with one line for each secret that an enabled task names and no source has.

    A task that a mock `covers` needs none.
    """
    users: dict[str, tuple[str, list[Task]]] = {}
    for task in enabled(flow):
        if covers(task):
            continue
        for name in dict.fromkeys(named_secrets(task)):
            _, tasks = users.setdefault(name.upper(), (name, []))
            tasks.append(task)
    missing = [found for found in users.values() if not known(found[0])]
    if missing:
        raise InputError([_sentence(name, tasks) for name, tasks in missing])


def refuse_missing_for_the_rest(
    execution: Execution,
    known: Callable[[str], bool],
    covers: Callable[[Task], bool],
    again: Container[int] = (),
) -> None:
    """Raise InputError for missing secrets of what has still to run of an execution that goes on.
    The task runs of the numbers in `again` run anew, however they ended.
    """

    def done(task: Task) -> bool:
        runs = [execution.runs[number] for number in execution.runs_of.get(task.id, ())]
        settled = bool(runs) and all(
            run.ended and run.state is not State.FAILED and run.number not in again for run in runs
        )
        return covers(task) or (settled and all(run.value is None for run in runs))

    refuse_missing_secrets(execution.flow, known, done)


def named_secrets(task: Task) -> Iterator[str]:
    """The names in every `secret('NAME')` of a task's own templates."""
    for text in texts_of(task):
        if "secret" in text:
            for code in _CODE.findall(_SILENT.sub("", text)):
                yield from (name for _, name in _CALL.findall(code))


def _sentence(name: str, tasks: list[Task]) -> str:
    first, more = tasks[0], len(tasks) - 1
    others = "" if not more else f" and {more} more"
    return (
        f"the secret `{name}` is missing: task `{first.id}` at {first.where}{others}; "
        f"{how_to_set(name)}"
    )


def texts_of(task: Task) -> Iterator[str]:
    """Every text of a task's properties, in order, without those of the tasks it holds."""
    waiting: list[object] = [
        getattr(task, declared.attribute)
        for declared in reversed(task.properties.values())
        if not declared.holds_tasks and declared.name not in ("id", "type", "description")
    ]
    yield from texts_in(waiting)


def texts_in(waiting: list[object]) -> Iterator[str]:
    """Every text in these values, the last one first."""
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case dict() as held:
                waiting.extend(part for pair in reversed(held.items()) for part in reversed(pair))
            case list() | tuple() as held:
                waiting.extend(reversed(held))
            case Model() as held:
                waiting.extend(getattr(held, one.attribute) for one in held.properties.values())
            case _:
                pass
