"""`-i` of commands that go on with a run: inputs of the paused task, secrets no journal keeps."""

from collections.abc import Iterable, Sequence
from typing import Any

from kestrel_cli.app.story import Story
from kestrel_cli.cli.again import GivenAgain
from kestrel_cli.cli.inputs import read_option
from kestrel_cli.errors import UsageError
from kestrel_cli.model.effect import Ask
from kestrel_cli.tasks.flow.pause import Pause
from kestrel_cli.worker.input_names import leaf_inputs


def answers_and_secrets(story: Story, options: Sequence[str], *, asks: bool) -> GivenAgain:
    """The secrets among the options, and what the others are for the paused task runs; with `asks`,
    nothing for those that somebody can be asked about. Raises UsageError when it is not plain whose
    they are.
    """
    if story.root.ended:
        return GivenAgain()  # nothing is resumed
    paused = _paused(story)
    asked = {one.id for task in paused.values() for one in task.onResume or ()}
    secrets = secret_inputs(story)
    needed = (secrets - asked) | _lost(story)
    given = dict(_read(paused.values(), option) for option in options)
    again = {name: str(value) for name, value in given.items() if name in needed}
    inputs = {name: value for name, value in given.items() if name in asked or name not in needed}
    if not inputs:
        waiting: dict[tuple[str, int], dict[str, Any]] = {
            run: {} for run, task in paused.items() if not (asks and task.onResume)
        }
        return GivenAgain(again, waiting)
    if not paused:
        raise _not_wanted(next(iter(inputs)), secrets)
    if len(paused) > 1:
        names = ", ".join(f"`{task.id}`" for task in paused.values())
        raise UsageError(
            f"`-i {next(iter(inputs))}`: more than one task is paused: {names}; "
            "use `--resume TASK=JSON`"
        )
    return GivenAgain(again, dict.fromkeys(paused, inputs))


def only_secrets(story: Story, options: Sequence[str]) -> GivenAgain:
    """What is given again where no task is to be resumed: anything but a secret is refused."""
    known = secret_inputs(story)
    secrets = {}
    for option in options:
        name, value = read_option(option, frozenset())
        if name not in known:
            raise _not_wanted(name, known)
        secrets[name] = str(value)
    return GivenAgain(secrets)


def secret_inputs(story: Story) -> set[str]:
    """The names of secret inputs that the flows of a run declare, or that values of it hold."""
    flows = story.flows.values()
    declared = {one.id for flow in flows for one in leaf_inputs(flow) if one.type == "SECRET"}
    return declared | _lost(story)


def _lost(story: Story) -> set[str]:
    """The names of inputs that values of the run hold, and that were not given again: those with
    which a Pause was resumed, too.
    """
    return {origin.name for origin in story.seals.missing if origin.kind == "input"}


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
    for told in story.told.values():
        for effect in told.left():
            if isinstance(effect, Ask):
                task = told.execution.runs[effect.run].task
                if isinstance(task, Pause):
                    found[told.execution.id, effect.run] = task
    return found
