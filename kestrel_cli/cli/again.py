"""What `resume`, `restart` and `replay` share: options to a request without a flow."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.resume import read_back
from kestrel_cli.app.story import Story
from kestrel_cli.cli import options as of
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


def go(
    options: Again,
    execution_id: str,
    work: Callable[[RunRequest, Story], RunResult],
    answers: Callable[[Story], dict[str, dict[str, Any]]] = lambda _: {},
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
    request.library = library_for(loaded, options.source, _MAX_DEPTH)
    from kestrel_cli.cli.pausing import answers as answers_of

    policy = pause_policy(options.pause, config)
    more = answers(story)
    request.pauses = answers_of(
        request, options.resume, policy, no_input=options.no_input, more=more
    )
    show_run(request, options.shown, config, lambda request: work(request, story))
