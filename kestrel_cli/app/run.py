"""The use case "run": from a loaded flow and raw inputs to an execution that has ended,
and its exit code.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from kestrel_cli.app.births import input_renderer
from kestrel_cli.app.driver import Driver
from kestrel_cli.app.mocks import MockFinder
from kestrel_cli.app.refusal import refuse_what_does_not_run
from kestrel_cli.app.request import (
    NO_SIGNAL,
    TIMED_OUT,
    Mocks,
    Part,
    RunRequest,
    RunResult,
    exit_code,
)
from kestrel_cli.app.session import Prepared, Session
from kestrel_cli.errors import CannotStart, Interrupted, NothingMatched, StoreError
from kestrel_cli.expressions.template import prepare_for
from kestrel_cli.expressions.watch import watching
from kestrel_cli.model.execution import Execution
from kestrel_cli.store.directory import journal_path, state_directory
from kestrel_cli.store.journal import Journal, ending
from kestrel_cli.worker.interrupts import Alarm, AttemptKilled

__all__ = [
    "Mocks",
    "Part",
    "RunRequest",
    "RunResult",
    "exit_code",
    "input_renderer",
    "prepared",
    "refuse_what_does_not_run",
    "run",
]


def prepared(request: RunRequest) -> Prepared:
    """An execution with its inputs, not begun. Raises InputError, CannotStart."""
    return Session(request).first()


def run(request: RunRequest) -> RunResult:
    """Run a flow to its end.

    Raises Unsupported, InputError or CannotStart before anything has run.
    """
    covers = MockFinder(request.mocks).covers
    if request.part != Part():
        from kestrel_cli.app.parts import restrict

        restrict(request.flow, request.part, covers)
    refuse_what_does_not_run(request.flow, covers, programs=not request.in_containers)
    prepare_for(request.text)
    with watching(), time_limit(request):
        return _run(request)


def time_limit(request: RunRequest) -> AbstractContextManager[None]:
    """While this lasts, the execution is killed when its time is over."""
    if request.timeout is None:
        return nullcontext()
    return Alarm(lambda: request.interrupts.kill(NO_SIGNAL), request.timeout)


def _run(request: RunRequest) -> RunResult:
    session = Session(request)
    first = _begun(session)
    execution = first.around.execution
    session.keep(open_journal(request, execution.id))
    driver = session.born(first, session.options())
    session.ledger.flush()
    session.make_sure()
    return conducted(session, driver, driver.begin)


def conducted(session: Session, driver: Driver, begin: Callable[[], None]) -> RunResult:
    """Let the executions run until nothing is left to do; show the result."""
    request = session.request
    request.gate.before = session.ledger.flush
    session.conductor.run(begin)
    while driver.successor is not None:
        driver = driver.successor
    execution = driver.execution
    code = exit_code(execution, request, refused=session.refused) or _missing(execution, request)
    session.close(execution)
    _prune(request)
    session.showing.close(execution, code)
    session.make_sure()
    if session.showing.error is not None:
        raise session.showing.error
    return RunResult(execution, code)


def _prune(request: RunRequest) -> None:
    """Take away what is more than the user wants to keep."""
    if request.journaled and request.executions_keep is not None:
        from kestrel_cli.app.prune import keep_few

        keep_few(request.executions_keep, request.state_dir, request.environ)


def _missing(execution: Execution, request: RunRequest) -> int:
    """What the command ends with when a value that was asked for is one that no loop has."""
    if request.part == Part():
        return 0
    from kestrel_cli.app.parts import missed

    names = missed(execution, request.part)
    for name in names:
        request.warn(f"`{name}` did not run: no task run fits it")
    return NothingMatched.exit_code if names else 0


def _begun(session: Session) -> Prepared:
    """The first execution, whose inputs may render for long: a signal or the time limit ends it."""
    interrupts = session.request.interrupts
    try:
        if not interrupts.pending:  # else the execution is created, to be killed at once
            interrupts.begin()
        begun = session.first()
        interrupts.end()
    except AttemptKilled:
        interrupts.end()
        asked = interrupts.signal or NO_SIGNAL
        raise Interrupted(TIMED_OUT if asked == NO_SIGNAL else 128 + asked) from None
    except BaseException:
        interrupts.end()
        raise
    return begun


def open_journal(request: RunRequest, execution_id: str, *, go_on: bool = False) -> Journal | None:
    """The journal of a run; None, with a warning, when none can be kept.

    Raises StoreError when the run has to be durable, CannotStart when it is to `go_on` and another
    process is at work on it.
    """
    if not request.journaled:
        return None
    try:
        state = state_directory(request.state_dir, request.environ)
        # A seed gives the same id again: the new run takes the place of the old one.
        replace = request.seed is not None and not go_on
        path = journal_path(state, execution_id)
        if replace:
            _spare_paused(path, execution_id)
        return Journal(path, replace=replace, go_on=go_on, durable=request.durable)
    except BlockingIOError:
        raise CannotStart(
            f"another process is at work on the execution {execution_id}"
            + ("; use another `--seed`" if request.seed is not None and not go_on else "")
        ) from None
    except OSError as error:
        if request.durable:
            raise StoreError(f"`--durable`: the journal can't be kept: {error}") from None
        request.warn(f"no journal is kept, so this run can't be looked at later: {error}")
        return None


def _spare_paused(path: Path, execution_id: str) -> None:
    """A run with the same seed takes the place of one that is over, not of one that waits."""
    if path.is_file():
        closed = ending(path)
        if closed is not None and closed.state == "PAUSED":
            raise CannotStart(
                f"the execution {execution_id} of this `--seed` is PAUSED: "
                f"`kestrel resume {execution_id}` goes on with it; or use another seed"
            )
