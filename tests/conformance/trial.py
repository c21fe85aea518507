"""One flow of the corpus: does it validate, and does it run to its end? (The rule: `corpus.py`.)"""

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from kestrel_cli.app.request import TIMED_OUT, Mocks, PausePolicy, RunRequest, RunResult
from kestrel_cli.app.run import run
from kestrel_cli.errors import CannotStart, FlowFileError, KestrelError
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.folders import FlowKey, Tree, declared
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.tasks.flow.for_each_item import ForEachItem
from kestrel_cli.tasks.flow.pause import Pause
from kestrel_cli.tasks.flow.subflow import Subflow
from tests.conformance import made_up
from tests.conformance.reads import Read, reads

SECONDS: Final = 5.0
_MOST_CALLED: Final = 50
# A task of this class that fails does what the flow says.
_SAYS_SO: Final = frozenset(("Fail", "Exit", "Assert"))
_LOOP_LIMITS: Final = ("Max duration reached", "Max iterations reached")


class Verdict(NamedTuple):
    """What came of a flow; the reason is empty when nothing is wrong."""

    valid: bool
    runs: bool
    reason: str = ""


class Corpus:
    """All flows of the corpus by name; of several of one name the nearest to a file counts."""

    def __init__(self, folders: list[str]) -> None:
        self._paths: dict[FlowKey, list[str]] = {}
        for path in (path for folder in folders for path in Tree(folder).files()):
            if (key := declared(path)) is not None:
                self._paths.setdefault(key, []).append(path)

    def near(self, loaded: Loaded) -> "Called":
        """The library for a flow."""
        return Called(self._paths, loaded)


class Called:
    """The flows that one flow calls: those of the corpus, and made-up ones for all others."""

    def __init__(self, paths: dict[FlowKey, list[str]], own: Loaded) -> None:
        self._paths = paths
        self._own = own
        self.folder = str(Path(own.flow.where.file).parent)
        self._parts = Path(own.flow.where.file).parts
        self._found: dict[FlowKey, Loaded] = {}

    def find(self, namespace: str, flow_id: str) -> Loaded:
        """The flow. Raises FlowFileError for a name that no flow can have."""
        key = (namespace, flow_id)
        if key not in self._found:
            self._found[key] = self._of_corpus(key) or self._made_up(key)
        return self._found[key]

    def all(self) -> list[Loaded]:
        """The flow itself and those that it calls by name, however far away."""
        found, names = [self._own], set()
        for one in found:
            for task in one.flow.by_id.values():
                if isinstance(task, (Subflow, ForEachItem)) and len(found) < _MOST_CALLED:
                    key = (task.namespace, task.flowId)
                    known = self._of_corpus(key) if key not in names else None
                    names.add(key)
                    found += [known] if known else []
        return found

    def _of_corpus(self, key: FlowKey) -> Loaded | None:
        known = self._paths.get(key, ())
        if not known:
            return None
        try:
            return load(max(known, key=self._shared))
        except FlowFileError:
            return None

    def _shared(self, path: str) -> int:
        pairs = enumerate(zip(Path(path).parts, self._parts, strict=False))
        return next((number for number, (one, other) in pairs if one != other), 0)

    def _made_up(self, key: FlowKey) -> Loaded:
        callers = (
            task.id
            for task in self._own.flow.by_id.values()
            if isinstance(task, (Subflow, ForEachItem)) and task.flowId == key[1]
        )
        return made_up.called_flow(*key, next(callers, None), list(reads(self._own.text)))


def verdict(path: str, corpus: Corpus) -> Verdict:
    """Load the flow and run it."""
    try:
        loaded = load(path)
    except FlowFileError as error:
        wrong = [one for one in error.diagnostics if one.severity == "error"]
        said = "; ".join(f"{one.where.line}: {one.message}" for one in wrong[:2])
        return Verdict(False, False, said)
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = run(_request(loaded, corpus.near(loaded), Path(folder)))
        except KestrelError as error:
            by_itself = loaded.flow.disabled or loaded.flow.checks
            if by_itself and type(error) is CannotStart:
                return Verdict(True, True)
            return Verdict(True, False, f"does not start: {error}")
    return _judged(result)


def _judged(result: RunResult) -> Verdict:
    execution = result.execution
    if result.exit_code == TIMED_OUT:
        return Verdict(True, False, f"not at its end after {SECONDS:.0f} s")
    if execution.state not in (State.FAILED, State.KILLED):
        ended = execution.state in TERMINAL
        return Verdict(True, ended, "" if ended else f"left {execution.state}")
    wrong = list(_wrong(execution))
    return Verdict(True, not wrong, "; ".join(wrong[:2]))


def _wrong(execution: Execution) -> Iterator[str]:
    """What failed without the flow's saying so, in it and in what it called."""
    if execution.error:
        yield execution.error
    for one in execution.runs:
        if one.state is not State.FAILED or one.gone:
            continue
        kind, error = type(one.task).__name__, one.error or ""
        for below in execution.called.get(one.number, ()):
            if below.state is State.FAILED:
                yield from _wrong(below)
        if one.number in execution.called or kind in _SAYS_SO:
            continue
        if error.startswith(_LOOP_LIMITS) or (one.task.flowable and not error):
            continue
        first = error.partition("\n")[0]
        yield f"{one.task.id} ({kind}): {first or 'failed without a word'}"


def _request(loaded: Loaded, library: Called, folder: Path) -> RunRequest:
    flow = loaded.flow
    said = list(reads(loaded.text))
    roots: dict[str, list[Read]] = defaultdict(list)
    for read in said:
        roots[read.root].append(read)
    trigger = made_up.below(roots["trigger"])
    if flow.triggers:
        trigger = {"id": "made-up", "type": flow.triggers[0].type, **trigger}
    return RunRequest(
        flow,
        text=loaded.text,
        inputs=made_up.inputs(flow.inputs, folder, made_up.wanted_inputs(flow, said)),
        environ={},
        envs=made_up.below(roots["envs"]),
        globals=made_up.below(roots["globals"]),
        trigger=trigger or None,
        given=made_up.given(flow, loaded.text, folder),
        state_dir=str(folder),
        journaled=False,
        timeout=SECONDS,
        library=library,  # type: ignore[arg-type]  # it finds flows as a folder does
        sequential=True,
        mocks=Mocks([*_mocks(library)], unsupported=True),
        pauses=PausePolicy(_answers(flow, folder), policy="skip"),
    )


def _answers(flow: Flow, folder: Path) -> dict[str, dict[str, object]]:
    return {
        task.id: made_up.inputs(task.onResume or (), folder)
        for task in flow.by_id.values()
        if isinstance(task, Pause)
    }


def _mocks(library: Called) -> Iterator[Mock]:
    for one in library.all():
        yield from made_up.mocks(one.flow, list(reads(one.text)))
    yield from made_up.types_outside()
