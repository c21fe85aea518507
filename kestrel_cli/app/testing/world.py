"""The world of one case: fixtures stand in for task runs, secrets have stubs, time leaps, and
nothing goes out unless that is allowed.
"""

from collections.abc import Callable, Container, Mapping
from typing import Any, Final

from kestrel_cli.app.engine.clock import Clock, LeapingClock
from kestrel_cli.app.mocks import MockFinder
from kestrel_cli.app.rehearsal.given import stays_out
from kestrel_cli.app.request import Mocks
from kestrel_cli.app.testing.samples import fixture_text
from kestrel_cli.errors import RenderError
from kestrel_cli.model.execution import Execution, TaskRun, item_text
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State
from kestrel_cli.model.suite import TaskFixture
from kestrel_cli.model.task import Task
from kestrel_cli.model.test_results import CaseError
from kestrel_cli.worker.services import Sources

STUB: Final = "***"
REFUSED: Final = "reaches out of the test and has no fixture"
_SLEEP: Final = "io.kestra.plugin.core.flow.Sleep"
Real = Callable[[Task], bool]


class World:
    """What the engine asks while a case runs. `errors` grows with what keeps it from being judged.

    `real` says which tasks run that reach out; with `waits` time passes as it does on a wall;
    `stub` is what secrets are that nobody gave (None: they are missing); it is `later` than on the
    wall, by so many seconds.
    """

    def __init__(
        self,
        fixtures: list[TaskFixture],
        *,
        real: Real = lambda _: False,
        waits: bool = False,
        stub: str | None = STUB,
        later: float = 0.0,
    ) -> None:
        self.errors: list[CaseError] = []
        self.used: set[int] = set()  # positions of fixtures
        self.stubbed: set[str] = set()
        self.files: Mapping[str, str] = {}
        self.real = real
        self._fixtures = fixtures
        self._waits = waits
        self._stub = stub
        self._later = later
        self._told: set[tuple[str, str]] = set()
        self.wrong: set[tuple[str, int]] = set()

    def clock(self) -> Clock:
        if self._waits:
            return Clock()
        clock = LeapingClock()
        clock.passes(self._later)
        return clock

    def mocks(self, given: Mocks) -> MockFinder:
        return _Finder(given, self)

    def sources(self, own: Sources) -> Sources:
        return own if self._stub is None else _Stubbed(own, self._stub, self.stubbed)

    def failed(self, execution: Execution, run: TaskRun | None, error: Exception) -> None:
        if run is None or not _is_tested(execution):
            return
        fixture = self.fixture(execution, run)
        if (
            fixture is not None
            and not run.attempts
            and (execution.id, run.number) not in self.wrong
        ):
            self.wrong.add((execution.id, run.number))
            hint = getattr(error, "hint", None)
            message = f"the outputs of the fixture of `{run.task.id}` can't be rendered"
            self.errors.append(CaseError(message, str(error), hint, fixture.where))

    # -- fixtures

    def fixture(self, execution: Execution, run: TaskRun) -> TaskFixture | None:
        """The first one of the task and the value of the run, as Kestra looks for it: one without a
        value is of a run without one. Those of other flows, which the tested one calls, have none.
        """
        if not _is_tested(execution):
            return None
        wanted = [run.value]
        if run.value is None and execution.item is not None:  # a run in an iteration of Loop
            wanted.insert(0, item_text(execution.item.get("value")))
        for value in wanted:
            for place, one in enumerate(self._fixtures):
                if one.id == run.task.id and one.value == value:
                    self.used.add(place)
                    return one
        return None

    def mock(self, execution: Execution, run: TaskRun) -> Mock | None:
        """What stands in for a run."""
        fixture = self.fixture(execution, run)
        task = run.task
        if fixture is not None:
            return Mock(
                task.id,
                outputs=fixture.outputs or {},
                state=State(fixture.state),
                fixture=True,
                variables={"files": self.files},
            )
        if not stays_out(task) or self.real(task):
            return None
        if task.type == _SLEEP:
            return None if self._waits else Mock(task.id, renders=True)
        return self._refused(execution, run)

    def _refused(self, execution: Execution, run: TaskRun) -> Mock:
        task = run.task
        if (execution.flow.id, task.id) not in self._told:
            self._told.add((execution.flow.id, task.id))
            self.errors.append(self._error(execution, run))
        error = f"`{task.id}` {REFUSED}"
        return Mock(task.id, state=State.FAILED, error=error, fixture=True)

    def _error(self, execution: Execution, run: TaskRun) -> CaseError:
        task = run.task
        message = f"the task `{task.id}` ({task.type}) {REFUSED}"
        if _is_tested(execution):
            hint = f"give it one:\n{fixture_text(execution.flow, task, run.value)}"
            return CaseError(message, None, f"{hint}\nor let it run: `--run {task.id}`", task.where)
        caller = _caller(execution)
        hint = (
            f"it is a task of the flow `{execution.flow.id}`, where no fixture of this suite "
            f"counts: give one to `{caller}`, which calls it, or let it run: `--run {task.id}`"
        )
        return CaseError(message, None, hint, task.where)


def _is_tested(execution: Execution) -> bool:
    """Whether it is an execution of the flow that the suite is about, or an iteration of its
    Loops.
    """
    while execution.owner is not None:
        execution = execution.owner
    return execution.birth.caller is None


def _caller(execution: Execution) -> str:
    while execution.owner is not None:
        execution = execution.owner
    trigger = execution.trigger or {}
    return str(trigger.get("taskId", "the task"))


class _Finder(MockFinder):
    """Finds the fixtures."""

    has_fixtures = True

    def __init__(self, given: Mocks, world: World) -> None:
        super().__init__(given)
        self._world = world

    def __bool__(self) -> bool:
        return True

    def of(self, execution: Execution, run: TaskRun) -> Mock | None:
        return self._world.mock(execution, run)

    def covers(self, task: Task) -> bool:
        """Nothing is refused before it is reached: then it is told."""
        return True

    def unused(self, shown: Container[str] = ()) -> list[Mock]:
        return []

    def named(self, task_id: str) -> Mock | None:
        return None


class _Stubbed:
    """Sources with a secret for every name, which tell of requests what a test does."""

    def __init__(self, own: Sources, stub: str, told: set[str]) -> None:
        self._own = own
        self._stub = stub
        self._told = told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)

    def secret(self, key: str) -> str | None:
        found = self._own.secret(key)
        if found is None:
            self._told.add(key.upper())
            return self._stub
        return found

    def http(self, request: dict[str, object]) -> object:
        if getattr(self._own, "offline", False):
            hint = "give the task that asks a fixture, or let it run: `--allow-real`"
            raise RenderError("the function `http` reaches out of the test", hint=hint)
        return self._own.http(request)
