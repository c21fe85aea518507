"""What stands in for a task that is not to run, or cannot run here."""

from typing import Any

from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.state import State


@record
class Mock:
    """The result of a task, given by the user. `task` is a task id, `value` the loop value of one
    of its runs (None: all of them); or `prefix` is the beginning of the types that it stands for.

    A `fixture` is one of a test: it ends a run before anything of the task is looked at, and its
    outputs are rendered, with `variables` beside those of the execution.

    `files` become files in internal storage: `uri` holds the address of the file named `uri`,
    `outputFiles` a map of the others.
    """

    task: str | None = None
    value: str | None = None
    prefix: str | None = None
    outputs: dict[str, Any] = fresh(factory=dict)
    state: State = State.SUCCESS
    files: dict[str, bytes] = fresh(factory=dict)
    error: str | None = None
    renders: bool = False  # whether the properties of the task are rendered all the same
    fixture: bool = False
    variables: dict[str, Any] = fresh(factory=dict)
    said: str | None = None  # what gave it, when that is no option of its own


def option_of(mock: Mock) -> str:
    """How the user gave it, without what it holds."""
    if mock.said is not None:
        return f"{mock.said}: {mock.task}"
    if mock.task is None:
        return f"--mock-type {mock.prefix}"
    return f"--mock {mock.task}" + ("" if mock.value is None else f"[{mock.value}]")


def stand_in(task_id: str) -> str:
    """The option that lets a task succeed without outputs."""
    return f"--mock '{task_id}={{}}'"


def or_without(hint: str, task_id: str) -> str:
    """What to do about a flow that a task calls and that is not there, or how to do without it."""
    return f"{hint}{'' if hint.endswith('?') else ';'} to go on without it: {stand_in(task_id)}"
