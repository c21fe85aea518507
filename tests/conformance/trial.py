"""One flow of the corpus: does it validate, and does it run to its end?"""

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from kestrel_cli.app.clock import Clock
from kestrel_cli.app.pauses import Answers
from kestrel_cli.app.request import Mocks, RunRequest
from kestrel_cli.app.run import run
from kestrel_cli.errors import CannotStart, FlowFileError, FlowNotFound, KestrelError
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.folders import FlowKey, Tree, declared
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import walk
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State
from kestrel_cli.tasks.flow.for_each_item import ForEachItem
from kestrel_cli.tasks.flow.pause import Pause
from kestrel_cli.tasks.flow.subflow import Subflow
from kestrel_cli.worker.services import Given
from tests.conformance import made_up
from tests.conformance.reads import Read, asked_for, grown, namespace_files, reads

SECONDS: Final = 5.0
_SAYS_SO: Final = frozenset(("Fail", "Exit", "Assert"))


class Verdict(NamedTuple):
    """What came of a flow; the reason is empty when nothing is wrong."""

    valid: bool
    runs: bool
    reason: str = ""


class Flows:
    """All flows of the corpus by name; of several of one name the nearest to a file."""

    def __init__(self, folders: list[str]) -> None:
        self._paths: dict[FlowKey, list[str]] = {}
        for path in (path for folder in folders for path in Tree(folder).files()):
            if (key := declared(path)) is not None:
                self._paths.setdefault(key, []).append(path)

    def near(self, path: str) -> "Near":
        """The library for the flow in this file."""
        return Near(self._paths, path)


class Near:
    """A library that takes the flows that lie nearest to one file."""

    def __init__(self, paths: dict[FlowKey, list[str]], own: str) -> None:
        self._paths = paths
        self._own = Path(own).parts

    def find(self, namespace: str, flow_id: str) -> Loaded:
        """The flow. Raises FlowNotFound, FlowFileError."""
        known = self._paths.get((namespace, flow_id), ())
        if not known:
            raise FlowNotFound(f"no flow {namespace}.{flow_id}", "")
        return load(max(known, key=self._shared))

    def _shared(self, path: str) -> int:
        parts = Path(path).parts
        return next((n for n, (a, b) in enumerate(zip(parts, self._own, strict=False)) if a != b), 0)


def verdict(path: str, flows: Flows) -> Verdict:
    """Load the flow and run it."""
    try:
        loaded = load(path)
    except FlowFileError as error:
        said = [f"{one.where.line}: {one.message}" for one in error.diagnostics if one.severity == "error"]
        return Verdict(False, False, "; ".join(said))
    with tempfile.TemporaryDirectory() as folder:
        try:
            execution = run(_request(loaded, flows.near(path), Path(folder))).execution
        except CannotStart as error:
            ours = "the flow itself" if loaded.flow.disabled or loaded.flow.checks else ""
            return Verdict(True, bool(ours), "" if ours else f"does not start: {error}")
        except KestrelError as error:
            return Verdict(True, False, f"does not start: {error}")
    return _judged(execution)


def _judged(execution: Execution) -> Verdict:
    match execution.state:
        case State.SUCCESS | State.WARNING | State.CANCELLED:
            return Verdict(True, True)
        case State.KILLED if not execution.exits and execution.ending is State.KILLED and not any(
            type(one.task).__name__ == "Exit" for one in execution.runs
        ):
            return Verdict(True, False, f"not at its end after {SECONDS:.0f} s")
    wrong = [reason for reason in _causes(execution) if reason]
    if execution.state not in (State.FAILED, State.KILLED):
        wrong.append(f"left {execution.state}")
    return Verdict(True, not wrong, "; ".join(wrong[:2]))


def _causes(execution: Execution) -> Iterator[str]:
    """Why it failed, one text for each task run; an empty one where the flow says so."""
    if execution.error:
        yield execution.error
    for one in execution.runs:
        if one.state is not State.FAILED or one.gone:
            continue
        below = [each for each in execution.called.get(one.number, ()) if each.state is State.FAILED]
        if below:
            for each in below:
                yield from _causes(each)
        elif type(one.task).__name__ in _SAYS_SO:
            yield ""
        elif one.error:
            yield f"{one.task.id} ({_short(one)}): {one.error.splitlines()[0]}"


def _short(one: TaskRun) -> str:
    return one.task.type.rpartition(".")[2]


def _request(loaded: Loaded, library: Near, folder: Path) -> RunRequest:
    flow = loaded.flow
    said = list(reads(loaded.text))
    roots: dict[str, list[Read]] = defaultdict(list)
    for read in said:
        roots[read.root].append(read)
    request = RunRequest(
        flow,
        text=loaded.text,
        inputs=made_up.inputs(flow.inputs, folder),
        environ={},
        envs=_below(roots["envs"]),
        globals=_below(roots["globals"]),
        trigger=_below(roots["trigger"]) or None,
        given=_given(loaded, folder),
        state_dir=str(folder),
        journaled=False,
        timeout=SECONDS,
        library=library,  # type: ignore[arg-type]  # it finds flows as a folder does
        sequential=True,
        mocks=Mocks([*_mocks(flow, said, library)], unsupported=True),
    )
    answers = {
        task.id: made_up.inputs(task.onResume or (), folder)
        for task in flow.by_id.values()
        if isinstance(task, Pause)
    }
    request.pauses = Answers(Clock(), answers, policy="skip")
    return request


def _below(said: list[Read]) -> dict[str, Any]:
    found = grown([(read.path, read.value) for read in said]) if said else {}
    return found if isinstance(found, dict) else {}


class _AnySecret(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"a-made-up-{name.lower()}"


def _given(loaded: Loaded, folder: Path) -> Given:
    text = loaded.text
    place = folder / "namespace-files"
    place.mkdir()
    for name in namespace_files(text):
        path = place / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}" if path.suffix == ".json" else "SELECT 1")
    import re
    secrets = {n: f"made-up-secret-{n}" for n in re.findall(r"""secret\(\s*(?:key\s*=\s*)?['"]([^'"]+)""", text)}
    own = {str(getattr(task, "key", "")) for _, task in walk(loaded.flow)}
    kv = {name: "made up" for name in asked_for("kv", text) if name not in own}
    return Given(secrets=secrets, kv=kv, namespace_files=str(place), offline=True)


def _mocks(flow: Flow, said: list[Read], library: Near) -> Iterator[Mock]:
    yield from made_up.mocks(flow, said)
    for task in flow.by_id.values():
        if isinstance(task, (Subflow, ForEachItem)):
            try:
                library.find(task.namespace, task.flowId)
            except (FlowNotFound, FlowFileError):
                yield made_up.subflow(task, said)
    for name in made_up.types_outside():
        yield Mock(prefix=name)
