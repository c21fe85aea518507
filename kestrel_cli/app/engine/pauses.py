"""How paused task runs go on: as the options say, by asking, or not at all."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from kestrel_cli.app.request import PausePolicy, Render
from kestrel_cli.errors import InputError
from kestrel_cli.model.event import Resumed
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Input
from kestrel_cli.model.record import record
from kestrel_cli.model.state import State

# Typed inputs of what was given. Raises InputError.
Typed = Callable[[list[Input], Mapping[str, object]], dict[str, Any]]

_REFUSED = "the task `{id}` is not resumed: the answer was no"
_NOBODY = (
    "nobody is there to resume the task `{id}`: give `--resume {what}`, "
    "or `--pause skip`, `--pause wait`"
)
_LOST = "the task `{id}` can't be left PAUSED: no journal is kept, so nothing could resume it later"


@record
class Answer:
    """How a pause is to go on: with these inputs; or, when it `waits`, some other day (`refused`
    says why what was given does not fit); or not at all, and `why`.
    """

    inputs: dict[str, Any] | None = None
    waits: bool = False
    why: str | None = None
    refused: str | None = None


class Answers:
    """What is given comes first: inputs for a single task run, those for its task, then none for
    that run; then somebody is asked; then the policy counts.
    """

    def __init__(self, policy: PausePolicy) -> None:
        self._policy = policy
        self._once = dict(policy.once)
        self.refused = False  # an execution was left PAUSED because what was given does not fit

    @property
    def hurries(self) -> bool:
        """Whether no pause lasts, not even one with a duration."""
        return self._policy.policy == "skip"

    def has(self, execution: Execution, run: TaskRun) -> bool:
        """Whether it was said with what a paused task run is resumed."""
        return bool(self._once.get((execution.id, run.number)) or self._of(execution, run))

    def answer(self, execution: Execution, run: TaskRun, typed: Typed, render: Render) -> Answer:
        """How a paused task run goes on. Raises InputError for wrong inputs when that is asked
        for.
        """
        policy, task = self._policy, _pause(run)
        given = self._once.pop((execution.id, run.number), None)
        if not given:
            said = self._of(execution, run)
            given = given if said is None else said
        if given is None and policy.ask is not None:
            asked = policy.ask(execution.flow, run.task, {}, render)
            if asked == "no":
                return Answer(why=_REFUSED.format(id=task.id))
            given = asked
        if given is None and policy.policy == "skip":
            given = {}
        if given is None:
            if policy.policy == "wait":
                return Answer(waits=True)
            return Answer(why=_NOBODY.format(id=task.id, what=_resume_option(task)))
        try:
            return Answer(typed(task.onResume or [], given))
        except InputError as error:
            if policy.strict:
                raise
            self.refused = True
            return Answer(waits=True, refused=f"the task `{task.id}` can't be resumed: {error}")

    def _of(self, execution: Execution, run: TaskRun) -> Mapping[str, object] | None:
        """What was given for one iteration, or for the task."""
        given = self._policy.given
        for value in execution.values_around(run):
            if f"{run.task.id}[{value}]" in given:
                return given[f"{run.task.id}[{value}]"]
        return given.get(run.task.id)

    def lost(self, run: TaskRun) -> str:
        """Why it can't be left PAUSED."""
        return _LOST.format(id=run.task.id)

    def event(self, run: TaskRun, inputs: dict[str, Any] | None, state: State, now: int) -> Resumed:
        """The run goes on in this state: resumed with inputs, or by itself."""
        on = datetime.fromtimestamp(now / 1_000_000).isoformat()  # noqa: DTZ006  local, as in Kestra
        return Resumed(run.number, now, state, _pause(run).resumed(inputs, on, state))


def _resume_option(task: "_Pause") -> str:
    """What stands behind `--resume`: the task, and the inputs that it has to be given."""
    needed = [one.id for one in task.onResume or [] if one.required and one.defaults is None]
    return f"'{task.id}={{{', '.join(f'{name}: ...' for name in needed)}}}'" if needed else task.id


class _Pause(Protocol):
    """What is asked of a Pause, whose class is imported when there is one."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def onResume(self) -> list[Input] | None:  # noqa: N802  the property's name
        """The inputs with which it is resumed."""

    def resumed(self, inputs: dict[str, Any] | None, on: str, state: State) -> dict[str, Any]:
        """Its outputs when it goes on."""


def _pause(run: TaskRun) -> _Pause:
    from kestrel_cli.tasks.flow.pause import Pause

    assert isinstance(run.task, Pause)  # nothing else waits for somebody
    return run.task
