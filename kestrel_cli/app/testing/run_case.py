"""Runs one case of a suite in a folder of its own, and judges it."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count
from pathlib import Path
from typing import Any, Final

from kestrel_cli.app.births import execution_of, of_request
from kestrel_cli.app.request import TIMED_OUT, PausePolicy, RunRequest, RunResult
from kestrel_cli.app.run import run
from kestrel_cli.app.surroundings import surroundings_of
from kestrel_cli.app.testing.assertions import judge
from kestrel_cli.app.testing.world import STUB, Real, World
from kestrel_cli.errors import Interrupted, KestrelError, UsageError
from kestrel_cli.expressions.variables import RunScope
from kestrel_cli.expressions.watch import watching
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.record import changed, frozen
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.suite import Fixtures, TestCase
from kestrel_cli.model.test_results import AssertionResult, CaseError, CaseResult, TestState
from kestrel_cli.reporters.tails import Tails
from kestrel_cli.store.storage import Storage
from kestrel_cli.worker.fixtures import texts_rendered
from kestrel_cli.worker.interrupts import Interrupts
from kestrel_cli.worker.services import RunServices

Show = Callable[[Execution, Tails], list[list[tuple[str, str]]]]

KIND: Final = "TEST"
SECONDS: Final = 60.0  # a case may take
_numbers: Final = count(1)


@frozen
class Settings:
    """How cases are run. `real`: which tasks run that reach out; `strict`: as Kestra does it, where
    everything without a fixture runs, secrets have no stubs and waits take their time. `show` makes
    the lines about an execution whose case went wrong. While it runs, `ending` is there: it hands
    over signals.
    """

    real: Real = lambda _: False
    strict: bool = False
    stub: str | None = STUB
    seconds: float = SECONDS
    compat: int = 1
    seed: int | None = None
    later: float = 0.0  # seconds after the time on the wall
    show: Show = lambda _, __: []
    ending: Callable[[Interrupts], AbstractContextManager[None]] = lambda _: nullcontext()


def run_case(
    case: TestCase, request: RunRequest, settings: Settings, within: Path | None = None
) -> CaseResult:
    """What came of a case. `request` has the flow, and what the project gives: never inputs.
    `within` is a folder that only this process writes to. Raises Interrupted with the code of a
    signal, and what is a bug of ours.
    """
    if case.disabled:
        return CaseResult(case, TestState.SKIPPED)
    began = time.perf_counter()
    with _folder(within) as folder:
        found = _Case(case, request, settings, folder).result()
    found.seconds = time.perf_counter() - began
    return found


@contextmanager
def _folder(within: Path | None) -> Iterator[Path]:
    """A state directory that is gone afterwards. Below `within` it is made by what needs it first:
    most cases leave nothing behind, and to remove a folder can take longer than to run one.
    """
    made = tempfile.mkdtemp(prefix="case-") if within is None else None
    folder = Path(made or f"{within}/case-{next(_numbers)}")
    try:
        yield folder
    finally:
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)


class _Case:
    """One case, on its way to a result."""

    def __init__(
        self, case: TestCase, request: RunRequest, settings: Settings, folder: Path
    ) -> None:
        self._case = case
        self._settings = settings
        self._folder = folder
        self._fixtures = case.fixtures or Fixtures()
        self._notes: dict[str, None] = {}
        self._tails = Tails()
        self.world = World(
            self._fixtures.tasks,
            real=(lambda _: True) if settings.strict else settings.real,
            waits=settings.strict,
            stub=None if settings.strict else settings.stub,
            later=settings.later,
        )
        self._request = changed(
            request,
            trigger=_trigger(self._fixtures),
            state_dir=str(folder),
            journaled=_needs_journal(request.text),
            kind=KIND,
            timeout=settings.seconds,
            interrupts=Interrupts(),
            reporters=(*request.reporters, self._tails),
            rehearsal=self.world,
            pauses=PausePolicy(policy="wait"),
            warn=self._note,
            seed=settings.seed,
            sequential=False,
            frozen_at=_later(settings.later) if settings.later else None,
        )

    def _note(self, message: str) -> None:
        self._notes[message] = None

    def result(self) -> CaseResult:
        """Run and judge it."""
        try:
            with watching():
                inputs = self._inputs()
            self._request = changed(self._request, inputs=inputs)
            with self._settings.ending(self._request.interrupts):
                ran = run(self._request)
        except Interrupted as error:
            if error.exit_code != TIMED_OUT:
                raise
            return self._broken([self._too_slow()])
        except KestrelError as error:
            hint = getattr(error, "hint", None)
            return self._broken([CaseError(str(error), None, hint, self._case.where)])
        if signal := self._request.interrupts.signal:
            raise Interrupted(128 + signal)
        return self._judged(ran)

    def _broken(self, errors: list[CaseError]) -> CaseResult:
        """It did not run."""
        errors = [*self.world.errors, *errors]
        _hide([], errors, Masker.newest)
        return CaseResult(self._case, TestState.ERROR, [], errors, self._noted())

    def _noted(self) -> list[str]:
        """What the run warned of; that stubs of secrets are too short to be hidden is no news."""
        stubs = tuple(f"the secret `{name}` is too short" for name in self.world.stubbed)
        return [one for one in self._notes if not one.startswith(stubs)]

    # -- what the case is given

    def _inputs(self) -> dict[str, Any]:
        """The inputs, rendered; `files['name']` is the address of a file of the fixtures."""
        self.world.files = {
            name: self._stored(name, text) for name, text in self._fixtures.files.items()
        }
        if not self._fixtures.inputs:
            return {}
        request = self._request
        birth = of_request(request, time.time_ns() // 1000)
        execution = execution_of(birth, request.flow)
        around = surroundings_of(request, execution, _services(request, execution))
        scope = RunScope(around).with_variables({"files": self.world.files})
        found: dict[str, Any] = texts_rendered(self._fixtures.inputs, scope)
        return found

    def _stored(self, name: str, text: str) -> str:
        """Put a file into the case's storage; its address."""
        flow = self._request.flow
        folder = f"{flow.namespace.replace('.', '/')}/{flow.id}/fixtures"
        if not name or name.startswith("/") or ".." in name.split("/") or "\0" in name:
            raise UsageError(f"`fixtures.files`: `{name}` can't be the name of a file")
        with Storage(self._folder / "storage").create(folder, name) as file:
            file.stream.write(text.encode())
            return file.uri

    # -- the judgement

    def _judged(self, ran: RunResult) -> CaseResult:
        execution = ran.execution
        errors = list(self.world.errors)
        errors += self._of_state(ran)
        results: list[AssertionResult] = []
        assert ran.around is not None
        scope = RunScope(ran.around)
        with watching():
            for assertion in self._case.assertions:
                good, bad = judge(assertion, scope)
                results += good
                for error in bad:
                    error.follows = bool(self.world.errors)
                errors += bad
        _hide(results, errors, execution.masker)
        state = TestState.SUCCESS
        if any(not one.is_success for one in results):
            state = TestState.FAILED
        if errors:
            state = TestState.ERROR
        notes = [*self._noted(), *self._told(execution, judged=state is not TestState.ERROR)]
        if self.world.stubbed and state is not TestState.SUCCESS:
            names = ", ".join(f"`{one}`" for one in sorted(self.world.stubbed))
            notes.append(f"secrets that nobody gave were `{self._settings.stub}`: {names}")
        found = CaseResult(self._case, state, results, errors, notes, execution)
        found.execution_id, found.ended_as = execution.id, execution.state
        if state is not TestState.SUCCESS:
            found.lines = self._settings.show(execution, self._tails)
        return found

    def _of_state(self, ran: RunResult) -> list[CaseError]:
        """What is wrong with how the execution ended."""
        execution, expected = ran.execution, self._case.expectedState
        if ran.exit_code == TIMED_OUT:
            return [self._too_slow()]
        if expected is None and self._settings.compat > 1:
            expected = "SUCCESS"
        if expected is not None:
            if execution.state == expected or self.world.errors:  # these say why it is another
                return []
            message = f"expected state {expected}, got {execution.state}"
            return [CaseError(message, None, None, self._case.where)]
        if execution.state not in TERMINAL:
            return [self._stands_still(execution)]
        return []

    def _too_slow(self) -> CaseError:
        message = f"the execution was killed after {self._settings.seconds:g} s"
        hint = "give more time with `--timeout`, or a fixture to what takes so long"
        return CaseError(message, None, hint, self._case.where)

    def _stands_still(self, execution: Execution) -> CaseError:
        paused = [one.task.id for one in execution.runs if one.state is State.PAUSED]
        named = ", ".join(f"`{one}`" for one in paused) or "a flow that it calls"
        message = f"the execution waits at {named} for somebody to resume it"
        hint = f"give the task a fixture: `- id: {paused[0]}`" if paused else None
        return CaseError(message, None, hint, self._case.where)

    def _told(self, execution: Execution, *, judged: bool) -> Iterator[str]:
        """What changes no state and should be known. A case that can't be judged has its reasons
        already.
        """
        looked = self._case.expectedState is not None or self._settings.compat > 1
        values = (one.texts["value"] for one in self._case.assertions)
        looked = looked or any("execution.state" in one for one in values)
        if (
            judged
            and not looked
            and execution.state is not State.SUCCESS
            and execution.state in TERMINAL
        ):
            yield f"the execution ended {execution.state}: Kestra 1.3 does not look at that"
        for place, one in enumerate(self._fixtures.tasks):
            if place not in self.world.used:
                value = "" if one.value is None else f" with the value `{one.value}`"
                yield f"{one.where}: the fixture of `{one.id}`{value} was not used"


def _hide(results: list[AssertionResult], errors: list[CaseError], masker: Masker | None) -> None:
    """Mask secrets in all that is told."""
    if masker is None:
        return
    for one in results:
        one.expected, one.actual = masker.shown(one.expected), masker.shown(one.actual)
        one.description = masker.shown(one.description)
        one.error_message = masker.shown(one.error_message)
    for error in errors:
        error.message = masker.mask(error.message)
        error.details, error.hint = masker.shown(error.details), masker.shown(error.hint)


def _trigger(fixtures: Fixtures) -> dict[str, Any] | None:
    """What `trigger` shows: its variables, beside its id and type."""
    one = fixtures.trigger
    return None if one is None else {"id": one.id, "type": one.type, **one.variables}


def _later(seconds: float) -> int:
    """That it is given makes expressions look at the clock of the case."""
    return time.time_ns() // 1000 + round(seconds * 1_000_000)


def _services(request: RunRequest, execution: Execution) -> RunServices:
    from kestrel_cli.app.outside import Outside

    def sources() -> Any:
        own = Outside(
            request.given,
            request.environ,
            flow=request.flow,
            state_dir=request.state_dir,
            warn=request.warn,
        )
        return own if request.rehearsal is None else request.rehearsal.sources(own)

    return RunServices(
        request.environ,
        errors=list,
        described=lambda _: {},
        sources=sources,
        namespace=request.flow.namespace,
        masker=execution.masker,
        warn=request.warn,
    )


def _needs_journal(text: str) -> bool:
    """Whether something in a flow may ask for the log, or stands still until somebody goes on with
    it: both live in a journal.
    """
    return any(
        name in text for name in ("Pause", "Subflow", "ForEachItem", "log.Fetch", "execution.Count")
    )
