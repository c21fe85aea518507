"""Runs that are over, or stand still: found by their id, listed, read back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from kestrel_cli.app.as_it_ran import part_kept
from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.story import Listener, Story, Told, Values, read_story
from kestrel_cli.errors import CannotStart, NothingMatched, UsageError
from kestrel_cli.flowfile.loader import load_bytes
from kestrel_cli.flowfile.reader import MAX_DEPTH
from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.history import Summary
from kestrel_cli.model.sealing import Seals
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.store.directory import journal_path, state_directory
from kestrel_cli.store.journal import FlowText, ending, opening, read
from kestrel_cli.store.locks import is_held

LOST = "LOST"  # its process ended before it did
INCOMPLETE = "INCOMPLETE"  # its journal could not be written to its end
LAST: Final = ("last", "-")  # what names the newest execution

Environ = Mapping[str, str]


def loaded(text: FlowText, max_depth: int = MAX_DEPTH) -> Flow:
    """The flow of a journal. Raises FlowFileError."""
    file = Path(text.file)
    here = Path.cwd()
    name = str(file.relative_to(here)) if file.is_relative_to(here) else text.file
    defaults = text.defaults
    return load_bytes(text.text.encode(), name, max_depth=max_depth, plugin_defaults=defaults).flow


def story_of(
    execution_id: str,
    state_dir: str | None,
    environ: Environ,
    *,
    logs: bool = False,
    adapt: Callable[[Flow], None] | None = None,
    seals: Seals | None = None,
    values: Values = lambda _: {},
    reopens: bool = False,
    whole: bool = False,
) -> Story:
    """The run whose execution has this id, or an id that begins so. `adapt` changes the first flow
    before anything is folded; else what a part run has left out is taken out of it. Raises
    NothingMatched, CannotStart.
    """
    path = path_of(execution_id, state_dir, environ)
    load = _loader(path, adapt)
    return read_story(
        path, load, seals=seals, values=values, reopens=reopens, logs=logs, whole=whole
    )


def kept_by(execution_id: str, state_dir: str | None, environ: Environ) -> dict[str, Any]:
    """The options that the journal of a run has kept, known before its flow is read. Raises
    NothingMatched.
    """
    return _kept(path_of(execution_id, state_dir, environ))


def _kept(path: Path) -> dict[str, Any]:
    try:
        birth = opening(path)
    except OSError:
        return {}  # whoever reads on tells what is wrong
    return {} if birth is None else birth.given


def _loader(path: Path, adapt: Callable[[Flow], None] | None = None) -> Callable[[FlowText], Flow]:
    """Reads the flows of a journal; the first one as it ran."""
    kept = _kept(path)
    depth = kept.get("maxDepth", MAX_DEPTH)  # how deep the flow files may nest

    def load(text: FlowText) -> Flow:
        flow = loaded(text, depth if isinstance(depth, int) else MAX_DEPTH)
        if text.number == 0:
            (adapt or part_kept(kept))(flow)
        return flow

    return load


def path_of(execution_id: str, state_dir: str | None, environ: Environ) -> Path:
    """The journal of a run by its id, or the unique beginning of one; `last` and `-` name the
    newest. Raises NothingMatched.
    """
    folder = state_folder(state_dir, environ)
    if execution_id in LAST:
        return _newest(folder)
    if execution_id and _is_name(execution_id):
        path = journal_path(folder, execution_id)
        if path.is_file():
            return path
        found = [one for one in journals(folder) if one.parent.name.startswith(execution_id)]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(one.parent.name for one in found[:5])
            raise NothingMatched(f"more than one execution begins with `{execution_id}`: {names}")
        from kestrel_cli.app.started_by import started_by

        caller = started_by(execution_id, journals(folder))
        if caller is not None:
            raise NothingMatched(
                f"the execution `{execution_id}` was started by another one, which shows it\n"
                f"hint: `kestrel executions show {caller}`"
            )
    raise NothingMatched(
        f"there is no execution `{execution_id}` in {folder}: "
        "`kestrel executions list` shows those that are there; "
        "one that another execution has started is shown with that"
    )


def _newest(folder: Path) -> Path:
    """The journal of the execution that was started last. Raises NothingMatched."""
    found = max(((_begun_at(path), path) for path in journals(folder)), default=None)
    if found is None:
        raise NothingMatched(f"there is no last execution: nothing ran yet with state in {folder}")
    return found[1]


def _begun_at(path: Path) -> int:
    """When the run of a journal began, in microseconds; before all others when that is unknown."""
    try:
        birth = opening(path)
    except OSError:
        return 0
    return 0 if birth is None else birth.at


def _is_name(text: str) -> bool:
    return text.isascii() and text.isalnum()


def state_folder(state_dir: str | None, environ: Environ) -> Path:
    """Where state is kept. Raises CannotStart."""
    try:
        return state_directory(state_dir, environ)
    except OSError as error:
        raise CannotStart(f"there is no state directory: {error}") from None


def journals(folder: Path) -> list[Path]:
    """The journals of all runs in a state directory."""
    try:
        return sorted((folder / "executions").glob("*/journal.ndjson"))
    except OSError:
        return []


def summaries(state_dir: str | None, environ: Environ) -> Iterator[Summary]:
    """Every run that has a journal, the latest first."""
    found = [summary_of(path) for path in journals(state_folder(state_dir, environ))]
    known = [one for one in found if one is not None]
    yield from sorted(known, key=lambda one: one.started_at, reverse=True)


def summary_of(path: Path) -> Summary | None:
    """What the ends of a journal tell of its run; None when it is not readable."""
    try:
        birth, end = opening(path), ending(path)
    except OSError:
        return None
    if birth is None:
        return None
    made = Summary(
        id=birth.id,
        namespace=birth.namespace,
        flow_id=birth.flow_id,
        state=LOST,
        started_at=birth.at,
        ended_at=None,
        runs=None,
        file=birth.file,
    )
    if is_running(path):
        made.state = "RUNNING"
    elif end is not None:
        made.state = end.state if end.whole else INCOMPLETE
        made.ended_at, made.runs = end.at or None, end.runs
    return made


def is_running(path: Path) -> bool:
    """Whether a process is at work on the run of this journal."""
    try:
        return is_held(path)
    except OSError:
        return False


def still_running(execution_id: str) -> UsageError:
    """Why nothing else can be done with a run meanwhile: as with one that has ended, it is not
    where the command wants it to be.
    """
    return UsageError(f"the execution {execution_id} is running: another process is at work on it")


def own_lines(path: Path | None, number: int) -> Iterator[LogLine]:
    """What an execution of this process has logged, read from its journal."""
    if path is None:
        return
    for _, of, line in read(path):
        if of == number and isinstance(line, LogLine):
            yield line


def logged_by(request: RunRequest, execution_id: str) -> tuple[Execution, Iterable[LogLine]]:
    """Another execution, and what it has logged. Raises NothingMatched, CannotStart."""
    story = story_of(execution_id, request.state_dir, request.environ, logs=True)
    told = next(
        (one for one in story.told.values() if one.execution.id == execution_id), story.root
    )
    return told.execution, told.lines


def told_again(
    execution_id: str, state_dir: str | None, environ: Environ, reporter: Reporter
) -> None:
    """Tell a reporter the entries of a journal again, each with its execution as it was then."""
    path = path_of(execution_id, state_dir, environ)
    load = _loader(path)

    def told(told: Told, entry: Event | LogLine) -> None:
        if isinstance(entry, LogLine):
            reporter.on_log(entry, told.execution)
        else:
            reporter.on_event(entry, told.execution)

    def born(told: Told, parent: Execution | None, run: int | None) -> None:
        reporter.started(told.execution, parent, run)

    story = read_story(path, load, listener=Listener(born, told))
    reporter.close(story.root.execution, 0)
