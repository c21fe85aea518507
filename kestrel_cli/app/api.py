"""Kestrel from Python: load a flow, run it, look at the execution; run suites of tests.

Names, defaults and messages are those of the command line. Nothing is printed.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypedDict
from weakref import WeakKeyDictionary

from kestrel_cli import flowfile
from kestrel_cli.app.deadline import deadline
from kestrel_cli.app.execution import Execution
from kestrel_cli.app.heard import Listener
from kestrel_cli.app.project import folder, given, library_of, request_with, settings
from kestrel_cli.app.request import Demands, Mocks, PausePolicy, RunRequest
from kestrel_cli.app.run import run as run_request
from kestrel_cli.app.said_mocks import completed, mock_for
from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile.loader import FlowCall, Loaded
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.mock import Mock as Given
from kestrel_cli.store.config import Config
from kestrel_cli.worker.bugs import BUGS

StrPath = str | os.PathLike[str]
Labels = Mapping[str, str] | Sequence[tuple[str, str]]


class Mock:
    """What a task ends with in place of being run, when that is more than its outputs.

    `state` is SUCCESS, WARNING or FAILED (the last one when there is an `error`); `files` become
    files in internal storage, by the name of the output that holds their address.
    """

    def __init__(
        self,
        outputs: Mapping[str, Any] | None = None,
        *,
        state: str | None = None,
        error: str | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> None:
        said = {"outputs": outputs, "state": state, "error": error, "files": files}
        self.said: dict[str, Any] = {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in said.items()
            if value is not None
        }

    def __repr__(self) -> str:
        return f"Mock({', '.join(f'{name}={value!r}' for name, value in self.said.items())})"


Mocked = Mapping[str, Mapping[str, Any] | Mock | None]


class RunOptions(TypedDict, total=False):
    """What `run` takes besides a flow and its inputs, for functions that hand it on."""

    mocks: Mocked | None
    mock_types: Mocked | None
    mock_unsupported: bool
    secrets: Mapping[str, str] | None
    kv: Mapping[str, Any] | None
    trigger: Mapping[str, Any] | None
    resume: Mapping[str, Mapping[str, Any]] | None
    labels: Labels
    timeout: float | None
    seed: int | None
    compat: int | None
    flows_dir: StrPath | None
    namespace_files: StrPath | None
    state_dir: StrPath | None
    offline: bool | None
    journal: bool
    project_settings: bool


_READ: Final[WeakKeyDictionary[Flow, tuple[str, tuple[FlowCall, ...]]]] = WeakKeyDictionary()


def load(path: StrPath, *, compat: int | None = None, project_settings: bool = True) -> Flow:
    """The flow in a file. Raises FlowFileError with every problem of the file."""
    config = settings(lambda _: None, of_project=project_settings)
    return _loaded(path, config, compat).flow


def run(  # noqa: PLR0913  options by name, as on the command line
    flow: Flow | StrPath,
    inputs: Mapping[str, object] | None = None,
    *,
    mocks: Mocked | None = None,
    mock_types: Mocked | None = None,
    mock_unsupported: bool = False,
    secrets: Mapping[str, str] | None = None,
    kv: Mapping[str, Any] | None = None,
    trigger: Mapping[str, Any] | None = None,
    resume: Mapping[str, Mapping[str, Any]] | None = None,
    labels: Labels = (),
    timeout: float | None = None,
    seed: int | None = None,
    compat: int | None = None,
    flows_dir: StrPath | None = None,
    namespace_files: StrPath | None = None,
    state_dir: StrPath | None = None,
    offline: bool | None = None,
    journal: bool = False,
    project_settings: bool = True,
) -> Execution:
    """Run a flow, or the flow in a file, to its end. Nothing is printed.

    `mocks` are results of tasks by `TASK` or `TASK[value]`: their outputs, or a Mock that says
    more; `mock_types` are those of all tasks whose type begins so. `timeout` is in seconds. Files
    and key-values are kept in `state_dir` (the usual place without one), with `journal` what
    `kestrel executions` shows, too. `project_settings`: the nearest `kestrel.toml` counts.

    Raises UsageError, InputError, CannotStart, FlowFileError, Unsupported, or Obstacles for several
    of them, before anything has run; all are KestrelErrors. A task that fails is a state of the
    execution, not an exception.
    """
    told: dict[str, None] = {}

    def warn(message: str) -> None:
        told[message] = None

    config = settings(warn, of_project=project_settings)
    loaded = _loaded(flow, config, compat)
    flows = folder(flows_dir, "--flows-dir", config.flows_dir)
    heard = Listener()
    request = request_with(
        config,
        loaded,
        inputs=dict(_pairs("inputs", inputs)),
        labels=_labels(labels),
        mocks=Mocks([*_mocks(mocks), *_mocks_of_types(mock_types)], mock_unsupported),
        given=given(
            config,
            secrets={
                name.upper(): _text("secrets", name, value)
                for name, value in _pairs("secrets", secrets)
            },
            kv=dict(_pairs("kv", kv)),
            namespace_files=namespace_files,
            offline=offline,
        ),
        trigger=dict(_pairs("trigger", trigger)) or None,
        pauses=PausePolicy(given=dict(_pairs("resume", resume))),
        demands=Demands(everything=True, known_inputs=True, warn=warn),
        timeout=_seconds(timeout),
        seed=seed,
        compat=compat or config.compat or 1,
        flows_dir=flows,
        library=library_of(loaded, flows, config),
        state_dir=config.state_dir if state_dir is None else os.fspath(state_dir),
        journaled=journal,
        reporters=(heard,),
        warn=warn,
    )
    return _run(request, heard, told)


def _run(request: RunRequest, heard: Listener, told: dict[str, None]) -> Execution:
    bugs = len(BUGS)
    with deadline(request.interrupts, request.timeout):
        result = run_request(request)
    for bug in BUGS[bugs:]:
        told[f"this is a mistake of Kestrel, not of the flow: {type(bug).__name__}: {bug}"] = None
    del BUGS[bugs:]
    return Execution(result.execution, request, heard, code=result.exit_code, warnings=list(told))


def _loaded(flow: Flow | StrPath, config: Config, compat: int | None) -> Loaded:
    if isinstance(flow, Flow):
        text, calls = _READ.get(flow, ("", ()))
        return Loaded(flow, (), text, calls)
    if not isinstance(flow, (str, os.PathLike)):
        raise UsageError(f"a flow or the path of one is needed, not {type(flow).__name__}")
    loaded = flowfile.load(
        os.fspath(flow),
        plugin_defaults=config.plugin_defaults,
        compat=compat or config.compat or 1,
    )
    _READ[loaded.flow] = loaded.text, loaded.calls
    return loaded


# -- what was handed over


def _mocks(said: Mocked | None) -> list[Given]:
    return [_mock(mock_for(name), f"--mock {name}", value) for name, value in _pairs("mocks", said)]


def _mocks_of_types(said: Mocked | None) -> list[Given]:
    return [
        _mock(Given(prefix=name), f"--mock-type {name}", value)
        for name, value in _pairs("mocks", said)
    ]


def _mock(mock: Given, name: str, said: object) -> Given:
    if isinstance(said, Mock):
        said = said.said
    elif isinstance(said, Mapping):
        said = {str(key): value for key, value in said.items()}
    return completed(mock, name, said, lambda path: Path(path).read_bytes())


def _pairs(option: str, said: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    if said is None:
        return []
    if not isinstance(said, Mapping):
        raise UsageError(f"`{option}` must be a map, not {type(said).__name__}")
    return list(said.items())


def _text(option: str, name: str, value: object) -> str:
    if not isinstance(value, str):
        raise UsageError(f"`{option}`: `{name}` must be a text, not {type(value).__name__}")
    return value


def _labels(said: Labels) -> list[tuple[str, str]]:
    pairs = list(said.items() if isinstance(said, Mapping) else said)
    for name, value in pairs:
        if not name or not value:
            raise UsageError(f"`--label {name}`: write `--label name=value`")
        if name.startswith("system."):
            raise UsageError(f"`--label {name}`: system labels are set by the engine only")
    return pairs


def _seconds(timeout: float | None) -> float | None:
    if timeout is None or 0 < timeout < float("inf"):
        return timeout
    raise UsageError(f"`--timeout {timeout}`: this must be a length of time")
