"""`kestrel run --on`: run a flow on a server, and show it as one that runs here."""

import os
import sys
from collections.abc import Callable

from kestrel_cli.app.elsewhere.place import Place, context_named, place_of
from kestrel_cli.app.elsewhere.run import begun, watched
from kestrel_cli.app.elsewhere.sending import packed
from kestrel_cli.app.elsewhere.watching import Hands, LeavingInterrupts
from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.cli.elsewhere_prompt import asker
from kestrel_cli.cli.guard import warn
from kestrel_cli.cli.options import OnPause, Output
from kestrel_cli.cli.run_options import RunOptions
from kestrel_cli.cli.running import show_run, sinks
from kestrel_cli.cli.server_options import Where
from kestrel_cli.model.masker import hidden
from kestrel_cli.model.record import changed
from kestrel_cli.reporters import history
from kestrel_cli.reporters.clean import clean
from kestrel_cli.reporters.console import Flags
from kestrel_cli.server.asking import Asking
from kestrel_cli.server.documents import Document
from kestrel_cli.server.mirror import Mirror
from kestrel_cli.store.config import Config


def run_there(
    request: RunRequest, options: RunOptions, config: Config, where: Where, *, detach: bool
) -> None:
    """Run what was asked for on a server, show it, and exit with its code."""
    find = finder(where, config, request)
    parcel = packed(request)
    request = changed(request, interrupts=LeavingInterrupts())
    if detach:
        place, document = begun(find, request, parcel, teller(options))
        show_begun(place, document, options)
        return

    def work(request: RunRequest) -> RunResult:
        place, document = begun(find, request, parcel, teller(options))
        hands = hands_of(place, options, request)
        flow, masker = request.flow, parcel.masker
        return watched(place, document, request, hands, flow=flow, masker=masker)

    show_run(request, options, config, work)


def finder(where: Where, config: Config, request: RunRequest | None = None) -> Callable[[], Place]:
    """Finds the server of the options, when it is called. What shows without asking it is raised
    at once: UsageError, CannotStart, NothingMatched.
    """
    environ = os.environ if request is None else request.environ
    context = context_named(where.on, where.server, where.tenant, environ, config.contexts)
    return lambda: place_of(context, where.on, where.tenant, Asking)


def hands_of(place: Place, options: RunOptions, request: RunRequest) -> Hands:
    """What is told and asked while an execution is watched."""
    on_pause = options.pause.value if options.pause in (OnPause.WAIT, OnPause.FAIL) else None
    ask = asker(place.host, no_input=options.no_input)
    return Hands(
        tell=teller(options, most=1),
        warn=warn if not options.quiet else _silent,
        ask=None if ask is None else lambda: request.alone(ask),
        on_pause=on_pause,  # type: ignore[arg-type]  # one of them
    )


def teller(options: RunOptions, most: int = 0) -> Callable[[str], None]:
    """Writes to stderr, unless it is to be more quiet than that."""
    return _silent if options.quiet > most else _tell


def show_begun(place: Place, document: Document, options: RunOptions) -> None:
    """An execution that nobody follows: its id, or what is known of it as a document."""
    mirror = Mirror(document)
    mirror.execution.elsewhere = place.options
    if options.output is Output.TEXT:
        sys.stdout.write(f"{mirror.execution.id}\n")
        return
    streams = sinks(options.output, Flags("never"), "INFO", 2)
    history.show(mirror.execution, options.output.value, streams, 0)


def _tell(text: str) -> None:
    sys.stderr.write(f"{clean(hidden(text))}\n")
    sys.stderr.flush()


def _silent(_: str) -> None:
    """Nothing is told."""
