"""The last execution of a flow, for who wants its outputs."""

from kestrel_cli.app.history import state_folder, summaries
from kestrel_cli.app.request import RunRequest
from kestrel_cli.store.directory import journal_path
from kestrel_cli.store.journal import opening


def last_of_flow(request: RunRequest, but: str | None = None) -> str | None:
    """The id of the last execution of the flow that may have outputs to take; None: there is none.
    One that runs is passed over, and so is a part run that took over nothing: it lacks what every
    other part run lacks.
    """
    flow = request.flow
    folder = state_folder(request.state_dir, request.environ)
    for one in summaries(request.state_dir, request.environ):
        mine = (one.namespace, one.flow_id) == (flow.namespace, flow.id)
        if mine and one.id != but and one.state != "RUNNING":
            birth = opening(journal_path(folder, one.id))
            if birth is not None and (birth.taken or not any(birth.given.get("part", ())[:2])):
                return one.id
    return None
