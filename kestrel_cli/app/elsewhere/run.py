"""The use case "run elsewhere": push a flow, start it, watch it to its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from kestrel_cli.app.elsewhere.files import OnServer
from kestrel_cli.app.elsewhere.past import flow_as_it_was, flows_there
from kestrel_cli.app.elsewhere.place import Place
from kestrel_cli.app.elsewhere.sending import Parcel, pushed, started
from kestrel_cli.app.elsewhere.watching import Hands, Watch
from kestrel_cli.app.request import NO_SIGNAL, TIMED_OUT, RunRequest, RunResult
from kestrel_cli.errors import Interrupted
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.record import changed
from kestrel_cli.server.documents import Document
from kestrel_cli.server.mirror import Mirror
from kestrel_cli.worker.interrupts import AttemptKilled, Interrupts

_DID: Final = {"created": "new", "updated": "updated", "unchanged": "unchanged"}

FindPlace = Callable[[], Place]


@contextmanager
def interruptible(interrupts: Interrupts) -> Iterator[None]:
    """While this lasts, a signal ends it: nothing has begun. Raises Interrupted."""
    try:
        interrupts.begin()
        yield
        interrupts.end()
    except AttemptKilled:
        interrupts.end()
        asked = interrupts.signal or NO_SIGNAL
        raise Interrupted(TIMED_OUT if asked == NO_SIGNAL else 128 + asked) from None
    except BaseException:
        interrupts.end()
        raise


def begun(
    find: FindPlace, request: RunRequest, parcel: Parcel, tell: Callable[[str], None]
) -> tuple[Place, Document]:
    """Push a flow and start it. Raises ServerError, InputError, UsageError, Interrupted."""
    with interruptible(request.interrupts):
        place = find()
        done = pushed(place, request, tell)
    name = f"{request.flow.namespace}.{request.flow.id}"
    document = started(place, request, parcel, done.revision)
    where = document.get("url") or f"{document.get('id')} on {place.host}"
    tell(f"{name} revision {done.revision} ({_DID[done.change]}): {where}")
    return place, document


def watched(
    place: Place,
    document: Document,
    request: RunRequest,
    hands: Hands,
    *,
    flow: Flow | None = None,
    masker: Masker | None = None,
    since: int | None = None,
) -> RunResult:
    """Show an execution to its end. Raises ServerError."""
    flow = flow or flow_as_it_was(place, document)
    mirror = Mirror(document, flow, masker)
    watch = Watch(place, mirror, request, hands, flow_of=flows_there(place), since=since)
    result = watch.to_the_end()
    return changed(result, files=OnServer(place, mirror.execution.id))
