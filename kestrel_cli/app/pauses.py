"""How paused task runs go on: as the options say, by asking, or not at all."""

from typing import TYPE_CHECKING, Any

from kestrel_cli.app.clock import Clock
from kestrel_cli.app.request import PauseInputs, PausePolicy
from kestrel_cli.errors import InputError
from kestrel_cli.model.event import Resumed
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.state import State

if TYPE_CHECKING:
    from kestrel_cli.app.driver import Driver
    from kestrel_cli.tasks.flow.pause import Pause

_REFUSED = "the task `{id}` is not resumed: the answer was no"
_NOBODY = (
    "nobody is there to resume the task `{id}`: give `--resume {id}` (with inputs: "
    '`--resume \'{id}={{"name": "value"}}\'`), or `--pause skip`, `--pause wait`'
)

_LOST = "the task `{id}` can't be left PAUSED: no journal is kept, so nothing could resume it later"


class Answers:
    """Answers for the paused task runs of one session, as a policy says."""

    def __init__(self, clock: Clock, policy: PausePolicy) -> None:
        self._clock = clock
        self._given = policy.given
        self._once = dict(policy.once)  # each of them serves once
        self._policy = policy.policy
        self._ask = policy.ask
        self._strict = policy.strict
        self._refused = False

    @property
    def waits(self) -> bool:
        """Whether an execution is left PAUSED when nobody resumes it."""
        return self._policy == "wait"

    @property
    def hurries(self) -> bool:
        """Whether no pause lasts, not even one with a duration."""
        return self._policy == "skip"

    @property
    def refused(self) -> bool:
        """Whether an execution was left PAUSED because what was given does not fit."""
        return self._refused

    def answer(self, driver: "Driver", run: int) -> Resumed | None:
        """The event that resumes a task run; None: leave the execution PAUSED."""
        task_run = driver.execution.runs[run]
        task = _pause(task_run)
        given = self._once.pop((driver.execution.id, run), None)
        if given is None:
            given = self._of(driver, task_run)
        if given is None and self._ask is not None:
            asked = self._ask(driver.execution.flow, task, {})
            if asked == "no":
                return self._ended(driver, task_run, _REFUSED)
            given = asked
        if given is None and self._policy == "skip":
            given = {}
        if given is not None:
            return self._resumed(driver, task_run, task, given)
        if self.waits and driver.is_journaled:
            return None
        return self._ended(driver, task_run, _LOST if self.waits else _NOBODY)

    def _of(self, driver: "Driver", run: TaskRun) -> PauseInputs | None:
        """What was given for one iteration, or for the task."""
        for value in driver.execution.values_around(run):
            if f"{run.task.id}[{value}]" in self._given:
                return self._given[f"{run.task.id}[{value}]"]
        return self._given.get(run.task.id)

    def _ended(self, driver: "Driver", run: TaskRun, reason: str) -> Resumed:
        why = reason.format(id=run.task.id)
        driver.say("ERROR", why, run.number)
        event = self.event(run, {}, State.FAILED)
        event.error = why
        return event

    def _resumed(
        self, driver: "Driver", run: TaskRun, task: "Pause", given: PauseInputs
    ) -> Resumed | None:
        try:
            inputs = driver.pause_inputs(run, task.onResume or [], given)
        except InputError as error:
            if self._strict:
                raise
            self._refused = True
            driver.say("ERROR", f"the task `{task.id}` can't be resumed: {error}", run.number)
            return None
        return self.event(run, inputs, State.SUCCESS)

    def event(self, run: TaskRun, inputs: dict[str, Any], state: State) -> Resumed:
        """The run goes on in this state."""
        task = _pause(run)
        from datetime import datetime

        now = self._clock.now()
        on = datetime.fromtimestamp(now / 1_000_000).isoformat()  # noqa: DTZ006  local, as in Kestra
        return Resumed(run.number, now, state, task.resumed(inputs, on, state))


def _pause(run: TaskRun) -> "Pause":
    from kestrel_cli.tasks.flow.pause import Pause

    assert isinstance(run.task, Pause)  # nothing else waits for somebody
    return run.task
