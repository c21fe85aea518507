"""The use case "run": from a loaded flow and raw inputs to an ended execution and an exit code."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kestrel_cli.app import births
from kestrel_cli.app.engine.create import first_live
from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.loop import Engine
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.interrupted import until_interrupted
from kestrel_cli.app.mocks import mock_finder
from kestrel_cli.app.options import kept_options
from kestrel_cli.app.preflight.gather import refuse, refuse_what_does_not_run
from kestrel_cli.app.request import (
    NO_SIGNAL,
    Mocks,
    Part,
    RunRequest,
    RunResult,
    exit_code,
)
from kestrel_cli.errors import CannotStart, NothingMatched, StoreError
from kestrel_cli.expressions.template import prepare_for
from kestrel_cli.expressions.watch import watching
from kestrel_cli.model.birth import Birth
from kestrel_cli.model.effect import Begin
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.mock import option_of
from kestrel_cli.model.record import changed
from kestrel_cli.model.sealing import Seals
from kestrel_cli.model.state import TERMINAL
from kestrel_cli.model.task import Task
from kestrel_cli.store.directory import journal_path, state_directory
from kestrel_cli.store.journal import Journal, ending
from kestrel_cli.worker.interrupts import Alarm

__all__ = [
    "Mocks",
    "Part",
    "RunRequest",
    "RunResult",
    "exit_code",
    "prepared",
    "refuse_what_does_not_run",
    "run",
]


def prepared(request: RunRequest) -> Live:
    """An execution with its inputs, not begun. Raises InputError, CannotStart."""
    tools = Tools(request)
    return first_live(births.of_request(request, tools.clock.now()), tools)


def run(request: RunRequest) -> RunResult:
    """Run a flow to its end.

    Raises UsageError, CannotStart, Unsupported, or Obstacles for several of them, before anything
    has run.
    """
    covers = restricted(request)
    with bounded(request):
        refuse(request, covers)
        return _run(request)


def restricted(request: RunRequest) -> Callable[[Task], bool]:
    """Leave out of the flow what is not to run; which tasks a mock covers. Raises UsageError; of
    names that the flow does not have a preflight of everything tells.
    """
    covers = mock_finder(request).covers
    if request.part != Part():
        from kestrel_cli.app.parts import has_all, restrict

        if has_all(request.flow, request.part) or not request.demands.everything:
            restrict(request.flow, request.part, covers)
    return covers


@contextmanager
def bounded(request: RunRequest) -> Iterator[None]:
    """While this lasts, renderings are bounded in time, and the execution is killed when its time
    is over.
    """
    prepare_for(request.text)
    with watching():
        if request.timeout is None:
            yield
            return
        with Alarm(lambda: request.interrupts.kill(NO_SIGNAL), request.timeout):
            yield


def _run(request: RunRequest) -> RunResult:
    tools = Tools(request)
    birth = births.of_request(request, tools.clock.now())
    birth = changed(birth, given=kept_options(request))
    if request.earlier is not None:
        from kestrel_cli.app.taken import taken_of
        from kestrel_cli.app.taken_files import with_files

        birth = changed(birth, taken=with_files(taken_of(request), birth, request))
    live = _first(birth, tools)
    execution = live.execution
    seals = Seals(execution.masker, execution.id)
    tools.journal.keep(open_journal(request, execution.id), seals)
    take_down(live, tools, begins=True)
    result = conducted(live, Engine(tools))
    _tell_unused(result.execution, tools)
    return result


def _tell_unused(execution: Execution, tools: Tools) -> None:
    """Warn of mocks that stood in for nothing: what they were meant for may have run."""
    request = tools.request
    given = request.mocks.listed and request.rehearsal is None
    if not given or execution.state not in TERMINAL:
        return
    from kestrel_cli.app.parts import left_out

    shown = {} if request.part == Part() else left_out(request.flow, request.mocks.listed)
    for mock in tools.mocks.unused(shown):
        if mock.said is None:  # a file may hold more than one run needs
            request.warn(f"`{option_of(mock)}` was never used")


def take_down(live: Live, tools: Tools, *, begins: bool) -> None:
    """Take down that there is this execution, the first of a run, and, unless it is gone on with
    from what another one did, let it begin. Of that nothing counts until the journal is released.
    """
    tools.journal.next_number()
    tools.journal.number_of(live.flow)
    tools.journal.birth(live.execution.birth, held=not begins)
    tools.lives[live] = None
    if begins:
        tools.agenda.add(live, [Begin()])
    tools.journal.flush()
    _make_sure(tools)


def _make_sure(tools: Tools) -> None:
    """With `--durable`: the journal has reached the disk so far. Raises StoreError."""
    if tools.request.durable and tools.journal.lost:
        raise StoreError("`--durable`: the journal can't be written: see the warning")


def conducted(live: Live, engine: Engine) -> RunResult:
    """Let the executions run until nothing is left to do; show the result."""
    tools = engine.tools
    request = tools.request
    request.gate.before = tools.journal.flush
    engine.run()
    while live.successor is not None:
        live = live.successor
    execution = live.execution
    code = exit_code(execution, request, refused=tools.answers.refused)
    code = _unmatched(execution, request) or code
    engine.leave()
    tools.journal.close(execution, tools.clock.now())
    if request.executions_keep is not None:
        from kestrel_cli.app.prune import keep_at_most

        keep_at_most(request)
    tools.showing.close(execution, code)
    _make_sure(tools)
    if tools.showing.error is not None:
        raise tools.showing.error
    return RunResult(execution, code, live.around)


def _unmatched(execution: Execution, request: RunRequest) -> int:
    """What the command ends with when a value that was asked for is one that no loop has."""
    if request.part == Part():
        return 0
    from kestrel_cli.app.unmatched import is_unmatched

    return NothingMatched.exit_code if is_unmatched(execution) else 0


def _first(birth: Birth, tools: Tools) -> Live:
    """The first execution, whose inputs may render for long: a signal or the time limit ends it."""
    # One that was asked to end before is created all the same, to be killed at once.
    begins = not tools.interrupts.pending
    return until_interrupted(tools.interrupts, lambda: first_live(birth, tools), begins=begins)


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
            + ("; use another `--seed`" if request.seed is not None else "")
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
