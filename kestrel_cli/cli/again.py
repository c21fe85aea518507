"""What `resume`, `restart` and `replay` share: their options, and how these become a request."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.resume import read_back
from kestrel_cli.app.story import Story
from kestrel_cli.cli import options as of
from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.running import (
    From,
    Shown,
    fill,
    library_for,
    limits,
    pause_policy,
    settings,
    show_run,
)
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.record import record

# The inputs of task runs that are paused, unless somebody can be asked about them.
Answering = Callable[[Story, bool], Mapping[tuple[str, int], dict[str, Any]]]

_NO_FLOW: Final[Any] = Flow.__new__(Flow)  # the journal has it
_MAX_DEPTH: Final = 20_000  # it was accepted once


@record
class Again:
    """Options of a run that goes on."""

    source: From
    shown: Shown
    timeout: str | None = None
    fail_on: of.FailOn | None = None
    sequential: bool = False
    durable: bool = False
    pause: of.OnPause | None = None
    resume: Sequence[str] = ()
    mock: Sequence[str] = ()
    mock_type: Sequence[str] = ()
    mock_unsupported: bool = False
    no_input: bool = False


def shared_options(
    output: of.OutputForm = of.Output.TEXT,
    json_file: of.JsonFile = None,
    quiet: of.Quiet = 0,
    log_level: of.LeastLevel = None,
    mock: of.MockTask = None,
    mock_type: of.MockType = None,
    mock_unsupported: of.MockUnsupported = False,
    resume_with: of.ResumeWith = None,
    pause: of.PausePolicy = None,
    secrets_file: of.SecretsFiles = None,
    env_file: of.EnvFiles = None,
    kv: of.KeyValuePairs = None,
    namespace_files: of.NamespaceFiles = None,
    flows_dir: of.FlowsDir = None,
    offline: of.Offline = False,
    containers: of.WithContainers = None,
    kill_grace: of.KillGrace = None,
    fail_on: of.FailOnState = None,
    timeout: of.Timeout = None,
    sequential: of.Sequential = False,
    durable: of.Durable = False,
    no_input: of.NoInput = False,
    state_dir: of.StateDir = None,
    color: of.ColorWhen = None,
    width: of.Width = None,
    ascii_only: of.AsciiOnly = False,
) -> Again:
    """The options, put together."""
    source = From(
        secrets_file or [],
        env_file or [],
        kv or [],
        namespace_files,
        offline,
        None if containers is None else containers.value,
        kill_grace,
        state_dir,
        flows_dir,
    )
    shown = Shown(output, json_file, quiet, log_level, color, width, ascii_only)
    return Again(
        source,
        shown,
        timeout,
        fail_on,
        sequential,
        durable,
        pause,
        resume_with or [],
        mock or [],
        mock_type or [],
        mock_unsupported,
        no_input,
    )


def with_shared_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the shared options after its own; it gets them as `options`, and `--debug`."""
    own = [one for one in _parameters(command) if one.name != "options"]
    shared = _parameters(shared_options)
    debug = inspect.Parameter(
        "debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=of.Debug
    )

    @functools.wraps(command)
    def whole(**values: Any) -> None:
        with exit_codes(debug=values.pop("debug")):
            options = shared_options(**{one.name: values.pop(one.name) for one in shared})
            command(options=options, **values)

    parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (*own, *shared)]
    whole.__signature__ = inspect.Signature([*parameters, debug])  # type: ignore[attr-defined]
    whole.__annotations__ = {one.name: one.annotation for one in (*parameters, debug)}
    del whole.__wrapped__  # Typer would read that one's signature instead
    return whole


def _parameters(function: Callable[..., object]) -> list[inspect.Parameter]:
    return list(inspect.signature(function).parameters.values())


def go(
    options: Again,
    execution_id: str,
    work: Callable[[RunRequest, Story], RunResult],
    answers: Answering = lambda _story, _asks: {},
) -> None:
    """Read the run back, then do the work and show it."""
    config = settings()
    options.source.config = config
    request = fill(RunRequest(_NO_FLOW), options.source)
    limits(
        request,
        config,
        timeout=options.timeout,
        fail_on=options.fail_on,
        sequential=options.sequential,
        durable=options.durable,
    )
    if options.mock or options.mock_type or options.mock_unsupported:
        from kestrel_cli.cli.mocks import read_mocks

        unsupported = options.mock_unsupported
        request.mocks = read_mocks(options.mock, options.mock_type, unsupported=unsupported)
    story = read_back(request, execution_id)
    loaded = Loaded(request.flow, (), request.text)
    kept = story.told[0].about.get("flowsDir")
    if options.source.flows_dir is None and kept is not None and Path(kept).is_dir():
        options.source.flows_dir = kept
    request.library = library_for(loaded, options.source, _MAX_DEPTH)
    if options.mock:
        from kestrel_cli.cli.mocks import check_mocks

        check_mocks(request.flow, request.mocks)
    from kestrel_cli.cli.pausing import answers as answers_of
    from kestrel_cli.cli.pausing import may_ask_about_pauses

    policy = pause_policy(options.pause, config, story.told[0].about.get("pause"))
    asks = may_ask_about_pauses(options.pause, config, no_input=options.no_input)
    once = answers(story, asks)
    request.pauses = answers_of(request, options.resume, policy, asks=asks, once=once)
    show_run(request, options.shown, config, lambda request: work(request, story))
