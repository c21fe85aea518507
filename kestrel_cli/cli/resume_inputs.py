"""`-i` of `resume` and `restart`: inputs of the task that is paused, secrets no journal keeps."""

from collections.abc import Iterable, Sequence
from typing import Any

from kestrel_cli.app.births import hide_all
from kestrel_cli.app.resume import lost_inputs
from kestrel_cli.app.story import Story
from kestrel_cli.cli.guard import warn
from kestrel_cli.cli.inputs import read_option
from kestrel_cli.errors import UsageError
from kestrel_cli.model.effect import Ask
from kestrel_cli.tasks.flow.pause import Pause


def paused_answers(
    story: Story, options: Sequence[str], *, asks: bool
) -> dict[tuple[str, int], dict[str, Any]]:
    """The inputs of the paused task runs, by execution and number; with `asks`, none for those that
    somebody can be asked about. Raises UsageError when it is not plain whose they are.
    """
    if story.root.ended:
        return {}  # nothing is resumed
    paused = _paused(story)
    asked = {one.id for task in paused.values() for one in task.onResume or ()}
    secrets = {*lost_inputs(story)} - asked
    given = dict(_read(paused.values(), option) for option in options)
    inputs = {name: value for name, value in given.items() if name not in secrets}
    if not inputs:
        return {run: {} for run, task in paused.items() if not (asks and task.onResume)}
    if not paused:
        raise _not_wanted(next(iter(inputs)), secrets)
    if len(paused) > 1:
        names = ", ".join(f"`{task.id}`" for task in paused.values())
        raise UsageError(
            f"`-i {next(iter(inputs))}`: more than one task is paused: {names}; "
            "use `--resume TASK=JSON`"
        )
    return dict.fromkeys(paused, inputs)


def _not_wanted(name: str, secrets: Iterable[str]) -> UsageError:
    known = ", ".join(f"`{one}`" for one in sorted(secrets))
    wanted = f"what is not kept are the secret inputs {known}" if known else "no input is needed"
    return UsageError(f"`-i {name}`: no task is paused, and {wanted}")


def _read(paused: Iterable[Pause], option: str) -> tuple[str, object]:
    files = {one.id for task in paused for one in task.onResume or () if one.type == "FILE"}
    return read_option(option, files)


def _paused(story: Story) -> dict[tuple[str, int], Pause]:
    """The task runs that wait for somebody, in any of the executions."""
    found: dict[tuple[str, int], Pause] = {}
    for told in story.told:
        for effect in told.left():
            if isinstance(effect, Ask):
                task = told.execution.runs[effect.run].task
                if isinstance(task, Pause):
                    found[told.execution.id, effect.run] = task
    return found


def take_secrets(story: Story, options: Sequence[str], *, only: bool = False) -> None:
    """Put the secret inputs in the place of their masks, and hide them again. Raises UsageError for
    any other input when `only` these can be given.
    """
    names = lost_inputs(story)
    for option in options:
        name, value = read_option(option, frozenset())
        if only and name not in names:
            raise _not_wanted(name, names)
        if name in names:
            for told in story.told:
                _put(told.execution.inputs, name.split("."), value)
            hide_all(story.told[0].execution.masker, {name: str(value)}, warn)


def _put(inputs: dict[str, Any], path: list[str], value: object) -> None:
    *above, last = path
    held: Any = inputs
    for part in above:
        held = held.get(part) if isinstance(held, dict) else None
    if isinstance(held, dict) and last in held:
        held[last] = value
