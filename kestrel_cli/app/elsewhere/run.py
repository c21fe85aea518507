"""The use case "run elsewhere": push a flow, start it, watch it to its end."""

from collections.abc import Callable
from typing import Final

from kestrel_cli.app.elsewhere.files import OnServer
from kestrel_cli.app.elsewhere.past import flow_as_it_was, flows_there
from kestrel_cli.app.elsewhere.place import Place
from kestrel_cli.app.elsewhere.sending import Parcel, pushed, started
from kestrel_cli.app.elsewhere.watching import Hands, Watch
from kestrel_cli.app.interrupted import until_interrupted
from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.record import changed
from kestrel_cli.server.documents import Document
from kestrel_cli.server.flows import Pushed
from kestrel_cli.server.mirror import Mirror

_DID: Final = {"created": "new", "updated": "updated", "unchanged": "unchanged"}

FindPlace = Callable[[], Place]


def begun(
    find: FindPlace, request: RunRequest, parcel: Parcel, tell: Callable[[str], None]
) -> tuple[Place, Document]:
    """Push a flow and start it. Raises ServerError, InputError, UsageError, Interrupted."""

    def send() -> tuple[Place, Pushed]:
        place = find()
        return place, pushed(place, request, tell)

    place, done = until_interrupted(request.interrupts, send)
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
