"""One run of the program: its executions, and what they share.

The first one is what the user asked for; others are started by task runs of those that run, or
follow one that ended RETRIED. Each has a driver; the conductor makes them take turns.
"""

import signal
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kestrel_cli.app import births
from kestrel_cli.app.calls import DEEPEST
from kestrel_cli.app.clock import Clock
from kestrel_cli.app.conductor import JOBS, Conductor
from kestrel_cli.app.driver import Driver
from kestrel_cli.app.entries import described
from kestrel_cli.app.ledger import Ledger
from kestrel_cli.app.mocks import MockFinder
from kestrel_cli.app.pauses import Answers
from kestrel_cli.app.pointer import pointer
from kestrel_cli.app.recorder import Recorder
from kestrel_cli.app.request import Part, RunRequest
from kestrel_cli.app.showing import Showing
from kestrel_cli.app.story import Told
from kestrel_cli.app.world import World
from kestrel_cli.errors import CannotStart, FlowNotFound, StoreError
from kestrel_cli.expressions.variables import Surroundings
from kestrel_cli.model.event import LogLine
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Call
from kestrel_cli.store.journal import Journal
from kestrel_cli.worker.attempt import Picks, Worker
from kestrel_cli.worker.expander import MockOf
from kestrel_cli.worker.expander import Part as PartOfLanes
from kestrel_cli.worker.services import RunServices, prefixed_environment


@record
class Prepared:
    """An execution that may begin."""

    around: Surroundings
    world: World
    errors: list[LogLine]  # what errorLogs() gives, as the run goes on
    services: RunServices
    warnings: list[str] = fresh(factory=list)
    refused: str | None = None  # why it fails before it begins


class Session:
    """Makes executions and their drivers."""

    def __init__(self, request: RunRequest) -> None:
        self.request = request
        self.clock = Clock()
        self.showing = Showing(request.reporters, request.interrupts.kill)
        self.ledger = Ledger(None, request.warn)
        self.ledger.plugin_defaults = [dict(one) for one in request.plugin_defaults]
        self.conductor = Conductor(
            self.clock, request.interrupts, 1 if request.sequential else JOBS
        )
        self._texts: dict[int, str] = {id(request.flow): request.text}
        self._pauses = Answers(self.clock, request.pauses)
        self._mocks = MockFinder(request.mocks)
        self._work: Path | None = None
        self._known: dict[str, Driver | Execution] = {}  # by id: those that were read back
        self._children: dict[tuple[str, int, int], Driver | Execution] = {}

    def keep(self, journal: Journal | None) -> None:
        """Take down in this journal what happens."""
        self.ledger.journal = journal
        if self.request.durable:
            self.ledger.on_lost = lambda: self.request.interrupts.kill(signal.SIGTERM)
        self.conductor.before_wait = self.ledger.flush
        if journal is not None:
            self._work = journal.path.parent / "work"

    def make_sure(self) -> None:
        """With `--durable`: the journal has reached the disk so far. Raises StoreError."""
        if self.request.durable and self.ledger.lost:
            raise StoreError("`--durable`: the journal can't be written: see the warning")

    @property
    def refused(self) -> bool:
        """Whether an execution is left PAUSED because what was given does not fit."""
        return self._pauses.refused

    def close(self, root: Execution) -> None:
        """Nothing is left to do for now."""
        self.conductor.leave()
        self.ledger.close(root, self.clock.now())

    # -- executions

    def first(self) -> Prepared:
        """The execution that was asked for, with its inputs. Raises InputError, CannotStart."""
        request = self.request
        execution = births.of_request(request, self.clock.now())
        if request.part != Part():
            from kestrel_cli.app.parts import give_left_out

            give_left_out(execution, request.mocks.listed)
        prepared = self.prepared(execution)
        if request.seed is not None:
            prepared.services.random.seed(request.seed)
        if request.demand_secrets and "secret" in request.text:
            from kestrel_cli.app.missing_secrets import refuse_missing_secrets

            refuse_missing_secrets(request.flow, prepared.services.has_secret, self._mocks.covers)
        return self._with_inputs(prepared, request.inputs)

    def _with_inputs(self, prepared: Prepared, inputs: Mapping[str, object]) -> Prepared:
        execution = prepared.around.execution
        prepared.warnings += births.give_inputs(
            execution, inputs, self.request, prepared.services, prepared.world.store_input
        )
        prepared.around = self._around(execution, prepared.services)
        if execution.flow.checks:
            prepared.refused = self._refusal(execution, prepared)
        return prepared

    def _refusal(self, execution: Execution, prepared: Prepared) -> str | None:
        """Why the flow's checks let the execution fail at once. Raises CannotStart when they block
        it.
        """
        from kestrel_cli.worker.flow_checks import FAILED, look_at_checks

        render = births.renderer(execution.flow, self.request, prepared.services)
        checked = look_at_checks(execution.flow, execution.inputs, render)
        messages = [one.message for one in checked.failed]
        if not checked.fails:
            prepared.warnings += [f"check: {message}" for message in messages]
            return None
        return f"{FAILED}\nFailed checks: {', '.join(messages)}"

    def prepared(self, execution: Execution) -> Prepared:
        """What an execution needs to run; its inputs are as they are."""
        request = self.request
        errors: list[LogLine] = []
        world = World(execution, request.given, request.environ, request.state_dir, request.warn)
        world.lines = lambda wanted: self._lines(execution, wanted)
        world.work = lambda: self._work
        services = RunServices(
            request.environ,
            errors=lambda: errors,
            described=lambda line: described(execution, line),
            sources=lambda: world.outside,
            namespace=execution.flow.namespace,
            masker=execution.masker,
            warn=request.warn,
        )
        return Prepared(self._around(execution, services), world, errors, services)

    def _around(self, execution: Execution, services: RunServices) -> Surroundings:
        request = self.request
        return Surroundings(
            execution,
            services,
            envs=prefixed_environment(request.environ) if request.envs is None else request.envs,
            globals_=request.globals,
            namespace=request.namespace_variables(execution.flow.namespace),
            compat=request.compat,
        )

    def born(self, prepared: Prepared, more: dict[str, Any] | None = None) -> Driver:
        """Take down that there is this execution; its driver."""
        execution = prepared.around.execution
        self.ledger.born(execution, self._texts.get(id(execution.flow), ""), more or {})
        return self.driver(prepared)

    def driver(self, prepared: Prepared) -> Driver:
        """What runs an execution that the journal knows."""
        execution = prepared.around.execution
        request = self.request
        reporters = [self.showing] if request.reporters else []
        recorder = Recorder(execution, self.ledger, reporters, prepared.errors)
        watch = None
        if execution.flow.sla:
            from kestrel_cli.app.sla import Agreements

            watch = Agreements(execution.flow.sla, self.conductor)
        driver = Driver(
            prepared.around,
            recorder,
            self.clock,
            request.interrupts,
            lambda driver: self._worker(driver, prepared),
            self.conductor,
            pauses=self._pauses,
            watch=watch,
            session=self,
            world=prepared.world,
        )
        driver.warnings, driver.refused = prepared.warnings, prepared.refused
        self.conductor.add(driver)
        return driver

    def _worker(self, driver: Driver, prepared: Prepared) -> Worker:
        return Worker(
            prepared.around,
            self.clock.now,
            self.request.interrupts,
            started=driver.started,
            noticed=driver.recorder.noticed,
            point=pointer(self._texts.get(id(driver.execution.flow), "")),
            reach=prepared.world.reach,
            mock_of=self._mock_of(driver.execution),
            part=self._part(),
            picks=self._picks(),
        )

    def _mock_of(self, execution: Execution) -> MockOf | None:
        mocks = self._mocks
        return (lambda run: mocks.of(execution, run)) if mocks else None

    def _part(self) -> PartOfLanes | None:
        """Picks the lanes of loops, when values were asked for."""
        if self.request.part == Part():
            return None
        from kestrel_cli.app.parts import lanes_of

        return lanes_of(self.request.part)

    def _picks(self) -> Picks | None:
        """The same for iterations of Loop."""
        if self.request.part == Part():
            return None
        from kestrel_cli.app.parts import calls_of

        return calls_of(self.request.part)

    # -- executions that task runs start

    def launch(self, parent: Driver, run: TaskRun, nth: int, call: Call) -> Driver:
        """An execution that a task run starts, not begun. Raises KestrelError when it can't be."""
        if parent.depth >= DEEPEST:
            raise CannotStart(f"more than {DEEPEST} executions inside each other")
        now = self.clock.now()
        if call.item is not None:
            execution = births.of_item(parent.execution, run, nth, call, now)
            prepared = self.prepared(execution)
        else:
            flow = self.find(call.namespace, call.flow)
            execution = births.of_call(parent.execution, run, nth, call, flow, now)
            prepared = self._with_inputs(self.prepared(execution), call.inputs)
        if self.request.seed is not None:
            prepared.services.random.seed(f"{self.request.seed}/{execution.id}")
        known = [self.ledger.number_of(parent.execution), run.number, len(run.attempts), nth]
        driver = self.born(prepared, {"parent": known})
        driver.depth, driver.parent, driver.parent_run = parent.depth + 1, parent, run.number
        return driver

    def find(self, namespace: str, flow_id: str) -> Flow:
        """Another flow by its name. Raises FlowNotFound, FlowFileError."""
        from kestrel_cli.app.refusal import refuse_what_does_not_run

        request = self.request
        if (namespace, flow_id) == (request.flow.namespace, request.flow.id):
            return request.flow
        if request.library is None:
            message = f"Unable to find flow '{namespace}'.'{flow_id}' with revision '0'"
            raise FlowNotFound(message, "no folder of flows is known")
        loaded = request.library.find(namespace, flow_id)
        if id(loaded.flow) not in self._texts:
            programs = not request.in_containers
            refuse_what_does_not_run(loaded.flow, self._mocks.covers, programs=programs)
            self._texts[id(loaded.flow)] = loaded.text
        return loaded.flow

    def follow(self, retried: Driver) -> Driver:
        """The execution that replays a RETRIED one; it begins when its time has come."""
        before = retried.execution
        execution = births.follower(before, before.retry_at or self.clock.now())
        driver = self.born(self.prepared(execution), {"follows": self.ledger.number_of(before)})
        driver.depth, driver.parent = retried.depth, retried.parent
        driver.parent_run = retried.parent_run
        self.conductor.wake(before.retry_at or 0, driver.begin)
        return driver

    def text_of(self, flow: Flow, text: str) -> None:
        """The text of the file of a flow."""
        self._texts[id(flow)] = text

    def know(self, told: Told, one: Driver | Execution, parent: Execution | None) -> None:
        """An execution that was read back: its driver, or itself when it has ended."""
        self._known[told.execution.id] = one
        if told.execution.earlier:  # whoever asks for the first one means the last
            self._known[told.execution.earlier[0].id] = one
        if parent is not None:
            _, run, _, nth = told.about["parent"]
            self._children[parent.id, run, nth] = one

    def called_before(
        self, parent: Execution, run: TaskRun, nth: int
    ) -> "Driver | Execution | None":
        """What an attempt, or the one before a restart, had started (spec/engine.md 3.15)."""
        found = self._known.get(births.called_id(parent, run, nth))
        if found is not None or not self._children:
            return found
        again = len(run.history) > 1 and run.history[-2][0] is State.RESTARTED
        if not again or getattr(run.task, "restartBehavior", None) == "NEW_EXECUTION":
            return None
        return self._children.get((parent.id, run.number, nth))

    def options(self) -> dict[str, Any]:
        """What a process that goes on with this run has to know of it."""
        from kestrel_cli.app.options import kept_options

        return kept_options(self.request)

    def _lines(self, own: Execution, wanted: str | None) -> tuple[Execution, Iterable[LogLine]]:
        """An execution (None: one's own) and what it has logged, read from the journal."""
        from kestrel_cli.app.history import logged_by, own_lines

        self.ledger.flush()
        if wanted is None or wanted == own.id:
            return own, own_lines(self.ledger, own)
        return logged_by(self.request, wanted)
