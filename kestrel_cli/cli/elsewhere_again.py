"""`kestrel restart`, `replay` and `resume` with `--on`: the same with an execution on a server."""

from collections.abc import Callable
from typing import Any, Final

from kestrel_cli.app.elsewhere.again import Before, Given, before
from kestrel_cli.app.elsewhere.place import Place
from kestrel_cli.app.elsewhere.run import watched
from kestrel_cli.app.elsewhere.watching import LeavingInterrupts
from kestrel_cli.app.interrupted import until_interrupted
from kestrel_cli.app.request import Demands, RunRequest, RunResult
from kestrel_cli.cli.elsewhere import finder, hands_of, show_begun
from kestrel_cli.cli.elsewhere_refusals import refuse_local_options, without_local_ones
from kestrel_cli.cli.inputs import read_option
from kestrel_cli.cli.run_options import RunOptions, request_of
from kestrel_cli.cli.running import settings, show_run
from kestrel_cli.cli.server_options import Where
from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.record import changed
from kestrel_cli.server.documents import Document

_NO_FLOW: Final[Any] = Flow.__new__(Flow)  # the server has it

Act = Callable[[Place, Before, RunRequest], Document]


def go_there(
    options: RunOptions,
    name: str,
    where: Where,
    act: Act,
    *,
    detach: bool,
    known_inputs: bool = True,
) -> None:
    """Do something with an execution on a server, then follow what comes of it. `act` gives the
    picture with which that begins.
    """
    refuse_local_options(options)
    config = without_local_ones(settings(ignore_project=options.no_project_config))
    find = finder(where, config)
    demands = Demands(known_inputs=known_inputs)
    request = request_of(options, config, _NO_FLOW, demands=demands)
    request = changed(request, interrupts=LeavingInterrupts())

    def begun(request: RunRequest) -> tuple[Place, Before, Document]:
        def look() -> tuple[Place, Before]:
            place = find()
            return place, before(place, name)

        place, old = until_interrupted(request.interrupts, look)
        return place, old, act(place, old, request)

    if detach:
        place, _, document = begun(request)
        show_begun(place, document, options)
        return

    def work(request: RunRequest) -> RunResult:
        place, old, document = begun(request)
        since = old.since if document.get("id") == old.id else None
        hands = hands_of(place, options, request)
        return watched(place, document, request, hands, flow=old.flow, since=since)

    show_run(request, options, config, work)


def given_by(options: list[str] | None) -> Given:
    """What `-i` gives, once it is known which inputs are files."""

    def given(declared: list[Input]) -> dict[str, object]:
        files = {one.id for one in declared if one.type == "FILE"}
        return dict(read_option(option, files) for option in options or ())

    return given
