"""One walk: the flow is run, mended and run again until it comes to its end by itself."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from kestrel_cli.app.engine.clock import LeapingClock
from kestrel_cli.app.mocks import EMPTY, MockFinder
from kestrel_cli.app.preflight.capabilities import cannot_run
from kestrel_cli.app.reading.shape import Shape
from kestrel_cli.app.rehearsal.directories import filled
from kestrel_cli.app.rehearsal.flows import World
from kestrel_cli.app.rehearsal.given import Givens, flow_standing_in, stays_out
from kestrel_cli.app.rehearsal.mending import Mender, Problem
from kestrel_cli.app.rehearsal.sources import MadeUpSources
from kestrel_cli.app.rehearsal.values import Maker
from kestrel_cli.app.request import TIMED_OUT, Demands, Mocks, PausePolicy, RunRequest, RunResult
from kestrel_cli.app.run import run
from kestrel_cli.errors import (
    CannotStart,
    FlowFileError,
    FlowNotFound,
    InputError,
    KestrelError,
    TaskFailed,
    UnusableFlow,
)
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.record import changed, fresh, record
from kestrel_cli.model.state import State
from kestrel_cli.model.task import RunnableTask, Task
from kestrel_cli.model.texts import texts_of
from kestrel_cli.tasks.flow.pause import Pause
from kestrel_cli.worker.interrupts import Interrupts
from kestrel_cli.worker.services import Sources

MOST_ROUNDS: Final = 120
SECONDS: Final = 10.0  # of one run
# A task of this class that fails does what the flow says.
_SAYS_SO: Final = frozenset(("Fail", "Exit", "Assert"))
_LIMITS: Final = ("Max duration reached", "Max iterations reached")


@record
class Walked:
    """What came of it. `problems` are left: nothing that could be made up would do."""

    execution: Execution | None
    problems: list[Problem]
    made: dict[str, tuple[Shape, Any]]
    rounds: int = 1
    blocked: str | None = None  # why the flow itself does not let it begin
    stood_in: dict[tuple[tuple[str, str], str], str] = fresh(factory=dict)
    missing: list[tuple[str, str]] = fresh(factory=list)  # flows that are called, and not there
    given: dict[str, Any] = fresh(factory=dict)  # inputs and trigger


class CalledFlows:
    """The flows that are called: those of the library, and some that stand in for the others."""

    def __init__(self, own: Loaded, library: Library) -> None:
        self._own = own
        self._library = library
        self._standing: dict[tuple[str, str], Loaded] = {}
        self.folder = library.folder
        self.world: World | None = None
        self.maker: Maker | None = None

    def flow(self, namespace: str, flow_id: str) -> Flow | None:
        """A flow that is there and can be used."""
        if (namespace, flow_id) == (self._own.flow.namespace, self._own.flow.id):
            return self._own.flow
        try:
            return self._library.find(namespace, flow_id).flow
        except (FlowNotFound, UnusableFlow, FlowFileError):
            return None

    def find(self, namespace: str, flow_id: str) -> Loaded:
        """As a library does it."""
        try:
            return self._library.find(namespace, flow_id)
        except FlowNotFound:
            return self._stand_in(namespace, flow_id)

    def _stand_in(self, namespace: str, flow_id: str) -> Loaded:
        key = (namespace, flow_id)
        if key not in self._standing:
            assert self.world is not None
            assert self.maker is not None
            outputs = self.world.missing.get(key) or self.world.lacks(key)
            text, flow = flow_standing_in(namespace, flow_id, outputs, self.maker)
            self._standing[key] = Loaded(flow, (), text)
        return self._standing[key]

    def renew(self) -> None:
        """What stands in is made anew."""
        self._standing.clear()

    def path_of(self, namespace: str, flow_id: str) -> str:
        """As a library does it."""
        return self._library.path_of(namespace, flow_id)


class Walk:
    """Runs a flow until it walks. `request` says what was given; `real` says which tasks run."""

    def __init__(
        self,
        loaded: Loaded,
        library: Library,
        request: RunRequest,
        folder: Path,
        real: Callable[[Task], bool] = lambda _: False,
    ) -> None:
        self._loaded = loaded
        self._request = request
        self._folder = folder
        self._real = real
        self.called = CalledFlows(loaded, library)
        self.world = World(loaded.flow, self.called.flow, request.compat)
        self._mender = Mender(self.world, request.compat)
        self._problems: list[Problem] = []
        self.maker = Maker(folder / "storage")
        self.called.world = self.world
        self._made: dict[str, tuple[Shape, Any]] = {}
        self._givens: Givens | None = None
        self.given_up: dict[tuple[tuple[str, str], str], Problem] = {}  # of what is stood in for
        self.failing: set[tuple[tuple[str, str], str]] = set()  # tasks that are made to fail

    # -- what the engine asks of a rehearsal

    def clock(self) -> LeapingClock:
        return LeapingClock()

    def mocks(self, given: Mocks) -> MockFinder:
        return _Mocks(given, self)

    def mock(self, execution: Execution, task: Task) -> Mock | None:
        """What stands in for a task that stays out, or that cannot do with what is made up."""
        asked = self.world.of(execution.flow)
        if ((execution.flow.namespace, execution.flow.id), task.id) in self.failing:
            return Mock(task.id, state=State.FAILED, error="made to fail, to see what follows")
        stood_in = task.id in asked.stood_in
        if not stood_in and not self.is_out(task):
            return None
        assert self._givens is not None
        outputs = self._givens.outputs(asked, task)
        return Mock(task.id, outputs=outputs, renders=not stood_in)

    def outputs_for(self, task: Task) -> dict[str, Any]:
        """What a task of the flow itself has as outputs when something stands in for it; those of a
        Pause are what it is resumed with. Files in them are there until the next walk.
        """
        assert self._givens is not None
        asked = self.world.main
        if not isinstance(task, Pause):
            return self._givens.outputs(asked, task)
        shapes = asked.answers.get(task.id, Shape(task.id))
        wanted = task.onResume or []
        answers = self._givens.inputs(wanted, shapes, {}, f"outputs.{task.id}.onResume")
        usual = {one.id: one.defaults for one in wanted if one.defaults is not None}
        return {"onResume": {**usual, **answers}} if wanted else {}

    def is_out(self, task: Task) -> bool:
        """Whether a task never runs here: nobody asked for it, or it lacks what it needs."""
        return stays_out(task) and (not self._real(task) or bool(cannot_run(task)))

    def outside(self) -> list[str]:
        """The ids of all tasks that never run here, sorted."""
        return sorted(
            {
                task.id
                for asked in self.world.flows.values()
                for task in asked.flow.by_id.values()
                if self.is_out(task)
            }
        )

    def sources(self, own: Sources) -> Sources:
        return MadeUpSources(own, self.world, self.maker, self._made)

    def failed(self, execution: Execution, run: TaskRun | None, error: Exception) -> None:
        flow = execution.flow
        task = None if run is None else run.task
        late = run is None or any(one.phase > Phase.BODY for one in execution.upward(run))
        self._problems.append(Problem((flow.namespace, flow.id), task, error, late))

    # -- the walk

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What tasks could not do with while this lasts is forgotten then: a loop that was made
        to be empty has no outputs, which is no news.
        """
        before = {key: dict(asked.stood_in) for key, asked in self.world.flows.items()}
        given_up = dict(self.given_up)
        yield
        self.given_up = given_up
        for key, asked in self.world.flows.items():
            asked.stood_in = before.get(key, {})

    def walk(self, most: int = MOST_ROUNDS) -> Walked:
        """Run, mend, and run again."""
        walked = self._once()
        while walked.problems and walked.rounds < most and self._mend(walked):
            rounds = walked.rounds + 1
            walked = self._once()
            walked.rounds = rounds
        return walked

    def _once(self) -> Walked:
        self._problems = []
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self.maker = Maker(self._folder / "storage")
        self.called.maker = self.maker
        self.called.renew()
        givens = self._givens = Givens(self.maker)
        self._made = givens.made
        request = self._made_request(givens)
        walked = Walked(None, [], self._made)
        walked.given = {"inputs": dict(request.inputs), "trigger": request.trigger}
        walked.stood_in = {
            (key, task): why
            for key, asked in self.world.flows.items()
            for task, why in asked.stood_in.items()
        }
        try:
            with filled(list(self.world.flows.values()), self.maker):
                result = run(request)
        except InputError as error:
            walked.problems = [*self._problems] or [self._own(error)]
            return walked
        except CannotStart as error:
            if self._loaded.flow.disabled or self._loaded.flow.checks:
                walked.blocked = str(error)
            else:
                walked.problems = [self._own(error)]
            return walked
        except KestrelError as error:
            walked.problems = [self._own(error)]
            return walked
        walked.missing = list(self.world.missing)
        walked.execution = result.execution
        left = list(self._left(result))
        walked.problems = [one for one in left if not one.late] or left
        return walked

    def _own(self, error: Exception) -> Problem:
        flow = self._loaded.flow
        return Problem((flow.namespace, flow.id), None, error)

    def _left(self, result: RunResult) -> Iterator[Problem]:
        """The problems that are no decision of the flow."""
        called = any(one.task is not None and not one.task.executable for one in self._problems)
        for one in self._problems:
            kind = "" if one.task is None else type(one.task).__name__
            if kind in _SAYS_SO and isinstance(one.error, TaskFailed):
                continue
            if str(one.error).startswith(_LIMITS):
                continue
            calls = one.task is not None and one.task.executable
            told = called or "Subflow execution" in str(one.error)  # what it called tells why
            if calls and told and isinstance(one.error, TaskFailed):
                continue
            yield one
        if not self._problems and not self.failing and result.execution is not None:
            yield from self._untold(result.execution)
        if result.exit_code == TIMED_OUT:
            yield self._own(TaskFailed(f"it is not at its end after {SECONDS:.0f} s"))

    def _untold(self, execution: Execution) -> Iterator[Problem]:
        """Why the first task run failed, when nothing has told of it: a flow that could not be
        called for the batches of a ForEachItem, say.
        """
        if execution.state is not State.FAILED:
            return
        key = (execution.flow.namespace, execution.flow.id)
        for one in reversed(execution.runs):
            if one.error is not None and one.state is State.FAILED:
                yield Problem(key, one.task, TaskFailed(one.error))
                return

    def _made_request(self, givens: Givens) -> RunRequest:
        own, asked = self._request, self.world.main
        inputs = dict(own.inputs)
        inputs |= givens.inputs(asked.flow.inputs, asked.inputs, inputs, "inputs")
        answers = dict(own.pauses.given)
        for one in self.world.flows.values():
            for task in one.flow.by_id.values():
                if isinstance(task, Pause) and task.id not in answers:
                    shapes = one.answers.get(task.id, Shape(task.id))
                    answers[task.id] = givens.inputs(
                        task.onResume or [], shapes, {}, f"outputs.{task.id}.onResume"
                    )
        trigger = own.trigger or givens.trigger(asked)
        return changed(
            own,
            inputs=inputs,
            trigger=trigger,
            envs=givens.below(asked.envs, dict(own.envs or {}), "envs"),
            globals=givens.below(asked.globals, own.globals, "globals"),
            namespace_variables=self._variables(givens, own.namespace_variables),
            kestra=own.kestra or {"url": "http://localhost:8080", "environment": "made-up"},
            mocks=Mocks(own.mocks.listed, unsupported=True),
            pauses=PausePolicy(answers, policy="skip"),
            state_dir=str(self._folder),
            given=changed(own.given, offline=True, kv=self._kv(givens)),
            journaled=False,
            demands=Demands(),
            timeout=SECONDS,
            sequential=True,
            library=self.called,
            interrupts=Interrupts(),
            rehearsal=self,
        )

    def _variables(
        self, givens: Givens, own: Callable[[str], Mapping[str, Any]]
    ) -> Callable[[str], Mapping[str, Any]]:
        def variables(namespace: str) -> Mapping[str, Any]:
            asked = self.world.main
            return givens.below(asked.namespace, own(namespace), "namespace")

        return variables

    def _kv(self, givens: Givens) -> dict[str, Any]:
        """The keys that tasks read, and that no task has set."""
        found = dict(self._request.given.kv)
        for asked in self.world.flows.values():
            tasks = asked.flow.by_id.values()
            named = {name: [t for t in tasks if t.type.endswith(f"kv.{name}")] for name in _KV}
            own = {str(getattr(task, "key", "")) for task in (*named["Set"], *named["Put"])}
            for task in named["Get"]:
                key = getattr(task, "key", None)
                if isinstance(key, str) and not is_template(key) and key not in {*own, *found}:
                    shape = asked.outputs.part(task.id).innermost().part("value")
                    found[key] = givens.value(f"kv('{key}')", shape)
        return found

    # -- mending

    def _mend(self, walked: Walked) -> bool:
        """Whether something was changed for the first problem that can be mended."""
        return any(
            self._mender.mend(one) or self._stand_in(one)
            for one in walked.problems
            if not isinstance(one.error, InputError)  # a value that somebody gave
        )

    def _stand_in(self, problem: Problem) -> bool:
        """Let a task that cannot do with what is made up be stood in for."""
        task = problem.task
        asked = self.world.flows.get(problem.flow)
        if asked is None or not isinstance(task, RunnableTask) or task.id in asked.stood_in:
            return False
        if stays_out(task):
            return False
        if self._mender.is_of_the_flow(problem):
            return False
        texts = [text for text in texts_of(task) if is_template(text)]
        if not self._mender.reads_made_up(problem, texts):
            return False
        asked.stood_in[task.id] = str(problem.error).partition("\n")[0]
        self.given_up[problem.flow, task.id] = problem
        return True


class _Mocks(MockFinder):
    """The mocks that were given, then those of a rehearsal."""

    def __init__(self, mocks: Mocks, walk: Walk) -> None:
        super().__init__(mocks)
        self._walk = walk

    def __bool__(self) -> bool:
        return True

    def of(self, execution: Execution, run: TaskRun) -> Mock | None:
        given = super().of(execution, run)
        if given is not None and given is not EMPTY:
            return given
        return self._walk.mock(execution, run.task)

    def covers(self, task: Task) -> bool:
        return super().covers(task) or self._walk.is_out(task)


_KV: Final = ("Get", "Set", "Put")
