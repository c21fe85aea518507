"""Which task runs are not run, but get a result that the user gave."""

from collections.abc import Container
from typing import ClassVar

from kestrel_cli.app.preflight.capabilities import cannot_run
from kestrel_cli.app.request import Mocks, RunRequest
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.task import Task

EMPTY = Mock()  # of what does not run here


class MockFinder:
    """Finds the mock of a task run: one for its task and value, one for its task, one for its type,
    or an empty one for what does not run here.
    """

    has_fixtures: ClassVar[bool] = False  # whether some end a run before it begins

    def __init__(self, mocks: Mocks, *, programs: bool = False) -> None:
        """`programs`: what needs some that are not installed does not run here, either."""
        self._of_task: dict[str, list[Mock]] = {}
        self._of_type: list[Mock] = []
        for mock in mocks.listed:
            if mock.task is not None:
                self._of_task.setdefault(mock.task, []).append(mock)
            else:
                self._of_type.append(mock)
        self._unsupported = mocks.unsupported
        self._programs = programs
        self._listed = mocks.listed
        self._used: set[int] = set()
        self._runs: dict[int, bool] = {}  # by task: whether it runs here

    def __bool__(self) -> bool:
        return bool(self._of_task or self._of_type or self._unsupported)

    def of(self, execution: Execution, run: TaskRun) -> Mock | None:
        """What stands in for the run; None: it runs. A value is one of a loop around it."""
        mock = self._found(execution, run)
        if mock is not None:
            self._used.add(id(mock))
        return mock

    def unused(self, shown: Container[str] = ()) -> list[Mock]:
        """What stood in for nothing. The outputs of the tasks in `shown` were there all the same,
        though they had no part in the run.
        """
        return [one for one in self._listed if id(one) not in self._used and one.task not in shown]

    def named(self, task_id: str) -> Mock | None:
        """The one for all runs of a task."""
        mocks = self._of_task.get(task_id, ())
        return next((mock for mock in mocks if mock.value is None), None)

    def _found(self, execution: Execution, run: TaskRun) -> Mock | None:
        task = run.task
        mocks = self._of_task.get(task.id, [])
        if any(mock.value is not None for mock in mocks):
            values = execution.values_around(run)
            for mock in mocks:
                if mock.value in values:
                    return mock
        anywhere = next((mock for mock in mocks if mock.value is None), None)
        return anywhere or self._by_type(task)

    def covers(self, task: Task) -> bool:
        """Whether the task never runs itself."""
        mocks = self._of_task.get(task.id, ())
        return any(mock.value is None for mock in mocks) or self._by_type(task) is not None

    def _by_type(self, task: Task) -> Mock | None:
        for mock in self._of_type:
            if mock.prefix is not None and task.type.startswith(mock.prefix):
                return mock
        return EMPTY if self._unsupported and not self._runs_here(task) else None

    def _runs_here(self, task: Task) -> bool:
        found = self._runs.get(id(task))
        if found is None:
            found = self._runs[id(task)] = not cannot_run(task, programs=self._programs)
        return found


def mock_finder(request: RunRequest) -> MockFinder:
    """What finds the mocks of a run."""
    if request.rehearsal is None:
        return MockFinder(request.mocks, programs=not request.in_containers)
    found: MockFinder = request.rehearsal.mocks(request.mocks)
    return found
