"""`-i` of `kestrel resume`: inputs of the task that is paused, and secrets no journal keeps."""

from collections.abc import Sequence
from typing import Any

from kestrel_cli.app.births import hide_all
from kestrel_cli.app.story import Story
from kestrel_cli.cli.guard import warn
from kestrel_cli.cli.inputs import read_option
from kestrel_cli.errors import UsageError
from kestrel_cli.model.effect import Ask
from kestrel_cli.model.flow import Input
from kestrel_cli.tasks.flow.pause import Pause
from kestrel_cli.worker.input_names import leaf_inputs


def paused_answers(
    story: Story, options: Sequence[str], *, asks: bool
) -> dict[str, dict[str, Any]]:
    """The inputs of the paused tasks, by task. Raises UsageError when it is not plain whose they
    are.
    """
    paused = _paused(story)
    secrets = _secret_names(story)
    given = dict(_read(paused, option) for option in options)
    inputs = {name: value for name, value in given.items() if name not in secrets}
    if not inputs:
        return {task.id: {} for task in paused if not (asks and task.onResume)}
    if len(paused) != 1:
        names = ", ".join(f"`{task.id}`" for task in paused) or "none"
        raise UsageError(f"`-i`: one task must be paused, but there are: {names}; use `--resume`")
    return {paused[0].id: inputs}


def _read(paused: Sequence[Pause], option: str) -> tuple[str, object]:
    files = {one.id for task in paused for one in task.onResume or () if one.type == "FILE"}
    return read_option(option, files)


def _paused(story: Story) -> list[Pause]:
    """The tasks that wait for somebody, in any of the executions."""
    found: dict[str, Pause] = {}
    for told in story.told:
        for effect in told.left():
            if isinstance(effect, Ask):
                task = told.execution.runs[effect.run].task
                if isinstance(task, Pause):
                    found[task.id] = task
    return list(found.values())


def _secret_names(story: Story) -> dict[str, Input]:
    flow = story.told[0].execution.flow
    return {one.id: one for one in leaf_inputs(flow) if one.type == "SECRET"}


def take_secrets(story: Story, options: Sequence[str]) -> None:
    """Put the secret inputs in the place of their masks, and hide them again."""
    names = _secret_names(story)
    for option in options:
        name, value = read_option(option, frozenset())
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
