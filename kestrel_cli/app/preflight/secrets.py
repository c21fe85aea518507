"""Secrets that a flow will ask for and nobody gave: found in its text, before anything runs."""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from typing import Final

from kestrel_cli.app.preflight.finding import Finding
from kestrel_cli.app.preflight.reached import Reached
from kestrel_cli.app.preflight.standing import Level, Standing, standings
from kestrel_cli.errors import InputError
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from kestrel_cli.model.texts import texts_of
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


def missing_secrets(flows: Sequence[Reached], known: Callable[[str], bool]) -> Iterator[Finding]:
    """One finding for each secret that tasks name and no source has: of the flow itself, whatever
    names it stops the run; of others, what is surely reached.
    """
    users: dict[str, list[tuple[str, Standing, bool]]] = {}
    for reached in flows:
        for one in reached.tasks:
            stops = reached.is_own or one.level < Level.MAYBE
            for name in dict.fromkeys(named_secrets(one.task)):
                users.setdefault(name.upper(), []).append((name, one, stops))
    for found in users.values():
        name = found[0][0]
        if known(name):
            continue
        stopping = [one for one in found if one[2]] or found
        tasks = [one.task for _, one, _ in stopping]
        yield Finding(
            "secret", _sentence(name, tasks), tasks[0].where, how_to_set(name), stopping[0][2]
        )


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

    tasks = [one for one in standings(execution.flow, covers) if not done(one.task)]
    own = Reached(execution.flow, "", Level.SURE, False, tasks, is_own=True)
    missing = [one.message for one in missing_secrets([own], known)]
    if missing:
        raise InputError(missing)


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
