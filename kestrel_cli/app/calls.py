"""Executions that a task run starts: Subflow, the batches of ForEachItem, the iterations of Loop.

A started execution is one more driver beside the others; when it ends, its batch goes on. Its id is
derived from the task run, so that a resumed run knows its children again.
"""

from typing import TYPE_CHECKING, Final

from kestrel_cli.app.story import replace
from kestrel_cli.errors import KestrelError
from kestrel_cli.model.event import AttemptEnded
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Call, Called, Calls
from kestrel_cli.worker.context import AttemptContext

if TYPE_CHECKING:
    from kestrel_cli.app.conductor import Conductor
    from kestrel_cli.app.driver import Driver

DEEPEST: Final = 100  # executions inside each other (spec/reliability.md M8)


def begin_batch(driver: "Driver", run: TaskRun, conductor: "Conductor") -> None:
    """Begin an attempt of a task that starts executions."""
    found = driver.worker.calls(run)
    if not isinstance(found, tuple):
        driver.happened(found)
        return
    ctx, calls = found
    Batch(driver, ctx, calls, conductor).begin()


class Batch:
    """The executions of one attempt."""

    def __init__(
        self, driver: "Driver", ctx: AttemptContext, calls: Calls, conductor: "Conductor"
    ) -> None:
        self._driver = driver
        self._ctx = ctx
        self._calls = calls
        self._conductor = conductor
        self._next = 0
        self._called: dict[int, Called] = {}
        self._running: dict[int, Driver] = {}
        self._stopped = False
        self._failed: AttemptEnded | None = None
        self._starting = False

    def begin(self) -> None:
        """Start as many as may run at once."""
        self._driver.batches[self._ctx.run.number] = self
        self._start()

    def kill(self) -> None:
        """End those that run; no further one is started."""
        self._stopped = True
        for driver in list(self._running.values()):
            driver.kill("the execution that called it ends")
        if not self._running:
            self._finish()

    def _start(self) -> None:
        calls, limit = self._calls.calls, self._calls.limit
        self._starting = True
        first = self._next
        while (
            self._next < len(calls)
            and not self._stopped
            and (not limit or len(self._running) < limit)
        ):
            self._next += 1
            if not self._taken_up(self._next - 1, calls[self._next - 1]):
                self._launch(self._next - 1, calls[self._next - 1])
        self._starting = False
        for index in range(self._next - 1, first - 1, -1):  # the earliest goes first
            if index in self._running:
                self._conductor.ready(self._running[index])
        if not self._running or not self._calls.wait:
            self._finish()

    def _launch(self, index: int, call: Call) -> None:
        parent = self._driver
        try:
            child = parent.launch(self._ctx.run, index, call)
        except KestrelError as error:
            hint = getattr(error, "hint", None)
            why = f"{error}\nhint: {hint}" if hint else str(error)
            self._landed(index, Called(call, State.FAILED, error=why))
            return
        self._driver.execution.called.setdefault(self._ctx.run.number, []).append(child.execution)
        self._watch(index, call, child)
        child.begin()

    def _watch(self, index: int, call: Call, child: "Driver") -> None:
        self._running[index] = child
        child.on_end = lambda ended: self._ended(index, call, ended)
        if not self._calls.wait:
            execution = child.execution
            self._called[index] = Called(call, execution.state, execution.id)

    def _taken_up(self, index: int, call: Call) -> bool:
        """Whether the execution was started before this process, which goes on with the run."""
        known = self._driver.called_before(self._ctx.run, index)
        if known is None:
            return False
        while not isinstance(known, Execution) and known.ended and known.successor is not None:
            known = known.successor
        if isinstance(known, Execution) or known.ended:
            ended = known if isinstance(known, Execution) else known.execution
            render = self._driver.renderer_of(ended)
            called = Called(call, ended.state, ended.id, ended.outputs, None, render)
            self._landed(index, called)
        else:
            self._watch(index, call, known)
        return True

    def _ended(self, index: int, call: Call, driver: "Driver") -> None:
        execution = driver.execution
        if execution.state is State.RETRIED and driver.successor is not None:
            self._running[index] = driver.successor
            known = self._driver.execution.called[self._ctx.run.number]
            replace(known, execution, driver.successor.execution)
            driver.successor.on_end = lambda ended: self._ended(index, call, ended)
            if self._ctx.run.state is State.KILLING:
                driver.successor.kill("the execution that called it ends")
            return
        self._running.pop(index, None)
        if self._calls.wait:
            render = driver.render
            called = Called(call, execution.state, execution.id, execution.outputs, None, render)
            self._landed(index, called)

    def _landed(self, index: int, called: Called) -> None:
        self._called[index] = called
        stops = False if self._stopped else self._driver.worker.stops(self._ctx, called)
        if isinstance(stops, AttemptEnded):
            self._failed = stops
        if stops:
            self._stopped = True
        if not self._starting:
            self._start()

    def _finish(self) -> None:
        run = self._ctx.run
        if self._driver.batches.pop(run.number, None) is None:
            return
        if run.state is State.KILLING:
            self._driver.happened(self._driver.worker.killed(run, self._ctx))
            return
        if self._failed is not None:
            self._driver.happened(self._failed)
            return
        called = [self._called[index] for index in sorted(self._called)]
        self._driver.happened(self._driver.worker.called(self._ctx, called))
