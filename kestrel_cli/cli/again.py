"""What `resume`, `restart` and `replay` share: how their options become a request."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.resume import read_back
from kestrel_cli.app.story import Story
from kestrel_cli.cli.run_options import RunOptions, request_of
from kestrel_cli.cli.running import library_of, settings, show_run, tell_of_untrusted
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.record import changed, fresh, record

_NO_FLOW: Final[Any] = Flow.__new__(Flow)  # the journal has it


@record
class GivenAgain:
    """What `-i` gives a run that goes on: texts of secret inputs, by name; and the inputs of task
    runs that are paused, by execution and number.
    """

    secrets: Mapping[str, str] = fresh(factory=dict)
    once: Mapping[tuple[str, int], dict[str, Any]] = fresh(factory=dict)


def go(
    options: RunOptions,
    execution_id: str,
    work: Callable[[RunRequest, Story], RunResult],
    given: Callable[[Story, bool], GivenAgain],
) -> None:
    """Read the run back, then do the work and show it. `given` is asked with what was read, and
    whether somebody can be asked about pauses.
    """
    from kestrel_cli.cli.pausing import may_ask_about_pauses, pause_policy

    config = settings(ignore_project=options.no_project_config)
    asked = request_of(options, config, _NO_FLOW)
    request, story = read_back(asked, execution_id)
    tell_of_untrusted(options, config, request.flow.where.file)
    found = given(story, may_ask_about_pauses(options, config))
    if found.secrets:  # only with these are all values what they were
        request, story = read_back(changed(asked, again=found.secrets), story.name)
    library = library_of(request, Loaded(request.flow, (), request.text))
    request = changed(request, library=library)
    if options.mock or options.mock_type or options.resume_with:
        from kestrel_cli.app.preflight.gather import refuse_unknown_names

        refuse_unknown_names(request)
    request = changed(request, pauses=pause_policy(request, options, config, found.once))
    show_run(request, options, config, lambda request: work(request, story))
